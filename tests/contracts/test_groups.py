"""Grantline's own groups keep the contract, on both databases."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import select

from grantline.connectors.groups import GroupConnector
from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.memberships import add_member
from grantline.persistence.tables import group_members, people
from grantline.services.assignments.group_memberships import GroupMemberships
from tests.cast import LONG_AGO, READERS
from tests.contracts.connector import ConnectorContract, Target


class TestGroups(ConnectorContract):
    """The connector `AadGroup`."""

    kind = GroupConnector

    @pytest.fixture
    async def target(self, database: Database) -> AsyncGenerator[Target]:
        """Return the group of the cast in a fresh database."""
        nowhere = Database.connect("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

        async def members() -> set[str]:
            statement = select(people.c.user_principal_name).join(group_members)
            async with database.read() as tx:
                rows = await tx.all(statement.where(group_members.c.group_id == READERS.id))
            return {row.user_principal_name for row in rows}

        async def put(person: Person) -> None:
            async with database.write() as tx:
                await add_member(tx, READERS.id, person.id, LONG_AGO)

        yield Target(
            connector=GroupConnector(GroupMemberships(database)),
            cut_off=GroupConnector(GroupMemberships(nowhere)),
            group_id=READERS.id,
            members=members,
            put=put,
        )
        await nowhere.close()
