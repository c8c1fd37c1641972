"""Mail that calls of the API bring about: who is owed what, as Graph's clients cause it."""

from dataclasses import replace

import pytest

from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle
from tests.api.conftest import Clients
from tests.api.office import APPROVALS, POLICY, REQUESTS, open_office, user_add
from tests.cast import BOB, LEO, MIA
from tests.services.letterbox import Letterbox
from tests.services.scene import request_now


async def approved(as_: Clients) -> str:
    """Let Mia ask for Leo and Bob approve; return the request's id."""
    request_id: str = (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]
    approval = (await as_(BOB).get(f"{APPROVALS}/{request_id}", params={"$expand": "stages"})).json()
    stage_id = approval["stages"][0]["id"]
    answer = await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{stage_id}", json={"reviewResult": "Approve"})
    assert answer.status_code == 204
    return request_id


async def test_who_is_mailed_when_mia_asks_for_leo_and_bob_approves(database: Database, as_: Clients) -> None:
    await open_office(database)
    box = Letterbox(database)

    request_id = await approved(as_)

    assert await box.new() == {
        "approval-needed": "Bea Bob",
        "asked-for-you": "Leo",
        "approval-approved": "Bea Bob",
        "request-approved": "Leo Mia",
    }
    assert {row.details["request_id"] for row in await box.rows()} == {request_id}


@pytest.mark.parametrize("is_off", [True, False])
async def test_a_policy_switches_the_mail_about_its_assignments_off(
    database: Database, as_: Clients, is_off: bool
) -> None:
    kept = {"notificationSettings": {"isAssignmentNotificationDisabled": is_off}}
    await open_office(database, replace(POLICY, kept=kept))
    box = Letterbox(database)
    request = await request_now(database, await approved(as_))
    await box.new()

    await lifecycle.record_delivery(database, str(request.assignment_id), {})

    assert await box.new() == ({} if is_off else {"access-delivered": "Leo Mia"})


async def test_a_repeated_post_mails_nobody_twice(database: Database, as_: Clients) -> None:
    await open_office(database)
    for _ in range(2):
        answer = await as_(MIA).post(REQUESTS, json=user_add(LEO), headers={"Idempotency-Key": "once"})
        assert answer.status_code in {200, 201}
    assert await Letterbox(database).new() == {"approval-needed": "Bea Bob", "asked-for-you": "Leo"}
