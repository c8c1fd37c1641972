"""People and groups by id, without knowing which of the two an id is."""

from typing import Annotated, cast

from fastapi import APIRouter, Request
from pydantic import Field

from api import may
from api.answers import Collection, Entity
from api.dependencies import Db, EntityQuery
from api.odata import present
from api.odata.query import NOTHING
from api.wire.base import Body, Guid, Text, odata_type
from api.wire.people import USER_DEFAULTS, GroupOut, UserOut, group, user
from grantline.errors import InvalidInput, NotFound
from grantline.persistence import groups, people
from grantline.persistence.database import Transaction

MOST_IDS = 1000
KINDS = ("user", "group")
CONTEXT = "directoryObjects"
SHOWN = USER_DEFAULTS | {"accountEnabled"}

router = APIRouter(prefix=f"/{CONTEXT}", tags=["directoryObjects"])


class ByIds(Body):
    """The body of getByIds."""

    ids: list[Guid]
    types: Annotated[list[Text] | None, Field(max_length=20)] = None

    def kinds(self) -> set[str]:
        """Return the kinds asked for, all of them when none is named; what is not kept here is found nowhere."""
        named = {odata_type(one).lower() for one in self.types or ()}
        return set(KINDS) if not named or "directoryobject" in named else named & set(KINDS)


@router.post("/getByIds")
async def get_by_ids(request: Request, body: ByIds, actor: may.LookUp, db: Db) -> Collection[UserOut | GroupOut]:
    """List the people and groups with these ids, in their order; the unknown are left out."""
    del actor
    if len(body.ids) > MOST_IDS:
        raise InvalidInput(f"ids holds {len(body.ids)} ids; {MOST_IDS} are the most.", target="ids")
    async with db.read() as tx:
        found = await _found(tx, list(dict.fromkeys(body.ids)), body.kinds())
    return present.collection(request, CONTEXT, found, None)


@router.get("/{object_id}")
async def read(
    request: Request, object_id: Guid, actor: may.LookUp, db: Db, query: EntityQuery
) -> Entity[UserOut | GroupOut]:
    """Show a person or a group."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        found = await _found(tx, [object_id], set(KINDS), is_default=query.select is None)
    if not found:
        raise NotFound(f"There is no user or group {object_id}.")
    return present.entity(request, CONTEXT, found[0], query)


async def _found(
    tx: Transaction, ids: list[str], kinds: set[str], *, is_default: bool = True
) -> list[UserOut | GroupOut]:
    shown: dict[str, UserOut | GroupOut] = {}
    if "user" in kinds:
        for profile in (await people.by_ids(tx, ids)).values():
            whole = user(profile, is_typed=True)
            shown[profile.person.id] = cast("UserOut", present.shape(whole, NOTHING, SHOWN)) if is_default else whole
    if "group" in kinds:
        for found, created_at in await groups.by_ids(tx, ids):
            shown[found.id] = group(found, created_at, is_typed=True)
    return [shown[one] for one in ids if one in shown]
