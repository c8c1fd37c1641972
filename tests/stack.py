"""A whole Grantline in processes of its own: Temporal, API, worker, each to be killed and started again.

`grantline up` supervises the same programs; here nobody does, so that a test
can say which one dies and when.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from grantline.bootstrap import connect_temporal
from grantline.cli.embedded import api_program, temporal_program, worker_program
from grantline.cli.supervisor import Program
from grantline.settings import Settings
from tests.ports import free_ports

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0


class Stack:
    """The processes `temporal`, `api` and `worker` over one home folder and one database."""

    def __init__(self, home: Path, database_url: str, administrators: Iterable[str] = ()) -> None:
        home.mkdir(parents=True, exist_ok=True)
        api_port, temporal_port, self._ui_port = free_ports(3)
        self.home = home
        self._settings = Settings(
            home=home,
            database_url=database_url,
            port=api_port,
            temporal_address=f"127.0.0.1:{temporal_port}",
            administrators=tuple(administrators),
        )
        self._programs: dict[str, Program] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self._settings.port}"

    @property
    def temporal_address(self) -> str:
        """Where Temporal answers."""
        return self._settings.temporal_address

    async def start(self, *names: str) -> None:
        """Start processes, each as far as it gets with what runs already: a worker waits for its Temporal."""
        if not self._programs:
            client = await connect_temporal(self._settings)
            self._programs = {
                "temporal": temporal_program(self._settings, client, self.home, self._ui_port),
                "worker": worker_program(self._settings, client, self.home),
                "api": api_program(self._settings, self.home),
            }
        for name in names:
            program = self._programs[name]
            with program.log.open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    program.command, stdout=log, stderr=log, env=program.environment, cwd=self.home
                )
            if name != "worker":
                await self._until_ready(name)

    def kill(self, *names: str) -> None:
        """Kill -9, and wait until it is dead."""
        for name in names:
            process = self._processes.pop(name, None)
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def stop(self) -> None:
        """Kill everything."""
        self.kill(*list(self._processes))

    def assert_alive(self) -> None:
        """Fail if something died by itself, with the end of every log."""
        dead = [name for name, process in self._processes.items() if process.poll() is not None]
        assert not dead, f"{dead} died\n{self.logs()}"

    def logs(self) -> str:
        """Return the end of every log."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.home.glob("*.log")))

    async def _until_ready(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await self._programs[name].is_ready():
            self.assert_alive()
            assert time.monotonic() < deadline, f"{name} was not ready in time\n{self.logs()}"
            await asyncio.sleep(0.05)
