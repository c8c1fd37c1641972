"""Every message that people get, as administrators look at it: in its words or their own, or why it cannot be made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from grantline.model.mail import MailKind
from grantline.notifications.rendering import BUILT_IN
from tests.api.configured import error_of, message_of
from tests.api.conftest import BASE, Clients
from tests.cast import ADA, MIA
from tests.notifications.test_rendering import put

TEMPLATES = f"{BASE}/api/mail-templates"


@dataclass
class Desk:
    """Ada, and the folder of her own templates."""

    as_: Clients
    folder: Path

    async def see(self, path: str = "", **params: str) -> Any:
        """Return what she is shown."""
        answer = await self.as_(ADA).get(f"{TEMPLATES}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def desk(app: FastAPI, as_: Clients, tmp_path: Path) -> Desk:
    folder = tmp_path / "templates"
    folder.mkdir()
    app.state.settings = app.state.settings.model_copy(update={"mail_templates": folder})
    return Desk(as_, folder)


async def test_every_message_is_listed_and_read_in_full_and_with_least_values(as_: Clients) -> None:
    ada = as_(ADA)
    listed = (await ada.get(TEMPLATES)).json()
    assert [one["id"] for one in listed["items"]] == [kind.value for kind in MailKind]
    assert {(one["isOverridden"], one["error"]) for one in listed["items"]} == {(False, None)}
    assert (listed["languages"], listed["folder"], listed["errors"]) == (["en"], None, [])

    full = (await ada.get(f"{TEMPLATES}/approval-needed", params={"language": "en"})).json()
    least = (await ada.get(f"{TEMPLATES}/approval-needed", params={"sample": "least"})).json()
    assert full["subject"] == next(one["subject"] for one in listed["items"] if one["id"] == "approval-needed")
    assert "Month end closing." in full["text"]
    assert "Month end closing." in full["html"]
    assert "Month end closing." not in least["text"]
    assert [file["name"] for file in full["files"]] == [
        "approval-needed/subject.txt",
        "approval-needed/body.txt",
        "approval-needed/body.html",
        "layout.txt",
        "layout.html",
    ]
    assert all(file["original"] == (BUILT_IN / file["name"]).read_text(encoding="utf-8") for file in full["files"])
    assert {(file["path"], file["isOverridden"]) for file in full["files"]} == {(None, False)}


async def test_ones_own_words_are_shown_from_the_moment_they_are_in_the_folder(desk: Desk) -> None:
    before = await desk.see("/request-denied")
    assert not before["isOverridden"]
    put(desk.folder, "request-denied/subject.txt", "Leider nein: {{ what }}")

    after = await desk.see("/request-denied")
    assert after["subject"] == "Leider nein: Payroll & bonus for Leo Park, asked by Mia Lind"
    assert after["overriddenBy"] == ["request-denied/subject.txt"]
    assert after["files"][0]["path"] == str(desk.folder / "request-denied/subject.txt")
    assert after["files"][0]["original"] == before["files"][0]["original"]
    listed = await desk.see()
    assert (listed["folder"], listed["errors"]) == (str(desk.folder), [])
    assert [one["id"] for one in listed["items"] if one["isOverridden"]] == ["request-denied"]


@pytest.mark.parametrize(
    ("file", "text", "line", "says"),
    [
        ("request-denied/body.txt", "one\n{{ package }", 2, "unexpected '}'"),
        ("request-denied/body.html", "one\n\n{{ packge }}", 3, "there is no 'packge'"),
        ("request-denied/body.txt", "one\n{{ 1 + recipient }}", 2, "TypeError: unsupported operand"),
        ("request-denied/subject.txt", "{# nothing #}", None, "nothing comes of it"),
    ],
)
async def test_a_broken_one_says_in_which_line_and_breaks_no_other(
    desk: Desk, *, file: str, text: str, line: int | None, says: str
) -> None:
    put(desk.folder, file, text)
    shown = await desk.see("/request-denied")
    assert (shown["subject"], shown["text"], shown["html"]) == (None, None, None)
    assert (shown["error"]["file"], shown["error"]["line"]) == (file, line)
    assert says in shown["error"]["message"]
    listed = await desk.see()
    assert listed["errors"] == [shown["error"]]
    assert [one["id"] for one in listed["items"] if one["error"]] == ["request-denied"]


async def test_what_all_share_and_what_belongs_to_none_is_named_once(desk: Desk) -> None:
    put(desk.folder, "layout.txt", "Dear {{ recipient }},\n{{ oops }}\n")
    put(desk.folder, "aproval-needed/subject.txt", "x")
    listed = await desk.see()
    assert [(one["file"], one["line"]) for one in listed["errors"]] == [
        ("aproval-needed/subject.txt", None),
        ("layout.txt", 2),
    ]
    assert {one["error"]["file"] for one in listed["items"]} == {"layout.txt"}
    put(desk.folder, "layout.txt", "{% include 'shared/hello.txt' %}")
    put(desk.folder, "shared/hello.txt", "Hello\n{{ recipient + 1 }}")
    shown = await desk.see("/access-ended")
    assert (shown["error"]["file"], shown["error"]["line"]) == ("shared/hello.txt", 2)


async def test_administrators_alone_see_them_and_what_is_not_there_says_what_is(as_: Clients) -> None:
    for path in ("", "/approval-needed", "/nothing"):
        assert error_of(await as_(MIA).get(f"{TEMPLATES}{path}")) == (403, "accessDenied")
    unknown = await as_(ADA).get(f"{TEMPLATES}/nothing")
    assert error_of(unknown) == (404, "itemNotFound")
    assert "GET /api/mail-templates lists" in message_of(unknown)
    for path in ("", "/approval-needed"):
        written = await as_(ADA).get(f"{TEMPLATES}{path}", params={"language": "EN"})
        assert (written.json()["language"], written.json()["languages"]) == ("en", ["en"])
        answer = await as_(ADA).get(f"{TEMPLATES}{path}", params={"language": "fr"})
        assert error_of(answer) == (400, "invalidRequest")
        assert message_of(answer) == "Mail is written in en, not in 'fr'."
    assert error_of(await as_(ADA).get(f"{TEMPLATES}/approval-needed", params={"sample": "some"}))[0] == 400
