"""Two packages that share a role, for tests that need access without a request.

Payroll readers is a resource of two catalogs, as groups often are.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from grantline.model.person import Group, Person
from grantline.model.plan import Plan
from grantline.model.policy import ApproverIsRequestor
from grantline.persistence.codec import to_json
from grantline.persistence.database import Transaction
from grantline.persistence.grants import owe
from grantline.persistence.tables import assignments, catalogs, packages, requests, resource_roles, resources
from tests.cast import LONG_AGO, READERS, WRITERS, fixed_id


@dataclass(frozen=True, slots=True)
class Payroll:
    """The ids of resource roles that `enter_packages` makes."""

    read: str = fixed_id("role-read")
    write: str = fixed_id("role-write")
    read_elsewhere: str = fixed_id("role-read-elsewhere")
    file_share: str = fixed_id("role-file-share")


PAYROLL = Payroll()

UNCONDITIONAL = to_json(
    Plan,
    Plan(stages=(), approver_is_requestor=ApproverIsRequestor.NEXT_MANAGER, starts_at=None, ends_at=None, lasts=None),
)
"""The plan of a request that nobody had to approve."""


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment, and the grants it needs."""

    id: str
    grants: list[str]


async def enter_packages(tx: Transaction) -> None:
    """Enter two catalogs and the roles of their resources: Grantline's own groups, and one of SCIM."""
    for name in ("finance", "audit"):
        await tx.execute(
            insert(catalogs).values(
                id=fixed_id(name),
                display_name=name,
                description="",
                state="published",
                is_externally_visible=False,
                created_at=LONG_AGO,
                modified_at=LONG_AGO,
            )
        )
    await _enter_role(tx, PAYROLL.read, "finance", "AadGroup", READERS)
    await _enter_role(tx, PAYROLL.write, "finance", "AadGroup", WRITERS)
    await _enter_role(tx, PAYROLL.read_elsewhere, "audit", "AadGroup", READERS)
    await _enter_role(tx, PAYROLL.file_share, "finance", "Scim", Group(id="file-share", display_name="File share"))


async def hold(tx: Transaction, name: str, person: Person, *roles: str, at: datetime) -> Held:
    """Enter an assignment of a package with these roles, and owe its access."""
    await _enter_assignment(tx, name, person, at)
    return Held(fixed_id(name), await owe(tx, fixed_id(name), person.id, list(roles), at))


async def _enter_role(tx: Transaction, role_id: str, catalog: str, system: str, group: Group) -> None:
    await tx.execute(
        insert(resources).values(
            id=fixed_id(f"resource of {role_id}"),
            catalog_id=fixed_id(catalog),
            origin_system=system,
            origin_id=group.id,
            display_name=group.display_name,
            description="",
            root_scope_id=fixed_id(f"scope of {role_id}"),
            created_at=LONG_AGO,
            modified_at=LONG_AGO,
        )
    )
    await tx.execute(
        insert(resource_roles).values(
            id=role_id,
            resource_id=fixed_id(f"resource of {role_id}"),
            origin_system=system,
            origin_id=f"Member_{group.id}",
            display_name="Member",
            description="",
        )
    )


async def _enter_assignment(tx: Transaction, name: str, person: Person, at: datetime) -> None:
    package = fixed_id(f"package of {name}")
    await tx.execute(
        insert(packages).values(
            id=package,
            catalog_id=fixed_id("finance"),
            display_name=name,
            description="",
            is_hidden=False,
            created_at=at,
            modified_at=at,
        )
    )
    common = {
        "target_id": person.id,
        "package_id": package,
        "catalog_id": fixed_id("finance"),
        "policy_id": fixed_id("policy"),
        "status": "Delivering",
        "state": "delivering",
        "created_at": at,
    }
    await tx.execute(
        insert(requests).values(
            id=fixed_id(f"request of {name}"),
            type="adminAdd",
            requestor_id=person.id,
            schedule={},
            plan=UNCONDITIONAL,
            **common,
        )
    )
    await tx.execute(insert(assignments).values(id=fixed_id(name), request_id=fixed_id(f"request of {name}"), **common))
