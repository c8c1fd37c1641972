"""The people of every story, and the packages they ask for.

Max ── Mia ── Leo        Mia manages Leo, Max manages Mia
Bob, Bea                 approve; both are in the group "payroll owners"
Cy                       security
Eve                      nobody's business
Ada                      administrator
Dan                      left; his account is disabled, Mia was his manager
"""

from datetime import UTC, datetime
from uuid import NAMESPACE_DNS, uuid5

from sqlalchemy import insert

from grantline.model.person import Actor, Group, Person
from grantline.persistence.database import Transaction
from grantline.persistence.tables import group_members, groups, people

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def fixed_id(name: str) -> str:
    """Return the same GUID for the same name, always."""
    return str(uuid5(NAMESPACE_DNS, f"{name}.cast.grantline.test"))


def _person(name: str, surname: str, manager: str | None = None, *, enabled: bool = True, title: str = "") -> Person:
    return Person(
        id=fixed_id(name),
        user_principal_name=f"{name}@grantline.test",
        display_name=f"{name.capitalize()} {surname}",
        mail=f"{name}.{surname.lower()}@grantline.test",
        job_title=title or None,
        department="Stories",
        employee_id=f"E-{name}",
        account_enabled=enabled,
        manager_id=fixed_id(manager) if manager else None,
    )


MAX = _person("max", "Moor", title="Director")
MIA = _person("mia", "Lind", "max", title="Team lead")
LEO = _person("leo", "Park", "mia", title="Analyst")
BOB = _person("bob", "Stone", "max")
BEA = _person("bea", "Hart", "max")
CY = _person("cy", "Frost", "max")
EVE = _person("eve", "Wolf")
ADA = _person("ada", "King")
DAN = _person("dan", "Gone", "mia", enabled=False)
CAST = (MAX, MIA, LEO, BOB, BEA, CY, EVE, ADA, DAN)

OWNERS = Group(id=fixed_id("payroll-owners"), display_name="Payroll owners")
READERS = Group(id=fixed_id("payroll-readers"), display_name="Payroll readers")
WRITERS = Group(id=fixed_id("payroll-writers"), display_name="Payroll writers")


def acting(person: Person) -> Actor:
    """Return the person as an actor; Ada is the administrator."""
    return Actor(person=person, is_administrator=person is ADA)


async def enter(tx: Transaction) -> None:
    """Put everybody on the stage: the cast, and three groups of which only the owners' has members."""
    await tx.execute(
        insert(people),
        [
            {
                "id": p.id,
                "user_principal_name": p.user_principal_name,
                "user_key": p.user_principal_name.lower(),
                "display_name": p.display_name,
                "mail": p.mail,
                "mail_key": p.mail.lower() if p.mail else None,
                "job_title": p.job_title,
                "department": p.department,
                "employee_id": p.employee_id,
                "account_enabled": p.account_enabled,
                "manager_id": p.manager_id,
                "created_at": LONG_AGO,
                "modified_at": LONG_AGO,
            }
            for p in CAST
        ],
    )
    await tx.execute(
        insert(groups),
        [{"id": g.id, "display_name": g.display_name, "created_at": LONG_AGO} for g in (OWNERS, READERS, WRITERS)],
    )
    await tx.execute(
        insert(group_members),
        [{"group_id": OWNERS.id, "person_id": p.id, "added_at": LONG_AGO} for p in (BOB, BEA)],
    )
