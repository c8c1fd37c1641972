"""Settings: environment variables `GRANTLINE_…`, typed, read once, and refused when they make no sense.

`load()` is the one way in; what is wrong comes out as one line of `SetupError`.
`docs/settings.md` is generated from the descriptions below.
"""

import ipaddress
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from grantline.errors import SetupError

PREFIX = "GRANTLINE_"
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
HIGHEST_PORT = 65_535
SMTP_OVER_TLS = 465
SHORTEST_SECRET = 32
QUOTES = ("'", '"')
PLACEHOLDERS = ("changeme", "change-me", "change_me", "changethis", "placeholder", "replace-me", "replaceme", "todo")


def _split_names(value: Any) -> Any:
    """Read a comma-separated list; names are compared in lower case."""
    if isinstance(value, str):
        value = value.split(",")
    return tuple(name.strip().lower() for name in value if name.strip())


def _split_secrets(value: Any) -> Any:
    """Read a comma-separated list of secrets."""
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything that can be set. An empty variable counts as absent."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(
        default=Path(".grantline"),
        description="Folder of what Grantline keeps itself: the SQLite database, the development issuer's key, logs.",
    )
    database_url: str = Field(
        default_factory=lambda values: f"sqlite:///{values.get('home', Path('.grantline')) / 'grantline.db'}",
        description=(
            "Where the record is: `sqlite:////absolute/file.db`, or `postgresql://user:password@host/name`. "
            "By default `grantline.db` in the home folder."
        ),
        validate_default=True,
        repr=False,
    )
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=1, le=HIGHEST_PORT, description="Port the API listens on.")
    public_url: str = Field(
        default_factory=lambda values: f"http://{_bracketed(values.get('host', ''))}:{values.get('port', 8000)}",
        description="How clients reach the API, without a path at the end; it begins every link in an answer.",
        validate_default=True,
    )
    administrators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_names)] = Field(
        default=(),
        description="userPrincipalNames that are Identity Governance Administrators from the start, comma-separated.",
    )
    show_approvers: bool = Field(
        default=True,
        description=(
            "Whether requestor and target learn who approves, where the policy's stage leaves it to the default "
            "(`approverInformationVisibility`)."
        ),
    )
    temporal_address: str = Field(default="127.0.0.1:7233", description="host:port of the Temporal frontend.")
    temporal_namespace: str = Field(default="default", min_length=1, description="Temporal namespace.")
    temporal_task_queue: str = Field(
        default="grantline", min_length=1, description="Task queue that the API starts on and the worker listens to."
    )
    temporal_tls: bool = Field(default=False, description="Whether to speak TLS to Temporal.")
    temporal_api_key: SecretStr | None = Field(default=None, description="API key for Temporal, if it asks for one.")
    oidc_issuer: str | None = Field(
        default=None,
        description=(
            "URL of the OpenID provider whose tokens are accepted. Absent, the built-in development issuer is used, "
            "which serves on loopback only."
        ),
    )
    oidc_audience: str = Field(default="grantline", min_length=1, description="Audience that tokens must be for.")
    scim_base_url: str | None = Field(default=None, description="SCIM 2.0 service that `Scim` resources live in.")
    scim_token: SecretStr | None = Field(default=None, description="Bearer token for the SCIM service.")
    mail_from: str = Field(
        default="Grantline <grantline@localhost>",
        description="Sender of all mail: an address, or `Name <address>`. Set it with the SMTP server.",
    )
    mail_templates: Path | None = Field(
        default=None,
        description=(
            "Folder of mail templates that go before the built-in ones, file by file: docs/mail.md. Read when the "
            "worker starts, which it refuses to when one of them is broken."
        ),
    )
    smtp_host: str | None = Field(
        default=None,
        description="SMTP server that takes our mail. Absent, mail is written to the worker's log instead.",
    )
    smtp_port: int = Field(
        default=587, ge=1, le=HIGHEST_PORT, description="Port of the SMTP server; on 465 TLS begins at once."
    )
    smtp_user: str | None = Field(default=None, description="User name for the SMTP server, if it asks for one.")
    smtp_password: SecretStr | None = Field(default=None, description="Password for the SMTP server.")
    smtp_starttls: bool = Field(
        default=True,
        description="Whether to insist on STARTTLS, with a certificate that holds; `false` sends in clear.",
    )
    callout_secrets: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split_secrets)] = Field(
        default=(),
        description=(
            "Secrets that callouts to custom extensions are signed with, comma-separated, newest first, each of at "
            "least 32 characters. API and worker must have the same. Absent, no custom extension can be made. To "
            "change one, put the new one before it, hand out the new keys (`grantline callout-key`), then take it out."
        ),
    )
    callout_private_addresses: bool = Field(
        default=False,
        description=(
            "Whether callouts may go to loopback and to private networks (10/8, 172.16/12, 192.168/16, 100.64/10, "
            "fc00::/7). Link-local addresses and those where clouds keep a machine's secrets are never called."
        ),
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="`json`, one object per line, or `console`, for people."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is logged."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=HIGHEST_PORT,
        description="Port on which the worker shows its Prometheus metrics; absent, it does not. The API has /metrics.",
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address on which the worker shows its metrics.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        return normalised_database_url(url)

    @field_validator("temporal_address")
    @classmethod
    def _host_and_port(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        if not host or "/" in address or not port.isdigit() or not 0 < int(port) <= HIGHEST_PORT:
            raise ValueError(f"{address!r} should be host:port, such as temporal.internal:7233")
        return address

    @field_validator("public_url", "scim_base_url")
    @classmethod
    def _no_slash(cls, url: str | None) -> str | None:
        return url.rstrip("/") if url else url

    @field_validator("public_url", "oidc_issuer", "scim_base_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} should begin with https:// and name a host")
        if parts.query or parts.fragment:
            raise ValueError(f"{url!r} should have neither ? nor #")
        return url

    @field_validator("mail_templates")
    @classmethod
    def _a_folder(cls, folder: Path | None) -> Path | None:
        folder = folder.expanduser().resolve() if folder else None
        if folder is not None and not folder.is_dir():
            raise ValueError(f"{str(folder)!r} should be a folder")
        return folder

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, sender: str) -> str:
        name, address = parseaddr(sender)
        local, _, domain = address.partition("@")
        if not local or not domain or " " in address or not sender.isprintable():
            raise ValueError(f"{sender!r} should be an address, such as Grantline <access@example.com>")
        return formataddr((name, address))

    @field_validator("oidc_issuer", "oidc_audience", "scim_base_url", "scim_token", "temporal_api_key", "smtp_password")
    @classmethod
    def _real(cls, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text is not None and _is_placeholder(text):
            raise ValueError("is still a placeholder; put the real value")
        return value

    @field_validator("callout_secrets")
    @classmethod
    def _long_secrets(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for one in secrets:
            if _is_placeholder(one.get_secret_value()):
                raise ValueError("has a placeholder in it; put the real value")
            if len(one.get_secret_value()) < SHORTEST_SECRET:
                raise ValueError(
                    f"has a secret of less than {SHORTEST_SECRET} characters; make one: openssl rand -hex 32"
                )
        return secrets

    @field_validator("administrators")
    @classmethod
    def _user_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if "@" not in name or " " in name:
                raise ValueError(f"{name!r} should be a userPrincipalName, such as ada@example.com")
        return names

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.oidc_issuer is None and not is_loopback(self.host):
            raise ValueError(
                f"the development issuer serves on loopback only, but {PREFIX}HOST is {self.host}; "
                f"set {PREFIX}OIDC_ISSUER or listen on 127.0.0.1"
            )
        if self.oidc_issuer is not None:
            _refuse_plain_http("OIDC_ISSUER", self.oidc_issuer)
        if (self.scim_base_url is None) != (self.scim_token is None):
            raise ValueError(f"{PREFIX}SCIM_BASE_URL and {PREFIX}SCIM_TOKEN go together; only one of them is set")
        self._mail_agrees()
        return self

    def _mail_agrees(self) -> None:
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD go together; only one of them is set")
        if self.smtp_host is None:
            return
        if "mail_from" not in self.model_fields_set:
            raise ValueError(f"{PREFIX}SMTP_HOST is set, but not who sends: set {PREFIX}MAIL_FROM")
        is_in_clear = not self.smtp_starttls and self.smtp_port != SMTP_OVER_TLS
        if self.smtp_user is not None and is_in_clear and not is_loopback(self.smtp_host):
            raise ValueError(f"{PREFIX}SMTP_PASSWORD would travel in clear; leave {PREFIX}SMTP_STARTTLS on")

    @property
    def uses_development_issuer(self) -> bool:
        """Tell whether tokens come from the built-in issuer."""
        return self.oidc_issuer is None

    @property
    def uses_sqlite(self) -> bool:
        """Tell whether the record is an SQLite file."""
        return self.database_url.startswith("sqlite")

    def is_administrator(self, user_principal_name: str) -> bool:
        """Tell whether a person is an administrator by settings."""
        return user_principal_name.lower() in self.administrators


def load(**given: Any) -> Settings:
    """Read the environment; what is `given` and not None goes before it.

    Raises:
        SetupError: one line that names the variable, what it has and what would be right.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        findings = [item for item in error.errors(include_url=False) if item["type"] != "default_factory_not_called"]
        raise SetupError("; ".join(_sentence(item) for item in findings)) from None


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
    if _is_placeholder(parts.password or "") or "<" in parts.netloc:
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


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_placeholder(text: str) -> bool:
    return text.lower().strip() in PLACEHOLDERS or (text.startswith("<") and text.endswith(">"))


def _refuse_plain_http(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"{PREFIX}{name} is {url}; over a network it should begin with https://")


def _sentence(item: Any) -> str:
    """Turn one finding of pydantic into `GRANTLINE_X: why`; findings about several fields name them themselves."""
    says = item["msg"].removeprefix("Value error, ")
    if not item["loc"]:
        return says
    variable = f"{PREFIX}{str(item['loc'][0]).upper()}"
    if item["type"] == "value_error":
        return f"{variable}{': ' if says[0] in QUOTES else ' '}{says}"
    shown = "" if "secret" in item["type"] else f" {item['input']!r}"
    return f"{variable}{shown}: {says[0].lower()}{says[1:]}"
