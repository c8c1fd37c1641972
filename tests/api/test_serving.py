"""`python -m api`: it serves, it says in one line why it does not, it leaves quietly."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from shutil import copy
from urllib.request import Request, urlopen

import pytest

from api.__main__ import GRACE_SECONDS, listen
from grantline.errors import SetupError
from grantline.issuer import DevelopmentIssuer
from tests.cast import MIA

START = [sys.executable, "-m", "api", "--port"]


def environment(home: Path) -> dict[str, str]:
    return {"GRANTLINE_HOME": str(home), "GRANTLINE_TEMPORAL_ADDRESS": "127.0.0.1:9", "PATH": ""}


def test_a_port_that_is_taken_is_named(unused_tcp_port: int) -> None:
    with listen("127.0.0.1", unused_tcp_port), pytest.raises(SetupError) as refused:
        listen("127.0.0.1", unused_tcp_port)
    assert refused.value.message == (
        f"Port {unused_tcp_port} on 127.0.0.1 cannot be used (Address already in use); choose another with --port."
    )


def test_it_serves_and_leaves_when_told(sqlite_template: Path, tmp_path: Path, unused_tcp_port: int) -> None:
    copy(sqlite_template, tmp_path / "grantline.db")
    command = [*START, str(unused_tcp_port)]
    with subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as api:
        assert api.stderr is not None
        for line in api.stderr:
            if "startup complete" in line:
                break
        with urlopen(f"http://127.0.0.1:{unused_tcp_port}/healthz") as answer:
            assert answer.read() == b'{"status":"ok"}'
        token = DevelopmentIssuer(tmp_path).token(MIA)
        listening = Request(
            f"http://127.0.0.1:{unused_tcp_port}/api/events", headers={"Authorization": f"Bearer {token}"}
        )
        # Somebody who listens for live updates keeps nobody here.
        with urlopen(listening) as stream:
            assert stream.readline() == b"event: hello\n"
            api.send_signal(signal.SIGTERM)
            told_at = time.monotonic()
            assert b"event: here" in stream.read()
        rest = api.stderr.read()
    assert (api.returncode, "Traceback" in rest) == (0, False)
    assert time.monotonic() - told_at < GRACE_SECONDS


def test_another_schema_is_refused_in_one_line(tmp_path: Path, unused_tcp_port: int) -> None:
    sqlite3.connect(tmp_path / "grantline.db").close()
    command = [*START, str(unused_tcp_port)]
    ended = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (
        1,
        "grantline api: The database has another schema than this version needs; run `grantline migrate` first.\n",
    )


@pytest.mark.parametrize(
    ("host", "says"), [("203.0.113.1", "cannot be used"), ("0.0.0.0", "the development issuer serves on loopback only")]
)
def test_an_address_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, unused_tcp_port: int, host: str, says: str
) -> None:
    command = [*START, str(unused_tcp_port), "--host", host]
    changes = {"GRANTLINE_OIDC_ISSUER": "https://login.example.com"} if host != "0.0.0.0" else {}
    ended = subprocess.run(command, env=environment(tmp_path) | changes, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
