"""Requests and assignments as files have them: with names, a page at a time, so that no export holds them all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from grantline.model.assignment import Assignment
from grantline.persistence import assignment_lists, related, request_lists
from grantline.persistence.assignment_lists import AssignmentsOf
from grantline.persistence.database import Database, Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.related import Related, Wanted
from grantline.persistence.request_lists import RequestLine, RequestsOf
from grantline.rules.permissions import Realm

PAGE = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Generic[T]):
    """One request or assignment with whom and what it is about."""

    one: T
    related: Related


Pages = AsyncIterator[list[Exported[T]]]


def assignments(db: Database, realm: Realm, query: ListQuery) -> Pages[Assignment]:
    """Return all assignments of a realm that fit the query."""

    async def page(tx: Transaction, at: ListQuery) -> Page[Assignment]:
        return await assignment_lists.page(tx, AssignmentsOf.EVERYBODY, "", at, realm)

    return _pages(db, query, page, _of_assignments)


def requests(db: Database, realm: Realm, query: ListQuery, now: datetime) -> Pages[RequestLine]:
    """Return all requests of a realm that fit the query."""

    async def page(tx: Transaction, at: ListQuery) -> Page[RequestLine]:
        return await request_lists.page(tx, RequestsOf.EVERYBODY, "", at, now, realm=realm)

    return _pages(db, query, page, _of_requests)


async def _pages(
    db: Database,
    query: ListQuery,
    page_at: Callable[[Transaction, ListQuery], Awaitable[Page[T]]],
    wanted: Callable[[tuple[T, ...]], Wanted],
) -> Pages[T]:
    """Return a list for each page; the transaction ends with the page.

    Raises:
        InvalidInput: the filter or the order does not fit; before the first page.
    """
    at: ListQuery | None = replace(query, top=PAGE, skip=0, count=False)
    while at is not None:
        async with db.read() as tx:
            page = await page_at(tx, at)
            found = await related.load(tx, wanted(page.rows))
        yield [Exported(one=one, related=found) for one in page.rows]
        at = replace(at, cursor=page.next_cursor) if page.next_cursor else None


def _of_assignments(held: tuple[Assignment, ...]) -> Wanted:
    return Wanted(
        people=frozenset(one.target_id for one in held),
        packages=frozenset(one.package_id for one in held),
        policies=frozenset(one.policy_id for one in held),
    )


def _of_requests(asked: tuple[RequestLine, ...]) -> Wanted:
    return Wanted(
        people=frozenset(one.target_id for one in asked) | {one.requestor_id for one in asked},
        packages=frozenset(one.package_id for one in asked),
        policies=frozenset(one.policy_id for one in asked),
    )
