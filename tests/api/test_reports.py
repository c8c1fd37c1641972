"""Whom a manager finds below them: as far down as a policy lets somebody ask."""

from dataclasses import replace
from typing import Any

from grantline.model.subjects import TargetManager
from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import OPEN_TO_ALL, POLICY, open_office
from tests.cast import BEA, BOB, CY, EVE, LEO, MAX, MIA

REPORTS = f"{BASE}/api/reports"
TWO_LEVELS = replace(OPEN_TO_ALL, on_behalf_requestors=(TargetManager(manager_level=2),))


async def names(as_: Clients, who: Any, **narrowed: Any) -> list[str]:
    """Return the names that somebody finds."""
    answer = await as_(who).get(REPORTS, params=narrowed)
    assert answer.status_code == 200, answer.text
    return [one["displayName"] for one in answer.json()["items"]]


async def test_a_managers_own_reports_are_all_where_no_policy_reaches_further(database: Database, as_: Clients) -> None:
    await open_office(database)
    assert await names(as_, MAX) == sorted(person.display_name for person in (MIA, BOB, BEA, CY))
    assert await names(as_, MAX, person=LEO.id) == []


async def test_reports_of_reports_are_found_where_a_policy_reaches_them(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, requestor_settings=TWO_LEVELS))
    found = (await as_(MAX).get(REPORTS, params={"search": " park "})).json()["items"]
    assert [{key: one[key] for key in ("id", "displayName", "level", "manager", "jobTitle")} for one in found] == [
        {
            "id": LEO.id,
            "displayName": "Leo Park",
            "level": 2,
            "manager": {"id": MIA.id, "displayName": "Mia Lind"},
            "jobTitle": "Analyst",
        }
    ]
    assert await names(as_, MIA) == await names(as_, MIA, search="ANALYST") == ["Leo Park"]
    assert await names(as_, EVE) == await names(as_, MAX, search="%") == await names(as_, MAX, person=EVE.id) == []
    assert await names(as_, MAX, person=LEO.id) == ["Leo Park"]
    first = (await as_(MAX).get(REPORTS, params={"limit": 3})).json()
    rest = (await as_(MAX).get(REPORTS, params={"limit": 3, "after": first["next"]})).json()
    everybody = [one["displayName"] for one in first["items"] + rest["items"]]
    assert everybody == sorted(person.display_name for person in (MIA, BOB, BEA, CY, LEO))
    assert (await as_(None).get(REPORTS)).status_code == 401
