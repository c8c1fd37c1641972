"""The few pages that the API draws itself: why somebody was not signed in, and who signs in without a provider."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from grantline.model.person import Person

STYLE = (
    "body{font:16px/1.5 'Segoe UI',system-ui,sans-serif;max-width:44rem;margin:10vh auto;padding:0 1.5rem}"
    "body{color:#242424}h1{font-size:1.5rem}a{color:#0f548c}"
    "li{margin:.35rem 0}ul{list-style:none;padding:0}small{color:#616161}"
    "input,button{font:inherit;padding:.35rem .6rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def not_signed_in(message: str, status: int) -> HTMLResponse:
    """Say why somebody was not signed in, and how they try again."""
    return _page("Not signed in", f'<p>{escape(message)}</p><p><a href="/auth/login">Sign in again</a></p>', status)


def who_are_you(people: Sequence[Person], administrators: Iterable[str], asked: dict[str, str], q: str) -> HTMLResponse:
    """Let somebody say who they are; nobody asks for proof, which is why only this machine sees the page."""
    kept = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
    search = (
        f'<form>{kept}<label>Name <input name="q" value="{escape(q)}" autofocus></label> <button>Search</button></form>'
    )
    lines = "".join(_choice(person, person.user_principal_name.lower() in administrators, asked) for person in people)
    listed = f"<ul>{lines}</ul>" if people else "<p>Nobody has such a name.</p>"
    return _page("Who are you?", f"<p>The development issuer believes you.</p>{search}{listed}", 200)


def _choice(person: Person, is_administrator: bool, asked: dict[str, str]) -> str:  # noqa: FBT001  (one caller)
    address = "?" + urlencode({**asked, "login_hint": person.user_principal_name})
    says = " · ".join(filter(None, (person.job_title, person.department, "administrator" if is_administrator else "")))
    return f'<li><a href="{escape(address)}">{escape(person.display_name)}</a> <small>{escape(says)}</small></li>'


def _page(title: str, body: str, status: int) -> HTMLResponse:
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title} – Grantline</title><style>{STYLE}</style><main><h1>{title}</h1>{body}</main></html>"
    )
    return HTMLResponse(html, status_code=status, headers=HEADERS)
