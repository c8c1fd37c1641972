"""Addresses that settings name: which are only this machine's, which are placeholders, and databases in one form."""

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

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
