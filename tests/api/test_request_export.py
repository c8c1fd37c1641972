"""Requests as a file: every one that the list would show, with the names of all concerned."""

from datetime import timedelta

import pytest

from grantline.ambient import utc_now
from grantline.persistence import exports
from grantline.persistence.database import Database
from tests.api.configured import error_of
from tests.api.conftest import BASE, Clients
from tests.api.office import NO_APPROVAL, open_office
from tests.api.test_many_assignments import bulk, rows
from tests.cast import ADA, BOB, CY, EVE, LEO, MIA
from tests.services.scene import change_person

CSV = f"{BASE}/api/requests.csv"


async def test_the_file_has_every_request_with_who_asked_for_whom_why_and_until_when(
    database: Database, as_: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    await open_office(database, NO_APPROVAL)
    await change_person(database, CY, display_name="=1+1")
    begins = utc_now().replace(microsecond=0) + timedelta(days=2)
    people = (LEO, CY, EVE, BOB, MIA)
    schedule = {"startDateTime": begins.isoformat(), "expiration": {"type": "afterDuration", "duration": "P10D"}}
    await bulk(as_(ADA), targetIds=[one.id for one in people], justification="=HYPERLINK(1)\nline 2", schedule=schedule)

    found = await rows(as_(ADA), "requests")
    assert [one["targetDisplayName"] for one in found] == ["Mia Lind", "Bob Stone", "Eve Wolf", "'=1+1", "Leo Park"]
    assert {one["requestorUserPrincipalName"] for one in found} == {ADA.user_principal_name}
    (leo,) = await rows(
        as_(ADA), "requests", **{"$filter": f"state eq 'scheduled' and assignment/target/id eq '{LEO.id}'"}
    )
    assert leo == found[-1]
    told = {name: leo[name] for name in ("requestType", "targetMail", "accessPackageDisplayName", "justification")}
    assert told == {
        "requestType": "adminAdd",
        "targetMail": LEO.mail,
        "accessPackageDisplayName": "Payroll",
        "justification": "'=HYPERLINK(1)\nline 2",
    }
    times = [leo[name] for name in ("requestedStartDateTime", "requestedEndDateTime", "requestedDuration")]
    assert times == [begins.isoformat().replace("+00:00", "Z"), "", "P10D"]
    assert await rows(as_(ADA), "requests", **{"$filter": "state eq 'denied'"}) == []


async def test_only_who_lists_requests_exports_them_and_what_does_not_fit_is_said_before_the_first_line(
    database: Database, as_: Clients
) -> None:
    await open_office(database, NO_APPROVAL)
    assert error_of(await as_(MIA).get(CSV)) == (403, "accessDenied")
    assert (await as_(None).get(CSV)).status_code == 401
    for option in ({"$top": "5"}, {"$expand": "requestor"}, {"$filter": "x eq 1"}):
        assert error_of(await as_(ADA).get(CSV, params=option)) == (400, "invalidRequest")
