"""Grantline's own groups and who is in them. Everybody reads; administrators change."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Follow, Key, SearchQuery
from api.odata import present
from api.routes.me import reference, shown_users, unrolled
from api.wire.base import Guid, Reference, named_by_url
from api.wire.people import USER_DEFAULTS, GroupChange, GroupOut, NewGroup, UserOut, group
from api.wire.shapes import ReferenceOut
from grantline.errors import NotFound
from grantline.model.person import Group
from grantline.persistence import groups, listing, people
from grantline.persistence.database import Transaction
from grantline.persistence.groups import GroupRow
from grantline.services.directory import people_and_groups as directory
from grantline.services.once import once

router = APIRouter(prefix="/groups", tags=["groups"])


@router.get("")
async def list_groups(request: Request, db: Db, query: SearchQuery) -> Collection[GroupOut]:
    """List groups by name, a page at a time."""
    query.allow_expand()
    async with db.read() as tx:
        page = await groups.page(tx, groups.all_groups(), query.listing())
    return present.collection(request, "groups", [group(*found) for found in page.rows], page, query)


@router.get("/$count")
async def count_groups(db: Db, query: SearchQuery) -> Number:
    """Count groups."""
    async with db.read() as tx:
        return present.number(await listing.count(tx, groups.all_groups(), groups.FIELDS, query.listing()))


@router.post("", status_code=201)
async def create_group(
    request: Request, body: NewGroup, actor: may.ChangeDirectory, db: Db, key: Key
) -> Entity[GroupOut]:
    """Add a group."""
    created = await once(db, actor.id, key, lambda own: directory.create_group(own, actor, body.fields()), _group)
    async with db.read() as tx:
        found = await existing_group(tx, created.id)
    return present.entity(request, "groups", group(*found), status=201, location=f"/v1.0/groups/{created.id}")


@router.get("/{group_id}")
async def one_group(request: Request, group_id: Guid, db: Db, query: EntityQuery) -> Entity[GroupOut]:
    """Show a group."""
    query.allow_expand()
    async with db.read() as tx:
        found = await existing_group(tx, group_id)
    return present.entity(request, "groups", group(*found), query)


@router.patch("/{group_id}", status_code=204)
async def change_group(group_id: Guid, body: GroupChange, actor: may.ChangeDirectory, db: Db) -> Nothing:
    """Change what is said of a group."""
    await directory.change_group(db, actor, group_id, body.fields())
    return present.nothing()


@router.delete("/{group_id}", status_code=204)
async def delete_group(group_id: Guid, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Delete a group that nothing refers to."""
    await directory.delete_group(db, actor, group_id)
    await follow()
    return present.nothing()


@router.get("/{group_id}/members/$count")
@router.get("/{group_id}/transitiveMembers/$count")
async def count_members(group_id: Guid, db: Db, query: SearchQuery) -> Number:
    """Count members."""
    async with db.read() as tx:
        await existing_group(tx, group_id)
        return present.number(await listing.count(tx, people.members_of(group_id), people.FIELDS, query.listing()))


@router.get("/{group_id}/members")
@router.get("/{group_id}/members/graph.user")
@router.get("/{group_id}/transitiveMembers")
@router.get("/{group_id}/transitiveMembers/graph.user")
async def members(request: Request, group_id: Guid, db: Db, query: SearchQuery) -> Collection[UserOut]:
    """List members. Groups hold no groups here, so transitively it is the same."""
    query = unrolled(query)
    async with db.read() as tx:
        await existing_group(tx, group_id)
        page = await people.members_page(tx, group_id, query.listing())
        shown = await shown_users(tx, page.rows, query, is_typed=True)
    return present.collection(request, "directoryObjects", shown, page, query, defaults=USER_DEFAULTS)


@router.get("/{group_id}/members/$ref")
async def member_references(request: Request, group_id: Guid, db: Db, query: SearchQuery) -> Collection[ReferenceOut]:
    """List where members are found."""
    async with db.read() as tx:
        await existing_group(tx, group_id)
        page = await people.members_page(tx, group_id, query.listing())
    shown: list[ReferenceOut] = [{"@odata.id": reference(request, found)} for found in page.rows]
    return present.collection(request, "Collection($ref)", shown, page, query)


@router.post("/{group_id}/members/$ref", status_code=204)
async def add_member(group_id: Guid, body: Reference, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Put a person into the group."""
    await directory.add_member(db, actor, group_id, body.id)
    await follow()
    return present.nothing()


@router.delete("/{group_id}/members/{person_id}/$ref", status_code=204)
async def remove_member(group_id: Guid, person_id: Guid, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Take a person out of the group."""
    await directory.remove_member(db, actor, group_id, person_id)
    await follow()
    return present.nothing()


@router.delete("/{group_id}/members/$ref", status_code=204)
async def remove_member_by_url(
    group_id: Guid, actor: may.ChangeDirectory, db: Db, request: Request, follow: Follow
) -> Nothing:
    """Take a person out of the group, named by `?@id=<url>`."""
    named = named_by_url(request.query_params, "Name the member: /members/{id}/$ref, or ?@id= with their URL.")
    await directory.remove_member(db, actor, group_id, named)
    await follow()
    return present.nothing()


async def _group(tx: Transaction, group_id: str) -> Group | None:
    found = await groups.by_id(tx, group_id)
    return found[0] if found else None


async def existing_group(tx: Transaction, group_id: str) -> GroupRow:
    """Return a group, or raise that there is none."""
    found = await groups.by_id(tx, group_id)
    if found is None:
        raise NotFound(f"There is no group {group_id!r}.")
    return found
