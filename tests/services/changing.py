"""A package that changes while people hold it: who has which role by it, and the walk along its holders."""

from sqlalchemy import select

from grantline.model.change import PackageChange
from grantline.model.person import Person
from grantline.persistence import changes
from grantline.persistence.change_tables import package_changes
from grantline.persistence.database import Database
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import assignments, grant_reasons, grants, people, resource_roles, resources
from grantline.rules.permissions import EVERYTHING
from grantline.services.assignments import package_changes as walk
from grantline.services.configuration import packages as packages_configuration
from grantline.services.configuration.packages import RoleReference
from tests.cast import ADA
from tests.packages import PAYROLL
from tests.services.scene import NO_APPROVAL, PACKAGE, ask_for, furnish, policy

NAMES = {PAYROLL.read: "reader", PAYROLL.write: "writer", PAYROLL.read_elsewhere: "reader", PAYROLL.file_share: "share"}


async def furnish_open(db: Database, *roles: str) -> None:
    """Enter the package with these roles; whoever may ask for it gets it at once."""
    await furnish(db, policy(approval_settings=NO_APPROVAL), roles=roles)


async def assign(db: Database, *holders: Person) -> list[str]:
    """Let each of them have the package; return their assignments' ids."""
    return [(await ask_for(db, one, one)).request.assignment_id or "" for one in holders]


async def add(db: Database, role_id: str) -> None:
    """Let Ada put a role into the package."""
    await packages_configuration.add_role(db, ADA.id, PACKAGE.id, RoleReference(role_id=role_id))


async def remove(db: Database, role_id: str) -> None:
    """Let Ada take a role out of the package."""
    async with db.read() as tx:
        scope = await tx.scalar(
            select(resources.c.root_scope_id)
            .join(resource_roles, resource_roles.c.resource_id == resources.c.id)
            .where(resource_roles.c.id == role_id)
        )
    await packages_configuration.remove_role(db, ADA.id, PACKAGE.id, f"{role_id}_{scope}")


async def walk_to_the_end(db: Database) -> None:
    """Let every change come to its end, one page of each in turn."""
    while waiting := [one for one in await changes_now(db) if one.completed_at is None]:
        for change in waiting:
            await walk.advance(db, change.id)


async def changes_now(db: Database) -> list[PackageChange]:
    """Return the changes on record, the first first."""
    async with db.read() as tx:
        found = await changes.page(tx, EVERYTHING, ListQuery(top=100))
    return sorted(found.rows, key=lambda one: (one.created_at, one.id))


async def change_ids(db: Database) -> list[str]:
    """Return the ids of the changes on record, the first first."""
    async with db.read() as tx:
        rows = await tx.all(select(package_changes.c.id).order_by(package_changes.c.created_at, package_changes.c.id))
    return [row.id for row in rows]


async def needs(db: Database) -> set[tuple[str, str]]:
    """Return who has which role by an assignment: a reason that has not ended."""
    async with db.read() as tx:
        rows = await tx.all(
            select(people.c.display_name, grants.c.role_id)
            .join(grants, grants.c.person_id == people.c.id)
            .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
            .join(assignments, assignments.c.id == grant_reasons.c.assignment_id)
            .where(grant_reasons.c.ended_at.is_(None))
        )
    return {(row.display_name.partition(" ")[0].lower(), NAMES[row.role_id]) for row in rows}


async def wanted(db: Database) -> set[tuple[str, str]]:
    """Return who is to have which role."""
    async with db.read() as tx:
        rows = await tx.all(
            select(people.c.display_name, grants.c.role_id)
            .join(grants, grants.c.person_id == people.c.id)
            .where(grants.c.is_wanted)
        )
    return {(row.display_name.partition(" ")[0].lower(), NAMES[row.role_id]) for row in rows}
