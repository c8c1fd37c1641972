"""Retiring a package over HTTP: one call, how far it is, and what everybody finds afterwards."""

from grantline.model.change import ChangeBriefing
from grantline.persistence.database import Database
from grantline.services.assignments import package_changes
from tests.api.configured import UNKNOWN_ID, error_of, message_of
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import NO_APPROVAL, PAYROLL_ID, REQUESTS, open_office, user_add
from tests.api.test_assignments import give
from tests.cast import ADA, LEO, MIA

RETIRE = f"{BASE}/api/packages/{PAYROLL_ID}/retire"
AVAILABLE = "/identityGovernance/entitlementManagement/availableAccessPackages"
PACKAGE = f"/identityGovernance/entitlementManagement/accessPackages/{PAYROLL_ID}"


async def test_one_call_hides_it_closes_it_and_takes_it_from_everybody(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    relay.sent.clear()
    answer = await as_(ADA).post(RETIRE, json={"reason": "Replaced by Payroll 2"})

    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert told["accessPackage"] == {"id": PAYROLL_ID, "displayName": "Payroll"}
    assert told["retiredDateTime"].endswith("Z")
    change = told["change"]
    assert (change["kind"], change["role"], change["holders"], change["seen"]) == ("retired", None, 1, 0)
    assert (await as_(ADA).get(f"{BASE}/api/package-changes")).json()["items"] == [change]
    assert [(one.subject_id, type(one.body)) for one in relay.sent] == [(change["id"], ChangeBriefing)]
    assert (await as_(MIA).get(AVAILABLE)).json()["value"] == []
    assert (await as_(MIA).get(f"{BASE}/api/packages?for={LEO.id}")).json()["items"] == []
    refused = await as_(MIA).post(REQUESTS, json=user_add())
    assert error_of(refused) == (403, "notRequestable")
    assert "is retired since" in message_of(refused)

    await package_changes.advance(database, change["id"])
    again = (await as_(ADA).post(RETIRE)).json()
    assert (again["change"]["id"], again["change"]["changed"]) == (change["id"], 1)
    explained = (await as_(LEO).get(f"{BASE}/api/assignments/{assignment_id}/explain")).json()
    asked = [one for one in explained["timeline"] if one["event"] == "removal.requested"]
    assert [(one["actor"]["id"], one["reason"]) for one in asked] == [(ADA.id, "Replaced by Payroll 2")]
    in_use = await as_(ADA).delete(PACKAGE)
    assert "/retire" in message_of(in_use)


async def test_only_administrators_retire(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assert error_of(await as_(LEO).post(RETIRE)) == (403, "accessDenied")
    assert error_of(await as_(ADA).post(f"{BASE}/api/packages/{UNKNOWN_ID}/retire")) == (404, "itemNotFound")
