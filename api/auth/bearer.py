"""A bearer token to the subject it was issued to.

Checking a signature costs CPU, so what a token said is remembered, by its
hash, until it expires, but not so long that a key its provider has withdrawn
goes on counting. Whether its subject may still come in is asked of the database
each time.
"""

import hashlib
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Any

import jwt

from api.auth import claims
from api.auth.claims import ClaimRules, Subject
from grantline.errors import Unauthenticated
from grantline.issuer import TokenIssuer

LONGEST_TOKEN = 16_384
REMEMBERED = 4_096
LONGEST_MEMORY_SECONDS = 600
FOREVER = 253_402_300_800  # the year 10000


class Authenticator:
    """Reads bearer tokens of one issuer for one of some audiences."""

    def __init__(
        self, issuer: TokenIssuer, *, audiences: tuple[str, ...], rules: ClaimRules, clock_skew: timedelta
    ) -> None:
        self._issuer = issuer
        self._audiences = audiences
        self._rules = rules
        self._leeway = clock_skew.total_seconds()
        self._known: OrderedDict[bytes, tuple[float, Subject]] = OrderedDict()

    async def subject(self, authorization: str | None) -> Subject:
        """Return whom the Authorization header names.

        Raises:
            Unauthenticated: no token, or one we do not accept; says why.
            Unavailable: the issuer's keys cannot be had now.
        """
        token = _bearer(authorization)
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        # Real time, not a duration: `exp` is an instant.
        if known is not None and known[0] > time.time():
            self._known.move_to_end(digest)
            return known[1]
        subject = await self._verify(token)
        self._known[digest] = min(subject.expires_at, time.time() + LONGEST_MEMORY_SECONDS), subject
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return subject

    async def _verify(self, token: str) -> Subject:
        header, said = await verified(self._issuer, token, self._audiences, leeway=self._leeway)
        return claims.read(header, said, self._rules, float(said["exp"]) + self._leeway)


async def verified(
    issuer: TokenIssuer, token: str, audiences: tuple[str, ...], *, leeway: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token that the issuer signed, for one of these audiences, and that holds now.

    Raises:
        Unauthenticated: it does not, and why.
        Unavailable: the issuer's keys cannot be had now.
    """
    key = await issuer.signing_key(token)
    try:
        whole = jwt.decode_complete(
            token,
            key,
            algorithms=list(issuer.algorithms),
            audience=audiences,
            issuer=issuer.name,
            leeway=leeway,
            options={"require": ["exp", "iss", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("The token has expired; get a new one.") from error
    except jwt.InvalidAudienceError as error:
        wanted = " or ".join(audiences)
        raise Unauthenticated(f"The token is for another audience; it should be for {wanted}.") from error
    except jwt.InvalidIssuerError as error:
        raise Unauthenticated(f"The token is of another issuer; it should be of {issuer.name}.") from error
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unauthenticated(f"The token is not accepted: {error}.") from error
    expires_at = whole["payload"]["exp"]
    if not isinstance(expires_at, int | float) or expires_at >= FOREVER:
        raise Unauthenticated("The token never expires; its exp should be an instant in seconds.")
    return whole["header"], whole["payload"]


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise Unauthenticated("Sign in: send a bearer token in the Authorization header.")
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("The Authorization header should be 'Bearer' and a token.")
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated("The bearer token is not a JSON Web Token.")
    return token
