"""A person's sponsors. Everybody reads them; administrators change them."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Nothing
from api.dependencies import Db, Follow, Query
from api.odata import present
from api.routes.me import Whose, existing, shown_users, unrolled
from api.wire.base import Reference
from api.wire.people import USER_DEFAULTS, UserOut
from grantline.persistence.links import SPONSORS
from grantline.services.directory import people_and_groups as directory

router = APIRouter(tags=["users"])


@router.get("/me/sponsors")
@router.get("/users/{user_id}/sponsors")
async def list_sponsors(request: Request, whose: Whose, db: Db, query: Query) -> Collection[UserOut]:
    """List the people who answer for this one beside, or instead of, a manager."""
    query = unrolled(query)
    async with db.read() as tx:
        found = await existing(tx, whose)
        page = await SPONSORS.page(tx, found.person.id, query.listing())
        shown = await shown_users(tx, page.rows, query, is_typed=True)
    return present.collection(request, "directoryObjects", shown, page, query, defaults=USER_DEFAULTS)


@router.post("/users/{user_id}/sponsors/$ref", status_code=204)  # noqa: FAST003  (Whose reads it)
@router.post("/me/sponsors/$ref", status_code=204)
async def add_sponsor(whose: Whose, body: Reference, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Give a person a sponsor."""
    await directory.add_sponsor(db, actor, whose, body.id)
    await follow()
    return present.nothing()


@router.delete("/users/{user_id}/sponsors/{sponsor_id}/$ref", status_code=204)  # noqa: FAST003  (Whose reads it)
@router.delete("/me/sponsors/{sponsor_id}/$ref", status_code=204)
async def remove_sponsor(whose: Whose, sponsor_id: str, actor: may.ChangeDirectory, db: Db, follow: Follow) -> Nothing:
    """Take a sponsor from a person."""
    await directory.remove_sponsor(db, actor, whose, sponsor_id.lower())
    await follow()
    return present.nothing()
