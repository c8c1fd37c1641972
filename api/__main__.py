"""`python -m api`: settings, the real things, and an HTTP server around the application."""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.loops.auto import auto_loop_factory

from api.app import create_app
from api.live import Live
from grantline import bootstrap, settings
from grantline.errors import SetupError
from grantline.persistence import schema
from grantline.persistence.database import Database
from grantline.services.sending.outbox_store import DatabaseOutbox
from workflows.relay import Relay

BACKLOG = 2048
GRACE_SECONDS = 10
CALM_SECONDS = 0.3


async def serve(chosen: settings.Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; what was begun is finished."""
    database = bootstrap.open_database(chosen)
    try:
        await _require_schema(database)
        temporal = await bootstrap.connect_temporal(chosen)
        app = create_app(
            settings=chosen,
            database=database,
            relay=Relay(DatabaseOutbox(database), temporal, task_queue=chosen.temporal_task_queue),
            issuer=bootstrap.build_issuer(chosen),
            temporal=temporal,
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        # uvicorn stops at signals, and raises them again when it is done; then they mean nothing any more.
        _at_signals(lambda *_: None)
        await _Server(config, app.state.live).serve(sockets=[listener])
    finally:
        await database.close()


class _Server(uvicorn.Server):
    """Ends the streams of live updates first; it would wait for them otherwise, and they for it."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what was begun, and end what has no end of its own."""
        self._live.end()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        SetupError: it is taken, or no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise SetupError(f"Port {port} on {host} cannot be used ({reason}); choose another with --port.") from error
    return listener


def main(arguments: Sequence[str] | None = None) -> None:
    """Run as `python -m api`."""
    parser = argparse.ArgumentParser(prog="python -m api", description="Serve the API.")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on")
    given = parser.parse_args(arguments)
    _at_signals(lambda *_: sys.exit(0))
    try:
        chosen = settings.load(host=given.host, port=given.port)
        bootstrap.configure_logging(chosen)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        with (
            contextlib.closing(listen(chosen.host, chosen.port)) as listener,
            asyncio.Runner(loop_factory=auto_loop_factory()) as runner,
        ):
            runner.run(serve(chosen, listener))
    except SetupError as error:
        sys.exit(f"grantline api: {error}")
    finally:
        # The Temporal SDK's threads abort an interpreter that ends while they do (sdk-python).
        time.sleep(CALM_SECONDS)


def _at_signals(handler: Callable[..., object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


async def _require_schema(database: Database) -> None:
    """Refuse a database of another revision; one that is away may come, and be right."""
    try:
        is_current = await schema.is_current(database)
    except (SQLAlchemyError, OSError):
        return
    if not is_current:
        raise SetupError("The database has another schema than this version needs; run `grantline migrate` first.")


if __name__ == "__main__":
    main()
