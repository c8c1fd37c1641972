"""The head of a large organisation finds packages as fast as anybody."""

from sqlalchemy import insert, select

from grantline.model.policy import Policy, RequestorSettings, TargetScope
from grantline.model.subjects import GroupMembers, SingleUser, SubjectSet, TargetManager
from grantline.persistence import packages as package_store
from grantline.persistence import policies as policy_store
from grantline.persistence import requestable
from grantline.persistence.database import Database, Transaction
from grantline.persistence.listing import ListQuery, page
from grantline.persistence.tables import catalogs, group_members, groups, packages, people
from tests.cast import LONG_AGO, fixed_id

PEOPLE, PACKAGES, GROUPS, SPAN = 3000, 300, 50, 8
MANAGERS = RequestorSettings(on_behalf_add=True, on_behalf_requestors=(TargetManager(manager_level=4),))


def person(number: int) -> str:
    return fixed_id(f"person {number}")


def group(number: int) -> str:
    return fixed_id(f"group {number}")


async def enter_organisation(tx: Transaction) -> None:
    rows = [
        {
            "id": person(number),
            "user_principal_name": f"u{number}",
            "user_key": f"u{number}",
            "display_name": f"U{number}",
            "account_enabled": True,
            "manager_id": person((number - 1) // SPAN) if number else None,
            "created_at": LONG_AGO,
            "modified_at": LONG_AGO,
        }
        for number in range(PEOPLE)
    ]
    await tx.execute(insert(people), rows)
    await tx.execute(
        insert(groups), [{"id": group(n), "display_name": f"G{n}", "created_at": LONG_AGO} for n in range(GROUPS)]
    )
    await tx.execute(
        insert(group_members),
        [{"group_id": group(n % GROUPS), "person_id": person(n), "added_at": LONG_AGO} for n in range(PEOPLE)],
    )


async def enter_packages(tx: Transaction) -> None:
    stamps = {"created_at": LONG_AGO, "modified_at": LONG_AGO}
    await tx.execute(
        insert(catalogs).values(
            id=fixed_id("all"),
            display_name="All",
            description="",
            state="published",
            is_externally_visible=False,
            **stamps,
        )
    )
    for number in range(PACKAGES):
        package_id = fixed_id(f"package {number}")
        await tx.execute(
            insert(packages).values(
                id=package_id,
                catalog_id=fixed_id("all"),
                display_name=f"{number:04}",
                description="",
                is_hidden=False,
                **stamps,
            )
        )
        scope, targets = scope_of(number)
        policy = Policy(
            id=fixed_id(f"policy {number}"),
            package_id=package_id,
            display_name="Managers",
            target_scope=scope,
            specific_allowed_targets=targets,
            requestor_settings=MANAGERS,
            created_at=LONG_AGO,
            modified_at=LONG_AGO,
        )
        await policy_store.insert_policy(tx, policy)


def scope_of(number: int) -> tuple[TargetScope, tuple[SubjectSet, ...]]:
    match number % 3:
        case 0:
            return TargetScope.ALL_MEMBERS, ()
        case 1:
            return TargetScope.SPECIFIC, (GroupMembers(group_id=group(number % GROUPS)),)
        case _:
            return TargetScope.SPECIFIC, (SingleUser(user_id=person(number)),)


async def test_the_head_of_thousands_finds_every_package(database: Database) -> None:
    async with database.write() as tx:
        await enter_organisation(tx)
        await enter_packages(tx)
    async with database.read() as tx:
        found = await page(
            tx,
            requestable.listed_packages(person(0)),
            package_store.PACKAGE_FIELDS,
            package_store.PACKAGE_KEY,
            ListQuery(top=PACKAGES, count=True),
        )
        seen = requestable.requestable_packages(person(0), within=fixed_id("package 1")).where(
            packages.c.id == fixed_id("package 1")
        )
        assert await tx.scalar(select(seen.exists()))
        # Everybody of the organisation is at most four steps below; package 2 is for one of them, as are its like.
        assert (len(found.rows), found.count) == (PACKAGES, PACKAGES)
        nobodys = await page(
            tx,
            requestable.listed_packages(person(PEOPLE - 1)),
            package_store.PACKAGE_FIELDS,
            package_store.PACKAGE_KEY,
            ListQuery(),
        )
        assert nobodys.rows == ()
