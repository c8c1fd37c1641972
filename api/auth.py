"""Who is asking: a bearer token to the subject it was issued to.

Checking a signature costs CPU, so what a token said is remembered until it
expires. Whether its subject may still come in is asked of the database each time.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass

import jwt

from grantline.errors import Unauthenticated
from grantline.issuer import TokenIssuer

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16_384
REMEMBERED = 4_096
SUBJECT_CLAIMS = ("oid", "sub")
NAME_CLAIMS = ("preferred_username", "upn", "unique_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a token names: by object id, by sign-in name, or both."""

    ids: tuple[str, ...]
    user_names: tuple[str, ...]
    expires_at: float


class Authenticator:
    """Reads bearer tokens of one issuer for one audience."""

    def __init__(self, issuer: TokenIssuer, *, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._known: OrderedDict[str, Subject] = OrderedDict()

    async def subject(self, authorization: str | None) -> Subject:
        """Return whom the Authorization header names.

        Raises:
            Unauthenticated: no token, or one we do not accept; says why.
            Unavailable: the issuer's keys cannot be had now.
        """
        token = _bearer(authorization)
        known = self._known.get(token)
        # Real time, not a duration: `exp` is an instant.
        if known is not None and known.expires_at > time.time():
            self._known.move_to_end(token)
            return known
        subject = await self._verify(token)
        self._known[token] = subject
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return subject

    async def _verify(self, token: str) -> Subject:
        key = await self._issuer.signing_key(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(self._issuer.algorithms),
                audience=self._audience,
                issuer=self._issuer.name,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("The token has expired; get a new one.") from error
        except jwt.InvalidAudienceError as error:
            raise Unauthenticated(f"The token is for another audience; it should be for {self._audience}.") from error
        except jwt.InvalidIssuerError as error:
            raise Unauthenticated(f"The token is of another issuer; it should be of {self._issuer.name}.") from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise Unauthenticated(f"The token is not accepted: {error}.") from error
        return Subject(
            ids=_texts(claims, SUBJECT_CLAIMS),
            user_names=_texts(claims, NAME_CLAIMS),
            expires_at=float(claims["exp"]) + LEEWAY_SECONDS,
        )


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


def _texts(claims: dict[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    found = (claims.get(name) for name in names)
    return tuple(dict.fromkeys(value.lower() for value in found if isinstance(value, str) and value))
