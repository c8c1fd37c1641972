"""An OpenID provider: what it says of itself, and its keys, fetched rarely and kept while it is away.

Its keys are looked at again when they are no longer fresh, in the background,
and when a token names one we do not know; never more often than `PAUSE` allows,
however many tokens name keys that do not exist.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import structlog

from grantline.addresses import is_loopback
from grantline.errors import Unauthenticated, Unavailable
from grantline.issuer.base import Endpoints, header_of
from grantline.issuer.keys import KeySet

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
PATIENCE = timedelta(seconds=5)
FRESH = timedelta(minutes=10)
# A provider that is away this long may have withdrawn a key without our hearing of it.
LONGEST_TRUST = timedelta(hours=24)
PAUSE = timedelta(seconds=10)
LARGEST_ANSWER = 512 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the provider last said, and when."""

    issuer: str
    keys: KeySet
    places: dict[str, str]
    at: float


class OpenIdProvider:
    """A provider that is known by its issuer URL alone."""

    algorithms = ALGORITHMS

    def __init__(
        self,
        issuer: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._transport = transport
        self._clock = clock
        self._known: _Known | None = None
        self._trouble: str | None = None
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()
        self._behind: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """Return the `iss` of its tokens: as it writes it itself, once it has been asked."""
        return self._known.issuer if self._known else self._issuer

    async def signing_key(self, token: str) -> jwt.PyJWK:
        """Return the provider's key that the token names."""
        header = header_of(token)
        key_id, algorithm = header.get("kid"), header.get("alg")
        if algorithm not in self.algorithms:
            raise Unauthenticated(f"The token is signed with {str(algorithm)[:20]!r}, which is not accepted.")
        known = await self._current()
        key = known.keys.find(key_id, algorithm)
        if key is None:
            known = await self._looked_again()
            key = known.keys.find(key_id, algorithm)
        if key is None:
            raise Unauthenticated(f"The token names a key that {self.name} does not have.")
        return key

    async def endpoints(self) -> Endpoints:
        """Return where people sign in."""
        places = (await self._current()).places
        if "authorization_endpoint" not in places or "token_endpoint" not in places:
            raise Unavailable(f"{self._issuer} names no place where people sign in.")
        return Endpoints(
            authorization=places["authorization_endpoint"],
            token=places["token_endpoint"],
            userinfo=places.get("userinfo_endpoint"),
            end_session=places.get("end_session_endpoint"),
        )

    async def check(self) -> None:
        """Raise `Unavailable` unless tokens can be checked now, with keys that may be trusted; else warm up."""
        await self._current()

    async def _current(self) -> _Known:
        """Return what is known, fresh or not; wait only where nothing is known that may be trusted."""
        known = self._known
        age = timedelta(seconds=self._clock() - known.at) if known else None
        if known is None or age is None or age > LONGEST_TRUST:
            await self._refresh()
            if self._known is None or self._known is known:
                raise Unavailable(self._trouble or f"{self._issuer} does not answer.")
            return self._known
        if age > FRESH and (self._behind is None or self._behind.done()):
            self._behind = asyncio.create_task(self._refresh())
        return known

    async def _looked_again(self) -> _Known:
        await self._refresh()
        if self._trouble is not None or self._known is None:
            raise Unavailable(f"The keys of {self._issuer} cannot be fetched; try again shortly.")
        return self._known

    async def _refresh(self) -> None:
        """Ask the provider, unless somebody has just done so. What goes wrong is kept in `_trouble`."""
        async with self._fetching:
            if self._tried_at is not None and self._clock() - self._tried_at < PAUSE.total_seconds():
                return
            self._tried_at = self._clock()
            try:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    self._known = await self._asked()
                self._trouble = None
            except TimeoutError:
                self._trouble = f"{self._issuer} does not answer in {PATIENCE.seconds} seconds; try again shortly."
            except Unavailable as error:
                self._trouble = error.message
            if self._trouble is not None:
                log.warning("the OpenID provider cannot be asked", issuer=self._issuer, trouble=self._trouble)

    async def _asked(self) -> _Known:
        address = self._issuer.rstrip("/") + DISCOVERY
        async with httpx2.AsyncClient(timeout=PATIENCE.total_seconds(), transport=self._transport) as http:
            document = await _object_at(http, address)
            issuer = document.get("issuer")
            if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer.rstrip("/"):
                raise Unavailable(f"{address} is of another issuer, {str(issuer)[:200]!r}; set GRANTLINE_OIDC_ISSUER.")
            keys_at = document.get("jwks_uri")
            if not isinstance(keys_at, str) or not _is_safe(keys_at):
                raise Unavailable(f"{address} names no jwks_uri that begins with https://.")
            found = (await _object_at(http, keys_at)).get("keys")
        keys = KeySet(found if isinstance(found, list) else [])
        if len(keys) == 0:
            raise Unavailable(f"{keys_at} has no key that signs.")
        places = {
            name: place
            for name, place in document.items()
            if name.endswith("_endpoint") and isinstance(place, str) and _is_safe(place)
        }
        return _Known(issuer=issuer, keys=keys, places=places, at=self._clock())


async def _object_at(http: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    """Return the JSON object at an address; no provider's is large."""
    try:
        async with http.stream("GET", address) as answer:
            answer.raise_for_status()
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise Unavailable(f"{address} answers with more than a provider would.")
        found = json.loads(body)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
        raise Unavailable(f"{address} does not answer as a provider would.") from error
    if not isinstance(found, dict):
        raise Unavailable(f"{address} does not answer as a provider would.")
    return found


def _is_safe(address: str) -> bool:
    """Tell whether nobody on the way can change what is read there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )
