"""What routes ask for, as `Annotated` aliases.

Everything here is `async def`: FastAPI would run a plain `def` in a thread.
"""

import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi import Query as Parameter
from temporalio.client import Client

from api.auth.claims import Subject
from api.auth.door import Door
from api.auth.reach import permission_missing, reach_of
from api.odata import query as odata
from api.odata.query import ODataQuery
from api.wire.idempotency import keyed
from grantline.errors import NotAllowed, Unauthenticated, Unavailable
from grantline.model.controls import Controls
from grantline.model.person import Actor, KnownBy, Person, application
from grantline.notifications.signing import TOKEN_PREFIX, Signer
from grantline.persistence import controls, identities, roles
from grantline.persistence.database import Database, Transaction
from grantline.persistence.listing import DEFAULT_TOP, ListQuery
from grantline.rules import scopes
from grantline.rules.scopes import Reach
from grantline.services import authority, sessions
from grantline.services.approvals import rerouting
from grantline.services.requests.submitted import Idempotency
from grantline.settings import Settings

__all__ = [
    "CurrentActor",
    "Db",
    "EntityQuery",
    "Entrance",
    "Follow",
    "Key",
    "ODataQuery",
    "Paging",
    "Query",
    "SearchQuery",
    "WholeQuery",
]


LARGEST_LIMIT = 999
"""Rows of a page below /api, at most."""

AT_ONCE = 200
"""Requests that a change of the directory is followed in before its answer; a worker goes on with the rest."""


async def settings_of(request: Request) -> Settings:
    """Return the settings the app was made with."""
    return request.app.state.settings


async def controls_of(request: Request) -> Controls:
    """Return how the switches stand that hold for everybody."""
    database: Database = request.app.state.database
    async with database.read() as tx:
        return await controls.load(tx)


async def database_of(request: Request) -> Database:
    """Return the database."""
    return request.app.state.database


async def temporal_of(request: Request) -> Client | None:
    """Return the Temporal client, if the app has one."""
    return request.app.state.temporal


async def door_of(request: Request) -> Door:
    """Return what decides who comes in."""
    return request.app.state.door


async def current_actor(request: Request) -> Actor:
    """Return who is asking, as the directory has them at this moment, if they may reach for this at all.

    A bearer token goes before a session. An application is nobody of the
    directory: its token's permissions are what it may do.

    Raises:
        Unauthenticated: no acceptable token or session, or nobody of the directory.
        PermissionMissing: the token's permissions do not reach this.
        TooManyRequests: they call too often.
        NotAllowed: the account is disabled, or the page of another site sends what only a session vouches for.
    """
    door: Door = request.app.state.door
    authorization = request.headers.get("authorization")
    secret = door.cookies.session_of(request) if authorization is None else None
    if secret is not None:
        actor = await _by_session(request, door, secret)
    else:
        actor = await _by_token(request, await door.authenticator.subject(authorization))
    structlog.contextvars.bind_contextvars(actor_id=actor.id)
    request.app.state.rates.take(actor.id, time.monotonic())
    return actor


async def _by_session(request: Request, door: Door, secret: str) -> Actor:
    reach_of(request)
    session = await sessions.find(request.app.state.database, secret, door.lifetimes)
    if session is None:
        raise Unauthenticated("The session is over; sign in again at /auth/login.")
    door.cookies.require_own_page(request, secret)
    async with request.app.state.database.read() as tx:
        return await _acting(request, tx, session.person)


async def _by_token(request: Request, subject: Subject) -> Actor:
    reach, held, database = reach_of(request), subject.permissions, request.app.state.database
    if subject.app_id is not None:
        return await _application(database, subject, reach)
    if held is not None and not scopes.reaches(held, reach, is_application=False):
        raise permission_missing(subject, reach)
    async with database.read() as tx:
        actor = await _acting(request, tx, await _named(tx, subject.names))
    if held is not None and not scopes.administers(held, reach):
        return Actor(person=actor.person)
    return actor


async def _application(database: Database, subject: Subject, reach: Reach) -> Actor:
    """Return an application: by its permissions it does what an administrator may, else what roles it was given let it.

    Raises:
        PermissionMissing: it has neither.
    """
    app_id, name = subject.app_id or "", subject.app_name
    if scopes.reaches(subject.permissions or (), reach, is_application=True):
        return application(app_id, name)
    if reach in scopes.BY_ROLE:
        async with database.read() as tx:
            held = await roles.held_by(tx, application(app_id).id)
        if held:
            return application(app_id, name, held=held)
    raise permission_missing(subject, reach)


async def person_of(database: Database, names: Sequence[tuple[KnownBy, str]]) -> Person:
    """Return whom an OpenID provider means.

    Raises:
        Unauthenticated: nobody of the directory.
    """
    async with database.read() as tx:
        return await _named(tx, names)


async def _named(tx: Transaction, names: Sequence[tuple[KnownBy, str]]) -> Person:
    person = await identities.named(tx, names)
    if person is None:
        named = names[-1][1] if names else "somebody without a name"
        raise Unauthenticated(f"The token is for {named}, who is not in the directory.")
    return person


def require_enabled(person: Person) -> None:
    """Refuse a disabled account.

    Raises:
        NotAllowed: it is one.
    """
    if not person.account_enabled:
        raise NotAllowed(f"The account {person.user_principal_name} is disabled.")


async def _acting(request: Request, tx: Transaction, person: Person) -> Actor:
    """Return a person with their roles: all that is asked about them, once for each call."""
    require_enabled(person)
    return await authority.acting(tx, person, request.app.state.settings.administrators)


async def actor_or_token(request: Request) -> Actor | str:
    """Return who is asking; or, unchecked, the token of a callout that they sent instead of one of a person's."""
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip().startswith(TOKEN_PREFIX):
        return token.strip()
    return await current_actor(request)


async def signer_of(request: Request) -> Signer:
    """Return what knows the tokens of callouts."""
    settings = await settings_of(request)
    return Signer([one.get_secret_value() for one in settings.callout_secrets])


async def follower_of(request: Request) -> "Following":
    """Return what lets open approvals follow a change of the directory that was just made."""
    state: Any = request.app.state

    async def follow() -> None:
        # What cannot go now is done by a worker.
        with contextlib.suppress(Unavailable):
            await rerouting.follow(state.database, administrators=state.settings.administrators, most=AT_ONCE)

    return follow


async def collection_query(request: Request) -> ODataQuery:
    """Parse the query options of a list."""
    return odata.parse(_raw(request), prefer=request.headers.get("prefer"))


async def search_query(request: Request) -> ODataQuery:
    """Parse the query options of a list that may be searched: `$search` as well."""
    options = (*odata.COLLECTION_OPTIONS, "$search")
    return odata.parse(_raw(request), options=options, prefer=request.headers.get("prefer"))


async def whole_query(request: Request) -> ODataQuery:
    """Parse the query options of a short list that is never paged: it has neither filter nor order."""
    return odata.parse(_raw(request), options=odata.WHOLE_OPTIONS)


async def plain_paging(
    limit: Annotated[int, Parameter(ge=1, le=LARGEST_LIMIT)] = DEFAULT_TOP, after: str | None = None
) -> ListQuery:
    """Read how a list below /api is paged: `limit` rows, `after` what the page before said was `next`."""
    return ListQuery(top=limit, cursor=after)


async def entity_query(request: Request) -> ODataQuery:
    """Parse the query options of one object: `$select` and `$expand`."""
    return odata.parse(_raw(request), options=odata.ENTITY_OPTIONS)


async def key_of(request: Request) -> Idempotency | None:
    """Return what tells this POST from others: its `Idempotency-Key`, with a hash of all that came.

    Raises:
        InvalidInput: the key is empty or too long.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    return keyed(key, request.scope["path"].encode() + b" " + await request.body())


def _raw(request: Request) -> str:
    return request.scope["query_string"].decode("utf-8", "replace")


Following = Callable[[], Awaitable[None]]
Follow = Annotated[Following, Depends(follower_of)]
CurrentActor = Annotated[Actor, Depends(current_actor)]
ActorOrToken = Annotated[Actor | str, Depends(actor_or_token)]
CalloutSigner = Annotated[Signer, Depends(signer_of)]
Entrance = Annotated[Door, Depends(door_of)]
Config = Annotated[Settings, Depends(settings_of)]
Standing = Annotated[Controls, Depends(controls_of)]
Db = Annotated[Database, Depends(database_of)]
Temporal = Annotated[Client | None, Depends(temporal_of)]
Query = Annotated[ODataQuery, Depends(collection_query)]
Key = Annotated[Idempotency | None, Depends(key_of)]
SearchQuery = Annotated[ODataQuery, Depends(search_query)]
WholeQuery = Annotated[ODataQuery, Depends(whole_query)]
EntityQuery = Annotated[ODataQuery, Depends(entity_query)]
Paging = Annotated[ListQuery, Depends(plain_paging)]
