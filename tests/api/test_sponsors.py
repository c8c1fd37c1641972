"""Sponsors over HTTP, as Graph has them: everybody reads, administrators change."""

from typing import Any

import httpx2

from grantline.persistence.database import Database
from tests.api.configured import UNKNOWN_ID, error_of
from tests.api.conftest import Clients
from tests.api.office import open_office
from tests.cast import ADA, BOB, CY, EVE, LEO, MIA
from tests.services.scene import events

SPONSORS = f"/users/{LEO.id}/sponsors"


def reference(person_id: str) -> dict[str, Any]:
    """Return the body that refers to a user."""
    return {"@odata.id": f"http://grantline.test/v1.0/users/{person_id}"}


async def names(client: httpx2.AsyncClient, path: str = SPONSORS) -> list[str]:
    """Return the sponsors' names, in the order of the list."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert {one["@odata.type"] for one in answer.json()["value"]} <= {"#microsoft.graph.user"}
    return [one["displayName"] for one in answer.json()["value"]]


async def test_sponsors_are_added_listed_and_removed(database: Database, as_: Clients) -> None:
    await open_office(database)
    ada = as_(ADA)
    assert await names(ada) == []
    for person in (EVE, CY):
        assert (await ada.post(f"{SPONSORS}/$ref", json=reference(person.id))).status_code == 204
    assert await names(as_(BOB)) == ["Cy Frost", "Eve Wolf"]
    assert await names(as_(LEO), "/me/sponsors") == ["Cy Frost", "Eve Wolf"]
    assert (await ada.delete(f"{SPONSORS}/{EVE.id}/$ref")).status_code == 204
    assert await names(ada) == ["Cy Frost"]
    assert [one.details for one in await events(database, "directory.changed")] == [
        {"action": "sponsorAdded", "sponsor_id": EVE.id},
        {"action": "sponsorAdded", "sponsor_id": CY.id},
        {"action": "sponsorRemoved", "sponsor_id": EVE.id},
    ]


async def test_what_makes_no_sponsor_is_refused(database: Database, as_: Clients) -> None:
    await open_office(database)
    ada = as_(ADA)
    await ada.post(f"{SPONSORS}/$ref", json=reference(EVE.id))
    for body, says in (
        (reference(UNKNOWN_ID), "no user"),
        (reference(LEO.id), "own sponsor"),
        (reference(EVE.id), "already"),
    ):
        answer = await ada.post(f"{SPONSORS}/$ref", json=body)
        assert error_of(answer) == (400, "invalidRequest")
        assert says in answer.json()["error"]["message"]
    assert error_of(await ada.post(f"/users/{UNKNOWN_ID}/sponsors/$ref", json=reference(EVE.id))) == (
        404,
        "itemNotFound",
    )
    assert error_of(await ada.delete(f"{SPONSORS}/{CY.id}/$ref")) == (404, "itemNotFound")
    assert error_of(await ada.get(f"/users/{UNKNOWN_ID}/sponsors")) == (404, "itemNotFound")


async def test_only_administrators_change_sponsors(database: Database, as_: Clients) -> None:
    await open_office(database)
    mia = as_(MIA)
    assert error_of(await mia.post(f"{SPONSORS}/$ref", json=reference(EVE.id))) == (403, "accessDenied")
    assert error_of(await mia.delete(f"{SPONSORS}/{EVE.id}/$ref")) == (403, "accessDenied")
    assert await names(mia) == []
