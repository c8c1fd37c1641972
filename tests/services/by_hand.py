"""A target that people look after by hand: the safe, of which Leo may get the key."""

from typing import Any

from sqlalchemy import insert, select

from grantline.connectors.manual import Told
from grantline.model.assignment import Entitlement
from grantline.model.fulfilment import BY_HAND, TaskAct, TaskState
from grantline.persistence.database import Database
from grantline.persistence.fulfilment_tables import fulfilment_tasks
from grantline.persistence.tables import resource_roles, resources
from grantline.services.assignments import fulfilment
from grantline.services.assignments.fulfilment import ManualTasks
from tests.cast import ADA, LONG_AGO, acting, fixed_id

SAFE = "safe-3"
SAFE_ID = fixed_id("resource safe")
KEY_ROLE = fixed_id("role key of the safe")
ADMINISTRATORS = (ADA.user_principal_name,)


async def enter_safe(db: Database) -> None:
    """Put the safe into the catalog Finance, with its one role."""
    async with db.write() as tx:
        await tx.execute(
            insert(resources).values(
                id=SAFE_ID,
                catalog_id=fixed_id("finance"),
                origin_system=BY_HAND,
                origin_id=SAFE,
                display_name="Safe",
                description="",
                root_scope_id=fixed_id("scope of the safe"),
                created_at=LONG_AGO,
                modified_at=LONG_AGO,
            )
        )
        await tx.execute(
            insert(resource_roles).values(
                id=KEY_ROLE,
                resource_id=SAFE_ID,
                origin_system=BY_HAND,
                origin_id=f"Member_{SAFE}",
                display_name="Key",
                description="",
            )
        )


async def tasks_now(db: Database) -> list[Any]:
    """Return all tasks, oldest first."""
    async with db.read() as tx:
        return await tx.all(select(fulfilment_tasks).order_by(fulfilment_tasks.c.created_at, fulfilment_tasks.c.id))


async def the_open_task(db: Database) -> Any:
    """Return the one task that is open."""
    (found,) = [one for one in await tasks_now(db) if one.state == TaskState.OPEN.value]
    return found


class AtOnce(ManualTasks):
    """People who do at once whatever they are asked: the contract of connectors has no patience."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._database = db

    async def ask(self, entitlement: Entitlement, act: TaskAct) -> Told:
        """Ask, do it, and ask again."""
        told = await super().ask(entitlement, act)
        if told.state is TaskState.OPEN:
            for task in await tasks_now(self._database):
                if task.state == TaskState.OPEN.value and task.person_id == entitlement.person_id:
                    await fulfilment.settle(self._database, acting(ADA), task.id, TaskState.DONE)
            told = await super().ask(entitlement, act)
        return told
