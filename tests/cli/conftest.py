"""The command as a person or a script runs it, on a home of its own."""

from pathlib import Path

import pytest

from grantline.__main__ import main
from grantline.settings import PREFIX, Settings


class Shell:
    """Runs `grantline …` in this process, on a home of its own."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        self._monkeypatch.setattr("sys.argv", ["grantline", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture
def grantline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.setenv("GRANTLINE_HOME", str(tmp_path / "home"))
    return Shell(tmp_path / "home", monkeypatch, capsys)
