"""What routes ask for, as `Annotated` aliases.

Everything here is `async def`: FastAPI would run a plain `def` in a thread.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

import structlog
from fastapi import Depends, Request
from temporalio.client import Client

from api.auth import Authenticator
from api.odata import query as odata
from api.odata.query import ODataQuery
from grantline.errors import NotAllowed, Unauthenticated
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.notifications.signing import TOKEN_PREFIX, Signer
from grantline.persistence import people
from grantline.persistence.database import Database
from grantline.settings import Settings

__all__ = ["Administrator", "CurrentActor", "Db", "Dispatcher", "EntityQuery", "ODataQuery", "Outgoing", "Query"]


class Dispatcher(Protocol):
    """Takes messages that were committed, and sees to it that workflows get them."""

    def send(self, messages: Sequence[Message]) -> None:
        """Return at once; sending goes on in the background."""
        ...


async def settings_of(request: Request) -> Settings:
    """Return the settings the app was made with."""
    return request.app.state.settings


async def database_of(request: Request) -> Database:
    """Return the database."""
    return request.app.state.database


async def dispatcher_of(request: Request) -> Dispatcher:
    """Return what sends messages to workflows."""
    return request.app.state.relay


async def temporal_of(request: Request) -> Client | None:
    """Return the Temporal client, if the app has one."""
    return request.app.state.temporal


async def current_actor(request: Request) -> Actor:
    """Return who is asking, as the directory has them at this moment.

    Raises:
        Unauthenticated: no acceptable token, or nobody of the directory.
        NotAllowed: the account is disabled.
    """
    state: Any = request.app.state
    authenticator: Authenticator = state.authenticator
    subject = await authenticator.subject(request.headers.get("authorization"))
    async with state.database.read() as tx:
        person = await people.signed_in(tx, subject.ids, subject.user_names)
    if person is None:
        named = (*subject.user_names, *subject.ids, "somebody without a name")[0]
        raise Unauthenticated(f"The token is for {named}, who is not in the directory.")
    if not person.account_enabled:
        raise NotAllowed(f"The account {person.user_principal_name} is disabled.")
    structlog.contextvars.bind_contextvars(actor_id=person.id)
    return Actor(person=person, is_administrator=state.settings.is_administrator(person.user_principal_name))


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


async def administrator(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return who is asking, if they are an administrator.

    Raises:
        NotAllowed: they are not.
    """
    if not actor.is_administrator:
        raise NotAllowed(f"Only an Identity Governance Administrator may do this; {actor.person} is not one.")
    return actor


async def collection_query(request: Request) -> ODataQuery:
    """Parse the query options of a list."""
    return odata.parse(_raw(request), prefer=request.headers.get("prefer"))


async def entity_query(request: Request) -> ODataQuery:
    """Parse the query options of one object: `$select` and `$expand`."""
    return odata.parse(_raw(request), options=odata.ENTITY_OPTIONS)


def _raw(request: Request) -> str:
    return request.scope["query_string"].decode("utf-8", "replace")


CurrentActor = Annotated[Actor, Depends(current_actor)]
ActorOrToken = Annotated[Actor | str, Depends(actor_or_token)]
CalloutSigner = Annotated[Signer, Depends(signer_of)]
Administrator = Annotated[Actor, Depends(administrator)]
Config = Annotated[Settings, Depends(settings_of)]
Db = Annotated[Database, Depends(database_of)]
Outgoing = Annotated[Dispatcher, Depends(dispatcher_of)]
Temporal = Annotated[Client | None, Depends(temporal_of)]
Query = Annotated[ODataQuery, Depends(collection_query)]
EntityQuery = Annotated[ODataQuery, Depends(entity_query)]
