"""What is on record after a submit, for every turn a new request can take."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.policy import ApproverIsRequestor, RequestorSettings, TargetScope
from grantline.model.request import Ask, RequestState, RequestType, Schedule, StageState, Verdict
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser
from grantline.persistence.database import Database
from grantline.persistence.tables import requests
from grantline.services.assignments import lifecycle
from grantline.services.requests.submission import Idempotency, applicable_policies, submit
from tests.cast import ADA, BOB, CY, DAN, EVE, LEO, MAX, MIA, OWNERS, acting, fixed_id
from tests.engines import statements
from tests.packages import PAYROLL
from tests.services.scene import (
    NO_APPROVAL,
    ON_BEHALF,
    OWNERS_DECIDE,
    PACKAGE,
    approved_by,
    ask_for,
    asking,
    briefing_of,
    change_person,
    events,
    furnish,
    given,
    grants_now,
    held_now,
    join,
    owed,
    policy,
    request_now,
    says,
    stage,
    stages_now,
    trail,
)

BY_MANAGER = stage(RequestorManager(manager_level=1))
DAY = timedelta(days=1)


async def test_without_approval_the_access_is_owed_when_submit_returns(database: Database) -> None:
    await furnish(database, policy(approval_settings=NO_APPROVAL))

    submitted = await ask_for(database, MIA, LEO)

    request = submitted.request
    assert (request.state, request.status) == (RequestState.DELIVERING, "Delivering")
    assert await request_now(database, request.id) == request
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, True)]
    held = await held_now(database, request.assignment_id)
    assert (held.state, held.starts_at, held.ends_at) == ("delivering", request.created_at, None)
    told = briefing_of(submitted)
    assert told.progress.assignment_id == request.assignment_id
    assert [one.body for one in submitted.messages] == [await owed(database, request.assignment_id), told]
    assert told == await lifecycle.briefing(database, request.id)
    assert await trail(database) == ["request.submitted", "request.approved", "assignment.started"]


async def test_a_package_without_roles_can_be_held(database: Database) -> None:
    await furnish(database, policy(approval_settings=NO_APPROVAL), roles=())
    submitted = await ask_for(database, LEO, LEO)
    told = await owed(database, submitted.request.assignment_id)
    assert (told.grants, told.summary) == ((), "Payroll for Leo Park")
    await lifecycle.record_delivery(database, told.assignment_id, {})
    assert (await request_now(database, submitted.request.id)).state is RequestState.DELIVERED


async def test_a_start_to_come_is_waited_for(database: Database) -> None:
    settings = replace(ON_BEHALF, allow_custom_schedule=True)
    await furnish(database, policy(approval_settings=NO_APPROVAL, requestor_settings=settings))
    starts_at = utc_now() + DAY

    submitted = await ask_for(database, LEO, LEO, schedule=Schedule(starts_at=starts_at))

    request = submitted.request
    assert (request.state, request.status, request.assignment_id) == (RequestState.SCHEDULED, "Scheduled", None)
    assert briefing_of(submitted).progress.starts_at == starts_at
    early = await lifecycle.begin(database, request.id, starts_at - timedelta(microseconds=1))
    assert (early.state, early.starts_at) == (RequestState.SCHEDULED, starts_at)
    begun = await lifecycle.begin(database, request.id, starts_at)
    assert begun.state is RequestState.DELIVERING
    assert begun.assignment_id is not None
    assert begun == await lifecycle.begin(database, request.id, starts_at)
    assert (await held_now(database, begun.assignment_id)).starts_at == starts_at
    assert await trail(database) == ["request.submitted", "request.approved", "assignment.started"]


async def test_who_left_before_the_start_gets_nothing(database: Database) -> None:
    settings = replace(ON_BEHALF, allow_custom_schedule=True)
    await furnish(database, policy(approval_settings=NO_APPROVAL, requestor_settings=settings))
    starts_at = utc_now() + DAY
    submitted = await ask_for(database, LEO, LEO, schedule=Schedule(starts_at=starts_at))
    await change_person(database, LEO, account_enabled=False)

    progress = await lifecycle.begin(database, submitted.request.id, starts_at)

    assert (progress.state, progress.assignment_id) == (RequestState.DELIVERY_FAILED, None)
    request = await request_now(database, submitted.request.id)
    assert (request.status, request.completed_at) == (
        "DeliveryFailed: the account of Leo Park is disabled",
        starts_at,
    )
    assert await grants_now(database) == []
    assert await trail(database) == ["request.submitted", "request.approved", "request.deliveryFailed"]


async def test_a_stage_that_nobody_may_decide_denies_the_request_and_says_so(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(SingleUser(user_id=DAN.id)))))

    submitted = await ask_for(database, MIA, LEO)

    request = submitted.request
    assert (request.state, request.status) == (RequestState.DENIED, "Denied: nobody may decide stage 1")
    assert request.completed_at == request.created_at
    assert [one.stage.state for one in await stages_now(database, request.id)] == [StageState.CLOSED]
    assert briefing_of(submitted).progress.state is RequestState.DENIED
    (denied,) = await events(database, "request.denied")
    assert (denied.actor_id, denied.reason) == (None, "nobody may decide stage 1")
    assert (await ask_for(database, MIA, LEO)).request.id != request.id


async def test_administrators_stand_in_for_owners_when_nobody_else_may_decide(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(BY_MANAGER)))
    await change_person(database, MIA, account_enabled=False)

    submitted = await submit(database, acting(LEO), asking(LEO), administrators=["ADA@grantline.test", "gone@x.test"])

    assert submitted.request.state is RequestState.PENDING_APPROVAL
    (only,) = await stages_now(database, submitted.request.id)
    assert only.stage.approver_ids == (ADA.id,)
    (opened,) = await events(database, "stage.opened")
    assert opened.details["approvers"] == [{"id": ADA.id, "source": "catalogOwner"}]


async def test_mia_cannot_approve_by_asking_unless_the_policy_says_that_this_counts(database: Database) -> None:
    await furnish(
        database,
        policy("Plain", approval_settings=approved_by(BY_MANAGER)),
        policy(
            "Counts",
            approval_settings=approved_by(
                BY_MANAGER, OWNERS_DECIDE, approver_is_requestor=ApproverIsRequestor.COUNT_AS_APPROVED
            ),
        ),
    )

    plain = await ask_for(database, MIA, LEO, policy_id=fixed_id("policy Plain"))
    (by_max,) = await stages_now(database, plain.request.id)
    assert by_max.stage.approver_ids == (MAX.id,)
    await change_person(database, DAN, account_enabled=True)

    counting = await ask_for(database, MIA, DAN, policy_id=fixed_id("policy Counts"))

    first, second = await stages_now(database, counting.request.id)
    assert (first.stage.state, first.stage.verdict, first.stage.decided_by_id) == (
        StageState.APPROVED,
        Verdict.APPROVE,
        None,
    )
    assert str(first.stage.justification).startswith("Counted as approved")
    assert second.stage.state is StageState.OPEN
    assert briefing_of(counting).progress.stage_number == 2
    (counted,) = await events(database, "stage.decided")
    assert counted.details == {"stage": 1, "verdict": "approve", "by": "countAsApproved"}


async def test_asking_counts_for_nothing_any_more_once_mia_has_left(sqlite_database: Database) -> None:
    counts = {"approver_is_requestor": ApproverIsRequestor.COUNT_AS_APPROVED}
    await furnish(sqlite_database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_MANAGER, **counts)))
    request_id = (await ask_for(sqlite_database, MIA, LEO)).request.id
    await change_person(sqlite_database, MIA, account_enabled=False)
    await says(sqlite_database, BOB, request_id, Verdict.APPROVE)

    _, second = await stages_now(sqlite_database, request_id)
    assert (second.stage.state, second.stage.approver_ids) == (StageState.OPEN, (MAX.id,))


async def test_an_administrator_assigns_and_the_policys_approval_still_applies(database: Database) -> None:
    direct = policy("Direct", target_scope=TargetScope.NOT_SPECIFIED, requestor_settings=RequestorSettings())
    await furnish(database, policy(), direct)
    assign = asking(LEO, type=RequestType.ADMIN_ADD, policy_id=direct.id)

    with pytest.raises(errors.NotAllowed):
        await submit(database, acting(MIA), assign)
    submitted = await submit(database, acting(ADA), assign)

    request = submitted.request
    assert (request.type, request.state, request.requestor_id) == (
        RequestType.ADMIN_ADD,
        RequestState.PENDING_APPROVAL,
        ADA.id,
    )


@pytest.mark.parametrize(
    ("story", "ask", "error", "says"),
    [
        (
            "no package",
            replace(asking(LEO), package_id=None),
            errors.InvalidInput,
            "assignment.accessPackageId is missing.",
        ),
        (
            "an unknown package",
            replace(asking(LEO), package_id=fixed_id("x")),
            errors.NotFound,
            f"There is no access package {fixed_id('x')}.",
        ),
        (
            "an unknown target",
            replace(asking(LEO), target_id=fixed_id("x")),
            errors.NotFound,
            f"There is no person {fixed_id('x')}.",
        ),
        (
            "an unknown mail",
            replace(asking(LEO), target_id=None, target_mail="x@y.z"),
            errors.NotFound,
            "Nobody has the mail address 'x@y.z'.",
        ),
        (
            "a direct assignment to nobody",
            replace(asking(LEO, type=RequestType.ADMIN_ADD), target_id=None),
            errors.InvalidInput,
            "Name whom to assign: assignment.targetId is missing.",
        ),
    ],
)
async def test_what_names_nothing_is_refused(
    sqlite_database: Database, story: str, ask: Ask, error: type[errors.Refused], says: str
) -> None:
    await furnish(sqlite_database)
    with pytest.raises(errors.Refused) as refused:
        await submit(sqlite_database, acting(ADA), ask)
    assert (type(refused.value), str(refused.value)) == (error, says), story
    async with sqlite_database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(requests)) == 0
    assert await trail(sqlite_database) == []


async def test_the_target_is_found_by_mail_and_is_oneself_when_unnamed(database: Database) -> None:
    await furnish(database)
    by_mail = replace(asking(LEO), target_id=None, target_mail=" Leo.Park@Grantline.test ")
    assert (await submit(database, acting(MIA), by_mail)).request.target_id == LEO.id
    unnamed = replace(asking(LEO), target_id=None)
    assert (await submit(database, acting(EVE), unnamed)).request.target_id == EVE.id


async def test_an_open_request_and_a_held_package_are_named(database: Database) -> None:
    await furnish(database)
    first = await ask_for(database, MIA, LEO)
    with pytest.raises(errors.DuplicateRequest, match=first.request.id):
        await ask_for(database, LEO, LEO)
    held = await given(database, requestor=EVE, target=EVE, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})
    with pytest.raises(errors.AlreadyAssigned, match=held.assignment_id):
        await ask_for(database, EVE, EVE)


async def test_the_same_key_brings_the_same_request_and_another_body_a_conflict(database: Database) -> None:
    await furnish(database)
    key = Idempotency(key="k-1", body_hash="a" * 64)

    first = await submit(database, acting(MIA), asking(LEO), idempotency=key)
    again = await submit(database, acting(MIA), asking(LEO), idempotency=key)

    assert (again.request, again.messages, again.is_repeat) == (first.request, (), True)
    with pytest.raises(errors.IdempotencyConflict, match=first.request.id):
        await submit(database, acting(MIA), asking(DAN), idempotency=Idempotency(key="k-1", body_hash="b" * 64))
    other_caller = await submit(database, acting(EVE), asking(EVE), idempotency=key)
    assert other_caller.request.id != first.request.id


async def test_the_policies_one_may_use_for_somebody(database: Database) -> None:
    named = policy(
        "Named", target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(GroupMembers(group_id=OWNERS.id),)
    )
    await furnish(database, policy(), named)
    assert await applicable_policies(database, acting(MIA), PACKAGE.id, LEO.id) == [policy()]
    assert await applicable_policies(database, acting(BOB), PACKAGE.id, BOB.id) == [named, policy()]
    assert await applicable_policies(database, acting(EVE), PACKAGE.id, LEO.id) == []
    with pytest.raises(errors.NotFound):
        await applicable_policies(database, acting(EVE), fixed_id("x"), LEO.id)


async def test_a_member_of_a_named_group_asks_on_behalf(database: Database) -> None:
    settings = replace(ON_BEHALF, on_behalf_requestors=(GroupMembers(group_id=OWNERS.id),))
    await furnish(database, policy(requestor_settings=settings, approval_settings=approved_by(BY_MANAGER)))
    await join(database, OWNERS.id, CY)
    assert (await ask_for(database, CY, LEO)).request.requestor_id == CY.id
    with pytest.raises(errors.NotYourReport):
        await ask_for(database, MIA, BOB)


async def test_a_circle_of_managers_ends(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(RequestorManager(manager_level=3)))))
    await change_person(database, MAX, manager_id=LEO.id)
    submitted = await ask_for(database, LEO, LEO)
    assert submitted.request.status == "Denied: nobody may decide stage 1"


async def test_a_submit_costs_few_statements_and_reads_groups_only_where_named(sqlite_database: Database) -> None:
    await furnish(sqlite_database, policy(approval_settings=approved_by(BY_MANAGER)))
    with statements(sqlite_database) as sent:
        await ask_for(sqlite_database, LEO, LEO)

    heads = [" ".join(statement.split()[:3]) for statement, _ in sent]
    assert heads == [
        "SELECT packages.id, packages.catalog_id,",
        "WITH RECURSIVE line(id,",
        "INSERT INTO requests",
        "INSERT INTO stages",
        "INSERT INTO stage_approvers",
        "INSERT INTO outbox",
        "INSERT INTO mail_outbox",
        "SELECT audit_head.number, audit_head.hash",
        "INSERT INTO audit_events",
        "UPDATE audit_head SET",
    ]
    assert not [statement for statement, _ in sent if "group_members" in statement]
