"""Put the fictional company on record, once, through the same doors as a real one."""

from datetime import datetime
from importlib.resources import files

from sqlalchemy import func, insert, select

from grantline.ambient import utc_now
from grantline.connectors.base import member_role
from grantline.model.catalog import OWN_GROUPS, AccessPackage, Catalog, Resource, ResourceRole
from grantline.model.person import Group
from grantline.model.policy import Policy
from grantline.persistence import catalogs as catalog_records
from grantline.persistence import packages as package_records
from grantline.persistence import policies as policy_records
from grantline.persistence.database import Database, Transaction
from grantline.persistence.tables import catalogs, group_members, groups, people
from grantline.sample.organisation import CATALOGS, DOMAIN, GROUPS, PACKAGES, SamplePackage, person_id, sample_id
from grantline.services.configuration.changes import record_created
from grantline.services.directory.people_import import import_people

PEOPLE_FILE = "people.csv"


async def seed(db: Database) -> bool:
    """Put the sample on record, and tell whether anything was missing.

    A directory that has people of its own is left alone. So is a sample whose
    people or packages were changed or deleted since.
    """
    async with db.read() as tx:
        count = await tx.scalar(select(func.count()).select_from(people))
        is_ours = await tx.first(select(people.c.id).where(people.c.id == _person("nora.falk"))) is not None
        first_catalog = sample_id("catalog", next(iter(CATALOGS)))
        is_complete = await tx.first(select(catalogs.c.id).where(catalogs.c.id == first_catalog)) is not None
    if (count and not is_ours) or is_complete:
        return False
    if not count:
        file = files("grantline.sample").joinpath(PEOPLE_FILE).read_bytes()
        report = await import_people(
            db,
            file.splitlines(keepends=True),
            name=f"sample {PEOPLE_FILE}",
            id_for=lambda line: person_id(line.user_name),
        )
        if report.faults:
            raise AssertionError(f"the sample's people have faults: {report.faults} (this is a bug)")
    async with db.write() as tx:
        await _configure(tx, utc_now())
    return True


async def _configure(tx: Transaction, at: datetime) -> None:
    for sample in GROUPS:
        group = Group(id=sample_id("group", sample.name), display_name=sample.name, description=sample.description)
        await tx.execute(
            insert(groups).values(
                id=group.id, display_name=group.display_name, description=group.description, created_at=at
            )
        )
        record_created(tx, None, "group", group)
        members = [{"group_id": group.id, "person_id": _person(name), "added_at": at} for name in sample.members]
        if members:
            await tx.execute(insert(group_members), members)
    for name, description in CATALOGS.items():
        catalog = Catalog(
            id=sample_id("catalog", name), display_name=name, description=description, created_at=at, modified_at=at
        )
        await catalog_records.insert_catalog(tx, catalog)
        record_created(tx, None, "catalog", catalog)
    for catalog_name, group_name in dict.fromkeys((p.catalog, name) for p in PACKAGES for name in p.groups):
        await _add_resource(tx, catalog_name, group_name, at)
    for sample in PACKAGES:
        await _add_package(tx, sample, at)


async def _add_resource(tx: Transaction, catalog_name: str, group_name: str, at: datetime) -> None:
    group_id = sample_id("group", group_name)
    resource = Resource(
        id=sample_id("resource", f"{catalog_name}/{group_name}"),
        catalog_id=sample_id("catalog", catalog_name),
        origin_system=OWN_GROUPS,
        origin_id=group_id,
        display_name=group_name,
        description=next(group.description for group in GROUPS if group.name == group_name),
        created_at=at,
        modified_at=at,
    )
    member = member_role(group_id)
    role = ResourceRole(
        id=_role_id(catalog_name, group_name),
        resource_id=resource.id,
        origin_system=OWN_GROUPS,
        origin_id=member.origin_id,
        display_name=member.display_name,
        description=member.description,
    )
    scope_id = sample_id("scope", f"{catalog_name}/{group_name}")
    await catalog_records.insert_resource(tx, resource, scope_id, [role])
    record_created(tx, None, "resource", resource)


async def _add_package(tx: Transaction, sample: SamplePackage, at: datetime) -> None:
    package = AccessPackage(
        id=sample_id("package", sample.name),
        catalog_id=sample_id("catalog", sample.catalog),
        display_name=sample.name,
        description=sample.description,
        is_hidden=sample.is_hidden,
        created_at=at,
        modified_at=at,
    )
    await package_records.insert_package(tx, package)
    record_created(tx, None, "accessPackage", package)
    for group_name in sample.groups:
        await package_records.insert_role(tx, package.id, _role_id(sample.catalog, group_name), at)
    for terms in sample.policies:
        policy = Policy(
            id=sample_id("policy", f"{sample.name}/{terms.name}"),
            package_id=package.id,
            display_name=terms.name,
            target_scope=terms.scope,
            specific_allowed_targets=terms.targets,
            requestor_settings=terms.requestors,
            approval_settings=terms.approval,
            expiration=terms.expiration,
            created_at=at,
            modified_at=at,
        )
        await policy_records.insert_policy(tx, policy)
        record_created(tx, None, "policy", policy)


def _person(name: str) -> str:
    return person_id(f"{name}@{DOMAIN}")


def _role_id(catalog_name: str, group_name: str) -> str:
    return sample_id("role", f"{catalog_name}/{group_name}")
