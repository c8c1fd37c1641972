"""Whom a manager finds below them: as far down as a policy lets somebody ask."""

from dataclasses import replace
from typing import Any

from sqlalchemy import update

from grantline.model.person import Person
from grantline.model.subjects import TargetManager
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, requests
from tests.api.conftest import BASE, Clients
from tests.api.office import NO_APPROVAL, OPEN_TO_ALL, POLICY, REQUESTS, open_office, user_add
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MAX, MIA, fixed_id

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


async def test_how_direct_reports_stand_in_numbers(database: Database, as_: Clients) -> None:
    """Long because it is one story: a request, access that ended, whose they are, and the switch."""
    await open_office(database, NO_APPROVAL, more_packages=["safe"])
    for package in ("payroll", "safe"):
        body = user_add(LEO)
        body["assignment"]["accessPackageId"] = fixed_id(package)
        assert (await as_(MIA).post(REQUESTS, json=body)).status_code == 201

    async def standings(who: Person, **paging: Any) -> list[tuple[str, int, int]]:
        answer = await as_(who).get(f"{REPORTS}/standings", params=paging)
        assert answer.status_code == 200, answer.text
        return [(one["id"], one["assignments"], one["openRequests"]) for one in answer.json()["items"]]

    # Dan's account is blocked; what he has is his manager's business all the same.
    assert await standings(MIA) == [(DAN.id, 0, 0), (LEO.id, 2, 2)]
    assert await standings(MIA, limit=1) == [(DAN.id, 0, 0)]
    async with database.write() as tx:
        is_safe = {"package_id": fixed_id("safe")}
        await tx.changed(update(assignments).filter_by(**is_safe).values(state="expired"))
        await tx.changed(update(requests).filter_by(**is_safe).values(state="delivered"))
    assert await standings(MIA) == [(DAN.id, 0, 0), (LEO.id, 1, 1)]
    assert LEO.id not in {person_id for person_id, *_ in await standings(MAX)}
    assert await standings(EVE) == []
    turned = await as_(ADA).patch(f"{BASE}/api/control-configurations", json={"managersSeeReportsAccess": False})
    assert turned.status_code == 200, turned.text
    assert await standings(MIA) == []
