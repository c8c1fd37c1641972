"""An administrator gives one open approval to others: what Mia asks for Leo waits for Bob and Bea."""

import pytest

from grantline import errors
from grantline.model.briefing import ApproversChangedSignal
from grantline.model.person import Person
from grantline.model.request import RequestState, Verdict
from grantline.persistence.database import Database
from grantline.services.approvals import rerouting
from grantline.services.approvals.delegations import delegate
from grantline.services.approvals.reassignment import reassign
from grantline.services.assignments import lifecycle
from grantline.services.directory import people_and_groups as directory
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MIA, acting, fixed_id
from tests.services.letterbox import mail_to
from tests.services.scene import ask_for, events, furnish, request_now, says, stages_now


async def asked(db: Database) -> str:
    """Ask; return the request's id."""
    await furnish(db)
    return (await ask_for(db, MIA, LEO)).request.id


async def test_old_approvers_lose_it_new_ones_are_told_and_the_deadline_stays(database: Database) -> None:
    request_id = await asked(database)
    before = await lifecycle.progress(database, request_id)

    done = await reassign(database, acting(ADA), request_id, [CY.id, BEA.id, CY.id], "Bob is on leave")

    assert [(one.subject_id, type(one.body)) for one in done.messages] == [(request_id, ApproversChangedSignal)]
    after = await lifecycle.progress(database, request_id)
    assert (after.deadline_at, after.stage_id, after.approvers) == (
        before.deadline_at,
        before.stage_id,
        "Bea Hart, Cy Frost",
    )
    (told,) = await events(database, "stage.reassigned")
    assert (told.actor_id, told.reason, told.details) == (
        ADA.id,
        "Bob is on leave",
        {
            "stage": 1,
            "approvers": [{"id": one.id, "source": "reassigned"} for one in (CY, BEA)],
            "came": [{"id": CY.id, "source": "reassigned"}],
            "gone": [{"id": BOB.id, "source": "primary"}],
        },
    )
    assert [kind for kind, _ in await mail_to(database, CY)] == ["approval-needed"]
    assert [kind for kind, _ in await mail_to(database, BEA)] == ["approval-needed"], "nobody is told twice"
    with pytest.raises(errors.NotFound):
        await says(database, BOB, request_id, Verdict.APPROVE)
    await says(database, CY, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


async def test_who_stands_in_goes_with_the_old_and_comes_with_the_new(database: Database) -> None:
    request_id = await asked(database)
    await delegate(database, acting(BOB), EVE.id)
    await delegate(database, acting(CY), BOB.id)
    await reassign(database, acting(ADA), request_id, [CY.id], "security decides")
    with pytest.raises(errors.NotFound):
        await says(database, EVE, request_id, Verdict.APPROVE)
    await says(database, BOB, request_id, Verdict.APPROVE)
    (decided,) = await stages_now(database, request_id)
    assert (decided.stage.decided_by_id, decided.stage.decided_for_id) == (BOB.id, CY.id)


async def test_what_was_reassigned_stays_so_until_all_of_those_have_left(database: Database) -> None:
    request_id = await asked(database)
    await reassign(database, acting(ADA), request_id, [CY.id], "security decides")
    await directory.change_person(database, acting(ADA), BEA.id, {"account_enabled": False})
    assert await rerouting.follow(database) == ()
    await directory.change_person(database, acting(ADA), CY.id, {"account_enabled": False})
    assert len(await rerouting.follow(database)) == 1
    (found,) = await stages_now(database, request_id)
    assert found.waiting_ids == {BOB.id}


BAD = [
    ("nobody", [], "why", errors.InvalidInput, "Name 1 to 20 approvers"),
    ("nobody we know", [fixed_id("nobody")], "why", errors.InvalidInput, "There is no user"),
    ("who asks", [MIA.id], "why", errors.InvalidInput, "nobody decides on their own request"),
    ("who would get it", [CY.id, LEO.id], "why", errors.InvalidInput, "nobody decides on their own request"),
    ("a disabled account", [DAN.id], "why", errors.InvalidInput, "disabled"),
    ("no reason", [CY.id], "  ", errors.JustificationRequired, "Say why"),
    ("the same people", [BEA.id, BOB.id], "why", errors.Conflict, "exactly these"),
]


@pytest.mark.parametrize(("story", "approvers", "reason", "error", "words"), BAD, ids=[row[0] for row in BAD])
async def test_to_whom_it_is_not_given(
    sqlite_database: Database, story: str, approvers: list[str], reason: str, error: type[errors.Refused], words: str
) -> None:
    request_id = await asked(sqlite_database)
    with pytest.raises(error, match=words):
        await reassign(sqlite_database, acting(ADA), request_id, approvers, reason)
    assert await events(sqlite_database, "stage.reassigned") == []


@pytest.mark.parametrize("by", [BOB, None], ids=["decided", "no such request"])
async def test_what_waits_for_nobody_is_not_reassigned(sqlite_database: Database, by: Person | None) -> None:
    request_id = await asked(sqlite_database)
    if by is None:
        with pytest.raises(errors.NotFound):
            await reassign(sqlite_database, acting(ADA), fixed_id("none"), [CY.id], "why")
        return
    await says(sqlite_database, by, request_id, Verdict.DENY)
    with pytest.raises(errors.RequestClosed, match="denied"):
        await reassign(sqlite_database, acting(ADA), request_id, [CY.id], "why")
