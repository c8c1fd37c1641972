"""Signing in to the portal and out of it, and who is signed in.

A browser is sent to the provider and comes back with a code; what it keeps then
is a cookie whose session is on record here. Failures are pages for a browser,
and Graph's error body for whatever else asks.
"""

from typing import Literal, NotRequired
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from typing_extensions import TypedDict

from api.answers import Json
from api.auth import pages
from api.auth.claims import names_in
from api.auth.cookies import csrf_token
from api.auth.door import Door
from api.auth.sign_in import SignedIn, SignIn
from api.dependencies import Db, Entrance, controls_of, current_actor, person_of, require_enabled
from api.odata import present
from grantline.errors import GrantlineError, NotSupported, Unauthenticated
from grantline.model.person import Actor, Person
from grantline.model.roles import Held, Role
from grantline.persistence.database import Database
from grantline.services import sessions
from grantline.settings import Settings

router = APIRouter(tags=["sign-in"])
log = structlog.get_logger(__name__)

NO_STORE = {"Cache-Control": "no-store"}


class SignedOutOut(TypedDict):
    """Where the browser goes next."""

    signOutUrl: str


class HeldRoleOut(TypedDict):
    """A role that somebody holds, and in which catalog; null: in all."""

    role: str
    catalogId: str | None


class SessionOut(TypedDict):
    """Who is signed in, and what they are; nobody: where to sign in."""

    signedIn: bool
    signInUrl: str | None
    kind: NotRequired[Literal["application", "person"]]
    id: NotRequired[str]
    displayName: NotRequired[str]
    userPrincipalName: NotRequired[str]
    mail: NotRequired[str | None]
    isAdministrator: NotRequired[bool]
    seesReportsAccess: NotRequired[bool]
    roles: NotRequired[list[HeldRoleOut]]
    workflowsUrl: NotRequired[str | None]
    csrfToken: NotRequired[str]


@router.get("/auth/login", status_code=302, response_class=RedirectResponse)
async def login(request: Request, door: Entrance, returnTo: str | None = None) -> Response:  # noqa: N803  (on the wire)
    """Send the browser to the provider; `returnTo` is the path of the portal it comes back to."""
    try:
        address, pending = await _required(door).begin(returnTo)
    except GrantlineError as error:
        return _failed(request, error)
    answer = RedirectResponse(address, status_code=302, headers=NO_STORE)
    door.cookies.keep_pending(answer, pending)
    return answer


@router.get("/auth/callback", status_code=303, response_class=RedirectResponse)
async def callback(request: Request, door: Entrance, db: Db) -> Response:
    """Take the browser back from the provider: a new session for whoever it says they are, and the old one ends."""
    pending = door.cookies.pending_of(request)
    try:
        sign_in = _required(door)
        signed_in = await sign_in.finish(pending, request.query_params)
        person = await _person(db, door, sign_in, signed_in)
        require_enabled(person)
    except GrantlineError as error:
        answer = _failed(request, error)
        door.cookies.forget_pending(answer)
        return answer
    secret = await sessions.start(db, person, door.lifetimes, replacing=door.cookies.session_of(request))
    log.info("signed in", person_id=person.id)
    answer = RedirectResponse(pending.return_to if pending else "/", status_code=303, headers=NO_STORE)
    door.cookies.keep_session(answer, secret, door.lifetimes.whole)
    door.cookies.forget_pending(answer)
    return answer


@router.post("/auth/logout")
async def logout(request: Request, door: Entrance, db: Db) -> Json[SignedOutOut]:
    """End the session; `signOutUrl` is where the browser goes next, to sign out at the provider as well."""
    secret = door.cookies.session_of(request)
    if secret is not None:
        door.cookies.require_own_page(request, secret)
        await sessions.end(db, secret)
    next_page = await door.sign_in.sign_out_address() if door.sign_in else "/"
    told: SignedOutOut = {"signOutUrl": next_page}
    answer = present.json_response(told, headers=NO_STORE)
    door.cookies.forget_session(answer)
    return answer


@router.get("/api/session")
async def session(request: Request, door: Entrance) -> Json[SessionOut]:
    """Tell who is signed in, and the token that requests which change something need beside the session's cookie."""
    sign_in = "/auth/login" if door.sign_in else None
    secret = door.cookies.session_of(request)
    try:
        actor = await current_actor(request)
    except Unauthenticated:
        return present.json_response({"signedIn": False, "signInUrl": sign_in}, headers=NO_STORE)
    told: SessionOut = {
        "signedIn": True,
        "signInUrl": sign_in,
        "kind": "application" if actor.is_application else "person",
        "id": actor.id,
        "displayName": actor.person.display_name,
        "userPrincipalName": actor.person.user_principal_name,
        "mail": actor.person.mail,
        "isAdministrator": actor.is_administrator,
        "seesReportsAccess": (await controls_of(request)).managers_see_reports_access,
        "roles": _roles(actor),
    }
    if actor.is_administrator:
        told["workflowsUrl"] = _workflows_url(request.app.state.settings)
    if secret is not None and "authorization" not in request.headers:
        told["csrfToken"] = csrf_token(secret)
    return present.json_response(told, headers=NO_STORE)


def _roles(actor: Actor) -> list[HeldRoleOut]:
    """Show every role somebody holds, and in which catalog; null: in all."""
    everywhere = [Held(Role.ADMINISTRATOR)] if actor.is_administrator else []
    held = sorted(actor.held, key=lambda one: (one.catalog_id or "", one.role))
    return [{"role": one.role.value, "catalogId": one.catalog_id} for one in (*everywhere, *held)]


def _workflows_url(settings: Settings) -> str | None:
    """Return what stands before a workflow's id in its address in Temporal's UI."""
    if settings.temporal_ui_url is None:
        return None
    return f"{settings.temporal_ui_url}/namespaces/{quote(settings.temporal_namespace, safe='')}/workflows/"


async def _person(db: Database, door: Door, sign_in: SignIn, signed_in: SignedIn) -> Person:
    """Return whom the provider means: by the ID token, else by what it says when it is asked for more."""
    try:
        return await person_of(db, names_in(signed_in.claims, door.rules))
    except Unauthenticated:
        more = await sign_in.more(signed_in)
        if not more:
            raise
        return await person_of(db, names_in(signed_in.claims | more, door.rules))


def _required(door: Door) -> SignIn:
    if door.sign_in is None:
        raise NotSupported("Nobody signs in with a browser here: GRANTLINE_OIDC_CLIENT_ID is not set.")
    return door.sign_in


def _failed(request: Request, error: GrantlineError) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    log.info("not signed in", code=error.code, reason=error.message)
    return pages.not_signed_in(error.message, error.status)
