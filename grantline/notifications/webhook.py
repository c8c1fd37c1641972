"""Calls somebody's endpoint over HTTP, and nobody else's.

Whoever may name an endpoint must not reach through us what only we reach. So the
name is looked up here, every address is judged, and the connection goes to the
very address that was judged; redirects are not followed, proxies of the
environment do not count, and of the answer nothing but its status is read.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

import httpx2

from grantline.errors import CalloutNotTaken

ONE_CALL = timedelta(seconds=10)
CONNECT_SECONDS = 5.0
USER_AGENT = "Grantline"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

SHARED = ipaddress.ip_network("100.64.0.0/10")
EMBEDDING = ipaddress.ip_network("64:ff9b::/96")
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192")))
"""Where clouds tell a machine its secrets, where that is not a link-local address."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Webhook:
    """The way out. With `allows_private` also to addresses of one's own network; never to link-local ones."""

    def __init__(self, *, allows_private: bool = False, resolver: Resolver = resolve) -> None:
        self._allows_private = allows_private
        self._resolver = resolver
        limits = httpx2.Limits(max_keepalive_connections=0)
        timeout = httpx2.Timeout(ONE_CALL.total_seconds(), connect=CONNECT_SECONDS)
        self._client = httpx2.AsyncClient(timeout=timeout, limits=limits, follow_redirects=False, trust_env=False)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Send JSON and return the status of the answer, whatever it is.

        Raises:
            CalloutNotTaken: there was no answer, or the address may not be called.
        """
        parts = urlsplit(url)
        try:
            async with asyncio.timeout(ONE_CALL.total_seconds()):
                address = await self._judged(parts)
                return await self._post(parts, address, body, headers)
        except TimeoutError as error:
            seconds = int(ONE_CALL.total_seconds())
            raise CalloutNotTaken(f"{parts.hostname} did not answer within {seconds} seconds.") from error
        except httpx2.HTTPError as error:
            says = str(error) or type(error).__name__
            raise CalloutNotTaken(f"{parts.hostname} cannot be reached: {says[:300]}") from error

    async def _post(self, parts: SplitResult, address: str, body: bytes, headers: dict[str, str]) -> int:
        host = parts.hostname or ""
        netloc = f"[{address}]" if ":" in address else address
        port = f":{parts.port}" if parts.port else ""
        query = f"?{parts.query}" if parts.query else ""
        request = self._client.build_request(
            "POST",
            f"{parts.scheme}://{netloc}{port}{parts.path or '/'}{query}",
            content=body,
            headers={
                **headers,
                "Host": (f"[{host}]" if ":" in host else host) + port,
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
            },
            # The certificate must be for the name that was called, not for the address.
            extensions={"sni_hostname": host},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def _judged(self, parts: SplitResult) -> str:
        """Return an address of the host that may be called; one that may not forbids them all."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = await self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise CalloutNotTaken(f"{host} has no address: {error}") from error
        for one in found:
            if not may_call(one, allows_private=self._allows_private):
                raise CalloutNotTaken(
                    f"{host} is at {one}, which Grantline does not call; "
                    "addresses of one's own network are allowed by GRANTLINE_CALLOUT_PRIVATE_ADDRESSES."
                )
        if not found:
            raise CalloutNotTaken(f"{host} has no address.")
        if parts.scheme != "https" and not all(_plain(one).is_loopback for one in found):
            raise CalloutNotTaken(f"{host} is called over http://, which is for this machine alone; use https://.")
        return found[0]


def may_call(address: str, *, allows_private: bool) -> bool:
    """Tell whether an address may be called at all."""
    one = _plain(address)
    if one in METADATA or one.is_link_local or one.is_multicast or one.is_unspecified:
        return False
    if one.is_global:
        return True
    is_own = one.is_loopback or one in SHARED or (one.is_private and not one.is_reserved)
    return allows_private and is_own


def _plain(address: str) -> Address:
    """Return the address that is meant: IPv4 that is wrapped in IPv6 is unwrapped."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        if one.ipv4_mapped is not None:
            return one.ipv4_mapped
        if one.sixtofour is not None:
            return one.sixtofour
        if one in EMBEDDING:
            return ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)
    return one
