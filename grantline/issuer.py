"""Who issues the tokens we accept: an OpenID provider, or the development issuer.

The development issuer exists so that a first run needs no provider. Its key
lies in the home folder; whoever can read it can be anybody, which is why the
settings refuse it on any address but loopback.
"""

import asyncio
import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from grantline.ambient import utc_now
from grantline.errors import SetupError, Unauthenticated, Unavailable
from grantline.model.person import Person

DEVELOPMENT_ISSUER = "urn:grantline:development"
KEY_FILE = "issuer.pem"
KEY_BITS = 2048
DEFAULT_LIFETIME = timedelta(hours=12)
DISCOVERY = "/.well-known/openid-configuration"
PATIENCE_SECONDS = 5


class TokenIssuer(Protocol):
    """What the API needs to know of whoever issues its callers' tokens."""

    @property
    def name(self) -> str:
        """The `iss` every token must have."""
        ...

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signature algorithms that are accepted."""
        ...

    async def signing_key(self, token: str) -> jwt.PyJWK:
        """Return the key a token says it was signed with.

        Raises:
            Unauthenticated: the token is no JWT, or names a key the issuer does not have.
            Unavailable: the issuer's keys cannot be fetched now.
        """
        ...


class DevelopmentIssuer:
    """Tokens for the people of the directory, signed with a key of our own."""

    name = DEVELOPMENT_ISSUER
    algorithms = ("RS256",)

    def __init__(self, home: Path, *, audience: str = "grantline") -> None:
        self._home = home
        self._audience = audience
        self._loaded: rsa.RSAPrivateKey | None = None

    def token(self, person: Person, *, lifetime: timedelta = DEFAULT_LIFETIME) -> str:
        """Return a bearer token that says its holder is `person`."""
        now = utc_now()
        claims: dict[str, Any] = {
            "iss": self.name,
            "aud": self._audience,
            "sub": person.id,
            "oid": person.id,
            "name": person.display_name,
            "preferred_username": person.user_principal_name,
            "upn": person.user_principal_name,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, self._key(), algorithm="RS256", headers={"kid": self.key_id})

    @property
    def key_id(self) -> str:
        """Return the key's fingerprint, the `kid` of its tokens."""
        public = self._key().public_key()
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()[:16]

    def jwks(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key Set."""
        key = RSAAlgorithm.to_jwk(self._key().public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}

    async def signing_key(self, token: str) -> jwt.PyJWK:
        """Return our key, if the token names it."""
        if _key_id_of(token) != self.key_id:
            raise Unauthenticated(f"The token was not signed by the development issuer of {self._home}.")
        return jwt.PyJWK.from_dict(self.jwks()["keys"][0])

    def _key(self) -> rsa.RSAPrivateKey:
        if self._loaded is None:
            self._loaded = _load_or_make(self._home / KEY_FILE)
        return self._loaded


class OpenIdProvider:
    """An OpenID provider, whose keys are found by discovery and kept for a while."""

    algorithms = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

    def __init__(self, issuer: str) -> None:
        self.name = issuer
        self._client: jwt.PyJWKClient | None = None
        self._finding = asyncio.Lock()

    async def signing_key(self, token: str) -> jwt.PyJWK:
        """Return the provider's key that the token names; unknown keys are looked for once more."""
        _key_id_of(token)
        client = await self._discovered()
        try:
            # PyJWKClient fetches with urllib, so it waits in a thread.
            return await asyncio.to_thread(client.get_signing_key_from_jwt, token)
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable(f"The keys of {self.name} cannot be fetched; try again shortly.") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"The token names a key that {self.name} does not have.") from error

    async def _discovered(self) -> jwt.PyJWKClient:
        async with self._finding:
            if self._client is None:
                address = await self._keys_address()
                self._client = jwt.PyJWKClient(address, timeout=PATIENCE_SECONDS)
            return self._client

    async def _keys_address(self) -> str:
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=True) as http:
                answer = await http.get(self.name.rstrip("/") + DISCOVERY)
                answer.raise_for_status()
                found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable(f"{self.name}{DISCOVERY} does not answer as a provider would.") from error
        address = found.get("jwks_uri") if isinstance(found, dict) else None
        if not isinstance(address, str) or urlsplit(address).scheme not in {"https", "http"}:
            raise Unavailable(f"{self.name}{DISCOVERY} names no jwks_uri.")
        return address


def _key_id_of(token: str) -> str | None:
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise Unauthenticated("The bearer token is not a JSON Web Token.") from error


def _load_or_make(path: Path) -> rsa.RSAPrivateKey:
    """Read the key, or make it; of two processes that make it at once, one wins and both use its key."""
    try:
        if not path.exists():
            _make(path)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SetupError(f"The development issuer's key {path} cannot be used: {error.strerror}.") from error
    except ValueError as error:
        raise SetupError(f"{path} is not a private key; delete it and a new one is made.") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SetupError(f"{path} is not an RSA key; delete it and a new one is made.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # mkstemp makes it 0600; a hard link appears whole, and only if nobody was faster.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".issuer-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()
