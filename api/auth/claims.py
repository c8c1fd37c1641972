"""What a verified token says: who its bearer is, and what it lets them reach.

Providers put the same things into different claims. What the standards leave
open is a setting (`ClaimRules`); everything that makes a token something else
than an access token is refused, whatever the settings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grantline.errors import Unauthenticated
from grantline.model.person import LONGEST_APP_ID, KnownBy
from grantline.rules import scopes

TOKEN_TYPES = frozenset({"jwt", "at+jwt"})
# `typ` among the claims is Keycloak's; an access token's is "Bearer".
OTHER_TYPES = frozenset({"id", "refresh", "offline", "logout"})
# Keycloak used to repeat the nonce in access tokens; those say that they are bearer tokens.
ID_TOKEN_CLAIMS = ("at_hash", "c_hash", "s_hash", "nonce")
APP_ID_CLAIMS = ("appid", "azp", "client_id", "cid")
APP_NAME_CLAIMS = ("app_displayname", "client_name")
PERSONAL_CLAIMS = ("preferred_username", "upn", "unique_name", "name", "email")
SCOPE_CLAIMS = ("scp", "scope")
LONGEST_NAME = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRules:
    """How tokens of the provider are read.

    `person` are claims that may name somebody, in the order they are tried, each
    with what of the directory its value is. Without `requires_scopes` a token
    that has no permission of ours stands for all that its person may do.
    """

    person: tuple[tuple[str, KnownBy], ...]
    roles: str = "roles"
    requires_scopes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a token names: a person by what may be found in the directory, or an application.

    `permissions` None: all that the person may do.
    """

    names: tuple[tuple[KnownBy, str], ...] = ()
    app_id: str | None = None
    app_name: str | None = None
    permissions: frozenset[str] | None = None
    expires_at: float


def read(header: Mapping[str, Any], claims: Mapping[str, Any], rules: ClaimRules, expires_at: float) -> Subject:
    """Return whom a token names.

    Raises:
        Unauthenticated: it is a good token, but none for us to take as a bearer's.
    """
    require_access_token(header, claims)
    scopes_given = [name for claim in SCOPE_CLAIMS for name in _words(claims.get(claim))]
    roles = list(_words(_inside(claims, rules.roles)))
    app_id = _acting_application(claims, has_scopes=bool(scopes_given))
    if app_id is not None:
        return Subject(
            app_id=app_id,
            app_name=next(iter(_texts(claims, APP_NAME_CLAIMS)), None),
            permissions=scopes.known([*roles, *scopes_given]),
            expires_at=expires_at,
        )
    held = scopes.known(scopes_given)
    return Subject(
        names=names_in(claims, rules),
        permissions=held if held or rules.requires_scopes else None,
        expires_at=expires_at,
    )


def names_in(claims: Mapping[str, Any], rules: ClaimRules) -> tuple[tuple[KnownBy, str], ...]:
    """Return by what the person may be found in the directory, in the order of the settings."""
    found: dict[tuple[KnownBy, str], None] = {}
    for claim, known_by in rules.person:
        value = claims.get(claim)
        # An address that nobody has checked is whatever its owner likes it to be.
        if claim == "email" and claims.get("email_verified") is not True:
            continue
        if isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable():
            found[known_by, value if known_by is KnownBy.EMPLOYEE_ID else value.lower()] = None
    return tuple(found)


def require_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Refuse what is signed by the right provider for the right audience and is still no bearer token."""
    kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    if kind not in TOKEN_TYPES:
        raise Unauthenticated(f"The token is of type {kind[:40]!r}; an access token is expected.")
    says = str(claims.get("typ", "")).lower()
    if says in OTHER_TYPES or (says != "bearer" and any(claim in claims for claim in ID_TOKEN_CLAIMS)):
        raise Unauthenticated("The token is not an access token, but one for signing in or out.")
    if "cnf" in claims:
        raise Unauthenticated("The token is bound to a key of its holder's (cnf); send a plain bearer token.")


def _acting_application(claims: Mapping[str, Any], *, has_scopes: bool) -> str | None:
    """Return the id of the application that acts for itself, by any of the marks providers give such tokens.

    RFC 9068: the subject is the client. Entra: `idtyp`, or no scopes, no name, and a
    subject that is the object itself. Auth0: `gty`. Keycloak: the client's service account.
    """
    app_id = next(iter(_texts(claims, APP_ID_CLAIMS)), None)
    if app_id is None:
        return None
    subject = claims.get("sub")
    is_acting = (
        claims.get("idtyp") == "app"
        or claims.get("gty") == "client-credentials"
        or subject == app_id
        or claims.get("preferred_username") == f"service-account-{app_id}".lower()
        or (not has_scopes and "oid" in claims and claims["oid"] == subject and not _texts(claims, PERSONAL_CLAIMS))
    )
    if is_acting and len(app_id) > LONGEST_APP_ID:
        raise Unauthenticated(f"The token's application id is longer than {LONGEST_APP_ID} characters.")
    return app_id if is_acting else None


def _inside(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim by its name, or by the names on the way to it: `resource_access.grantline.roles`."""
    found: Any = claims.get(path)
    if found is None and "." in path:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _words(value: Any) -> Iterable[str]:
    """Read what is one text with blanks at one provider and a list at another."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str)]
    return ()


def _texts(claims: Mapping[str, Any], names: Iterable[str]) -> Iterable[str]:
    return [value for name in names if isinstance(value := claims.get(name), str) and value and value.isprintable()]
