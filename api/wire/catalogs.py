"""accessPackageCatalog, accessPackageResource and what belongs to them, on the wire."""

from typing import Any

from pydantic.alias_generators import to_camel

from api.wire.base import Body, Guid, Name, Text, Truth
from api.wire.configuration_shapes import CatalogOut, ResourceOut, ResourceRequestOut, ResourceRoleOut, RootScopeOut
from api.wire.strict import ById, StrictBody, member, one_reference, refuse_members
from grantline.errors import InvalidInput, NotSupported
from grantline.model.catalog import Catalog, CatalogState, Resource, ResourceRole
from grantline.persistence.catalogs import ResourceRequest

CATALOG_TYPE = "userManaged"
ROOT_SCOPE = "Root"


class CatalogBody(StrictBody):
    """The body of POST and PATCH catalogs."""

    display_name: Name | None = None
    description: Text | None = None
    state: str | None = None
    is_externally_visible: Truth | None = None
    catalog_type: str | None = None
    access_packages: list[Any] | None = None
    custom_workflow_extensions: list[Any] | None = None
    resources: list[Any] | None = None
    resource_roles: list[Any] | None = None
    resource_scopes: list[Any] | None = None

    def read(self) -> dict[str, Any]:
        """Return the members given, as the configuration service takes them.

        Raises:
            InvalidInput: a member is null, or there is no such state.
            NotSupported: a catalog type other than userManaged, or objects inside.
        """
        inner = ("access_packages", "custom_workflow_extensions", "resources", "resource_roles", "resource_scopes")
        refuse_members("A catalog", {to_camel(name): getattr(self, name) for name in inner})
        if (self.catalog_type or CATALOG_TYPE).lower() != CATALOG_TYPE.lower():
            raise NotSupported(f"catalogType is always {CATALOG_TYPE} here; leave it out.", target="catalogType")
        given = {name: value for name, value in self.given().items() if name not in (*inner, "catalog_type")}
        if "state" in given:
            given["state"] = member(CatalogState, self.state, "state", default=CatalogState.PUBLISHED)
        return given


def catalog_out(catalog: Catalog) -> CatalogOut:
    """Show a catalog."""
    return {
        "id": catalog.id,
        "displayName": catalog.display_name,
        "description": catalog.description,
        "catalogType": CATALOG_TYPE,
        "state": catalog.state,
        "isExternallyVisible": catalog.is_externally_visible,
        "createdDateTime": catalog.created_at,
        "modifiedDateTime": catalog.modified_at,
    }


def resource_out(resource: Resource) -> ResourceOut:
    """Show a resource."""
    return {
        "id": resource.id,
        "displayName": resource.display_name,
        "description": resource.description,
        "originId": resource.origin_id,
        "originSystem": resource.origin_system,
        "createdDateTime": resource.created_at,
        "modifiedDateTime": resource.modified_at,
        "attributes": [],
    }


def role_out(role: ResourceRole) -> ResourceRoleOut:
    """Show a resource role."""
    return {
        "id": role.id,
        "displayName": role.display_name,
        "description": role.description or None,
        "originSystem": role.origin_system,
        "originId": role.origin_id,
    }


def root_scope_out(resource: Resource, root_scope_id: str) -> RootScopeOut:
    """Show the one scope that every resource has: the whole of it."""
    return {
        "id": root_scope_id,
        "displayName": ROOT_SCOPE,
        "description": "Root Scope",
        "originId": resource.origin_id,
        "originSystem": resource.origin_system,
        "isRootScope": True,
    }


class ResourceBody(Body):
    """A resource inside a body, as it was read; only what tells which one is meant counts."""

    id: Guid | None = None
    origin_id: Name | None = None
    origin_system: Name | None = None
    display_name: Name | None = None
    description: Text | None = None
    attributes: list[Any] | None = None


class ResourceRequestBody(Body):
    """The body of POST resourceRequests."""

    request_type: str | None = None
    resource: ResourceBody | None = None
    catalog: ById | None = None
    catalog_id: Guid | None = None

    def is_removal(self) -> bool:
        """Tell additions from removals.

        Raises:
            InvalidInput: neither.
            NotSupported: an update of attributes.
        """
        kind = (self.request_type or "").lower()
        if kind == "adminupdate":
            raise NotSupported("Resources have no attributes here; use adminRemove and adminAdd.", target="requestType")
        if kind not in {"adminadd", "adminremove"}:
            raise InvalidInput(
                f"requestType is adminAdd or adminRemove, not {(self.request_type or '')[:80]!r}.",
                target="requestType",
            )
        return kind == "adminremove"

    def read_add(self) -> dict[str, Any]:
        """Return what is added to which catalog."""
        resource = self.resource or ResourceBody()
        refuse_members("A resource", {"attributes": resource.attributes})
        if resource.origin_id is None or resource.origin_system is None:
            raise InvalidInput(
                "adminAdd needs resource.originSystem and resource.originId, such as AadGroup and the group's id.",
                target="resource/originSystem" if resource.origin_system is None else "resource/originId",
            )
        return {
            "catalog_id": self._catalog(),
            "origin_system": resource.origin_system,
            "origin_id": resource.origin_id,
            "display_name": resource.display_name,
            "description": resource.description,
        }

    def read_remove(self) -> dict[str, Any]:
        """Return which resource is taken out of which catalog."""
        if self.resource is None or self.resource.id is None:
            raise InvalidInput("adminRemove needs resource.id, the resource's id in the catalog.", target="resource/id")
        return {"catalog_id": self._catalog(), "resource_id": self.resource.id}

    def _catalog(self) -> str:
        catalog_id = one_reference("catalog", self.catalog_id, self.catalog)
        if catalog_id is None:
            raise InvalidInput("Name the catalog: catalog.id.", target="catalog/id")
        return catalog_id


def resource_request_out(request: ResourceRequest) -> ResourceRequestOut:
    """Show an addition or removal."""
    return {
        "id": request.id,
        "requestType": request.type,
        "state": request.state,
        "createdDateTime": request.created_at,
    }
