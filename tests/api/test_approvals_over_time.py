"""Alternates, sponsors and the names of approvers, as people see them over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantline.model.policy import ApproverVisibility
from grantline.model.subjects import SingleUser, TargetUserSponsors
from grantline.persistence.database import Database
from grantline.services.approvals import nudging
from grantline.services.assignments import lifecycle
from tests.api.conftest import BASE, Clients
from tests.api.office import APPROVALS, REQUESTS, open_office, stage, with_stages
from tests.api.test_approvals import MINE, ask, decide, stages_of
from tests.cast import ADA, BOB, CY, EVE, LEO, MIA

ESCALATING = replace(
    stage(BOB),
    is_escalation_enabled=True,
    escalates_after=timedelta(hours=1),
    escalation_approvers=(SingleUser(user_id=CY.id), SingleUser(user_id=MIA.id)),
)


async def escalate(database: Database, request_id: str) -> None:
    """Let the alternates' turn come."""
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.escalates_at is not None
    await nudging.escalate_stage(database, request_id, now.stage_id, now.escalates_at)


async def test_an_alternate_sees_it_when_their_turn_has_come_and_decides(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(ESCALATING))
    request_id = await ask(as_(MIA), LEO)
    assert (await as_(CY).get(f"{APPROVALS}/{request_id}")).status_code == 404
    await escalate(database, request_id)

    for person in (BOB, CY):
        (waiting,) = (await as_(person).get(MINE.format("approver"))).json()["value"]
        assert waiting["id"] == request_id
        (mine,) = await stages_of(as_(person), request_id)
        assert (mine["assignedToMe"], sorted(one["displayName"] for one in mine["approvers"])) == (
            True,
            ["Bob Stone", "Cy Frost"],
        )
    assert (await as_(MIA).get(MINE.format("approver"))).json()["value"] == []
    assert (await decide(as_(MIA), request_id)).status_code == 403
    assert (await decide(as_(CY), request_id)).status_code == 204
    assert (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"] == "delivering"
    assert (await decide(as_(BOB), request_id)).status_code == 409


async def test_a_sponsor_is_given_by_an_administrator_and_approves(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(replace(stage(), primary_approvers=(TargetUserSponsors(),))))
    body = {"@odata.id": f"http://grantline.test/v1.0/users/{EVE.id}"}
    assert (await as_(ADA).post(f"/users/{LEO.id}/sponsors/$ref", json=body)).status_code == 204
    request_id = await ask(as_(MIA), LEO)
    assert (await decide(as_(EVE), request_id)).status_code == 204
    assert (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"] == "delivering"


@pytest.mark.parametrize(
    ("visibility", "shows_by_default", "is_shown"),
    [
        (ApproverVisibility.VISIBLE, False, True),
        (ApproverVisibility.NOT_VISIBLE, True, False),
        (ApproverVisibility.DEFAULT, True, True),
        (ApproverVisibility.DEFAULT, False, False),
    ],
)
async def test_requestor_and_target_learn_who_approves_as_policy_and_setting_say(
    database: Database,
    as_: Clients,
    *,
    visibility: ApproverVisibility,
    shows_by_default: bool,
    is_shown: bool,
) -> None:
    switch = {"showApproverDetailsToMembers": shows_by_default}
    assert (await as_(ADA).patch(f"{BASE}/api/control-configurations", json=switch)).status_code == 200
    await open_office(database, with_stages(replace(stage(BOB), approver_visibility=visibility), stage(CY)))
    request_id = await ask(as_(MIA), LEO)

    for person, sees in {MIA: is_shown, LEO: is_shown, BOB: True, ADA: True}.items():
        for shown in (
            (await stages_of(as_(person), request_id))[0],
            (await as_(person).get(f"{APPROVALS}/{request_id}")).json()["stages"][0],
        ):
            assert names(shown) == ((["Bob Stone"] if sees else []), None)
    listed = (await as_(LEO).get(MINE.format("target"), params={"$expand": "stages"})).json()["value"]
    assert names(listed[0]["stages"][0]) == ((["Bob Stone"] if is_shown else []), None)

    assert (await decide(as_(BOB), request_id, justification="fine")).status_code == 204
    for person, sees in {MIA: is_shown, LEO: is_shown, CY: True, ADA: True}.items():
        first = (await stages_of(as_(person), request_id))[0]
        assert names(first) == ([], "Bob Stone" if sees else None)
        assert (first["reviewResult"], first["justification"]) == ("Approve", "fine")


def names(shown: dict[str, Any]) -> tuple[list[str], str | None]:
    """Return whom a stage shows as approvers, and as the one who decided."""
    reviewer = shown["reviewedBy"]
    return [one["displayName"] for one in shown["approvers"]], reviewer and reviewer["displayName"]
