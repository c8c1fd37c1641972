"""Administrators who change the same thing at the same instant: one wins, the other is told."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from grantline.errors import Conflict, GrantlineError, InUse, InvalidInput, NameTaken, NotFound
from grantline.model.policy import Policy, RequestorSettings, TargetScope
from grantline.model.subjects import GroupMembers, SingleUser, TargetManager
from grantline.persistence import audit
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database
from grantline.persistence.tables import policy_subjects
from grantline.services.configuration import catalogs as catalogs_configuration
from grantline.services.configuration import packages as packages_configuration
from grantline.services.configuration import policies as policies_configuration
from grantline.services.configuration.packages import RoleReference
from tests.cast import ADA, BOB, LEO, LONG_AGO, OWNERS, READERS

SYSTEMS = ("AadGroup",)


async def all_at_once(*doings: Awaitable[Any]) -> tuple[list[Any], list[GrantlineError]]:
    """Return what came of it, and the refusals."""
    outcomes = await asyncio.gather(*doings, return_exceptions=True)
    refusals = [one for one in outcomes if isinstance(one, GrantlineError)]
    successes = [one for one in outcomes if not isinstance(one, BaseException)]
    assert len(refusals) + len(successes) == len(outcomes), outcomes
    return successes, refusals


def kinds(refusals: Sequence[GrantlineError]) -> set[type[GrantlineError]]:
    return {type(refusal) for refusal in refusals}


async def a_package(db: Database) -> tuple[str, str]:
    catalog = await catalogs_configuration.create_catalog(db, ADA.id, display_name="Finance")
    package = await packages_configuration.create_package(db, ADA.id, catalog_id=catalog.id, display_name="Payroll")
    return catalog.id, package.id


def a_policy(package_id: str) -> Policy:
    return Policy(
        id="",
        package_id=package_id,
        display_name="Everybody",
        target_scope=TargetScope.ALL_MEMBERS,
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )


async def test_one_of_many_gets_the_name(database: Database) -> None:
    made, refused = await all_at_once(
        *(catalogs_configuration.create_catalog(database, ADA.id, display_name="Finance") for _ in range(4))
    )
    assert (len(made), len(refused), kinds(refused)) == (1, 3, {NameTaken})
    packages, refused = await all_at_once(
        *(
            packages_configuration.create_package(database, ADA.id, catalog_id=made[0].id, display_name="Payroll")
            for _ in range(4)
        )
    )
    assert (len(packages), len(refused), kinds(refused)) == (1, 3, {NameTaken})
    async with database.read() as tx:
        assert await audit.verify(tx) is None


async def test_a_resource_and_its_role_are_added_once(database: Database) -> None:
    catalog_id, package_id = await a_package(database)
    added, refused = await all_at_once(
        *(
            catalogs_configuration.add_resource(
                database,
                ADA.id,
                catalog_id=catalog_id,
                origin_system="aadgroup",
                origin_id=READERS.id,
                known_systems=SYSTEMS,
            )
            for _ in range(3)
        )
    )
    assert (len(added), kinds(refused)) == (1, {NameTaken})
    wanted = RoleReference(origin_id=f"Member_{READERS.id}", resource_id=added[0].resource.id)
    given, refused = await all_at_once(
        *(packages_configuration.add_role(database, ADA.id, package_id, wanted) for _ in range(3))
    )
    assert (len(given), kinds(refused)) == (1, {Conflict})


async def test_nothing_comes_into_what_is_being_deleted(database: Database) -> None:
    for _ in range(5):
        catalog_id, package_id = await a_package(database)
        made, refused = await all_at_once(
            packages_configuration.delete_package(database, ADA.id, package_id),
            policies_configuration.create_policy(database, ADA.id, a_policy(package_id)),
        )
        assert len(made) + len(refused) == 2
        assert kinds(refused) <= {InvalidInput}
        async with database.read() as tx:
            assert (await policy_store.policies_of(tx, [package_id]))[package_id] == []
        made, refused = await all_at_once(
            catalogs_configuration.delete_catalog(database, ADA.id, catalog_id),
            packages_configuration.create_package(database, ADA.id, catalog_id=catalog_id, display_name="Late"),
        )
        assert (len(made), len(refused)) == (1, 1)
        assert kinds(refused) <= {InvalidInput, InUse}
        for package in made:
            if package is not None:
                await packages_configuration.delete_package(database, ADA.id, package.id)
                await catalogs_configuration.delete_catalog(database, ADA.id, catalog_id)


async def test_a_role_does_not_go_into_a_package_while_its_resource_leaves(database: Database) -> None:
    catalog_id, package_id = await a_package(database)
    added = await catalogs_configuration.add_resource(
        database,
        ADA.id,
        catalog_id=catalog_id,
        origin_system="AadGroup",
        origin_id=READERS.id,
        known_systems=SYSTEMS,
    )
    wanted = RoleReference(origin_id=f"Member_{READERS.id}")
    made, refused = await all_at_once(
        packages_configuration.add_role(database, ADA.id, package_id, wanted),
        catalogs_configuration.remove_resource(database, ADA.id, catalog_id=catalog_id, resource_id=added.resource.id),
    )
    assert (len(made), len(refused)) == (1, 1)
    assert kinds(refused) <= {InUse, InvalidInput}


async def test_the_rows_about_people_follow_the_policy(database: Database) -> None:
    _, package_id = await a_package(database)
    behalf = RequestorSettings(
        self_add=True,
        on_behalf_add=True,
        on_behalf_requestors=(
            TargetManager(manager_level=1),
            TargetManager(manager_level=3),
            SingleUser(user_id=BOB.id),
        ),
    )
    targets = (SingleUser(user_id=LEO.id), GroupMembers(group_id=OWNERS.id), SingleUser(user_id=LEO.id))
    draft = replace(
        a_policy(package_id),
        target_scope=TargetScope.SPECIFIC,
        specific_allowed_targets=targets,
        requestor_settings=behalf,
    )
    policy = await policies_configuration.create_policy(database, None, draft)
    assert await rows(database) == {
        ("target", "singleUser", LEO.id, 0),
        ("target", "groupMembers", OWNERS.id, 0),
        ("self", "singleUser", LEO.id, 0),
        ("self", "groupMembers", OWNERS.id, 0),
        ("requestor", "targetManager", "", 3),
        ("requestor", "singleUser", BOB.id, 0),
    }
    await policies_configuration.replace_policy(database, None, policy.id, a_policy(""))
    assert await rows(database) == {("target", "everyone", "", 0)}
    await policies_configuration.delete_policy(database, None, policy.id)
    assert await rows(database) == set()
    _, refused = await all_at_once(policies_configuration.delete_policy(database, None, policy.id))
    assert kinds(refused) == {NotFound}


async def rows(db: Database) -> set[tuple[str, str, str, int]]:
    async with db.read() as tx:
        found = await tx.all(select(policy_subjects))
        assert await tx.scalar(select(func.count()).select_from(policy_subjects)) == len(found)
    return {(row.part, row.kind, row.subject_id, row.manager_level) for row in found}
