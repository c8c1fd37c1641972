"""The owners of Grantline's own groups. Everybody reads them; administrators change them."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Nothing, Number
from api.dependencies import Db, Follow, Query
from api.odata import present
from api.routes.groups import existing_group
from api.routes.me import reference, shown_users, unrolled
from api.wire.base import Guid, Reference, named_by_url
from api.wire.people import USER_DEFAULTS, UserOut
from api.wire.shapes import ReferenceOut
from grantline.persistence import listing, people
from grantline.persistence.links import GROUP_OWNERS
from grantline.services.directory import group_ownership

router = APIRouter(prefix="/groups/{group_id}/owners", tags=["groups"])


@router.get("")
@router.get("/graph.user")
async def owners(request: Request, group_id: Guid, db: Db, query: Query) -> Collection[UserOut]:
    """List who owns the group, and may be asked to approve what a package gives in it."""
    query = unrolled(query)
    async with db.read() as tx:
        await existing_group(tx, group_id)
        page = await GROUP_OWNERS.page(tx, group_id, query.listing())
        shown = await shown_users(tx, page.rows, query, is_typed=True)
    return present.collection(request, "directoryObjects", shown, page, query, defaults=USER_DEFAULTS)


@router.get("/$count")
async def count_owners(group_id: Guid, db: Db, query: Query) -> Number:
    """Count owners."""
    async with db.read() as tx:
        await existing_group(tx, group_id)
        count = await listing.count(tx, GROUP_OWNERS.select(group_id), people.FIELDS, query.listing())
    return present.number(count)


@router.get("/$ref")
async def owner_references(request: Request, group_id: Guid, db: Db, query: Query) -> Collection[ReferenceOut]:
    """List where owners are found."""
    async with db.read() as tx:
        await existing_group(tx, group_id)
        page = await GROUP_OWNERS.page(tx, group_id, query.listing())
    shown: list[ReferenceOut] = [{"@odata.id": reference(request, found)} for found in page.rows]
    return present.collection(request, "Collection($ref)", shown, page, query)


@router.post("/$ref", status_code=204)
async def add_owner(group_id: Guid, body: Reference, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Make a person an owner."""
    await group_ownership.add_owner(db, actor, group_id, body.id)
    await follow()
    return present.nothing()


@router.delete("/{person_id}/$ref", status_code=204)
async def remove_owner(group_id: Guid, person_id: Guid, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Take the ownership from a person."""
    await group_ownership.remove_owner(db, actor, group_id, person_id)
    await follow()
    return present.nothing()


@router.delete("/$ref", status_code=204)
async def remove_owner_by_url(
    group_id: Guid, actor: may.ChangeDirectory, db: Db, request: Request, follow: Follow
) -> Nothing:
    """Take the ownership from a person, named by `?@id=<url>`."""
    named = named_by_url(request.query_params, "Name the owner: /owners/{id}/$ref, or ?@id= with their URL.")
    await group_ownership.remove_owner(db, actor, group_id, named)
    await follow()
    return present.nothing()
