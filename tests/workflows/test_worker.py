"""The worker's process: it waits for what is not there yet, says so in one line, and stops when told."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.server import DevServer, free_port
from tests.workflows.world import PATIENCE

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """Return a home folder with a migrated database."""
    (tmp_path / "grantline.db").write_bytes(sqlite_template.read_bytes())
    return tmp_path


async def test_it_waits_for_temporal_in_one_line(home: Path) -> None:
    port = free_port()
    async with asyncio.timeout(PATIENCE):
        process = await start(home, f"127.0.0.1:{port}")
        line = await said(process)
        assert f"waiting for Temporal at 127.0.0.1:{port}" in line
        await asyncio.sleep(1.5)
        code, rest = await stop(process)

    assert (code, rest) == (0, "")


async def test_it_waits_for_the_schema_in_one_line(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start(tmp_path, "127.0.0.1:1")
        line = await said(process)
        code, rest = await stop(process)

    assert "waiting for the database: Its schema is not the newest. Run: grantline migrate" in line
    assert (code, rest) == (0, "")


async def test_it_waits_for_the_namespace(home: Path, temporal_server: DevServer) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start(home, temporal_server.address, GRANTLINE_TEMPORAL_NAMESPACE="not-yet")
        line = await said(process)
        code, rest = await stop(process)

    assert "Namespace not-yet is not found" in line
    assert (code, rest) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_and_stops_when_told(home: Path, temporal_server: DevServer, number: signal.Signals) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start(home, temporal_server.address, GRANTLINE_TEMPORAL_TASK_QUEUE=f"process-{free_port()}")
        assert "the worker serves task queue process-" in await said(process)
        code, rest = await stop(process, number)

    assert code == 0
    assert "Traceback" not in rest


async def test_a_setting_that_makes_no_sense_is_one_line(home: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start(home, "nowhere")
        code, text = await process.wait(), (await read(process)).strip()

    assert code == 1
    assert text.startswith("grantline worker: GRANTLINE_TEMPORAL_ADDRESS")
    assert "\n" not in text


async def test_a_broken_mail_template_is_one_line_before_anything_is_waited_for(home: Path, tmp_path: Path) -> None:
    ours = tmp_path / "templates"
    ours.mkdir()
    (ours / "layout.txt").write_text("{{ nobody }}")
    async with asyncio.timeout(PATIENCE):
        process = await start(home, "127.0.0.1:1", GRANTLINE_MAIL_TEMPLATES=str(ours))
        code, text = await process.wait(), (await read(process)).strip()

    assert code == 1
    assert text == (
        f"grantline worker: The mail template {ours}/layout.txt cannot be used: line 1: there is no 'nobody'."
    )


async def start(home: Path, temporal_address: str, **settings: str) -> asyncio.subprocess.Process:
    """Start a worker."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRANTLINE_")}
    ours = {"GRANTLINE_HOME": str(home), "GRANTLINE_TEMPORAL_ADDRESS": temporal_address, **settings}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", stderr=subprocess.PIPE, cwd=ROOT, env=clean | ours
    )


async def said(process: asyncio.subprocess.Process) -> str:
    """Return the next line the process logs."""
    assert process.stderr is not None
    return (await process.stderr.readline()).decode()


async def read(process: asyncio.subprocess.Process) -> str:
    """Return all that is left of what it logs."""
    assert process.stderr is not None
    return (await process.stderr.read()).decode()


async def stop(process: asyncio.subprocess.Process, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Tell it to stop; return its exit code and what it said meanwhile."""
    process.send_signal(number)
    return await process.wait(), await read(process)
