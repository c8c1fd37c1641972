"""The development issuer as an OpenID provider: one says who one is, and is believed.

Only there when no provider is set, and only for this machine: both who calls
and the name they call by must be loopback, so that no page of the internet
reaches it through a browser either.
"""

from typing import cast
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from typing_extensions import TypedDict

from api.answers import Json
from api.auth import pages
from api.auth.door import DEVELOPMENT_CLIENT
from api.auth.sign_in import CALLBACK
from api.dependencies import Config, Db, Entrance
from api.odata import present
from grantline.addresses import is_loopback
from grantline.errors import InvalidInput, NotAllowed, NotFound
from grantline.issuer import DevelopmentIssuer, TokenIssuer
from grantline.model.person import KnownBy
from grantline.persistence import identities

MOST_SHOWN = 200
ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)

router = APIRouter(prefix="/auth/development", tags=["sign-in"])


class TokensOut(TypedDict):
    """The answer of a token endpoint."""

    token_type: str
    expires_in: int
    access_token: str
    id_token: str


@router.get("/authorize", response_class=HTMLResponse)
async def authorize(request: Request, door: Entrance, db: Db, config: Config) -> Response:
    """Ask who one is; with `login_hint`, a userPrincipalName, send the browser back as that person."""
    issuer = _here(request, door.issuer)
    asked = {name: request.query_params.get(name, "") for name in ASKED}
    callback = f"{config.public_url}{CALLBACK}"
    wanted = {
        "response_type": "code",
        "client_id": DEVELOPMENT_CLIENT,
        "redirect_uri": callback,
        "code_challenge_method": "S256",
    }
    for name, value in wanted.items():
        if asked[name] != value:
            raise InvalidInput(f"{name} is {asked[name][:100]!r}; it should be {value!r}.", target=name)
    hint, text = request.query_params.get("login_hint"), request.query_params.get("q", "").strip()
    async with db.read() as tx:
        if hint is None:
            people = await identities.called(tx, text, most=MOST_SHOWN)
            return pages.who_are_you(people, config.administrators, asked, text)
        person = await identities.named(tx, [(KnownBy.USER_PRINCIPAL_NAME, hint.lower())])
    if person is None:
        raise NotFound(f"Nobody has the userPrincipalName {hint[:100]!r}.")
    code = issuer.code(
        person,
        client_id=DEVELOPMENT_CLIENT,
        redirect_uri=callback,
        nonce=asked["nonce"],
        challenge=asked["code_challenge"],
    )
    back = urlencode({"code": code, "state": asked["state"], "iss": issuer.name})
    return RedirectResponse(f"{callback}?{back}", status_code=303, headers={"Cache-Control": "no-store"})


@router.post("/token")
async def token(request: Request, door: Entrance) -> Json[TokensOut]:
    """Turn a code into tokens, once, for whoever began the sign-in."""
    issuer = _here(request, door.issuer)
    given = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
    if given.get("grant_type") != "authorization_code":
        raise InvalidInput("grant_type should be authorization_code.", target="grant_type")
    answer = issuer.redeem(
        given.get("code", ""),
        client_id=given.get("client_id", ""),
        redirect_uri=given.get("redirect_uri", ""),
        verifier=given.get("code_verifier", ""),
    )
    return present.json_response(cast("TokensOut", answer), headers={"Cache-Control": "no-store"})


def _here(request: Request, issuer: TokenIssuer) -> DevelopmentIssuer:
    """Return the development issuer, to this machine alone."""
    if not isinstance(issuer, DevelopmentIssuer):
        raise HTTPException(404)
    caller = request.client.host if request.client else ""
    if not is_loopback(caller) or not is_loopback(request.url.hostname or ""):
        raise NotAllowed("The development issuer signs in people of this machine alone; open it as 127.0.0.1.")
    return issuer
