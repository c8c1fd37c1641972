"""Resources come into a catalog and leave it by whoever owns the catalog and controls the resource as well (EF-006).

A group of Grantline's own is controlled by its owners. Of other target systems
it is not known here who controls what, so administrators alone bring it in;
else whoever owns a catalog could give themselves anything.
"""

from collections.abc import Collection, Mapping
from typing import Any

from grantline.errors import NotAllowed
from grantline.model.catalog import OWN_GROUPS
from grantline.model.person import Actor
from grantline.persistence import catalogs as store
from grantline.persistence import groups
from grantline.persistence.catalogs import ResourceRequest
from grantline.persistence.database import Database
from grantline.persistence.links import GROUP_OWNERS
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, realm
from grantline.services.authority import require_named
from grantline.services.configuration import catalogs as configure


async def add(
    db: Database, actor: Actor, wanted: Mapping[str, Any], *, known_systems: Collection[str]
) -> ResourceRequest:
    """Bring a resource into a catalog, as `catalogs_configuration.add_resource` does.

    Raises:
        InvalidInput: there is no such catalog for the actor.
        NotAllowed: they do not own the catalog, or do not control the resource.
    """
    await _require_catalog(db, actor, wanted["catalog_id"])
    await _require_control(db, actor, wanted["origin_system"], wanted["origin_id"])
    return await configure.add_resource(db, actor.id, known_systems=known_systems, **wanted)


async def remove(db: Database, actor: Actor, wanted: Mapping[str, Any]) -> ResourceRequest:
    """Take a resource out of a catalog, as `catalogs_configuration.remove_resource` does.

    Raises:
        InvalidInput: there is no such catalog for the actor.
        NotAllowed: they do not own the catalog, or do not control the resource.
    """
    await _require_catalog(db, actor, wanted["catalog_id"])
    async with db.read() as tx:
        found = await store.resource(tx, wanted["catalog_id"], resource_id=wanted["resource_id"])
    if found is not None:
        await _require_control(db, actor, found[0].origin_system, found[0].origin_id)
    return await configure.remove_resource(db, actor.id, **wanted)


async def _require_catalog(db: Database, actor: Actor, catalog_id: str) -> None:
    await require_named(db, actor, Task.CHANGE_RESOURCES, (Noun.CATALOG, catalog_id), target="catalog/id")


async def _require_control(db: Database, actor: Actor, system: str, origin_id: str) -> None:
    if realm(actor, Task.CHANGE_RESOURCES).is_everything:
        return
    if system.lower() != OWN_GROUPS.lower():
        raise NotAllowed(
            f"Who controls {system} {origin_id} is not known here; an administrator brings it into a catalog or takes "
            "it out.",
            target="resource/originSystem",
        )
    async with db.read() as tx:
        if not await GROUP_OWNERS.has(tx, origin_id, actor.id):
            found = await groups.by_id(tx, origin_id)
            name = found[0].display_name if found else origin_id
            raise NotAllowed(
                f"{actor.person} does not own the group {name}; one of its owners who owns the catalog too, or an "
                "administrator, brings it into a catalog or takes it out.",
                target="resource/originId",
            )
