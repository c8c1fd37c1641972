"""A worker follows what nobody followed at once, and outlives what it meets."""

import asyncio
import logging

import pytest
from sqlalchemy import select, update

from grantline.errors import Unavailable
from grantline.persistence.database import Database
from grantline.persistence.delegation_tables import directory_changes
from grantline.persistence.tables import requests
from grantline.services.approvals import rerouting
from grantline.services.approvals.follower import Follower
from grantline.services.directory import people_and_groups as directory
from tests.cast import ADA, BEA, BOB, EVE, LEO, MIA, acting
from tests.services.scene import ask_for, furnish, stages_now


async def until_followed(db: Database) -> None:
    """Wait until no change is new."""
    async with asyncio.timeout(20):
        while True:
            async with db.read() as tx:
                if not [row for row in await tx.all(select(directory_changes)) if row.looked_at is None]:
                    return
            await asyncio.sleep(0.05)


async def test_what_waits_is_followed_though_the_database_was_away(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    db = sqlite_database
    await furnish(db)
    request_id = (await ask_for(db, MIA, LEO)).request.id
    await directory.change_person(db, acting(ADA), BOB.id, {"account_enabled": False})
    follow, failures = rerouting.follow, [Unavailable("the plug was pulled")]

    async def first_fails(*arguments: object, **more: object) -> object:
        if failures:
            raise failures.pop()
        return await follow(*arguments, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(rerouting, "follow", first_fails)
    with caplog.at_level(logging.WARNING):
        async with Follower(db, []).at_work():
            await until_followed(db)

    (found,) = await stages_now(db, request_id)
    assert found.waiting_ids == {BEA.id}
    assert [one.message for one in caplog.records if one.name == "grantline.services.approvals.follower"] == [
        "open stages cannot follow the directory: Unavailable: the plug was pulled"
    ]


async def test_a_request_that_cannot_be_read_does_not_keep_back_the_others(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    db = sqlite_database
    await furnish(db)
    spoilt, sound = sorted([(await ask_for(db, MIA, LEO)).request.id, (await ask_for(db, EVE, EVE)).request.id])
    async with db.write() as tx:
        await tx.changed(update(requests).where(requests.c.id == spoilt).values(plan={}))
    await directory.change_person(db, acting(ADA), BOB.id, {"account_enabled": False})

    await rerouting.follow(db)

    (found,) = await stages_now(db, sound)
    assert found.waiting_ids == {BEA.id}
    await until_followed(db)
    assert [one.message for one in caplog.records if one.levelno == logging.ERROR] == [
        f"request {spoilt} cannot follow the directory"
    ]
