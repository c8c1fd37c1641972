"""What must always hold, tried by whole random stories."""

import asyncio
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from grantline.ambient import utc_now
from grantline.errors import Refused
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, ApproverIsRequestor
from grantline.model.request import RequestState, Verdict
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser, TargetUserSponsors
from grantline.persistence import audit
from grantline.persistence.database import Database
from grantline.persistence.tables import (
    assignments,
    audit_events,
    grant_reasons,
    grants,
    requests,
    stage_approvers,
    stages,
)
from grantline.services.approvals import delegations, nudging, rerouting
from grantline.services.approvals.decisions import decide
from grantline.services.approvals.reassignment import reassign
from grantline.services.assignments import lifecycle
from grantline.services.requests import explanation
from grantline.services.requests.cancellation import cancel
from tests.cast import ADA, BEA, BOB, CAST, CY, EVE, LEO, MAX, MIA, OWNERS, acting
from tests.engines import connect
from tests.services.scene import approved_by, ask_for, change_person, furnish, policy, says, stage, trail
from tests.services.scene import given as given_access

people = st.sampled_from([person for person in CAST if person.account_enabled])
subjects = st.one_of(
    st.sampled_from([BOB, CY, MIA, LEO, EVE]).map(lambda person: SingleUser(user_id=person.id)),
    st.just(GroupMembers(group_id=OWNERS.id)),
    st.integers(1, 3).map(lambda level: RequestorManager(manager_level=level)),
    st.just(TargetUserSponsors()),
)
some = st.lists(subjects, max_size=2).map(tuple)
stage_settings = st.builds(
    lambda primary, fallback, escalates, alternates: stage(
        *primary,
        fallback=fallback,
        is_escalation_enabled=escalates,
        escalates_after=timedelta(hours=6),
        escalation_approvers=alternates,
        fallback_escalation_approvers=fallback,
    ),
    some,
    some,
    st.booleans(),
    some,
)
approvals = st.builds(
    lambda required, stages_, option: ApprovalSettings(
        is_required_for_add=required, stages=tuple(stages_), approver_is_requestor=option
    ),
    st.booleans(),
    st.lists(stage_settings, max_size=3),
    st.sampled_from(ApproverIsRequestor),
)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), people, st.sampled_from(Verdict)),
        st.tuples(st.just("cancel"), people, st.none()),
        st.tuples(st.just("expire"), st.none(), st.none()),
        st.tuples(st.just("escalate"), st.none(), st.none()),
        st.tuples(st.just("remind"), st.none(), st.none()),
        st.tuples(st.just("delegate"), people, people),
        st.tuples(st.just("disable"), people, st.none()),
        st.tuples(st.just("manages"), people, st.none()),
        st.tuples(st.just("reassign"), people, st.none()),
    ),
    max_size=10,
)


async def play(db: Database, approval: ApprovalSettings, requestor: Person, target: Person, story: list[Any]) -> None:
    """Ask, then let everybody try what they like; refusals are part of the game."""
    await furnish(db, policy(approval_settings=approval))
    try:
        request_id = (await ask_for(db, requestor, target)).request.id
    except Refused:
        return
    disabled: set[str] = set()
    for move, who, what in story:
        state_before = (await lifecycle.progress(db, request_id)).state
        try:
            if move == "decide":
                await decide(db, who.id, request_id, None, what, None)
                assert who.id not in disabled, "somebody who left decided"
            elif move == "cancel":
                await cancel(db, acting(who), request_id)
            elif move in {"delegate", "disable", "manages", "reassign"}:
                await change(db, request_id, target, (move, who, what))
                disabled |= {who.id} if move == "disable" else set()
            else:
                await pass_time(db, request_id, move)
        except Refused:
            assert (await lifecycle.progress(db, request_id)).state is state_before, "a refusal changed something"
        if state_before is not RequestState.PENDING_APPROVAL:
            assert (await lifecycle.progress(db, request_id)).state is state_before, "what is settled moved"


async def change(db: Database, request_id: str, target: Person, move: tuple[str, Person, Any]) -> None:
    """Change who decides: a stand-in, a leaver, a new manager of the target, other approvers."""
    kind, who, other = move
    if kind == "delegate":
        await delegations.delegate(db, acting(who), other.id)
    elif kind == "reassign":
        await reassign(db, acting(ADA), request_id, [who.id], "on leave")
    elif kind == "disable":
        await change_person(db, who, account_enabled=False)
    elif who is not target:
        await change_person(db, target, manager_id=who.id)
    await rerouting.follow(db)


async def pass_time(db: Database, request_id: str, what: str) -> None:
    """Let the instant come at which this is due."""
    now = await lifecycle.progress(db, request_id)
    if now.stage_id is None:
        return
    if what == "expire" and now.deadline_at is not None:
        await lifecycle.expire_stage(db, request_id, now.stage_id, now.deadline_at)
    elif what == "escalate" and now.escalates_at is not None:
        await nudging.escalate_stage(db, request_id, now.stage_id, now.escalates_at)
    elif what == "remind" and now.reminds_at is not None:
        await nudging.remind_stage(db, request_id, now.stage_id, now.reminds_at)


async def check(db: Database, approval: ApprovalSettings) -> None:
    """Look at everything on record and assert what must always hold."""
    async with db.read() as tx:
        assert await audit.verify(tx) is None
        asked = await tx.all(select(requests))
        decided = await tx.all(select(stages).order_by(stages.c.number))
        voices = await tx.all(select(stage_approvers))
        held = await tx.all(select(assignments))
        wanted = await tx.all(select(grants.c.is_wanted).join(grant_reasons))
    for request in asked:
        own = [one for one in decided if one.request_id == request.id]
        parties = {request.requestor_id, request.target_id}
        assert not parties & {one.decided_by_id for one in own}
        assert not parties & {one.decided_for_id for one in own}
        assert not parties & {one.person_id for one in voices if one.request_id == request.id}
        counts = approval.approver_is_requestor is ApproverIsRequestor.COUNT_AS_APPROVED
        assert all(one.decided_by_id or counts for one in own if one.verdict == "approve")
        verdicts = Counter(one.verdict for one in own)
        assert verdicts["deny"] <= 1
        assert verdicts["deny"] == 0 or request.state == "denied"
        assert not [one for one in own if one.state in ("open", "waiting")] or request.state == "pendingApproval"
        assert sum(one.state == "open" for one in own) == (1 if request.state == "pendingApproval" else 0)
        is_approved = all(one.verdict == "approve" for one in own)
        required = max(len(approval.stages), 1) if approval.is_required_for_add else 0
        assert len(own) == required
        assert (len(held) == 1) is (is_approved and request.state == "delivering")
    assert [row.is_wanted for row in wanted] == [True] * len(held)


@pytest.mark.timeout(180)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(approval=approvals, requestor=people, target=people, story=moves)
def test_whatever_is_configured_and_whoever_tries_what_nothing_is_had_without_approval(
    sqlite_template: Path, approval: ApprovalSettings, requestor: Person, target: Person, story: list[Any]
) -> None:
    async def run(path: Path) -> None:
        db = connect(f"sqlite+aiosqlite:///{path}")
        try:
            await play(db, approval, requestor, target, story)
            await check(db, approval)
        finally:
            await db.close()

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "story.db"
        shutil.copy(sqlite_template, path)
        asyncio.run(run(path))


# At most one of a kind for each person: of two that contradict each other the later one counts, as it should.
simultaneous = st.lists(
    st.one_of(
        st.tuples(st.just("disable"), st.sampled_from([BOB, BEA, CY]), st.none()),
        st.tuples(st.just("delegate"), st.sampled_from([BOB, BEA, MAX]), st.sampled_from([CY, EVE, MIA, LEO])),
        st.tuples(st.just("manages"), st.just(MAX), st.none()),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda move: (move[0], move[1].id),
)


@pytest.mark.timeout(180)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=simultaneous, data=st.data())
def test_in_whatever_order_changes_come_the_same_people_may_decide(
    sqlite_template: Path, changes: list[Any], data: st.DataObject
) -> None:
    orders = [changes, data.draw(st.permutations(changes))]

    async def run(path: Path, order: list[Any]) -> set[str]:
        db = connect(f"sqlite+aiosqlite:///{path}")
        try:
            deciders = stage(RequestorManager(manager_level=1), GroupMembers(group_id=OWNERS.id))
            await furnish(db, policy(approval_settings=approved_by(deciders)))
            request_id = (await ask_for(db, LEO, LEO)).request.id
            for move in order:
                with suppress(Refused):
                    await change(db, request_id, LEO, move)
            explained = await explanation.of_request(db, None, request_id)
            return {one.person.id for one in explained.can_act if one.may == "decide"}
        finally:
            await db.close()

    found = []
    for order in orders:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "story.db"
            shutil.copy(sqlite_template, path)
            found.append(asyncio.run(run(path, order)))
    assert found[0] == found[1]
    assert LEO.id not in found[0]


async def test_the_trail_of_a_whole_story_is_whole_and_cannot_be_rewritten(database: Database) -> None:
    await furnish(database)
    held = await given_access(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})
    rewriting = update(audit_events).where(audit_events.c.number == 3).values(actor_id=BEA.id)
    for forgery in (rewriting, delete(audit_events)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as tx:
                await tx.changed(forgery)
    assert len(await trail(database)) == 6


async def test_every_time_on_record_is_a_utc_instant(database: Database) -> None:
    await furnish(database)
    before = utc_now()
    submitted = await ask_for(database, MIA, LEO)
    await says(database, BOB, submitted.request.id, Verdict.APPROVE)
    async with database.read() as tx:
        row = await tx.first(select(stages))
    assert row is not None
    assert [instant.utcoffset().total_seconds() for instant in (row.opened_at, row.deadline_at, row.decided_at)] == [
        0
    ] * 3
    assert before <= row.opened_at <= row.decided_at <= row.deadline_at


async def test_a_submit_that_fails_half_way_leaves_nothing(database: Database) -> None:
    await furnish(database)
    async with database.write() as tx:
        await tx.execute(audit_events.insert().values(**_row_in_the_way()))
    with pytest.raises(IntegrityError):
        await ask_for(database, MIA, LEO)
    async with database.read() as tx:
        assert await tx.all(select(requests)) == []
        assert await tx.all(select(stages)) == []


def _row_in_the_way() -> dict[str, Any]:
    return {
        "number": 1,
        "type": "x",
        "at": utc_now(),
        "object_type": "x",
        "object_id": "x",
        "details": {},
        "previous_hash": "x",
        "hash": "x",
    }
