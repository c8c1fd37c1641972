"""Templates: the built-in ones word by word, and an administrator's own laid over them."""

from dataclasses import replace
from pathlib import Path

import pytest

from grantline.errors import SetupError
from grantline.model.mail import VARIABLES, MailKind
from grantline.notifications.rendering import BUILT_IN, LAYOUTS, PARTS, RENDERED, Templates
from grantline.notifications.samples import OF_NO_REQUEST, REQUEST_ID, TARGET_ID, samples
from tests.notifications.snapshots import FOLDER, PUBLIC_URL, path_of, rendered


@pytest.mark.parametrize("kind", MailKind)
def test_a_message_says_what_its_snapshot_says(kind: MailKind) -> None:
    assert rendered(kind) == path_of(kind).read_text(encoding="utf-8")


def test_every_message_has_its_three_templates_and_its_snapshot_and_nothing_is_left_over() -> None:
    files = {path.relative_to(BUILT_IN).as_posix() for path in BUILT_IN.rglob("*") if path.is_file()}
    assert files == {f"{kind.value}/{part}" for kind in MailKind for part in PARTS} | set(LAYOUTS)
    assert {path.stem for path in FOLDER.iterdir()} == {kind.value for kind in MailKind}


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind not in OF_NO_REQUEST])
def test_a_subject_names_package_and_requestor_and_every_body_leads_into_the_portal(kind: MailKind) -> None:
    full, _ = samples(kind)
    letter = Templates(PUBLIC_URL).write(full)

    page = "approvals" if kind.value.startswith("approval-") else "requests"
    assert letter.link == f"https://access.example.com/{page}/{REQUEST_ID}"
    assert "Payroll & bonus" in letter.subject
    assert "Mia Lind" in letter.subject
    assert letter.link in letter.text
    assert f'href="{letter.link}"' in letter.html


def test_who_is_named_as_delegate_reads_by_whom_from_when_until_when_and_is_led_to_what_waits() -> None:
    letter, open_ended = (Templates(PUBLIC_URL).write(item) for item in samples(MailKind.APPROVAL_DELEGATED))
    assert letter.link == "https://access.example.com/approvals"
    assert letter.subject == "You stand in for Bob Stone from 1 Apr 2026, 00:00 UTC until 30 Jun 2026, 23:59 UTC"
    assert "from 1 Apr 2026, 00:00 UTC on, until they end it" in open_ended.text


@pytest.mark.parametrize(
    "kind", [MailKind.APPROVAL_NEEDED, MailKind.APPROVAL_EXPIRED, MailKind.REQUEST_ADVANCED, MailKind.REQUEST_EXPIRED]
)
def test_a_subject_names_the_deadline_where_there_is_one(kind: MailKind) -> None:
    assert "16 Mar 2026, 12:00 UTC" in Templates(PUBLIC_URL).write(samples(kind)[0]).subject


def test_what_people_wrote_is_escaped_in_html_and_never_breaks_the_subject() -> None:
    item = samples(MailKind.APPROVAL_NEEDED)[0]
    evil = "<script>alert(1)</script>\r\nBcc: eve@grantline.test {{ 7 * 7 }}"
    details = {**item.details, "justification": evil, "package": evil}

    letter = Templates(PUBLIC_URL).write(replace(item, details=details))

    assert "<script>" not in letter.html
    assert "&lt;script&gt;alert(1)" in letter.html
    assert "49" not in letter.html + letter.text + letter.subject
    assert len(letter.subject.splitlines()) == 1


def test_the_target_is_you_to_themselves_and_a_name_to_the_requestor() -> None:
    item, _ = samples(MailKind.ACCESS_DELIVERED)
    templates = Templates(PUBLIC_URL)

    assert item.person_id == TARGET_ID
    assert "You have Payroll & bonus now, until 30 Jun 2026, 23:59 UTC." in templates.write(item).text
    to_mia = replace(item, person_id="mia", name="Mia Lind")
    assert "Leo Park has Payroll & bonus now, until 30 Jun 2026, 23:59 UTC." in templates.write(to_mia).text


def test_a_folder_goes_before_the_built_in_one_file_by_file(tmp_path: Path) -> None:
    put(tmp_path, "approval-needed/subject.txt", "Bitte entscheiden: {{ what }}")
    put(tmp_path, "shared/greeting.txt", "Guten Tag, {{ recipient }}.\n")
    put(tmp_path, "approval-needed/body.txt", '{% include "shared/greeting.txt" %}\n{{ link }}\n')
    templates = Templates(PUBLIC_URL, tmp_path)
    templates.check()
    item, _ = samples(MailKind.APPROVAL_NEEDED)

    ours, built_in = templates.write(item), Templates(PUBLIC_URL).write(item)

    assert ours == replace(
        built_in,
        subject="Bitte entscheiden: Payroll & bonus for Leo Park, asked by Mia Lind",
        text=f"Guten Tag, Bob Stone.\n{built_in.link}\n",
    )


BROKEN = [
    ("a brace too few", "approval-needed/body.txt", "one\n{{ package }", "line 2: unexpected '}'"),
    ("a variable that is not", "approval-needed/body.txt", "{{ packge }}", "there is no 'packge'"),
    (
        "a variable that is not, where no sample goes",
        "access-ended/body.txt",
        "{% if cause == 'never' %}{{ nobody }}{% endif %}x",
        "there is no 'nobody'",
    ),
    ("a filter that is not", "approval-needed/body.txt", "{{ package | shout }}", "line 1: No filter named 'shout'"),
    (
        "an instant that this message need not have",
        "access-delivered/subject.txt",
        "Until {{ ends_at | when }}",
        "TypeError: fromisoformat: argument must be str",
    ),
    ("a layout that is not", "asked-for-you/body.html", '{% extends "other.html" %}', "TemplateNotFound: other.html"),
    ("a way out of the sandbox", "layout.txt", "{{ ''.__class__.__mro__ }}", "access to attribute '__class__'"),
    ("a subject of nothing", "request-denied/subject.txt", "{# nothing #}\n", "nothing comes of it"),
    ("a misspelt folder", "aproval-needed/subject.txt", "x", "no message is made from it"),
]


@pytest.mark.parametrize(("story", "name", "text", "why"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_override_is_refused_in_one_line_that_names_it(
    tmp_path: Path, story: str, name: str, text: str, why: str
) -> None:
    put(tmp_path, name, text)
    with pytest.raises(SetupError) as refused:
        Templates(PUBLIC_URL, tmp_path).check()
    assert why in refused.value.message
    assert len(refused.value.message.splitlines()) == 1
    assert str(tmp_path) in refused.value.message


def test_a_template_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "request-denied/body.txt", "")
    (tmp_path / "request-denied/body.txt").write_bytes(b"caf\xe9")
    with pytest.raises(SetupError, match=r"request-denied/body\.txt cannot be used: 'utf-8' codec"):
        Templates(PUBLIC_URL, tmp_path).check()


def test_a_template_may_use_whatever_is_listed(tmp_path: Path) -> None:
    everything = " ".join(f"{{{{ {name} }}}}" for name in (*VARIABLES, *RENDERED))
    put(tmp_path, "request-denied/body.txt", everything)
    Templates(PUBLIC_URL, tmp_path).check()


def put(folder: Path, name: str, text: str) -> None:
    """Write a file of an administrator's."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
