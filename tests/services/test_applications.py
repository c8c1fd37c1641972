"""An application assigns and removes directly: it is the requestor, on record by its id and its name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import RemoveSignal
from grantline.model.callout import CalloutPoint
from grantline.model.person import Actor, application
from grantline.model.policy import ApprovalSettings, Expiration, ExpirationType
from grantline.model.request import Ask, RequestState, RequestType, Schedule, Verdict
from grantline.model.roles import Held, Role
from grantline.model.subjects import RequestorManager
from grantline.persistence import requests
from grantline.persistence.database import Database
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle, retirement
from grantline.services.requests import explanation
from grantline.services.requests.rehearsal import rehearse
from grantline.services.requests.submission import Idempotency, submit
from grantline.services.sending import callbacks
from tests.cast import ADA, LEO, MIA, acting, fixed_id
from tests.packages import PAYROLL
from tests.services.calling import calling, calls_now, enter_extensions, waiting
from tests.services.changing import walk_to_the_end
from tests.services.letterbox import Letterbox, mail_to
from tests.services.scene import (
    NO_APPROVAL,
    PACKAGE,
    approved_by,
    asking,
    briefing_of,
    events,
    furnish,
    grants_now,
    held_now,
    policy,
    removing,
    request_now,
    stage,
    trail,
)

HR = application("hr-sync", "HR sync")
ADD, UPDATE, REMOVE = RequestType.ADMIN_ADD, RequestType.ADMIN_UPDATE, RequestType.ADMIN_REMOVE
DAYS_90 = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=90))


async def end(db: Database, assignment_id: str, removed: RemoveSignal) -> None:
    """Do what the assignment's workflow does when it hears of a removal."""
    await lifecycle.end(db, assignment_id, utc_now(), removed)
    await lifecycle.record_ended(db, assignment_id)


async def test_it_assigns_extends_and_removes_in_its_own_name(database: Database) -> None:
    box = Letterbox(database)
    await furnish(database, policy(approval_settings=NO_APPROVAL, expiration=DAYS_90))
    key = Idempotency(key="first", body_hash="a" * 64)

    submitted = await submit(database, HR, asking(LEO, type=ADD), idempotency=key)

    request = submitted.request
    assert (request.requestor_id, request.requestor_name) == ("application:hr-sync", "HR sync")
    assert await request_now(database, request.id) == request
    again = await submit(database, HR, asking(LEO, type=ADD), idempotency=key)
    assert (again.request, again.is_repeat) == (request, True)
    told = briefing_of(submitted)
    assert told == await lifecycle.briefing(database, request.id)
    assert (told.requestor_id, told.summary) == ("application:hr-sync", "Payroll for Leo Park, asked by HR sync")
    assert "Requestor: HR sync (hr-sync)" in told.details
    assignment_id = request.assignment_id or ""
    await lifecycle.record_delivery(database, assignment_id, {})
    assert await box.new() == {"asked-for-you": "Leo", "access-delivered": "Leo"}
    for kind, details in await mail_to(database, LEO):
        assert (details["requestor"], details["is_on_behalf"]) == ("HR sync", True), kind

    until = utc_now() + timedelta(days=30)
    sooner = Schedule(expiration=Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=until))
    moved = await submit(database, HR, Ask(type=UPDATE, assignment_id=assignment_id, schedule=sooner))
    assert (moved.request.state, moved.request.requestor_name) == (RequestState.DELIVERED, "HR sync")
    assert (await held_now(database, assignment_id)).ends_at == until

    # Its token names it no more; the record of what it did before still does.
    removed = await submit(database, application("hr-sync"), removing(assignment_id, REMOVE))
    (signal,) = (one.body for one in removed.messages if isinstance(one.body, RemoveSignal))
    assert (signal.actor_id, removed.request.requestor_name) == ("application:hr-sync", "hr-sync")
    await box.new()
    await end(database, assignment_id, signal)
    assert await box.new() == {"access-ended": "Leo"}
    assert [details["actor"] for kind, details in await mail_to(database, LEO) if kind == "access-ended"] == ["hr-sync"]
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, False)]
    for kind in ("request.submitted", "assignment.extended", "removal.requested"):
        by = {(one.actor_id, one.on_behalf_of_id) for one in await events(database, kind)}
        assert by == {("application:hr-sync", LEO.id)}, kind


async def test_an_approval_is_asked_of_those_above_the_target(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(RequestorManager(manager_level=1)))))
    box = Letterbox(database)
    request = (await submit(database, HR, asking(LEO, type=ADD))).request
    assert request.state is RequestState.PENDING_APPROVAL
    assert await box.new() == {"approval-needed": "Mia", "asked-for-you": "Leo"}

    found = await explanation.of_request(database, acting(ADA), request.id)

    assert (found.requestor.id, found.requestor.display_name) == ("application:hr-sync", "HR sync")
    assert [(one.person.display_name, one.may, one.route) for one in found.can_act] == [
        ("Mia Lind", "decide", "primary"),
        ("Leo Park", "cancel", "target"),
    ]
    assert found.timeline[0].says.startswith("HR sync")
    for nobody in (HR.id, LEO.id):
        with pytest.raises((errors.NotFound, errors.OwnRequest)):
            await decide(database, nobody, request.id, None, Verdict.APPROVE, None)
    await decide(database, MIA.id, request.id, None, Verdict.APPROVE, None)
    assert (await request_now(database, request.id)).state is RequestState.DELIVERING
    assert {row.person_id for row in await box.rows()} == {MIA.id, LEO.id}


@pytest.mark.parametrize("kind", [kind for kind in RequestType if kind not in (ADD, UPDATE, REMOVE)])
async def test_what_people_ask_it_does_not(sqlite_database: Database, kind: RequestType) -> None:
    await furnish(sqlite_database)
    ask = Ask(type=kind, package_id=PACKAGE.id, target_id=LEO.id, assignment_id=fixed_id("x"))
    with pytest.raises(errors.NotAllowed, match=r"is an application, .* Use adminAdd, adminUpdate or adminRemove\."):
        await submit(sqlite_database, HR, ask)
    (refusal,) = (await rehearse(sqlite_database, HR, ask)).refusals
    assert (refusal.code, refusal.target) == ("accessDenied", "requestType")
    assert await trail(sqlite_database) == []


def with_role(role: Role, catalog_id: str = PACKAGE.catalog_id, app_id: str = "payday") -> Actor:
    """Return an application that has no permission but a role in a catalog."""
    return application(app_id, held=frozenset({Held(role, catalog_id)}))


async def test_by_a_role_it_assigns_in_that_catalog_and_nowhere_else(database: Database) -> None:
    await furnish(database, policy(approval_settings=NO_APPROVAL))
    stranger = with_role(Role.ASSIGNMENT_MANAGER, fixed_id("another catalog"), "stranger")
    with pytest.raises(errors.NotFound, match=f"There is no access package {PACKAGE.id}"):
        await submit(database, stranger, asking(LEO, type=ADD))
    with pytest.raises(errors.NotAllowed) as refused:
        await submit(database, with_role(Role.CATALOG_READER), asking(LEO, type=ADD))
    assert refused.value.message.startswith("'Payroll': The application payday may not assign directly")
    assert "userAdd" not in refused.value.message
    rehearsed = await rehearse(database, with_role(Role.ASSIGNMENT_MANAGER), asking(LEO, type=ADD))
    assert (rehearsed.refusals, rehearsed.state) == ((), RequestState.DELIVERING)
    assert str(rehearsed.requestor) == "The application payday"
    given = (await submit(database, with_role(Role.ASSIGNMENT_MANAGER), asking(LEO, type=ADD))).request
    assert (given.requestor_id, given.requestor_name) == ("application:payday", "payday")
    with pytest.raises(errors.NotFound, match="There is no assignment"):
        await submit(database, stranger, removing(given.assignment_id or "", REMOVE))
    with pytest.raises(errors.NotAllowed) as refused:
        await submit(database, with_role(Role.CATALOG_READER), removing(given.assignment_id or "", REMOVE))
    assert "userRemove" not in refused.value.message


async def test_it_lets_no_request_of_its_own_go_on_in_place_of_an_extension(database: Database) -> None:
    desk = waiting()
    rule = calling(policy(approval_settings=NO_APPROVAL), (CalloutPoint.CREATED, desk))
    await furnish(database, rule)
    await enter_extensions(database, [desk], rule)
    request = (await submit(database, HR, asking(LEO, type=ADD))).request
    (call,) = await calls_now(database, request.id)
    answer = callbacks.Answer(callout_id=call.id)
    with pytest.raises(errors.OwnRequest, match="HR sync"):
        await callbacks.answer(database, request.id, answer, actor=HR)
    # Sixteen characters more than a person's id: an application's fits wherever one is kept.
    other = application("c0ffee00-1111-4222-8333-444455556666")
    await callbacks.answer(database, request.id, answer, actor=other)
    assert (await request_now(database, request.id)).state is RequestState.DELIVERING


async def test_it_retires_a_package_and_its_name_is_on_what_it_takes(database: Database) -> None:
    await furnish(database, policy(approval_settings=ApprovalSettings()))
    given = (await submit(database, HR, asking(LEO, type=ADD))).request
    await lifecycle.record_delivery(database, given.assignment_id or "", {})
    retired = await retirement.retire(database, application("hr-sync"), PACKAGE.id, "Replaced")
    assert retired.change is not None
    await walk_to_the_end(database)
    (removal,) = await events(database, "removal.requested")
    taken = await request_now(database, removal.request_id)
    assert (taken.type, taken.requestor_id, taken.requestor_name) == (REMOVE, HR.id, "HR sync")


async def test_a_person_on_record_as_requestor_is_there(database: Database) -> None:
    await furnish(database, policy(approval_settings=NO_APPROVAL))
    request = (await submit(database, acting(MIA), asking(LEO))).request
    denied = replace(request, id=fixed_id("another"), state=RequestState.DENIED, requestor_id=fixed_id("gone"))
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await requests.add(tx, denied)
    async with database.write() as tx:
        await requests.add(tx, replace(denied, requestor_id=HR.id, requestor_name="HR sync"))
