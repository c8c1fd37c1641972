"""One person and whom they belong to: `/me`, and the same below `/users/{id}`.

Everybody who is signed in may read the profiles of the directory, as in Graph.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Select

from api import may
from api.answers import Collection, Entity, Number
from api.dependencies import Db, EntityQuery, ODataQuery, SearchQuery
from api.odata import present
from api.odata.query import NOTHING
from api.wire.base import Body, Guid, Truth
from api.wire.people import USER_DEFAULTS, GroupOut, UserOut, group, user
from api.wire.shapes import ReferenceOut
from grantline.errors import InvalidInput, NotFound
from grantline.persistence import groups, listing, people
from grantline.persistence.database import Database, Transaction
from grantline.persistence.people import Profile

MOST_GROUPS = 100

router = APIRouter(tags=["users"])


async def person_meant(request: Request, actor: may.LookUp) -> str:
    """Return the id or sign-in name in the path, or the caller's own id below `/me`."""
    return request.path_params.get("user_id") or actor.id


Whose = Annotated[str, Depends(person_meant)]


class GroupIds(Body):
    """The body of checkMemberGroups."""

    group_ids: list[Guid]


class MemberGroups(Body):
    """The body of getMemberGroups."""

    security_enabled_only: Truth = False


@router.get("/me")
@router.get("/users/{user_id}")
async def profile(request: Request, whose: Whose, db: Db, query: EntityQuery) -> Entity[UserOut]:
    """Show one user."""
    query = unrolled(query)
    async with db.read() as tx:
        found = await existing(tx, whose)
        (shown,) = await shown_users(tx, [found], query)
    return present.entity(request, "users", shown, query, defaults=USER_DEFAULTS)


@router.get("/me/manager")
@router.get("/users/{user_id}/manager")
async def manager(request: Request, whose: Whose, db: Db, query: EntityQuery) -> Entity[UserOut]:
    """Show the direct manager."""
    query = unrolled(query)
    async with db.read() as tx:
        found = await _manager_of(tx, whose)
        (shown,) = await shown_users(tx, [found], query, is_typed=True)
    return present.entity(request, "directoryObjects", shown, query, defaults=USER_DEFAULTS)


@router.get("/me/manager/$ref")
@router.get("/users/{user_id}/manager/$ref")
async def manager_reference(request: Request, whose: Whose, db: Db) -> Entity[ReferenceOut]:
    """Show where the direct manager is found."""
    async with db.read() as tx:
        found = await _manager_of(tx, whose)
    where: ReferenceOut = {"@odata.id": reference(request, found)}
    return present.entity(request, "$ref", where)


@router.get("/me/directReports/$count")
@router.get("/users/{user_id}/directReports/$count")
async def count_reports(whose: Whose, db: Db, query: SearchQuery) -> Number:
    """Count the direct reports."""
    async with db.read() as tx:
        found = await existing(tx, whose)
        return present.number(
            await listing.count(tx, people.reports_of(found.person.id), people.FIELDS, query.listing())
        )


@router.get("/me/directReports")
@router.get("/users/{user_id}/directReports")
@router.get("/me/directReports/graph.user")
@router.get("/users/{user_id}/directReports/graph.user")
async def reports(request: Request, whose: Whose, db: Db, query: SearchQuery) -> Collection[UserOut]:
    """List the people whose manager this is."""
    query = unrolled(query)
    async with db.read() as tx:
        found = await existing(tx, whose)
        page = await people.reports_page(tx, found.person.id, query.listing())
        shown = await shown_users(tx, page.rows, query, is_typed=True)
    return present.collection(request, "directoryObjects", shown, page, query, defaults=USER_DEFAULTS)


@router.get("/me/directReports/{report_id}")
@router.get("/users/{user_id}/directReports/{report_id}")
async def report(request: Request, whose: Whose, report_id: str, db: Db, query: EntityQuery) -> Entity[UserOut]:
    """Show one direct report."""
    query = unrolled(query)
    async with db.read() as tx:
        found = await existing(tx, whose)
        one = await people.find(tx, report_id)
        if one is None or one.person.manager_id != found.person.id:
            raise NotFound(f"{found.person} has no direct report {report_id!r}.")
        (shown,) = await shown_users(tx, [one], query, is_typed=True)
    return present.entity(request, "directoryObjects", shown, query, defaults=USER_DEFAULTS)


@router.get("/me/memberOf/$count")
@router.get("/users/{user_id}/memberOf/$count")
async def count_groups(whose: Whose, db: Db, query: SearchQuery) -> Number:
    """Count the groups the person is in."""
    async with db.read() as tx:
        return await _counted_groups(tx, query, whose, groups.of_member)


@router.get("/me/memberOf")
@router.get("/users/{user_id}/memberOf")
@router.get("/me/memberOf/graph.group")
@router.get("/users/{user_id}/memberOf/graph.group")
@router.get("/me/transitiveMemberOf")
@router.get("/users/{user_id}/transitiveMemberOf")
@router.get("/me/transitiveMemberOf/graph.group")
@router.get("/users/{user_id}/transitiveMemberOf/graph.group")
async def member_of(request: Request, whose: Whose, db: Db, query: SearchQuery) -> Collection[GroupOut]:
    """List the groups the person is in. Groups hold no groups here, so transitively it is the same."""
    return await _shown_groups(request, db, query, whose, groups.of_member)


@router.get("/me/ownedObjects/$count")
@router.get("/users/{user_id}/ownedObjects/$count")
async def count_owned(whose: Whose, db: Db, query: SearchQuery) -> Number:
    """Count the groups the person owns."""
    async with db.read() as tx:
        return await _counted_groups(tx, query, whose, groups.of_owner)


@router.get("/me/ownedObjects")
@router.get("/users/{user_id}/ownedObjects")
@router.get("/me/ownedObjects/graph.group")
@router.get("/users/{user_id}/ownedObjects/graph.group")
async def owned(request: Request, whose: Whose, db: Db, query: SearchQuery) -> Collection[GroupOut]:
    """List the groups the person owns, and may bring into catalogs of theirs; nothing else has owners here."""
    return await _shown_groups(request, db, query, whose, groups.of_owner)


@router.post("/me/checkMemberGroups")
@router.post("/users/{user_id}/checkMemberGroups")
async def check_groups(request: Request, body: GroupIds, whose: Whose, db: Db) -> Collection[str]:
    """Tell which of some groups the person is in."""
    if len(body.group_ids) > MOST_GROUPS:
        raise InvalidInput(f"groupIds holds {len(body.group_ids)} ids; {MOST_GROUPS} are the most.", target="groupIds")
    async with db.read() as tx:
        found = await existing(tx, whose)
        held = await groups.held_among(tx, found.person.id, body.group_ids)
    return _ids(request, held)


@router.post("/me/getMemberGroups")
@router.post("/users/{user_id}/getMemberGroups")
async def all_groups(request: Request, body: MemberGroups, whose: Whose, db: Db) -> Collection[str]:
    """Tell the ids of all groups the person is in; every group here is a security group."""
    del body
    async with db.read() as tx:
        held = await groups.all_of(tx, (await existing(tx, whose)).person.id)
    return _ids(request, held)


def _ids(request: Request, found: Sequence[str]) -> Collection[str]:
    return present.values(request, "Collection(Edm.String)", found)


async def existing(tx: Transaction, id_or_name: str) -> Profile:
    """Return a person.

    Raises:
        NotFound: nobody has that id or sign-in name.
    """
    found = await people.find(tx, id_or_name)
    if found is None:
        raise NotFound(f"There is no user {id_or_name!r}.")
    return found


async def _manager_of(tx: Transaction, id_or_name: str) -> Profile:
    found = await existing(tx, id_or_name)
    if found.person.manager_id is None:
        raise NotFound(f"{found.person} has no manager.")
    return await existing(tx, found.person.manager_id)


GroupsOf = Callable[[str], Select[Any]]
"""Selects the groups that a person, by their id, has to do with."""


async def _counted_groups(tx: Transaction, query: ODataQuery, whose: str, groups_of: GroupsOf) -> Number:
    base = groups_of((await existing(tx, whose)).person.id)
    return present.number(await listing.count(tx, base, groups.FIELDS, query.listing()))


async def _shown_groups(
    request: Request, db: Database, query: ODataQuery, whose: str, groups_of: GroupsOf
) -> Collection[GroupOut]:
    query.allow_expand()
    async with db.read() as tx:
        page = await groups.page(tx, groups_of((await existing(tx, whose)).person.id), query.listing())
    shown = [group(found, created_at, is_typed=True) for found, created_at in page.rows]
    return present.collection(request, "directoryObjects", shown, page, query)


def reference(request: Request, found: Profile) -> str:
    """Return the URL of a user."""
    return f"{present.base_url(request)}{present.VERSION}/users/{found.person.id}"


def unrolled(query: ODataQuery) -> ODataQuery:
    """Check a user's `$expand` and write `manager($levels=2)` out as a manager in a manager."""
    query.allow_expand(*("/".join(["manager"] * (n + 1)) for n in range(4)))
    inner = query.expanding("manager")
    return query if inner is None else replace(query, expand={"manager": _unrolled(inner, inner.levels)})


def _unrolled(inner: ODataQuery, levels: int) -> ODataQuery:
    nested = inner.expanding("manager")
    if nested is not None:
        return replace(inner, levels=1, expand={"manager": _unrolled(nested, nested.levels)})
    if levels == 1:
        return replace(inner, levels=1)
    return replace(inner, levels=1, expand={"manager": _unrolled(inner, levels - 1)})


async def shown_users(
    tx: Transaction, found: Sequence[Profile], query: ODataQuery, *, is_typed: bool = False
) -> list[UserOut]:
    """Show users with the managers that an unrolled query expands; a level costs one statement."""
    shown = [user(one, is_typed=is_typed) for one in found]
    level = list(zip(found, shown, strict=True))
    inner = query.expanding("manager")
    while inner is not None and level:
        managers = await people.by_ids(tx, {one.person.manager_id for one, _ in level if one.person.manager_id})
        above: list[tuple[Profile, UserOut]] = []
        for one, body in level:
            boss = managers.get(one.person.manager_id or "")
            body["manager"] = None
            if boss is not None:
                body["manager"] = its = _as_manager(boss, inner)
                above.append((boss, its))
        level, inner = above, inner.expanding("manager")
    return shown


def _as_manager(boss: Profile, inner: ODataQuery) -> UserOut:
    whole = user(boss, is_typed=True)
    if inner.select is not None:
        return whole
    return cast("UserOut", present.shape(whole, NOTHING, USER_DEFAULTS))
