"""Beside Graph: why a grant is there, and which access is not gone that should be."""

from datetime import timedelta

from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.persistence.database import Database
from grantline.persistence.tables import grants
from tests.api.conftest import BASE, Clients
from tests.api.office import ASSIGNMENTS, NO_APPROVAL, REQUESTS, open_office, user_add
from tests.cast import ADA, BOB, EVE, LEO, LONG_AGO, MIA
from tests.packages import PAYROLL, hold

OVERDUE = f"{BASE}/api/revocations/overdue"


async def test_an_assignment_is_explained_to_holder_requestor_and_administrator(
    database: Database, as_: Clients
) -> None:
    await open_office(database, NO_APPROVAL)
    await as_(MIA).post(REQUESTS, json=user_add(LEO))
    [held] = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    path = f"{BASE}/api/assignments/{held['id']}/explain"
    shown = [(await as_(person).get(path)).json() for person in (LEO, MIA, ADA)]
    assert shown[0] == shown[1] == shown[2]
    found = shown[0]
    [grant] = found["grants"]
    assert (found["says"], found["assignment"]["state"]) == (
        "Payroll for Leo Park: the access is being given.",
        "delivering",
    )
    assert (grant["state"], grant["existedBefore"], grant["lastError"]) == ("owed", None, None)
    assert [one["package"]["displayName"] for one in grant["reasons"]] == ["Payroll"]
    assert [(await as_(person).get(path)).status_code for person in (BOB, EVE)] == [404, 404]


async def test_overdue_revocations_are_listed_page_by_page_for_administrators_only(
    database: Database, as_: Clients
) -> None:
    await open_office(database)
    async with database.write() as tx:
        await hold(tx, "first", LEO, PAYROLL.read, at=LONG_AGO)
        await hold(tx, "second", MIA, PAYROLL.read, at=LONG_AGO + timedelta(days=1))
        await hold(tx, "fresh", BOB, PAYROLL.read, at=utc_now())
        await tx.changed(update(grants).values(is_wanted=False, version=2, applied_version=1, last_error="Not now."))
    first = (await as_(ADA).get(OVERDUE, params={"limit": 1})).json()
    last = (await as_(ADA).get(OVERDUE, params={"limit": 1, "after": first["next"]})).json()
    assert [(one["person"]["displayName"], one["lastError"]) for one in first["items"] + last["items"]] == [
        ("Leo Park", "Not now."),
        ("Mia Lind", "Not now."),
    ]
    assert (first["items"][0]["overdueSince"], last["next"]) == ("2026-01-01T00:00:00Z", None)
    assert [(await as_(person).get(OVERDUE)).status_code for person in (LEO, None)] == [403, 401]
