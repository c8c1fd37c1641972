"""What the API needs of whoever issues its callers' tokens."""

from dataclasses import dataclass
from typing import Any, Protocol

import jwt

from grantline.errors import Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where people sign in, and where a code becomes tokens; some issuers say more of people, and sign them out."""

    authorization: str
    token: str
    userinfo: str | None = None
    end_session: str | None = None


class TokenIssuer(Protocol):
    """Whoever issues tokens."""

    @property
    def name(self) -> str:
        """The `iss` every token must have."""
        ...

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signature algorithms that are accepted: never a symmetric one, never none."""
        ...

    async def signing_key(self, token: str) -> jwt.PyJWK:
        """Return the key a token says it was signed with.

        Raises:
            Unauthenticated: the token is no JWT, or names a key the issuer does not have.
            Unavailable: the issuer's keys cannot be fetched now.
        """
        ...

    async def endpoints(self) -> Endpoints:
        """Return where people sign in.

        Raises:
            Unavailable: the issuer does not say now, or has no such place.
        """
        ...

    async def check(self) -> None:
        """Make ready to check tokens, if that takes anything.

        Raises:
            Unavailable: no token can be checked now.
        """
        ...


def header_of(token: str) -> dict[str, Any]:
    """Return what a token says of itself before anybody has checked it.

    Raises:
        Unauthenticated: it is no JWT.
    """
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Unauthenticated("The bearer token is not a JSON Web Token.") from error
