"""The development issuer: tokens for the people of the directory, without a provider.

It exists so that a first run needs no provider, and it is one: people sign in
to the portal by an authorization code as everywhere, only that they say who
they are and nobody asks for proof. Its key lies in the home folder; whoever can
read it can be anybody, which is why the settings refuse it on any address but
loopback.
"""

import base64
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from grantline.ambient import new_id, utc_now
from grantline.errors import InvalidInput, SetupError, Unauthenticated
from grantline.issuer.base import Endpoints, header_of
from grantline.model.person import Person
from grantline.rules.scopes import EVERY_SCOPE

DEVELOPMENT_ISSUER = "urn:grantline:development"
KEY_FILE = "issuer.pem"
KEY_BITS = 2048
DEFAULT_LIFETIME = timedelta(hours=12)
CODE_LIFETIME = timedelta(minutes=1)
CODES = f"{DEVELOPMENT_ISSUER}:codes"
PAGES = "/auth/development"
MOST_CODES = 1_000


class DevelopmentIssuer:
    """Tokens for the people of the directory, signed with a key of our own."""

    name = DEVELOPMENT_ISSUER
    algorithms = ("RS256",)

    def __init__(self, home: Path, *, audience: str = "grantline", address: str = "") -> None:
        self._home = home
        self._audience = audience
        self._address = address
        self._loaded: rsa.RSAPrivateKey | None = None
        self._redeemed: dict[str, None] = {}

    def token(
        self, person: Person, *, lifetime: timedelta = DEFAULT_LIFETIME, scopes: Iterable[str] = EVERY_SCOPE
    ) -> str:
        """Return a bearer token that says its holder is `person`, and what a program may do in their name."""
        return self._signed({**_names(person), "aud": self._audience, "scp": " ".join(scopes)}, lifetime)

    def application_token(self, app_id: str, roles: Iterable[str], *, lifetime: timedelta = DEFAULT_LIFETIME) -> str:
        """Return a bearer token of an application that acts for itself, with these permissions."""
        claims = {"aud": self._audience, "sub": app_id, "appid": app_id, "idtyp": "app", "roles": list(roles)}
        return self._signed(claims, lifetime)

    async def endpoints(self) -> Endpoints:
        """Return the pages of this very process."""
        here = f"{self._address}{PAGES}"
        return Endpoints(authorization=f"{here}/authorize", token=f"{here}/token")

    async def check(self) -> None:
        """Do nothing: it is here."""

    def code(self, person: Person, *, client_id: str, redirect_uri: str, nonce: str, challenge: str) -> str:
        """Return a code that becomes tokens once, soon, and for whoever knows what `challenge` was made of."""
        asked = {"client": client_id, "redirect": redirect_uri, "nonce": nonce, "challenge": challenge}
        return self._signed({**_names(person), **asked, "aud": CODES, "jti": new_id()}, CODE_LIFETIME)

    def redeem(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        """Return the answer of a token endpoint.

        Raises:
            InvalidInput: the code is not one of ours, is used or over, or was made for somebody else.
        """
        try:
            key = self._key().public_key()
            said = jwt.decode(code, key, algorithms=list(self.algorithms), audience=CODES, issuer=self.name)
        except jwt.PyJWTError as error:
            raise InvalidInput(f"The code is not accepted: {error}.", target="code") from error
        is_theirs = (said["client"], said["redirect"]) == (client_id, redirect_uri)
        if not is_theirs or not hmac.compare_digest(said["challenge"], challenge_of(verifier)):
            raise InvalidInput("The code was made for somebody else.", target="code")
        if said["jti"] in self._redeemed:
            raise InvalidInput("The code has been used.", target="code")
        self._redeemed[said["jti"]] = None
        while len(self._redeemed) > MOST_CODES:
            self._redeemed.pop(next(iter(self._redeemed)))
        who = {name: said[name] for name in ("sub", "oid", "name", "preferred_username", "upn")}
        id_token = self._signed({**who, "aud": client_id, "nonce": said["nonce"]}, DEFAULT_LIFETIME)
        access_token = self._signed({**who, "aud": self._audience, "scp": " ".join(EVERY_SCOPE)}, DEFAULT_LIFETIME)
        return {
            "token_type": "Bearer",
            "expires_in": int(DEFAULT_LIFETIME.total_seconds()),
            "access_token": access_token,
            "id_token": id_token,
        }

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
        if header_of(token).get("kid") != self.key_id:
            raise Unauthenticated(f"The token was not signed by the development issuer of {self._home}.")
        return jwt.PyJWK.from_dict(self.jwks()["keys"][0])

    def _signed(self, claims: dict[str, Any], lifetime: timedelta) -> str:
        now = utc_now()
        stamped = {"iss": self.name, **claims, "iat": now, "nbf": now, "exp": now + lifetime}
        return jwt.encode(stamped, self._key(), algorithm="RS256", headers={"kid": self.key_id})

    def _key(self) -> rsa.RSAPrivateKey:
        if self._loaded is None:
            self._loaded = _load_or_make(self._home / KEY_FILE)
        return self._loaded


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _names(person: Person) -> dict[str, Any]:
    name = person.user_principal_name
    return {"sub": person.id, "oid": person.id, "name": person.display_name, "preferred_username": name, "upn": name}


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
