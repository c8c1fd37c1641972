"""Catalogs, and the resources and roles in them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

OWN_GROUPS = "AadGroup"
"""The origin system of Grantline's own groups; the wire knows them under Entra's name."""

SCIM = "Scim"
"""The origin system of what is at a SCIM service."""


class CatalogState(StrEnum):
    """Only packages of published catalogs can be requested."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Container and delegation boundary of packages and resources."""

    id: str
    display_name: str
    description: str = ""
    state: CatalogState = CatalogState.PUBLISHED
    is_externally_visible: bool = False
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something in a target system that belongs to a catalog.

    `origin_system` names the connector (`AadGroup` for Grantline's own groups,
    `Scim` …), `origin_id` the thing in that system's own words.
    """

    id: str
    catalog_id: str
    origin_system: str
    origin_id: str
    display_name: str
    description: str = ""
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRole:
    """One thing one can be in a resource, such as its member.

    `origin_id` is what the connector understands, `Member_<group id>` for a group.
    """

    id: str
    resource_id: str
    origin_system: str
    origin_id: str
    display_name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPackage:
    """A bundle of resource roles that is requested, approved and held as one; once retired, by nobody any more."""

    id: str
    catalog_id: str
    display_name: str
    description: str = ""
    is_hidden: bool = False
    created_at: datetime
    modified_at: datetime
    retired_at: datetime | None = None
