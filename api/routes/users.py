"""The set of users. Everybody reads it; administrators change it."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, Follow, Key, ODataQuery, SearchQuery
from api.odata import present
from api.routes.me import Whose, shown_users, unrolled
from api.wire.base import Reference
from api.wire.people import USER_DEFAULTS, NewUser, UserChange, UserOut, user
from grantline.errors import InvalidInput
from grantline.persistence import listing, people
from grantline.services.directory import people_and_groups as directory
from grantline.services.once import once

router = APIRouter(tags=["users"])


@router.get("/users")
async def list_users(request: Request, db: Db, query: SearchQuery) -> Collection[UserOut]:
    """List users by name, a page at a time."""
    query = unrolled(_without_skip(query))
    async with db.read() as tx:
        page = await people.page(tx, query.listing())
        shown = await shown_users(tx, page.rows, query)
    return present.collection(request, "users", shown, page, query, defaults=USER_DEFAULTS)


@router.get("/users/$count")
async def count_users(db: Db, query: SearchQuery) -> Number:
    """Count users."""
    async with db.read() as tx:
        return present.number(await listing.count(tx, people.everybody(), people.FIELDS, query.listing()))


@router.post("/users", status_code=201)
async def create_user(request: Request, body: NewUser, actor: may.ChangeDirectory, db: Db, key: Key) -> Entity[UserOut]:
    """Add a person to the directory."""
    created = await once(
        db,
        actor.id,
        key,
        lambda own: directory.create_person(own, actor, body.fields(), body.manager_id),
        people.find,
    )
    return present.entity(request, "users", user(created), status=201, location=f"/v1.0/users/{created.person.id}")


@router.patch("/users/{user_id}", status_code=204)  # noqa: FAST003  (Whose reads it)
@router.patch("/me", status_code=204)
async def change_user(whose: Whose, body: UserChange, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Change what is said of a person; what is absent stays."""
    await directory.change_person(db, actor, whose, body.fields())
    await follow()
    return present.nothing()


@router.delete("/users/{user_id}", status_code=204)
async def delete_user(user_id: str, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Delete somebody whom no request names."""
    await directory.delete_person(db, actor, user_id)
    await follow()
    return present.nothing()


@router.put("/users/{user_id}/manager/$ref", status_code=204)  # noqa: FAST003  (Whose reads it)
@router.put("/me/manager/$ref", status_code=204)
async def set_manager(whose: Whose, body: Reference, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Give a person a manager."""
    await directory.set_manager(db, actor, whose, body.id)
    await follow()
    return present.nothing()


@router.delete("/users/{user_id}/manager/$ref", status_code=204)  # noqa: FAST003  (Whose reads it)
@router.delete("/me/manager/$ref", status_code=204)
async def clear_manager(whose: Whose, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Leave a person without a manager."""
    await directory.clear_manager(db, actor, whose)
    await follow()
    return present.nothing()


def _without_skip(query: ODataQuery) -> ODataQuery:
    if query.skip is not None:
        raise InvalidInput("$skip is not supported for users; follow @odata.nextLink.", target="$skip")
    return query
