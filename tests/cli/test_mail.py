"""`grantline mail`: what a message looks like before anybody gets it."""

from pathlib import Path

import pytest

from grantline.model.mail import MailKind
from tests.cli.conftest import Shell
from tests.notifications.snapshots import path_of


@pytest.mark.parametrize("kind", MailKind)
def test_preview_prints_subject_text_and_html(
    grantline: Shell, monkeypatch: pytest.MonkeyPatch, kind: MailKind
) -> None:
    monkeypatch.setenv("GRANTLINE_PUBLIC_URL", "https://access.example.com")
    full, _, html = path_of(kind).read_text(encoding="utf-8").split("======\n\n")
    assert grantline("mail", "preview", kind.value) == (0, full + html, "")


def test_preview_takes_the_administrators_own_words(
    grantline: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ours" / "request-denied").mkdir(parents=True)
    (tmp_path / "ours" / "request-denied" / "subject.txt").write_text("Nein: {{ what }}", encoding="utf-8")
    monkeypatch.setenv("GRANTLINE_MAIL_TEMPLATES", str(tmp_path / "ours"))
    code, out, err = grantline("mail", "preview", "request-denied")
    assert (code, out.splitlines()[0], err) == (0, "Nein: Payroll & bonus for Leo Park, asked by Mia Lind", "")


def test_preview_of_a_message_that_is_not_names_those_there_are(grantline: Shell) -> None:
    code, out, err = grantline("mail", "preview", "birthday")
    assert (code, out) == (1, "")
    assert err == f"grantline: There is no message 'birthday'; there are {', '.join(MailKind)}.\n"


def test_preview_of_a_broken_template_is_one_line(
    grantline: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "layout.txt").write_text("{{ oops", encoding="utf-8")
    monkeypatch.setenv("GRANTLINE_MAIL_TEMPLATES", str(tmp_path))
    code, out, err = grantline("mail", "preview", "request-denied")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"grantline: The mail template {tmp_path}/layout.txt cannot be used: line 1: ")
