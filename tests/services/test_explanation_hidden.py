"""Who may not know the approvers is told the rest of an explanation; who may, is told all of it."""

from typing import Any

import pytest

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.explanation import RequestExplained, shown
from grantline.model.person import Person
from grantline.model.request import Verdict
from grantline.persistence.database import Database
from grantline.services.approvals.delegations import delegate
from grantline.services.approvals.reassignment import reassign
from grantline.services.requests import explanation
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, acting
from tests.services.scene import ask_for, furnish, says

DECIDERS = (BOB, BEA, CY)


async def told(db: Database, viewer: Person, request_id: str) -> RequestExplained:
    """Explain the request to somebody, where names are hidden."""
    return await explanation.of_request(db, acting(viewer), request_id, shows_approvers=False)


def names_in(value: Any) -> set[str]:
    """Return which deciders are named anywhere in what was told, by id or by name."""
    text = repr(shown(value))
    return {one.display_name for one in DECIDERS if one.id in text or one.display_name in text}


async def decided_in_place(db: Database) -> str:
    """Let Mia ask for Leo; it is given to Bob alone, Cy stands in for him and decides. Return the request's id."""
    await furnish(db)
    request_id = (await ask_for(db, MIA, LEO)).request.id
    await reassign(db, acting(ADA), request_id, [BOB.id], "Bea Hart is on leave")
    await delegate(db, acting(BOB), CY.id)
    for attempt in (LEO, MIA):
        with pytest.raises(errors.OwnRequest):
            await says(db, attempt, request_id, Verdict.APPROVE)
    return request_id


@pytest.mark.parametrize("viewer", [MIA, LEO], ids=["who asks", "who gets it"])
async def test_who_takes_part_is_told_the_rest_without_names(sqlite_database: Database, viewer: Person) -> None:
    request_id = await decided_in_place(sqlite_database)
    open_ = await told(sqlite_database, viewer, request_id)
    assert (open_.says, names_in(open_)) == (
        "Payroll for Leo Park waits for an approver to decide stage 1 of 1.",
        set(),
    )
    assert {one.may for one in open_.can_act} == {"cancel"}
    assert {one.person.id for one in open_.refused} == {LEO.id, MIA.id}
    assert open_.next.what == "expires"

    await says(sqlite_database, CY, request_id, Verdict.DENY, "not this month")

    closed = await told(sqlite_database, viewer, request_id)
    assert names_in(closed) == set()
    (stage,) = closed.stages
    assert (stage.approvers, stage.decided_by, stage.decided_in_place_of) == ((), None, None)
    assert (stage.verdict, stage.justification) == ("deny", "not this month")
    assert [(one.event, one.actor and one.actor.id, one.says, one.reason) for one in closed.timeline[1:]] == [
        ("stage.opened", None, _opened(closed), None),
        ("stage.reassigned", None, "an approver gave stage 1 to an approver in place of an approver", None),
        ("stage.decided", None, "an approver in place of an approver: deny (stage 1)", "not this month"),
        ("request.denied", None, "denied", "not this month"),
    ]


def _opened(one: RequestExplained) -> str:
    deadline = one.stages[0].deadline_at or utc_now()
    return f"stage 1 waits for an approver until {deadline:%Y-%m-%dT%H:%M:%SZ}"


async def test_who_may_know_is_told_who_decided_in_whose_place(sqlite_database: Database) -> None:
    request_id = await decided_in_place(sqlite_database)
    waiting = await told(sqlite_database, CY, request_id)
    assert waiting.says == "Payroll for Leo Park waits for Bob Stone or Cy Frost to decide stage 1 of 1."
    assert [
        (one.person.id, one.route, one.in_place_of and one.in_place_of.id)
        for one in waiting.can_act
        if one.may == "decide"
    ] == [(BOB.id, "reassigned", None), (CY.id, "reassigned", BOB.id)]
    await says(sqlite_database, CY, request_id, Verdict.APPROVE, "fine")
    for viewer in (BOB, CY, ADA):
        closed = await told(sqlite_database, viewer, request_id)
        (stage,) = closed.stages
        assert stage.decided_by is not None
        assert stage.decided_in_place_of is not None
        assert (stage.decided_by.id, stage.decided_in_place_of.id) == (CY.id, BOB.id)
        moments = [one.says for one in closed.timeline if one.event == "stage.decided"]
        assert moments == ["Cy Frost in place of Bob Stone: approve (stage 1)"]
    for stranger in (BEA, EVE, MAX):
        with pytest.raises(errors.NotFound):
            await told(sqlite_database, stranger, request_id)
