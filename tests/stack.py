"""A whole Grantline in processes of its own: Temporal, API, worker, each to be killed and started again.

`grantline up` supervises the same processes; here nobody does, so that a test
can say which one dies and when.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from grantline.cli.temporal_server import server_command

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@dataclass
class Stack:
    """The processes over one home folder and one database."""

    home: Path
    database_url: str
    administrators: Iterable[str] = ()
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.api_port, self.temporal_port, self.ui_port = free_ports(3)

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def temporal_address(self) -> str:
        """Where Temporal answers."""
        return f"127.0.0.1:{self.temporal_port}"

    async def start(self, *names: str) -> None:
        """Start processes (`temporal`, `api`, `worker`) and wait until the API answers and Temporal listens."""
        for name in names:
            log = (self.home / f"{name}.log").open("ab")
            self.processes[name] = subprocess.Popen(
                self._command(name), stdout=log, stderr=log, env=self._environment(), cwd=self.home
            )
            if name == "temporal":
                await self._until_listening()
            if name == "api":
                await self._until_answering()

    def kill(self, *names: str) -> None:
        """Kill -9, and wait until it is dead."""
        for name in names:
            process = self.processes.pop(name, None)
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def stop(self) -> None:
        """Kill everything."""
        self.kill(*list(self.processes))

    def logs(self) -> str:
        """Return the end of every log, for a failure message."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.home.glob("*.log")))

    def _command(self, name: str) -> list[str]:
        if name == "temporal":
            return server_command(home=self.home, port=self.temporal_port, ui_port=self.ui_port)
        return [sys.executable, "-m", name]

    def _environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GRANTLINE_")}
        return clean | {
            "GRANTLINE_HOME": str(self.home),
            "GRANTLINE_DATABASE_URL": self.database_url,
            "GRANTLINE_PORT": str(self.api_port),
            "GRANTLINE_TEMPORAL_ADDRESS": self.temporal_address,
            "GRANTLINE_ADMINISTRATORS": ",".join(self.administrators),
            "GRANTLINE_LOG_LEVEL": "warning",
        }

    async def _until_listening(self) -> None:
        await self._until("temporal", self._listens)

    async def _until_answering(self) -> None:
        await self._until("api", self._answers)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.temporal_port)
        except OSError:
            return False
        writer.close()
        return True

    async def _answers(self) -> bool:
        async with httpx2.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}/healthz")).status_code == 200
            except httpx2.TransportError:
                return False

    async def _until(self, name: str, is_true) -> None:  # noqa: ANN001
        deadline = time.monotonic() + PATIENCE
        while not await is_true():
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start\n{self.logs()}")
            await asyncio.sleep(0.05)
