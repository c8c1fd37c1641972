"""Settings: environment variables `GRANTLINE_…`, typed, read once, and refused when they make no sense.

`load()` is the one way in; what is wrong comes out as one line of `SetupError`.
`docs/settings.md` is generated from the descriptions below.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from grantline import addresses
from grantline.errors import SetupError
from grantline.model.person import KnownBy

PREFIX = "GRANTLINE_"
SMTP_OVER_TLS = 465
SHORTEST_SECRET = 32
QUOTES = ("'", '"')


def _split(value: Any) -> Any:
    """Read a comma-separated list."""
    if isinstance(value, str):
        value = value.split(",")
    return tuple(name.strip() for name in value if name.strip())


def _split_names(value: Any) -> Any:
    """Read a comma-separated list; names are compared in lower case."""
    return tuple(name.lower() for name in _split(value))


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
    database_url: Annotated[str, AfterValidator(addresses.normalised_database_url)] = Field(
        default_factory=lambda values: f"sqlite:///{values.get('home', Path('.grantline')) / 'grantline.db'}",
        description=(
            "Where the record is: `sqlite:////absolute/file.db`, or `postgresql://user:password@host/name`. "
            "By default `grantline.db` in the home folder."
        ),
        validate_default=True,
        repr=False,
    )
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=1, le=addresses.HIGHEST_PORT, description="Port the API listens on.")
    public_url: Annotated[str, AfterValidator(addresses.base_address)] = Field(
        default_factory=lambda values: (
            f"http://{addresses.bracketed(values.get('host', ''))}:{values.get('port', 8000)}"
        ),
        description="How clients reach the API, without a path at the end; it begins every link in an answer.",
        validate_default=True,
    )
    rate_limit_per_minute: int = Field(
        default=12_000,
        ge=0,
        description="Requests a caller may send one API process in a minute, else 429; `0` for any.",
    )
    request_timeout_seconds: int = Field(
        default=60, ge=1, description="How long an answer may take to begin; beyond, it is given up with 504."
    )
    administrators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_names)] = Field(
        default=(),
        description="userPrincipalNames that are Identity Governance Administrators from the start, comma-separated.",
    )
    reprocess_days: int = Field(
        default=14,
        ge=0,
        description="For how many days a failed request can be delivered again (reprocess); `0` for ever.",
    )
    drift_check_hours: int = Field(
        default=24,
        ge=0,
        description="After how many hours every grant is looked at in its target system again; `0` never.",
    )
    housekeeping_minutes: int = Field(
        default=60,
        ge=1,
        description="How often, in minutes, missing workflows are looked for and old mail thrown away.",
    )
    mail_kept_days: int = Field(
        default=90, ge=1, description="For how many days mail that was sent, or given up, stays in the database."
    )
    temporal_address: Annotated[str, AfterValidator(addresses.host_and_port)] = Field(
        default="127.0.0.1:7233", description="host:port of the Temporal frontend."
    )
    temporal_ui_url: Annotated[str, AfterValidator(addresses.base_address)] | None = Field(
        default=None, description="Address of Temporal's UI; the portal leads administrators there from each request."
    )
    temporal_namespace: str = Field(default="default", min_length=1, description="Temporal namespace.")
    temporal_task_queue: str = Field(default="grantline", min_length=1, description="Task queue of API and worker.")
    temporal_tls: bool = Field(default=False, description="Whether to speak TLS to Temporal.")
    temporal_api_key: SecretStr | None = Field(default=None, description="API key for Temporal, if it asks for one.")
    oidc_issuer: Annotated[str, AfterValidator(addresses.web_address)] | None = Field(
        default=None,
        description=(
            "URL of the OpenID provider whose tokens are accepted. Absent, the built-in development issuer is used, "
            "which serves on loopback only."
        ),
    )
    oidc_audience: str = Field(
        default="grantline", min_length=1, description="Audience that tokens must be for; one of several, with commas."
    )
    oidc_person_claims: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = Field(
        default=("oid", "sub", "preferred_username", "upn", "unique_name"),
        description=(
            "Claims of a token that may name a person of the directory, in the order they are tried. `oid` and `sub` "
            "are ids, `email` is a mail (taken only when `email_verified`), others are userPrincipalNames; "
            "`claim=employeeId` says otherwise, with `id`, `userPrincipalName`, `mail` or `employeeId`."
        ),
    )
    oidc_roles_claim: str = Field(
        default="roles",
        min_length=1,
        description=(
            "Claim with an application's permissions, such as `EntitlementManagement.Read.All`; dots lead inside, "
            "as in `resource_access.grantline.roles`."
        ),
    )
    oidc_require_scopes: bool = Field(
        default=False,
        description=(
            "Whether a person's token must have scopes of Microsoft Graph's names. Otherwise one that has none of them "
            "stands for all that the person may do; one that has some is narrowed to them in any case."
        ),
    )
    oidc_clock_skew: timedelta = Field(
        default=timedelta(seconds=30),
        ge=timedelta(0),
        le=timedelta(minutes=5),
        description="How far the provider's clock and ours may differ.",
    )
    oidc_client_id: str | None = Field(
        default=None,
        description=(
            "The portal's client id at the provider. Absent, nobody signs in with a browser; the development issuer "
            "needs none. Its redirect URI is the public URL and `/auth/callback`."
        ),
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None,
        description="The portal's secret at the provider; absent for a public client. PKCE is used anyway.",
    )
    oidc_scopes: str = Field(
        default="openid profile", description="Scopes that the portal asks for at sign-in, with blanks between them."
    )
    session_idle: timedelta = Field(
        default=timedelta(hours=2),
        ge=timedelta(minutes=1),
        description="How long a session of the portal outlasts its last use.",
    )
    session_lifetime: timedelta = Field(
        default=timedelta(hours=12),
        ge=timedelta(minutes=1),
        le=timedelta(days=30),
        description="How long a session of the portal lasts at most; then one signs in again.",
    )
    scim_base_url: Annotated[str, AfterValidator(addresses.base_address)] | None = Field(
        default=None, description="SCIM 2.0 service that `Scim` resources live in."
    )
    scim_token: SecretStr | None = Field(default=None, description="Bearer token for the SCIM service.")
    mail_from: Annotated[str, AfterValidator(addresses.mail_address)] = Field(
        default="Grantline <grantline@localhost>",
        description="Sender of all mail: an address, or `Name <address>`. Set it with the SMTP server.",
    )
    mail_templates: Path | None = Field(
        default=None,
        description=(
            "Folder of mail templates that go before the built-in ones, file by file: docs/mail.md. Read when the "
            "worker starts, which it refuses to when one of them is broken; set it for the API too, which shows them."
        ),
    )
    smtp_host: str | None = Field(
        default=None,
        description="SMTP server that takes our mail. Absent, mail is written to the worker's log instead.",
    )
    smtp_port: int = Field(
        default=587, ge=1, le=addresses.HIGHEST_PORT, description="Port of the SMTP server; on 465 TLS begins at once."
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
        le=addresses.HIGHEST_PORT,
        description="Port on which the worker shows its Prometheus metrics; absent, it does not. The API has /metrics.",
    )
    metrics_host: str = Field(default="127.0.0.1", description="Address on which the worker shows its metrics.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @field_validator("mail_templates")
    @classmethod
    def _a_folder(cls, folder: Path | None) -> Path | None:
        folder = folder.expanduser().resolve() if folder else None
        if folder is not None and not folder.is_dir():
            raise ValueError(f"{str(folder)!r} should be a folder")
        return folder

    @field_validator(
        "oidc_issuer",
        "oidc_audience",
        "oidc_client_id",
        "oidc_client_secret",
        "scim_base_url",
        "scim_token",
        "temporal_api_key",
        "smtp_password",
    )
    @classmethod
    def _real(cls, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text is not None and addresses.is_placeholder(text):
            raise ValueError("is still a placeholder; put the real value")
        return value

    @field_validator("callout_secrets")
    @classmethod
    def _long_secrets(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for one in secrets:
            if addresses.is_placeholder(one.get_secret_value()):
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

    @field_validator("oidc_person_claims")
    @classmethod
    def _claims(cls, claims: tuple[str, ...]) -> tuple[str, ...]:
        for claim in claims:
            name, _, known_by = claim.partition("=")
            if not name or known_by not in {"", *KnownBy}:
                raise ValueError(f"{claim!r} should be a claim, or a claim = one of {', '.join(KnownBy)}")
        if not claims:
            raise ValueError("should name a claim, such as oid")
        return claims

    @field_validator("oidc_scopes")
    @classmethod
    def _with_openid(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError(f"{scopes!r} should have openid in it, or nobody learns who signs in")
        return scopes

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.oidc_issuer is None and not addresses.is_loopback(self.host):
            raise ValueError(
                f"the development issuer serves on loopback only, but {PREFIX}HOST is {self.host}; "
                f"set {PREFIX}OIDC_ISSUER or listen on 127.0.0.1"
            )
        if self.oidc_issuer is not None:
            addresses.refuse_plain_http(f"{PREFIX}OIDC_ISSUER", self.oidc_issuer)
        if (self.scim_base_url is None) != (self.scim_token is None):
            raise ValueError(f"{PREFIX}SCIM_BASE_URL and {PREFIX}SCIM_TOKEN go together; only one of them is set")
        self._sign_in_agrees()
        self._mail_agrees()
        return self

    def _sign_in_agrees(self) -> None:
        if self.session_idle > self.session_lifetime:
            raise ValueError(f"{PREFIX}SESSION_IDLE is longer than {PREFIX}SESSION_LIFETIME; it should not be")
        if self.oidc_client_secret is not None and self.oidc_client_id is None:
            raise ValueError(f"{PREFIX}OIDC_CLIENT_SECRET is set, but not {PREFIX}OIDC_CLIENT_ID, whose secret it is")
        if self.oidc_client_id is not None:
            addresses.refuse_plain_http(f"{PREFIX}PUBLIC_URL", self.public_url)

    def _mail_agrees(self) -> None:
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD go together; only one of them is set")
        if self.smtp_host is None:
            return
        if "mail_from" not in self.model_fields_set:
            raise ValueError(f"{PREFIX}SMTP_HOST is set, but not who sends: set {PREFIX}MAIL_FROM")
        is_in_clear = not self.smtp_starttls and self.smtp_port != SMTP_OVER_TLS
        if self.smtp_user is not None and is_in_clear and not addresses.is_loopback(self.smtp_host):
            raise ValueError(f"{PREFIX}SMTP_PASSWORD would travel in clear; leave {PREFIX}SMTP_STARTTLS on")

    @property
    def uses_development_issuer(self) -> bool:
        """Tell whether tokens come from the built-in issuer."""
        return self.oidc_issuer is None

    @property
    def oidc_audiences(self) -> tuple[str, ...]:
        """Return the audiences of which a token must be for one."""
        return _split(self.oidc_audience)

    @property
    def person_claims(self) -> tuple[tuple[str, KnownBy], ...]:
        """Return the claims that may name a person, each with what of the directory it is."""
        usual = {"oid": KnownBy.ID, "sub": KnownBy.ID, "email": KnownBy.MAIL}
        found: list[tuple[str, KnownBy]] = []
        for claim in self.oidc_person_claims:
            name, _, known_by = claim.partition("=")
            found.append((name, KnownBy(known_by) if known_by else usual.get(name, KnownBy.USER_PRINCIPAL_NAME)))
        return tuple(found)

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


def _sentence(item: Any) -> str:
    """Turn one finding of pydantic into `GRANTLINE_X: why`; findings about several fields name them themselves."""
    says = item["msg"].removeprefix("Value error, ")
    if not item["loc"]:
        return says
    variable = f"{PREFIX}{str(item['loc'][0]).upper()}"
    if item["type"] == "value_error":
        return f"{variable}{': ' if says[0] in QUOTES else ' '}{says}"
    given = item["input"]
    shown = "" if "secret" in item["type"] else f" {given if isinstance(given, timedelta) else repr(given)}"
    return f"{variable}{shown}: {says[0].lower()}{says[1:]}"
