"""More time rehearsed: judged in full, and nothing is written."""

from dataclasses import replace
from typing import Any

from grantline.persistence.database import Database
from tests.api.conftest import Clients
from tests.api.office import BOB_OR_BEA, PAYROLL_ID, open_office
from tests.api.test_assignments import set_state
from tests.api.test_extensions import EXTENDABLE, extension, held_by_leo, until
from tests.api.test_plain_requests import codes, everything, named, validate
from tests.cast import ADA, BEA, BOB, EVE, LEO, MIA


async def test_an_extension_can_be_rehearsed(database: Database, as_: Clients) -> None:
    await open_office(database, EXTENDABLE)
    assignment_id = await held_by_leo(database, as_(MIA))
    before = await everything(database)

    found = await validate(as_(MIA), extension(assignment_id))

    assert (found["isAccepted"], found["requestType"], found["state"]) == (True, "userUpdate", "delivered")
    assert (found["target"], found["package"]["id"], found["lasts"]) == (named(LEO), PAYROLL_ID, "P90D")
    assert found["endsAt"] is not None
    assert (await validate(as_(ADA), extension(assignment_id)))["requestType"] == "adminUpdate"
    assert codes(await validate(as_(EVE), extension(assignment_id))) == ["itemNotFound"]
    assert await everything(database) == before


async def test_it_says_who_would_have_to_approve(database: Database, as_: Clients) -> None:
    settings = replace(EXTENDABLE.approval_settings, is_required_for_update=True, stages=(BOB_OR_BEA,))
    await open_office(database, replace(EXTENDABLE, approval_settings=settings))
    assignment_id = await held_by_leo(database, as_(MIA))
    found = await validate(as_(LEO), extension(assignment_id))
    assert found["state"] == "pendingApproval"
    assert [one["person"] for one in found["stages"][0]["approvers"]] == [named(BEA), named(BOB)]


async def test_it_tells_everything_that_speaks_against_it(database: Database, as_: Clients) -> None:
    await open_office(database, EXTENDABLE)
    assignment_id = await held_by_leo(database, as_(MIA))
    found = await validate(as_(LEO), extension(assignment_id, schedule=until(-1)))
    assert codes(found) == ["invalidSchedule"]
    assert "has passed" in found["refusals"][0]["message"]
    assert (found["isAccepted"], found["target"]) == (False, named(LEO))
    await set_state(database, assignment_id, "expired")
    assert "assignmentEnded" in codes(await validate(as_(LEO), extension(assignment_id)))
    missing: dict[str, Any] = {"requestType": "userUpdate", "assignment": {}}
    assert codes(await validate(as_(LEO), missing)) == ["invalidRequest"]
