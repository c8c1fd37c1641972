"""The portal's two cookies, and the proof that a page of ours sent a request that changes something.

A browser sends a cookie along with whatever any page makes it send. So a
request that is only known by its cookie, and would change something, must come
from our own origin and carry a token that only our own pages can read.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from grantline.errors import NotAllowed

CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN_PATIENCE = timedelta(minutes=10)
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A sign-in that was begun in this browser: what its end is held against."""

    state: str
    nonce: str
    verifier: str
    return_to: str


class Cookies:
    """Sets and reads the cookies of a portal at one address.

    Over https their names begin with `__Host-`, which keeps every other host
    from setting them; plain http is for loopback alone.
    """

    def __init__(self, public_url: str) -> None:
        self.origin = origin_of(public_url)
        self._is_secure = self.origin.startswith("https:")
        prefix = "__Host-" if self._is_secure else ""
        self._session = f"{prefix}grantline-session"
        self._sign_in = f"{prefix}grantline-sign-in"

    def session_of(self, request: Request) -> str | None:
        """Return the session's secret, if the browser has one."""
        return request.cookies.get(self._session) or None

    def keep_session(self, response: Response, secret: str, lifetime: timedelta) -> None:
        """Let the browser keep a session."""
        self._keep(response, self._session, secret, lifetime)

    def forget_session(self, response: Response) -> None:
        """Let the browser forget the session."""
        self._keep(response, self._session, "", timedelta(0))

    def pending_of(self, request: Request) -> Pending | None:
        """Return the sign-in that this browser began, if it did."""
        try:
            found = json.loads(base64.urlsafe_b64decode(request.cookies.get(self._sign_in, "")))
            pending = Pending(**found)
        except (ValueError, TypeError, binascii.Error):
            return None
        return pending if all(isinstance(value, str) for value in asdict(pending).values()) else None

    def keep_pending(self, response: Response, pending: Pending) -> None:
        """Let the browser keep what its sign-in's end is held against; no page can read it, no other host set it."""
        packed = base64.urlsafe_b64encode(json.dumps(asdict(pending)).encode()).decode()
        self._keep(response, self._sign_in, packed, SIGN_IN_PATIENCE)

    def forget_pending(self, response: Response) -> None:
        """Let the browser forget it: a sign-in ends once."""
        self._keep(response, self._sign_in, "", timedelta(0))

    def require_own_page(self, request: Request, secret: str) -> None:
        """Refuse what would change something and was not sent by a page of ours.

        Raises:
            NotAllowed: another page sent it, or it cannot be told.
        """
        if request.method in SAFE_METHODS:
            return
        origin = request.headers.get("origin")
        if origin != self.origin:
            raise NotAllowed(f"The request comes from {origin or 'no page'}; with a session it must be {self.origin}.")
        if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), csrf_token(secret).encode()):
            raise NotAllowed(f"With a session, send {CSRF_HEADER} with the csrfToken of GET /api/session.")

    def _keep(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


def csrf_token(secret: str) -> str:
    """Return the token that belongs to a session; it tells nothing of the secret."""
    return hashlib.sha256(b"grantline csrf " + secret.encode()).hexdigest()


def origin_of(url: str) -> str:
    """Return an URL's origin as browsers write it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
