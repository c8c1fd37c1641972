"""docker-compose.yml as a value, its variables filled in the way a person would."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from tests.architecture.house import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
REFERENCE = re.compile(r"\$\{(\w+)(?:(:[?-])([^}]*))?\}")

FILLED = {
    "POSTGRES_PASSWORD": "4f1c0ffee",
    "GRANTLINE_POSTGRES_PASSWORD": "5f1c0ffee",
    "TEMPORAL_POSTGRES_PASSWORD": "6f1c0ffee",
    "GRANTLINE_OIDC_ISSUER": "https://login.example.com",
    "GRANTLINE_OIDC_AUDIENCE": "api://grantline",
    "GRANTLINE_ADMINISTRATORS": "ada@example.com",
    "GRANTLINE_PUBLIC_URL": "https://access.example.com",
}
OPTIONAL = {
    "GRANTLINE_OIDC_CLIENT_ID": "",
    "GRANTLINE_OIDC_CLIENT_SECRET": "",
    "GRANTLINE_OIDC_PERSON_CLAIMS": "",
    "GRANTLINE_OIDC_ROLES_CLAIM": "",
    "GRANTLINE_OIDC_REQUIRE_SCOPES": "",
    "GRANTLINE_SCIM_BASE_URL": "",
    "GRANTLINE_SCIM_TOKEN": "",
    "GRANTLINE_SMTP_HOST": "",
    "GRANTLINE_SMTP_PORT": "",
    "GRANTLINE_SMTP_USER": "",
    "GRANTLINE_SMTP_PASSWORD": "",
    "GRANTLINE_MAIL_FROM": "",
    "GRANTLINE_TEMPORAL_UI_URL": "",
}
FILLED |= OPTIONAL


def fill(value: Any, variables: Mapping[str, str]) -> Any:
    """Replace every reference, as compose would."""
    if isinstance(value, dict):
        return {key: fill(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: variables[match[1]], value)
    return value


@cache
def raw() -> dict[str, Any]:
    """Return the file with its references unfilled."""
    return yaml.safe_load(TEXT)


@cache
def services() -> dict[str, dict[str, Any]]:
    """Return the services with every variable filled in."""
    return fill(raw()["services"], FILLED)


def ours() -> dict[str, dict[str, Any]]:
    """Return the services that run our image."""
    return {name: service for name, service in services().items() if service["image"].startswith("grantline:")}
