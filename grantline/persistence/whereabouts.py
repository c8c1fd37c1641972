"""In which catalog something lies. Nothing ever moves to another, so the answer holds."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, select

from grantline.persistence.database import Transaction
from grantline.persistence.tables import (
    catalogs,
    grants,
    packages,
    policies,
    resource_requests,
    resource_roles,
    resources,
)


class Noun(StrEnum):
    """What lies in a catalog, as messages call it."""

    CATALOG = "catalog"
    PACKAGE = "access package"
    POLICY = "assignment policy"
    RESOURCE = "resource"
    RESOURCE_REQUEST = "resource request"
    GRANT = "grant"


_WANTED = bindparam("wanted")
_CATALOG_OF: Mapping[Noun, Select[Any]] = {
    Noun.CATALOG: select(catalogs.c.id).where(catalogs.c.id == _WANTED, catalogs.c.deleted_at.is_(None)),
    Noun.PACKAGE: select(packages.c.catalog_id).where(packages.c.id == _WANTED, packages.c.deleted_at.is_(None)),
    Noun.POLICY: select(packages.c.catalog_id)
    .join(policies, policies.c.package_id == packages.c.id)
    .where(policies.c.id == _WANTED),
    Noun.RESOURCE: select(resources.c.catalog_id).where(resources.c.id == _WANTED),
    Noun.GRANT: select(resources.c.catalog_id)
    .join(resource_roles, resource_roles.c.resource_id == resources.c.id)
    .join(grants, grants.c.role_id == resource_roles.c.id)
    .where(grants.c.id == _WANTED),
    Noun.RESOURCE_REQUEST: select(resource_requests.c.catalog_id).where(resource_requests.c.id == _WANTED),
}


async def catalog_of(tx: Transaction, noun: Noun, object_id: str) -> str | None:
    """Return the catalog in which something lies; None when there is no such thing."""
    return await tx.scalar(_CATALOG_OF[noun], {"wanted": object_id})
