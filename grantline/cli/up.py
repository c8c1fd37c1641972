"""`grantline up`: everything on one machine, for a first run and for development."""

import fcntl
import socket
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from grantline.cli.console import HomeOption, home_failures, run
from grantline.errors import SetupError
from grantline.sample.organisation import ADMINISTRATOR
from grantline.settings import Settings, load

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65_535
PORT_PATIENCE_SECONDS = 3
TEMPORAL_PORT = 7233
UI_PORT = 8233
# The Temporal SDK's threads abort an interpreter that ends while they do.
CALM_EXIT_SECONDS = 0.3


def up(
    *,
    home: HomeOption = None,
    host: Annotated[str | None, typer.Option(help="Address of the API [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the API [default: 8000]")] = None,
    temporal_port: Annotated[int, typer.Option(min=1, max=HIGHEST_PORT, help="Port of Temporal")] = TEMPORAL_PORT,
    ui_port: Annotated[int, typer.Option(min=1, max=HIGHEST_PORT, help="Port of Temporal's UI")] = UI_PORT,
    empty: Annotated[bool, typer.Option("--empty", help="Do not put in the sample company")] = False,
) -> None:
    """Start everything on this machine: Temporal with its UI, a worker and the API, on SQLite.

    Prints `ready ADDRESS` on a line of its own when it serves. Ctrl-C ends everything; the data stays in the home
    folder, and the next start finds it.
    """
    settings = load(
        home=home,
        host=host,
        port=port,
        temporal_address=f"{LOOPBACK}:{temporal_port}",
        temporal_tls=False,
        temporal_ui_url=f"http://{LOOPBACK}:{ui_port}",
    )
    if not settings.administrators and not empty:
        settings = settings.model_copy(update={"administrators": (ADMINISTRATOR,)})
    _make_home(settings)
    with _alone_in(settings):
        _require_free_ports({"--port": (settings.host, settings.port), **_on_loopback(temporal_port, ui_port)})
        # It brings Temporal's SDK and much more; no other command should wait for that.
        from grantline.cli.serving import serve  # noqa: PLC0415

        try:
            run(serve(settings, ui_port=ui_port, with_sample=not empty))
        finally:
            time.sleep(CALM_EXIT_SECONDS)


def _make_home(settings: Settings) -> None:
    with home_failures(settings):
        (settings.home / "logs").mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".probe"
        probe.touch()
        probe.unlink()


@contextmanager
def _alone_in(settings: Settings) -> Generator[None]:
    """Hold the home folder; two Temporal servers on one file would ruin it."""
    with (settings.home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SetupError(
                f"Another `grantline up` runs in {settings.home}; end it, or take another folder with --home."
            ) from None
        yield


def _on_loopback(temporal_port: int, ui_port: int) -> Mapping[str, tuple[str, int]]:
    return {"--temporal-port": (LOOPBACK, temporal_port), "--ui-port": (LOOPBACK, ui_port)}


def _require_free_ports(wanted: Mapping[str, tuple[str, int]]) -> None:
    """Refuse ports that are taken or named twice.

    What an `up` that was killed leaves behind dies with it, but not in no time; hence the patience.
    """
    seen: dict[int, str] = {}
    for flag, (_, port) in wanted.items():
        if port in seen:
            raise SetupError(f"{seen[port]} and {flag} are both {port}; each needs a port of its own.")
        seen[port] = flag
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    for flag, (host, port) in wanted.items():
        while reason := _why_not(host, port):
            if time.monotonic() > deadline:
                raise SetupError(f"Port {port} on {host} cannot be used ({reason}); choose another with {flag}.")
            time.sleep(0.1)


def _why_not(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
