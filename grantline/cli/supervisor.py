"""Programs that run together: started in order, started again when they die, ended together.

Each has a process group of its own, so that Ctrl-C on the terminal reaches only
us and we end them in order; and each is on a leash, so that none outlives us.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grantline.cli import leash
from grantline.cli.console import say
from grantline.errors import SetupError

PATIENCE_SECONDS = 90
LOOK_EVERY_SECONDS = 0.1
GRACE_SECONDS = 10
MOST_DEATHS = 5
DEATHS_WITHIN_SECONDS = 60
LONGEST_LOG_BYTES = 20_000_000
LONGEST_LINE = 300

IsReady = Callable[[], Awaitable[bool]]


class Stopped(Exception):
    """Somebody asked for the end while we were still starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and how to tell that it serves."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_ready: IsReady


class Child:
    """One program's present process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: asyncio.subprocess.Process | None = None
        self._log_begin = 0

    async def spawn(self) -> None:
        """Start a process, its output at the end of the log."""
        log = self.program.log
        if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        guarded = [sys.executable, "-I", leash.__file__, str(os.getpid()), *self.program.command]
        with log.open("ab") as output:
            self._log_begin = output.tell()
            self._process = await asyncio.create_subprocess_exec(
                *guarded,
                env=dict(self.program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def ended(self) -> int:
        """Wait for the process to end; return its exit code."""
        if self._process is None:
            raise AssertionError(f"{self.program.name} was never started (this is a bug)")
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the process group to end, and make it after a while."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), GRACE_SECONDS)
        except TimeoutError:
            say(f"grantline: {self.program.name} does not end; killing it")
        finally:
            # Whatever it started and left behind goes too.
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def last_words(self) -> str:
        """Return the last line the process wrote, shortened."""
        with self.program.log.open("rb") as log:
            log.seek(self._log_begin)
            lines = log.read().decode(errors="replace").split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        return spoken[-1][:LONGEST_LINE] if spoken else "it said nothing"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


class Supervisor:
    """Starts programs, keeps them alive, and ends them, the last one started first."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = asyncio.Event()

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)

    async def start(self, *programs: Program) -> None:
        """Start programs side by side and wait until all of them serve.

        Raises:
            SetupError: one ended, or is not ready in time; its last words and its log are named.
            Stopped: the end was asked for meanwhile.
        """
        children = [Child(program) for program in programs]
        self._children += children
        for child in children:
            await child.spawn()
        await asyncio.gather(*(self._until_ready(child) for child in children))

    async def watch(self) -> None:
        """Start again what dies, until the end is asked for.

        Raises:
            SetupError: a program keeps dying.
        """
        watching = [asyncio.create_task(self._keep_alive(child)) for child in self._children]
        asking = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait([asking, *watching], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (asking, *watching):
                task.cancel()
            await asyncio.gather(asking, *watching, return_exceptions=True)

    async def stop(self) -> None:
        """End everything: what was started last goes first, for it leans on the others."""
        self._stopping.set()
        for child in reversed(self._children):
            await child.stop()

    async def _until_ready(self, child: Child) -> None:
        ending = asyncio.create_task(child.ended())
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE_SECONDS
        program = child.program
        try:
            while not await program.is_ready():
                if self._stopping.is_set():
                    raise Stopped
                if ending.done():
                    raise SetupError(f"{program.name} does not start: {child.last_words()} (its log: {program.log})")
                if clock() > deadline:
                    raise SetupError(f"{program.name} is not ready after {PATIENCE_SECONDS} s; see {program.log}")
                await asyncio.wait([ending], timeout=LOOK_EVERY_SECONDS)
        finally:
            ending.cancel()

    async def _keep_alive(self, child: Child) -> None:
        clock = asyncio.get_running_loop().time
        deaths: list[float] = []
        program = child.program
        while True:
            code = await child.ended()
            deaths = [at for at in deaths if clock() - at < DEATHS_WITHIN_SECONDS] + [clock()]
            if len(deaths) > MOST_DEATHS:
                raise SetupError(f"{program.name} keeps ending: {child.last_words()} (its log: {program.log})")
            say(f"grantline: {program.name} ended with {_shown(code)}; starting it again (its log: {program.log})")
            await asyncio.sleep(2 ** (len(deaths) - 1) / 2)
            await child.spawn()


def _shown(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
