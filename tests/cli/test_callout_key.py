"""`grantline callout-key` prints what a receiver checks signatures with, and nothing without a secret."""

import pytest
from typer.testing import CliRunner

from grantline.__main__ import app
from grantline.errors import SetupError
from grantline.notifications.signing import Signer

SECRETS = ["new-secret-of-this-installation-0123456789", "old-secret-of-this-installation-0123456789"]


def test_the_newest_key_is_on_stdout_and_the_older_one_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTLINE_CALLOUT_SECRETS", ", ".join(SECRETS))
    printed = CliRunner().invoke(app, ["callout-key", "EXTENSION"])
    newest, older = Signer(SECRETS).keys("extension")
    assert (printed.exit_code, printed.stdout) == (0, f"{newest}\n")
    assert older in printed.stderr


def test_without_a_secret_it_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRANTLINE_CALLOUT_SECRETS", raising=False)
    printed = CliRunner().invoke(app, ["callout-key", "EXTENSION"])
    assert isinstance(printed.exception, SetupError)
    assert "GRANTLINE_CALLOUT_SECRETS is not set" in printed.exception.message


@pytest.mark.parametrize("value", ["short", "changeme", "x" * 40 + ",short"])
def test_a_secret_that_is_none_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GRANTLINE_CALLOUT_SECRETS", value)
    printed = CliRunner().invoke(app, ["callout-key", "EXTENSION"])
    assert isinstance(printed.exception, SetupError)
    assert "GRANTLINE_CALLOUT_SECRETS" in printed.exception.message
    assert value not in printed.exception.message
