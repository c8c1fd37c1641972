"""The migrations make the tables, on both databases, as often as one likes."""

from grantline.persistence import schema
from grantline.persistence.database import Database


async def test_the_migrated_database_is_what_the_tables_say(database: Database) -> None:
    assert await schema.is_current(database)
    assert await schema.differences(database) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await schema.migrate(database)
    assert await schema.differences(database) == []
