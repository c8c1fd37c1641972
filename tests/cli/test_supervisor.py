"""Programs that run together: waited for, started again, ended together, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from grantline.cli import leash, supervisor
from grantline.cli.supervisor import Program, Stopped, Supervisor
from grantline.errors import SetupError

SERVES = (
    "import os, pathlib, signal, sys; mark = pathlib.Path(sys.argv[1]); "
    "mark.with_suffix('.new').write_text(str(os.getpid())); mark.with_suffix('.new').rename(mark); signal.pause()"
)
STUBBORN = (
    "import pathlib, signal, subprocess, sys; "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); "
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); signal.pause()"
)


class Stage:
    """Makes programs whose readiness is a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def program(self, name: str, code: str) -> Program:
        mark = self.mark(name)

        async def is_ready() -> bool:
            return mark.exists()

        return Program(
            name=name,
            command=[sys.executable, "-c", code, str(mark)],
            environment=dict(os.environ),
            log=self.folder / f"{name}.log",
            is_ready=is_ready,
        )

    def mark(self, name: str) -> Path:
        return self.folder / f"{name}.ready"

    def pid(self, name: str) -> int:
        return int(self.mark(name).read_text())

    async def appears(self, name: str) -> None:
        while not self.mark(name).exists():
            await asyncio.sleep(0.02)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
async def running() -> AsyncIterator[Supervisor]:
    """Return a supervisor that is stopped after the test."""
    running = Supervisor()
    yield running
    await running.stop()


async def test_everything_ends_when_it_is_asked_for(stage: Stage, running: Supervisor) -> None:
    await running.start(stage.program("one", SERVES), stage.program("two", SERVES))
    pids = [stage.pid("one"), stage.pid("two")]
    assert [_is_running(pid) for pid in pids] == [True, True]

    await running.stop()

    assert [_is_running(pid) for pid in pids] == [False, False]


async def test_what_does_not_start_is_named_with_its_last_words(stage: Stage, running: Supervisor) -> None:
    program = stage.program("Temporal", "import sys; print('begin'); sys.exit('the file is broken')")
    with pytest.raises(SetupError) as refused:
        await running.start(program)
    assert refused.value.message == f"Temporal does not start: the file is broken (its log: {program.log})"


async def test_what_is_never_ready_is_named(stage: Stage, running: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE_SECONDS", 0.2)
    program = stage.program("The API", "import signal; signal.pause()")
    with pytest.raises(SetupError, match=r"The API is not ready after 0\.2 s; see "):
        await running.start(program)


async def test_what_dies_is_started_again(
    stage: Stage, running: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    await running.start(stage.program("The worker", SERVES))
    watching = asyncio.create_task(running.watch())
    first = stage.pid("The worker")
    stage.mark("The worker").unlink()

    os.kill(first, signal.SIGKILL)

    await stage.appears("The worker")
    assert "The worker ended with signal SIGKILL; starting it again" in capsys.readouterr().err
    await running.stop()
    await watching


async def test_what_keeps_dying_ends_everything(
    stage: Stage, running: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "MOST_DEATHS", 1)
    dies = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(0.3); sys.exit('no more')"
    await running.start(stage.program("The worker", dies), stage.program("The API", SERVES))

    with pytest.raises(SetupError, match=r"The worker keeps ending: no more \(its log: .*The worker\.log\)"):
        await running.watch()


async def test_what_ignores_the_wish_is_killed_with_its_children(
    stage: Stage, running: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.2)
    await running.start(stage.program("The worker", STUBBORN))
    grandchild = stage.pid("The worker")

    await running.stop()

    await asyncio.wait_for(_gone(grandchild), 5)


async def test_the_end_can_be_asked_for_while_starting(stage: Stage, running: Supervisor) -> None:
    running.listen()
    starting = asyncio.create_task(running.start(stage.program("slow", "import signal; signal.pause()")))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped):
        await starting


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_nothing_outlives_a_killed_supervisor(stage: Stage) -> None:
    mark = stage.mark("child")
    parent_code = (
        "import os, subprocess, sys; "
        f"subprocess.run([sys.executable, '-I', {leash.__file__!r}, str(os.getpid()), "
        f"sys.executable, '-c', {SERVES!r}, {str(mark)!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", parent_code]) as parent:
        asyncio.run(asyncio.wait_for(stage.appears("child"), 20))
        parent.kill()

    asyncio.run(asyncio.wait_for(_gone(stage.pid("child")), 5))


async def _gone(pid: int) -> None:
    while _is_running(pid):
        await asyncio.sleep(0.02)


def _is_running(pid: int) -> bool:
    """Tell whether a process runs; one that died and waits to be collected does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()
