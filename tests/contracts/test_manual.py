"""Targets of people keep the contract, on both databases, where the people are quick."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import insert

from grantline.ambient import new_id
from grantline.connectors.manual import ManualConnector
from grantline.errors import WaitsForPerson
from grantline.model.fulfilment import TaskAct, TaskState
from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.fulfilment_tables import fulfilment_tasks
from grantline.services.assignments.fulfilment import ManualTasks
from tests.cast import CAST, LEO, LONG_AGO
from tests.contracts.connector import ConnectorContract, Target
from tests.packages import enter_packages
from tests.services.by_hand import SAFE, AtOnce, enter_safe, tasks_now

NAMES = {person.id: person.user_principal_name for person in CAST}


class TestManual(ConnectorContract):
    """The connector `Manual`."""

    kind = ManualConnector

    @pytest.fixture
    async def target(self, database: Database) -> AsyncGenerator[Target]:
        """Return the safe; who has its key is what the tasks say that were done."""
        nowhere = Database.connect("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
        async with database.write() as tx:
            await enter_packages(tx)
        await enter_safe(database)

        async def members() -> set[str]:
            last = {task.person_id: task.act for task in await tasks_now(database) if task.state == TaskState.DONE}
            return {NAMES[person_id] for person_id, act in last.items() if act == TaskAct.GRANT}

        async def put(person: Person) -> None:
            async with database.write() as tx:
                await tx.execute(
                    insert(fulfilment_tasks).values(
                        id=new_id(),
                        act=TaskAct.GRANT.value,
                        state=TaskState.DONE.value,
                        person_id=person.id,
                        resource_origin_id=SAFE,
                        role_origin_id=f"Member_{SAFE}",
                        grant_version=0,
                        summary="given before there was Grantline",
                        created_at=LONG_AGO,
                        settled_at=LONG_AGO,
                    )
                )

        yield Target(
            connector=ManualConnector(AtOnce(database)),
            cut_off=ManualConnector(ManualTasks(nowhere)),
            group_id=SAFE,
            members=members,
            put=put,
        )
        await nowhere.close()

    async def test_until_somebody_did_it_it_waits_for_one_task(self, database: Database, target: Target) -> None:
        patient = ManualConnector(ManualTasks(database))
        for _ in range(2):
            with pytest.raises(WaitsForPerson, match="waits for task"):
                await patient.grant(target.reads(LEO))
        assert await patient.holds(target.reads(LEO)) is False
        assert len(await tasks_now(database)) == 1
