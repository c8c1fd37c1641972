"""Settings to the real things: the one file that knows which class is used.

Nothing here opens a connection. A process that starts while the database or
Temporal is down starts all the same, and says so when it is asked.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import GrpcCompression, RetryConfig

from grantline.connectors.base import Connector, Connectors, by_origin_system
from grantline.connectors.groups import GroupConnector
from grantline.connectors.manual import ManualConnector
from grantline.errors import SetupError
from grantline.issuer import DevelopmentIssuer, OpenIdProvider, TokenIssuer
from grantline.notifications.base import Notifier
from grantline.notifications.console import ConsoleNotifier
from grantline.notifications.rendering import Templates
from grantline.notifications.signing import Signer
from grantline.notifications.smtp import SmtpNotifier, SmtpServer
from grantline.notifications.webhook import Webhook
from grantline.payloads import DATA_CONVERTER
from grantline.persistence.database import Database
from grantline.services.assignments.fulfilment import ManualTasks
from grantline.services.assignments.group_memberships import GroupMemberships
from grantline.services.sending.callout_sender import CalloutSender
from grantline.services.sending.mail_sender import MailSender
from grantline.settings import Settings

# A caller's answer must not wait for Temporal: two tries, a second and a half in all.
IMPATIENT = RetryConfig(max_retries=2, max_elapsed_time_millis=1500)

QUIET_LOGGERS = ("httpx", "httpx2", "httpcore", "sqlalchemy.engine", "asyncio", "aiosqlite", "alembic")


def open_database(settings: Settings) -> Database:
    """Make the database of the settings; an SQLite file's folder is made if it is missing.

    Raises:
        SetupError: the folder cannot be made.
    """
    if settings.uses_sqlite:
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"The home folder {settings.home} cannot be made: {error.strerror}.") from error
    return Database.connect(settings.database_url)


def build_connectors(settings: Settings, database: Database) -> Connectors:
    """Return the target systems that are set up; Grantline's own groups, and what is done by hand, always are."""
    connectors: list[Connector] = [
        GroupConnector(GroupMemberships(database)),
        ManualConnector(ManualTasks(database, settings.administrators)),
    ]
    if settings.scim_base_url is not None and settings.scim_token is not None:
        # Its libraries take a second to load, which those who have no such service need not wait for.
        from grantline.connectors.scim import ScimConnector  # noqa: PLC0415

        connectors.append(ScimConnector(settings.scim_base_url, settings.scim_token.get_secret_value()))
    return by_origin_system(*connectors)


def build_mail_sender(settings: Settings, database: Database) -> MailSender:
    """Return what sends the mail that is owed; without an SMTP server it goes to the log.

    Raises:
        SetupError: a mail template of the settings is broken.
    """
    templates = Templates(settings.public_url, settings.mail_templates)
    templates.check()
    notifier: Notifier = ConsoleNotifier()
    if settings.smtp_host is not None:
        server = SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            starttls=settings.smtp_starttls,
        )
        notifier = SmtpNotifier(server, sender=settings.mail_from)
    return MailSender(database, notifier, templates.write)


def build_signer(settings: Settings) -> Signer:
    """Return what signs callouts and knows the answers to them."""
    return Signer([one.get_secret_value() for one in settings.callout_secrets])


def build_callout_sender(settings: Settings, database: Database) -> CalloutSender:
    """Return what makes the calls to custom extensions that are owed."""
    webhook = Webhook(allows_private=settings.callout_private_addresses)
    return CalloutSender(database, webhook, build_signer(settings))


def build_issuer(settings: Settings) -> TokenIssuer:
    """Return whoever issues the tokens that are accepted."""
    if settings.oidc_issuer is not None:
        return OpenIdProvider(settings.oidc_issuer)
    return DevelopmentIssuer(settings.home, audience=settings.oidc_audiences[0], address=settings.public_url)


async def connect_temporal(settings: Settings) -> Client:
    """Return a client that connects when it is first used, and gives up soon when Temporal is away.

    A Temporal worker refuses lazy clients; it takes `connect_worker`.
    """
    return await Client.connect(**_temporal(settings), lazy=True, retry_config=IMPATIENT)


async def connect_worker(settings: Settings) -> Client:
    """Return a connected, patient client for a worker, with the SDK's metrics shown if a port is set.

    Raises:
        RuntimeError: Temporal does not answer.
    """
    runtime = None
    if settings.metrics_port is not None:
        address = f"{settings.metrics_host}:{settings.metrics_port}"
        runtime = Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=address)))
    return await Client.connect(**_temporal(settings), runtime=runtime)


def configure_logging(settings: Settings) -> None:
    """Send every log line to stderr in one form, with what is bound by `structlog.contextvars`.

    The API binds `request_id`, activities and workflows `workflow_id`. Lines of
    libraries that use the standard `logging` come out in the same form.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(settings.log_format))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _rendering(log_format: str) -> list[Any]:
    last: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    if log_format == "json":
        # Without local variables: they hold tokens and database URLs.
        frames = ExceptionDictTransformer(show_locals=False)
        last = [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer(default=str)]
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_colours, *last]


def _without_colours(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the copy that uvicorn adds of each message, in colours."""
    entry.pop("color_message", None)
    return entry


def _temporal(settings: Settings) -> dict[str, Any]:
    key = settings.temporal_api_key
    return {
        "target_host": settings.temporal_address,
        "namespace": settings.temporal_namespace,
        "data_converter": DATA_CONVERTER,
        # Our messages are small and Temporal is near: packing them costs both sides more than sending them.
        "grpc_compression": GrpcCompression.NONE,
        "tls": True if settings.temporal_tls else None,
        "api_key": key.get_secret_value() if key else None,
    }
