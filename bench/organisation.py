"""The people of the load: managers with reports, one approver, one package with one stage and one role."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from grantline.ambient import new_id, utc_now
from grantline.issuer import DevelopmentIssuer
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, Expiration, Policy, RequestorSettings, StageSettings, TargetScope
from grantline.model.subjects import SingleUser, TargetManager
from grantline.persistence.database import Database
from grantline.persistence.tables import groups, people
from grantline.services.configuration import catalogs as catalogs_configuration
from grantline.services.configuration import packages as packages_configuration
from grantline.services.configuration import policies as policies_configuration

MANAGERS = 20


@dataclass(frozen=True)
class Report:
    """Somebody whose manager asks."""

    id: str
    manager_token: str


@dataclass(frozen=True)
class Organisation:
    """Who asks for whom, who decides, and what is asked for."""

    reports: list[Report]
    approver_id: str
    approver_token: str
    administrator_token: str
    package_id: str
    policy_id: str
    group_id: str


ADMINISTRATOR = "root@load.test"


async def found(database: Database, home: Path, *, reports: int) -> Organisation:
    """Enter an organisation of `reports` people under twenty managers into a migrated database."""
    issuer = DevelopmentIssuer(home)
    administrator, approver = _person("root"), _person("approver")
    managers = [_person(f"manager{number}") for number in range(MANAGERS)]
    staff = [_person(f"report{number}", managers[number % MANAGERS].id) for number in range(reports)]
    group_id = new_id()
    async with database.write() as tx:
        everybody = [administrator, approver, *managers, *staff]
        await tx.execute(insert(people), [_row(person) for person in everybody])
        await tx.execute(insert(groups).values(id=group_id, display_name="Load", created_at=utc_now()))
    package_id = await _package(database, administrator.id, group_id)
    policy = await policies_configuration.create_policy(database, administrator.id, _policy(package_id, approver.id))
    tokens = {manager.id: issuer.token(manager) for manager in managers}
    return Organisation(
        reports=[Report(id=person.id, manager_token=tokens[person.manager_id or ""]) for person in staff],
        approver_id=approver.id,
        approver_token=issuer.token(approver),
        administrator_token=issuer.token(administrator),
        package_id=package_id,
        policy_id=policy.id,
        group_id=group_id,
    )


async def _package(database: Database, administrator_id: str, group_id: str) -> str:
    catalog = await catalogs_configuration.create_catalog(database, administrator_id, display_name="Load")
    added = await catalogs_configuration.add_resource(
        database,
        administrator_id,
        catalog_id=catalog.id,
        origin_system="AadGroup",
        origin_id=group_id,
        known_systems={"AadGroup"},
    )
    package = await packages_configuration.create_package(
        database, administrator_id, catalog_id=catalog.id, display_name="Load"
    )
    role = packages_configuration.RoleReference(
        origin_system="AadGroup", origin_id=f"Member_{group_id}", resource_id=added.resource.id
    )
    await packages_configuration.add_role(database, administrator_id, package.id, role)
    return package.id


def _policy(package_id: str, approver_id: str) -> Policy:
    now = utc_now()
    stage = StageSettings(deadline=timedelta(days=14), primary_approvers=(SingleUser(user_id=approver_id),))
    return Policy(
        id=new_id(),
        package_id=package_id,
        display_name="Load",
        target_scope=TargetScope.ALL_MEMBERS,
        requestor_settings=RequestorSettings(
            allow_custom_schedule=True,
            on_behalf_add=True,
            on_behalf_remove=True,
            on_behalf_requestors=(TargetManager(manager_level=1),),
        ),
        approval_settings=ApprovalSettings(
            is_required_for_add=True, is_requestor_justification_required=True, stages=(stage,)
        ),
        expiration=Expiration(),
        created_at=now,
        modified_at=now,
    )


def _person(name: str, manager_id: str | None = None) -> Person:
    return Person(
        id=new_id(), user_principal_name=f"{name}@load.test", display_name=name.capitalize(), manager_id=manager_id
    )


def _row(person: Person) -> dict[str, object]:
    now = utc_now()
    return {
        "id": person.id,
        "user_principal_name": person.user_principal_name,
        "user_key": person.user_principal_name.lower(),
        "display_name": person.display_name,
        "account_enabled": True,
        "manager_id": person.manager_id,
        "created_at": now,
        "modified_at": now,
    }
