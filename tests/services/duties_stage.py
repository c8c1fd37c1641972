"""Payroll and Audit, which must not meet in one person, for stories about separation of duties."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select

from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.model.request import Ask, RequestType
from grantline.persistence import incompatibilities, packages, policy_codec
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, package_roles, policies
from grantline.services.requests.submission import Submitted, submit
from tests.cast import LONG_AGO, acting, fixed_id
from tests.packages import PAYROLL
from tests.services.scene import PACKAGE, furnish, policy

AUDIT = replace(PACKAGE, id=fixed_id("package audit"), display_name="Audit")
BOTH_WAYS = ((PACKAGE.id, AUDIT.id), (AUDIT.id, PACKAGE.id))
PAYROLL_EXCLUDES_AUDIT = BOTH_WAYS[:1]


async def furnish_both(
    db: Database, usual: Policy | None = None, *, excluding: Iterable[tuple[str, str]] = (), groups: Iterable[str] = ()
) -> None:
    """Enter Payroll and Audit under alike policies; who excludes whom, and which groups Payroll excludes."""
    usual = usual or policy()
    await furnish(db, usual)
    async with db.write() as tx:
        await packages.insert_package(tx, AUDIT)
        role = {"package_id": AUDIT.id, "role_id": PAYROLL.write, "created_at": LONG_AGO}
        await tx.execute(insert(package_roles), [role])
        theirs = replace(usual, id=fixed_id("policy of audit"), package_id=AUDIT.id)
        await tx.execute(insert(policies), [policy_codec.encode(theirs)])
        for group_id in groups:
            await incompatibilities.add_group(tx, PACKAGE.id, group_id, LONG_AGO)
    await exclude(db, *excluding)


async def exclude(db: Database, *pairs: tuple[str, str]) -> None:
    """Let packages exclude others from now on."""
    async with db.write() as tx:
        for package_id, other_id in pairs:
            await incompatibilities.add_package(tx, package_id, other_id, LONG_AGO)


async def ask_for_audit(db: Database, requestor: Person, target: Person, **more: Any) -> Submitted:
    """Submit an ask for Audit by one of the cast."""
    kind = more.pop("type", RequestType.USER_ADD)
    return await submit(db, acting(requestor), Ask(type=kind, package_id=AUDIT.id, target_id=target.id, **more))


async def live(db: Database) -> list[tuple[str, str]]:
    """Return who holds what now: target and package, by its name."""
    names = {PACKAGE.id: "Payroll", AUDIT.id: "Audit"}
    async with db.read() as tx:
        rows = await tx.all(select(assignments).where(assignments.c.state != "expired"))
    return sorted((row.target_id, names[row.package_id]) for row in rows)
