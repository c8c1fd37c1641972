"""The schema's own life: bring a database to the present revision, and compare."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from grantline.persistence import (
    answer_tables,
    audit_tables,
    callout_tables,
    change_tables,
    control_tables,
    delegation_tables,
    fulfilment_tables,
    owner_tables,
    role_tables,
    session_tables,
    tables,
)
from grantline.persistence.database import Database

# One metadata knows the tables of all files; each file has to be read before it is asked.
metadata = tables.metadata
TABLE_FILES = (
    tables,
    answer_tables,
    audit_tables,
    callout_tables,
    change_tables,
    control_tables,
    delegation_tables,
    fulfilment_tables,
    owner_tables,
    role_tables,
    session_tables,
)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens when it is there already."""
    async with database.engine.connect() as connection:
        connection = await connection.execution_options(grantline_write=True)
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        await connection.commit()


async def is_current(database: Database) -> bool:
    """Tell whether the schema is at the newest revision."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    async with database.engine.connect() as connection:
        return head == await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def differences(database: Database) -> list[Any]:
    """Return what alembic would still change to make the database match the tables."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), tables.metadata)
        )
