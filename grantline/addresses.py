"""Addresses that settings name: judged, and brought into one form; which are only this machine's, or placeholders.

What is wrong is a ValueError that says what would be right.
"""

import ipaddress
from email.utils import formataddr, parseaddr
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HIGHEST_PORT = 65_535

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
PLACEHOLDERS = ("changeme", "change-me", "change_me", "changethis", "placeholder", "replace-me", "replaceme", "todo")


def normalised_database_url(url: str) -> str:
    """Return the URL with the driver we use, and with `sslmode` in the driver's words.

    Raises:
        ValueError: another database, an SQLite that is not a file, a placeholder.
    """
    parts = urlsplit(url)
    driver = DRIVERS.get(parts.scheme.lower())
    if driver is None:
        scheme = parts.scheme or "no scheme"
        raise ValueError(f"begins with {scheme!r}; it should begin with postgresql:// or sqlite:///")
    if driver.startswith("sqlite"):
        file = url.partition("://")[2].lstrip("/")
        if file in {"", ":memory:"} or not url.partition("://")[2].startswith("/"):
            raise ValueError("should name a file: sqlite:////absolute/path/grantline.db")
        return f"{driver}://{url.partition('://')[2]}"
    if is_placeholder(parts.password or "") or "<" in parts.netloc:
        raise ValueError("has a placeholder in it; put the real user and password")
    query = [("ssl" if name == "sslmode" else name, value) for name, value in parse_qsl(parts.query)]
    if not parts.hostname and "host" not in dict(query):
        raise ValueError("names no host; it should look like postgresql://user:password@host/name")
    rest = urlunsplit(("", parts.netloc, parts.path, urlencode(query, safe="/"), "")).removeprefix("//")
    return f"{driver}://{rest}"


def host_and_port(address: str) -> str:
    """Return an address of the form host:port."""
    host, _, port = address.rpartition(":")
    if not host or "/" in address or not port.isdigit() or not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError(f"{address!r} should be host:port, such as temporal.internal:7233")
    return address


def web_address(url: str) -> str:
    """Return the URL of a host, or of what is below it, without query and fragment."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} should begin with https:// and name a host")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r} should have neither ? nor #")
    return url


def base_address(url: str) -> str:
    """Return a web address that paths are put behind: without a slash at its end."""
    return web_address(url.rstrip("/"))


def mail_address(sender: str) -> str:
    """Return an address of mail, or `Name <address>`, as it stands in a header."""
    name, address = parseaddr(sender)
    local, _, domain = address.partition("@")
    if not local or not domain or " " in address or not sender.isprintable():
        raise ValueError(f"{sender!r} should be an address, such as Grantline <access@example.com>")
    return formataddr((name, address))


def refuse_plain_http(name: str, url: str) -> None:
    """Refuse to send in clear over a network."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"{name} is {url}; over a network it should begin with https://")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """Return a host as it stands in an URL."""
    return f"[{host}]" if ":" in host else host


def is_placeholder(text: str) -> bool:
    """Tell whether a value is one that an example leaves to be replaced."""
    return text.lower().strip() in PLACEHOLDERS or (text.startswith("<") and text.endswith(">"))
