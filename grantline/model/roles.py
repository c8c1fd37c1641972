"""The roles that are delegated, who holds them, and where; their ids are Microsoft Graph's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What one can be beside what a request makes of one. All but the first two are held in one catalog."""

    ADMINISTRATOR = "identityGovernanceAdministrator"
    CATALOG_CREATOR = "catalogCreator"
    CATALOG_OWNER = "catalogOwner"
    CATALOG_READER = "catalogReader"
    PACKAGE_MANAGER = "accessPackageManager"
    ASSIGNMENT_MANAGER = "accessPackageAssignmentManager"


class PrincipalKind(StrEnum):
    """Who can hold a role. Of a group, each of its members does."""

    PERSON = "person"
    GROUP = "group"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Held:
    """A role as one person or application holds it, directly or by a group; without a catalog, everywhere."""

    role: Role
    catalog_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """A role as it was assigned. `principal_id` of an application is its actor's id."""

    id: str
    role: Role
    principal_kind: PrincipalKind
    principal_id: str
    catalog_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role that can be assigned, as Graph describes it."""

    id: str
    display_name: str
    description: str


DEFINITIONS: Mapping[Role, RoleDefinition] = {
    Role.CATALOG_CREATOR: RoleDefinition(
        id="ba92d953-d8e0-4e39-a797-0cbedb0a89e8",
        display_name="Catalog creator",
        description="Makes catalogs, and owns those.",
    ),
    Role.CATALOG_OWNER: RoleDefinition(
        id="ae79f266-94d4-4dab-b730-feca7e132178",
        display_name="Catalog owner",
        description="Does everything in a catalog, and says who else does what in it.",
    ),
    Role.CATALOG_READER: RoleDefinition(
        id="44272f93-9762-48e8-af59-1b5351b1d6b3",
        display_name="Catalog reader",
        description="Sees what is in a catalog.",
    ),
    Role.PACKAGE_MANAGER: RoleDefinition(
        id="7f480852-ebdc-47d4-87de-0d8498384a83",
        display_name="Access package manager",
        description="Keeps the access packages and policies of a catalog, and who is assigned.",
    ),
    Role.ASSIGNMENT_MANAGER: RoleDefinition(
        id="e2182095-804a-4656-ae11-64734e9b7ae5",
        display_name="Access package assignment manager",
        description="Assigns the access packages of a catalog, under the policies they have.",
    ),
}
"""Every role that can be assigned; administrators are named in the settings."""

NAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "Identity Governance Administrator",
    **{role: definition.display_name for role, definition in DEFINITIONS.items()},
}
