"""Approvers edit answers where the question allows it, and whoever decides next reads what they wrote (EF-055)."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from grantline.model.question import TextQuestion
from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import REQUESTS, open_office, stage, user_add, with_stages
from tests.api.test_answers import CENTER, PLACE
from tests.api.test_approvals import decide
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, fixed_id
from tests.services.scene import events

TASK = TextQuestion(
    id=fixed_id("task"),
    sequence=3,
    text="For which task?",
    is_required=True,
    is_answer_editable=True,
    pattern="[A-Z].*",
)
ASKING = replace(with_stages(stage(BOB), stage(CY)), questions=(CENTER, PLACE, TASK))
GIVEN = [(CENTER.id, "4711"), (PLACE.id, "KE"), (TASK.id, "Closing")]


def answers(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return answers as they are sent."""
    return [{"value": value, "answeredQuestion": {"id": id_}} for id_, value in pairs]


async def asked(client: httpx2.AsyncClient) -> str:
    """Ask for Payroll for Leo with every question answered."""
    answer = await client.post(REQUESTS, json=user_add(LEO, answers=answers(*GIVEN)))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def edit(client: httpx2.AsyncClient, request_id: str, *pairs: tuple[str, str]) -> httpx2.Response:
    """Edit answers."""
    return await client.patch(f"{BASE}/api/requests/{request_id}/answers", json={"answers": answers(*pairs)})


def said(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return question and value of each answer."""
    return [(one["answeredQuestion"]["id"], one["value"]) for one in body["answers"]]


async def test_an_edited_answer_is_what_the_next_approver_reads(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    request_id = await asked(as_(MIA))

    answer = await edit(as_(BOB), request_id, (TASK.id, "Month end"), (PLACE.id, "GY"), (PLACE.id, "KE"))

    assert answer.status_code == 200, answer.text
    edited = [(CENTER.id, "4711"), (PLACE.id, "KE"), (PLACE.id, "GY"), (TASK.id, "Month end")]
    assert said(answer.json()) == edited
    await decide(as_(BOB), request_id)
    assert said((await as_(CY).get(f"{REQUESTS}/{request_id}")).json()) == edited
    (event,) = await events(database, "answers.edited")
    assert (event.actor_id, event.request_id, event.details["stage"]) == (BOB.id, request_id, 1)
    assert event.details["edits"] == [
        {"id": PLACE.id, "question": PLACE.text, "before": ["KE"], "after": ["KE", "GY"]},
        {"id": TASK.id, "question": TASK.text, "before": ["Closing"], "after": ["Month end"]},
    ]
    told = (await as_(CY).get(f"{BASE}/api/requests/{request_id}/explain")).json()["timeline"]
    assert "Bob Stone edited the answers to 'For which task?' or 'Where from?'" in [one["says"] for one in told]


BAD = [
    ("not editable", [(CENTER.id, "4712")], 400, "invalidAnswer", "isAnswerEditable"),
    ("not matching", [(TASK.id, "lower")], 400, "invalidAnswer", "takes what matches"),
    ("no such choice", [(PLACE.id, "XX")], 400, "invalidAnswer", "has no choice 'XX'"),
    ("two texts", [(TASK.id, "One"), (TASK.id, "Two")], 400, "invalidAnswer", "takes one answer"),
    ("required and blank", [(TASK.id, " ")], 400, "answerRequired", "wants an answer"),
    ("not asked", [(fixed_id("other"), "x")], 400, "unknownQuestion", "to answer; it has"),
    ("nothing", [], 400, "invalidRequest", "answers is empty"),
]


@pytest.mark.parametrize(("story", "pairs", "status", "code", "says"), BAD, ids=[row[0] for row in BAD])
async def test_bad_edits_change_nothing(
    database: Database, as_: Clients, *, story: str, pairs: list[tuple[str, str]], status: int, code: str, says: str
) -> None:
    await open_office(database, ASKING)
    request_id = await asked(as_(MIA))
    answer = await edit(as_(BOB), request_id, *pairs)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), story
    assert says in error["message"]
    assert said((await as_(BOB).get(f"{REQUESTS}/{request_id}")).json()) == GIVEN


async def test_an_optional_answer_may_be_taken_away(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    request_id = await asked(as_(MIA))
    assert said((await edit(as_(BOB), request_id, (PLACE.id, ""))).json()) == [GIVEN[0], GIVEN[2]]
    assert said((await edit(as_(BOB), request_id, (PLACE.id, "GY"))).json()) == [GIVEN[0], (PLACE.id, "GY"), GIVEN[2]]


async def test_what_was_left_blank_is_answered_by_an_approver_where_the_question_lets_them(
    database: Database, as_: Clients
) -> None:
    optional = replace(TASK, is_required=False)
    fixed = TextQuestion(id=fixed_id("fixed"), text="Which cost unit?")
    await open_office(database, replace(ASKING, questions=(CENTER, PLACE, optional, fixed)))
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO, answers=answers(GIVEN[0])))
    request_id = answer.json()["id"]
    path = f"{BASE}/api/requests/{request_id}/answers"

    asked_ = (await as_(BOB).get(path)).json()
    assert (said(asked_), [one["id"] for one in asked_["unanswered"]]) == ([GIVEN[0]], [PLACE.id, TASK.id])
    assert said((await as_(BOB).get(f"{REQUESTS}/{request_id}")).json()) == [GIVEN[0]]
    for pairs, code in ([(TASK.id, "lower")], "invalidAnswer"), ([(fixed.id, "4711")], "unknownQuestion"):
        refused = await edit(as_(BOB), request_id, *pairs)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)

    edited = (await edit(as_(BOB), request_id, (TASK.id, "Month end"))).json()

    assert (said(edited), [one["id"] for one in edited["unanswered"]]) == (
        [GIVEN[0], (TASK.id, "Month end")],
        [PLACE.id],
    )
    assert said((await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()) == said(edited)
    (event,) = await events(database, "answers.edited")
    assert event.details["edits"] == [{"id": TASK.id, "question": TASK.text, "before": [], "after": ["Month end"]}]
    # Eve, who has no part in it, learns nothing.
    assert (await as_(EVE).get(path)).status_code == 404


async def test_only_approvers_of_the_open_stage_edit(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    request_id = await asked(as_(MIA))
    refused = {}
    for person in (MIA, LEO, ADA, CY, BEA, MAX, EVE):
        answer = await edit(as_(person), request_id, (TASK.id, "Mine"))
        refused[person.display_name.split()[0]] = (answer.status_code, answer.json()["error"]["code"])
    assert refused == {
        "Mia": (403, "ownRequest"),
        "Leo": (403, "ownRequest"),
        "Ada": (403, "notAnApprover"),
        "Cy": (404, "itemNotFound"),
        "Bea": (404, "itemNotFound"),
        "Max": (404, "itemNotFound"),
        "Eve": (404, "itemNotFound"),
    }
    await decide(as_(BOB), request_id)
    late = await edit(as_(BOB), request_id, (TASK.id, "Late"))
    assert (late.status_code, late.json()["error"]["code"]) == (403, "notAnApprover")
    assert (await edit(as_(CY), request_id, (TASK.id, "Review"))).status_code == 200
    await decide(as_(CY), request_id, number=1)
    over = await edit(as_(CY), request_id, (TASK.id, "Over"))
    assert over.status_code == 409
    assert said((await as_(MIA).get(f"{REQUESTS}/{request_id}")).json())[2] == (TASK.id, "Review")
