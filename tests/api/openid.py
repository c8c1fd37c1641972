"""A hand-made OpenID provider in this process, for what no well-behaved one would ever do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from grantline.ambient import utc_now
from grantline.issuer import OpenIdProvider
from grantline.model.person import Person

ISSUER = "https://login.test/tenant"
AUDIENCE = "api://grantline"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Return the same key for the same name; making one takes long."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class HandMadeProvider:
    """Publishes the public halves of its keys, counts who asks, and goes down when told to."""

    keys: list[str] = field(default_factory=lambda: ["first"])
    discovery: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    now: float = 1_000.0
    before_answering: Callable[[], Any] | None = None

    def issuer(self) -> OpenIdProvider:
        """Return the API's view of it."""
        return OpenIdProvider(ISSUER, transport=httpx2.MockTransport(self._answer), clock=lambda: self.now)

    def later(self, **time: float) -> None:
        """Let time pass for whoever asks it."""
        self.now += timedelta(**time).total_seconds()

    def public(self, key: str) -> dict[str, Any]:
        """Return the public half of a key as its key set has it."""
        return {**RSAAlgorithm.to_jwk(private_key(key).public_key(), as_dict=True), "kid": key, "use": "sig"}

    def claims(self, person: Person, **changes: Any) -> dict[str, Any]:
        """Return what a good token of a person says; what is changed to None is left out."""
        now = utc_now()
        good = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"pairwise-{person.user_principal_name}",
            "oid": person.id,
            "preferred_username": person.user_principal_name,
            "iat": now,
            "nbf": now,
            "exp": now + timedelta(hours=1),
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, person: Person, key: str = "first", *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return a token that is good but for what is changed."""
        headers = {name: value for name, value in {"kid": key, **(header or {})}.items() if value is not None}
        algorithm = headers.pop("alg", "RS256")
        return jwt.encode(self.claims(person, **changes), private_key(key), algorithm=algorithm, headers=headers)

    def application_token(self, app_id: str, *roles: str, **changes: Any) -> str:
        """Return a token of an application that acts for itself, as Entra writes it."""
        now = utc_now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "appid": app_id,
            "idtyp": "app",
            "oid": "5b1c8f0e-0000-4000-8000-000000000001",
            "sub": "5b1c8f0e-0000-4000-8000-000000000001",
            "roles": list(roles),
            "iat": now,
            "exp": now + timedelta(hours=1),
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, private_key("first"), algorithm="RS256", headers={"kid": "first"})

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if self.before_answering is not None:
            await self.before_answering()
        if self.is_down:
            raise httpx2.ConnectError("nobody listens", request=request)
        if request.url.path == "/keys":
            return httpx2.Response(200, json={"keys": [self.public(key) for key in self.keys]})
        document = {"issuer": ISSUER, "jwks_uri": "https://login.test/keys", **self.discovery}
        return httpx2.Response(200, json=document)


DISCOVERY_AND_KEYS = ["/tenant/.well-known/openid-configuration", "/keys"]
