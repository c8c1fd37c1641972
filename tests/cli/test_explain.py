"""`grantline explain`: needs the database and nothing else."""

import asyncio
import json

import pytest

from grantline.errors import OwnRequest
from grantline.model.request import Verdict
from grantline.persistence.database import Database
from grantline.services.approvals.decisions import decide
from tests.cast import BOB, LEO, MIA, fixed_id
from tests.cli.conftest import Shell
from tests.services.scene import ask_for, furnish, given

APPROVE = Verdict.APPROVE


@pytest.fixture
def told(grantline: Shell, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell on a database with the cast."""
    monkeypatch.setenv("GRANTLINE_DATABASE_URL", database_url)
    return grantline


def story(url: str, *, is_approved: bool) -> tuple[str, str]:
    """Let Mia ask for Leo, and Leo try to approve; return the request and, if it was approved, the assignment."""

    async def play() -> tuple[str, str]:
        database = Database.connect(url)
        await furnish(database)
        if is_approved:
            done = await given(database, requestor=MIA, target=LEO, by=BOB)
            await database.close()
            return done.request_id, done.assignment_id
        request_id = (await ask_for(database, MIA, LEO)).request.id
        with pytest.raises(OwnRequest):
            await decide(database, LEO.id, request_id, None, APPROVE, None)
        await database.close()
        return request_id, ""

    return asyncio.run(play())


def test_an_operator_reads_where_a_request_is_and_who_was_refused(told: Shell, database_url: str) -> None:
    request_id, _ = story(database_url, is_approved=False)

    code, out, err = told("explain", request_id.upper())

    lines = [line.rstrip() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[0] == "Payroll for Leo Park waits for Bea Hart or Bob Stone to decide stage 1 of 1."
    assert lines[2:8] == [
        "asked by   Mia Lind (mia@grantline.test) for Leo Park (leo@grantline.test)",
        "because    Month end",
        "may decide Bea Hart (bea@grantline.test), primary",
        "may decide Bob Stone (bob@grantline.test), primary",
        "may cancel Mia Lind (mia@grantline.test), requestor",
        "may cancel Leo Park (leo@grantline.test), target",
    ]
    assert lines[8].startswith("next       If nobody decides by ")
    assert "Leo Park (leo@grantline.test) (ownRequest): Leo Park (leo@grantline.test) may not decide" in lines[10]
    assert lines[-2].endswith("Mia Lind asked for it: Month end")


def test_the_same_as_json_is_what_the_api_answers(told: Shell, database_url: str) -> None:
    request_id, assignment_id = story(database_url, is_approved=True)
    code, out, _ = told("explain", request_id, "--json")
    shown = json.loads(out)
    assert (code, shown["id"], shown["state"], shown["assignment"]["id"]) == (
        0,
        request_id,
        "delivering",
        assignment_id,
    )
    assert shown["timeline"][0]["at"].endswith("Z")


def test_an_assignment_is_explained_by_its_own_id(told: Shell, database_url: str) -> None:
    _, assignment_id = story(database_url, is_approved=True)
    code, out, _ = told("explain", assignment_id)
    lines = out.splitlines()
    assert (code, lines[0]) == (0, "Payroll for Leo Park: the access is being given.")
    assert "grant      Member of Payroll readers: owed, needed by Payroll" in lines


def test_an_id_of_nothing_is_one_line(told: Shell, database_url: str) -> None:
    del database_url
    nothing = fixed_id("nothing")
    expected = f"grantline: Neither a request nor an assignment has the id '{nothing}'.\n"
    assert told("explain", nothing) == (1, "", expected)
