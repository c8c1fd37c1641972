"""`grantline api` and `grantline worker`: become one process of a production set-up."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import grantline
from grantline.settings import PREFIX, load

ROOT = Path(grantline.__file__).parent.parent


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [default: 8000]")] = None,
) -> None:
    """Serve the API; everything else is set by GRANTLINE_… variables."""
    load(host=host, port=port)
    given = {"HOST": host, "PORT": port}
    _become("api", {f"{PREFIX}{name}": str(value) for name, value in given.items() if value is not None})


def worker() -> None:
    """Run the workflows and reach the target systems; start as many as are needed."""
    load()
    _become("worker", {})


def command_for(module: str) -> list[str]:
    """Return the command line that runs one of our modules, whatever lies in the current folder."""
    return [sys.executable, "-P", "-m", module]


def environment(changes: dict[str, str]) -> dict[str, str]:
    """Return our environment with changes, in which the modules beside `grantline` are found."""
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, **changes, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _become(module: str, changes: dict[str, str]) -> None:
    command = command_for(module)
    os.execve(command[0], command, environment(changes))  # noqa: S606 - to become it is the point
