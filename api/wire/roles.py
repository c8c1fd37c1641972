"""Delegated roles on the wire: Graph's unifiedRoleDefinition and unifiedRoleAssignment."""

from typing import NotRequired

from typing_extensions import TypedDict

from api.wire.base import Body, Text
from api.wire.people import GroupOut, UserOut, group, user
from api.wire.shapes import Typed
from grantline.errors import InvalidInput
from grantline.model.person import APPLICATION, actor_id
from grantline.model.roles import DEFINITIONS, Role, RoleAssignment
from grantline.persistence.groups import GroupRow
from grantline.persistence.people import Profile
from grantline.persistence.roles import IN_CATALOG, TENANT

Principals = dict[str, Profile | GroupRow]
"""Whoever is in the directory of those who hold roles, by id."""

_BY_ID = {definition.id: role for role, definition in DEFINITIONS.items()}


class RoleAssignmentBody(Body):
    """The body of POST roleAssignments."""

    principal_id: Text
    role_definition_id: Text
    app_scope_id: Text | None = None
    directory_scope_id: Text | None = None

    def role(self) -> Role:
        """Return which role, or raise that there is no such one."""
        found = _BY_ID.get(self.role_definition_id.lower())
        if found is None:
            known = ", ".join(f"{one.id} ({one.display_name})" for one in DEFINITIONS.values())
            raise InvalidInput(
                f"There is no role definition {self.role_definition_id!r}; there are {known}.",
                target="roleDefinitionId",
            )
        return found

    def catalog_id(self) -> str | None:
        """Return in which catalog, None for everywhere; or raise that no scope is written like this."""
        if self.directory_scope_id not in {None, TENANT}:
            raise InvalidInput(
                f"directoryScopeId is {TENANT!r} or left out; the catalog stands in appScopeId.",
                target="directoryScopeId",
            )
        scope = self.app_scope_id
        if scope is None or scope == TENANT:
            return None
        if not scope.lower().startswith(IN_CATALOG.lower()):
            raise InvalidInput(
                f"appScopeId is {TENANT!r}, or '{IN_CATALOG}' and a catalog's id, not {scope!r}.", target="appScopeId"
            )
        return scope[len(IN_CATALOG) :].lower()

    def principal(self) -> str:
        """Return who is to hold it, as the record has their id."""
        return actor_id(self.principal_id)


class RoleDefinitionOut(TypedDict):
    """A role that can be assigned."""

    id: str
    templateId: str
    displayName: str
    description: str
    isBuiltIn: bool
    isEnabled: bool
    version: str
    rolePermissions: list[str]


class ApplicationOut(Typed):
    """An application that holds a role; it is known by its id alone."""

    id: str
    appId: str


class RoleAssignmentOut(TypedDict):
    """A role as it is assigned; the principal is null where whoever holds it left the directory."""

    id: str
    principalId: str
    roleDefinitionId: str
    directoryScopeId: str
    appScopeId: str
    principal: NotRequired[UserOut | GroupOut | ApplicationOut | None]
    roleDefinition: NotRequired[RoleDefinitionOut]


def definition_out(role: Role) -> RoleDefinitionOut:
    """Show a role that can be assigned."""
    definition = DEFINITIONS[role]
    return {
        "id": definition.id,
        "templateId": definition.id,
        "displayName": definition.display_name,
        "description": definition.description,
        "isBuiltIn": True,
        "isEnabled": True,
        "version": "1.0",
        "rolePermissions": [],
    }


def assignment_out(one: RoleAssignment) -> RoleAssignmentOut:
    """Show a role as it is assigned."""
    return {
        "id": one.id,
        "principalId": one.principal_id,
        "roleDefinitionId": DEFINITIONS[one.role].id,
        "directoryScopeId": TENANT,
        "appScopeId": f"{IN_CATALOG}{one.catalog_id}" if one.catalog_id else TENANT,
    }


def principal_out(one: RoleAssignment, known: Principals) -> UserOut | GroupOut | ApplicationOut | None:
    """Show who holds it; an application is known by its id alone."""
    found = known.get(one.principal_id)
    if one.principal_id.startswith(APPLICATION):
        app_id = one.principal_id.removeprefix(APPLICATION)
        return {"@odata.type": "#microsoft.graph.servicePrincipal", "id": one.principal_id, "appId": app_id}
    if found is None:
        return None
    if isinstance(found, Profile):
        return user(found, is_typed=True)
    return group(*found, is_typed=True)
