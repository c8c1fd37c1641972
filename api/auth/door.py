"""Everything that decides who comes in, put together from the settings once."""

from dataclasses import dataclass

import httpx2

from api.auth.bearer import Authenticator
from api.auth.claims import ClaimRules
from api.auth.cookies import Cookies
from api.auth.sign_in import Client, SignIn
from grantline.issuer import DevelopmentIssuer, TokenIssuer
from grantline.services.sessions import Lifetimes
from grantline.settings import Settings

DEVELOPMENT_CLIENT = "grantline-portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who issues tokens, how they are read, and how people sign in; `sign_in` None when no client is set up for it."""

    issuer: TokenIssuer
    rules: ClaimRules
    authenticator: Authenticator
    cookies: Cookies
    lifetimes: Lifetimes
    sign_in: SignIn | None


def door_of(settings: Settings, issuer: TokenIssuer, transport: httpx2.AsyncBaseTransport | None = None) -> Door:
    """Return the door that the settings describe."""
    rules = ClaimRules(
        person=settings.person_claims, roles=settings.oidc_roles_claim, requires_scopes=settings.oidc_require_scopes
    )
    client_id = DEVELOPMENT_CLIENT if isinstance(issuer, DevelopmentIssuer) else settings.oidc_client_id
    sign_in = None
    if client_id is not None:
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        sign_in = SignIn(
            issuer,
            Client(id=client_id, secret=secret, scopes=settings.oidc_scopes),
            public_url=settings.public_url,
            leeway=settings.oidc_clock_skew.total_seconds(),
            transport=transport,
        )
    return Door(
        issuer=issuer,
        rules=rules,
        authenticator=Authenticator(
            issuer, audiences=settings.oidc_audiences, rules=rules, clock_skew=settings.oidc_clock_skew
        ),
        cookies=Cookies(settings.public_url),
        lifetimes=Lifetimes(idle=settings.session_idle, whole=settings.session_lifetime),
        sign_in=sign_in,
    )
