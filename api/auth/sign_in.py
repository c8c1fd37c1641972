"""Signing in to the portal: a code with PKCE, state and nonce, at whatever provider issues our tokens."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from api.auth.bearer import verified
from api.auth.cookies import Pending
from grantline.errors import Unauthenticated, Unavailable
from grantline.issuer import TokenIssuer

CALLBACK = "/auth/callback"
PATIENCE_SECONDS = 10
LONGEST_RETURN = 1_000
SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the provider knows the portal as."""

    id: str
    secret: str | None
    scopes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What the provider says of whoever signed in, and the token with which it says more."""

    claims: dict[str, Any]
    access_token: str


class SignIn:
    """The portal as a client of its provider."""

    def __init__(
        self,
        issuer: TokenIssuer,
        client: Client,
        *,
        public_url: str,
        leeway: float,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._client = client
        self._public_url = public_url
        self._leeway = leeway
        self._transport = transport

    async def begin(self, return_to: str | None) -> tuple[str, Pending]:
        """Return where to send the browser, and what it should keep meanwhile.

        Raises:
            Unavailable: the provider does not answer.
        """
        places = await self._issuer.endpoints()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        async with self._oauth() as oauth:
            address, state = oauth.create_authorization_url(places.authorization, code_verifier=verifier, nonce=nonce)
        return address, Pending(state=state, nonce=nonce, verifier=verifier, return_to=own_path(return_to))

    async def finish(self, pending: Pending | None, answer: Mapping[str, str]) -> SignedIn:
        """Return whom the provider signed in, from what the browser brought back.

        Raises:
            Unauthenticated: nobody, or not for this browser, or not for us.
            Unavailable: the provider does not answer.
        """
        if pending is None or not hmac.compare_digest(pending.state.encode(), answer.get("state", "").encode()):
            raise Unauthenticated("This sign-in was not begun in this browser, or too long ago; begin again.")
        if "error" in answer:
            said = f"{answer['error']} {answer.get('error_description', '')}".strip()
            raise Unauthenticated(f"The provider did not sign you in: {said[:SHOWN]}.")
        places = await self._issuer.endpoints()
        if answer.get("iss", self._issuer.name) != self._issuer.name:
            raise Unauthenticated(f"The answer is another provider's; it should be {self._issuer.name}'s.")
        tokens = await self._redeemed(places.token, answer.get("code", ""), pending.verifier)
        claims = await self._identity(tokens.get("id_token"), pending.nonce)
        return SignedIn(claims=claims, access_token=str(tokens.get("access_token", "")))

    async def more(self, signed_in: SignedIn) -> dict[str, Any]:
        """Return what the provider says of the person beyond the ID token; nothing if it does not say it of them."""
        place = (await self._issuer.endpoints()).userinfo
        if place is None or not signed_in.access_token:
            return {}
        headers = {"Authorization": f"Bearer {signed_in.access_token}"}
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS, transport=self._transport) as http:
                answer = await http.get(place, headers=headers)
                found = answer.raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            return {}
        if not isinstance(found, dict) or found.get("sub") != signed_in.claims.get("sub"):
            return {}
        return found

    async def sign_out_address(self) -> str:
        """Return where a browser goes when its session has ended: through the provider, if it signs people out."""
        home = f"{self._public_url}/"
        try:
            place = (await self._issuer.endpoints()).end_session
        except Unavailable:
            place = None
        if place is None:
            return home
        joint = "&" if urlsplit(place).query else "?"
        return f"{place}{joint}{urlencode({'client_id': self._client.id, 'post_logout_redirect_uri': home})}"

    async def _redeemed(self, place: str, code: str, verifier: str) -> Mapping[str, Any]:
        try:
            async with self._oauth() as oauth:
                return await oauth.fetch_token(place, code=code, code_verifier=verifier)
        except AuthlibBaseError as error:
            raise Unauthenticated(f"The provider did not take the code: {str(error)[:SHOWN]}.") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable(f"{place} does not answer as a provider would; try again shortly.") from error

    async def _identity(self, id_token: Any, nonce: str) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise Unauthenticated("The provider sent no ID token; the scope openid asks for one.")
        _, claims = await verified(self._issuer, id_token, (self._client.id,), leeway=self._leeway)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise Unauthenticated("The ID token was made for another sign-in; begin again.")
        if claims.get("azp", self._client.id) != self._client.id:
            raise Unauthenticated("The ID token was made for another client.")
        return claims

    def _oauth(self) -> Any:
        """Return an OAuth client. Any: authlib chooses its base class at run time, and a type checker sees none."""
        return AsyncOAuth2Client(
            client_id=self._client.id,
            client_secret=self._client.secret,
            token_endpoint_auth_method="client_secret_basic" if self._client.secret else "none",
            scope=self._client.scopes,
            redirect_uri=f"{self._public_url}{CALLBACK}",
            code_challenge_method="S256",
            timeout=PATIENCE_SECONDS,
            transport=self._transport,
        )


def own_path(address: str | None) -> str:
    """Return a path of the portal, and nothing that leads elsewhere: the home page instead."""
    if (
        not address
        or len(address) > LONGEST_RETURN
        or not address.startswith("/")
        or address.startswith(("//", "/\\", "/auth/"))
        or not address.isprintable()
    ):
        return "/"
    return address
