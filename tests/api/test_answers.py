"""Answers come with the request, are kept as they were asked for, and are shown only to whom they concern."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph.generated.models.access_package_answer_string import AccessPackageAnswerString
from msgraph.generated.models.access_package_assignment import AccessPackageAssignment
from msgraph.generated.models.access_package_assignment_request import AccessPackageAssignmentRequest
from msgraph.generated.models.access_package_multiple_choice_question import AccessPackageMultipleChoiceQuestion
from msgraph.generated.models.access_package_request_type import AccessPackageRequestType
from msgraph.generated.models.access_package_text_input_question import AccessPackageTextInputQuestion
from sqlalchemy import select

from grantline.model.person import Person
from grantline.model.question import Choice, ChoiceQuestion, LocalizedText, TextQuestion
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, outbox
from tests.api.configured import PACKAGES, POLICIES
from tests.api.conftest import BASE, Clients
from tests.api.office import (
    NO_APPROVAL,
    PAYROLL_ID,
    POLICY,
    POLICY_ID,
    REQUESTS,
    open_office,
    stage,
    user_add,
    with_stages,
)
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MIA, fixed_id

TEXT = "#microsoft.graph.accessPackageTextInputQuestion"
CHOICE = "#microsoft.graph.accessPackageMultipleChoiceQuestion"
CENTER = TextQuestion(
    id=fixed_id("center"),
    sequence=1,
    text="Which cost center?",
    is_required=True,
    localizations=(LocalizedText(language="fr", text="Quel centre ?"),),
    is_single_line=True,
    pattern="[0-9]{4}",
)
PLACE = ChoiceQuestion(
    id=fixed_id("place"),
    sequence=2,
    text="Where from?",
    is_answer_editable=True,
    choices=(
        Choice(value="KE", text="Kenya", localizations=(LocalizedText(language="de", text="Kenia"),)),
        Choice(value="GY", text="Guyana"),
    ),
    allows_several=True,
)
ASKING = replace(POLICY, questions=(CENTER, PLACE))
ASKED: list[dict[str, Any]] = [
    {
        "@odata.type": TEXT,
        "id": CENTER.id,
        "sequence": 1,
        "isRequired": True,
        "isAnswerEditable": False,
        "text": "Which cost center?",
        "localizations": [{"languageCode": "fr", "text": "Quel centre ?"}],
        "isSingleLineQuestion": True,
        "regexPattern": "[0-9]{4}",
    },
    {
        "@odata.type": CHOICE,
        "id": PLACE.id,
        "sequence": 2,
        "isRequired": False,
        "isAnswerEditable": True,
        "text": "Where from?",
        "localizations": [],
        "isMultipleSelectionAllowed": True,
        "choices": [
            {"actualValue": "KE", "text": "Kenya", "localizations": [{"languageCode": "de", "text": "Kenia"}]},
            {"actualValue": "GY", "text": "Guyana", "localizations": []},
        ],
    },
]


def answer(question: TextQuestion | ChoiceQuestion, value: str) -> dict[str, Any]:
    """Return an answer as Graph documents it."""
    return {
        "@odata.type": "#microsoft.graph.accessPackageAnswerString",
        "displayValue": "what the caller wants others to read",
        "value": value,
        "answeredQuestion": {"@odata.type": TEXT if question is CENTER else CHOICE, "id": question.id},
    }


def shown(value: str, display: str, question: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as it is read."""
    return {
        "@odata.type": "#microsoft.graph.accessPackageAnswerString",
        "displayValue": display,
        "value": value,
        "answeredQuestion": question,
    }


GIVEN = [answer(PLACE, "GY"), answer(CENTER, "4711"), answer(PLACE, "KE")]
KEPT = [shown("4711", "4711", ASKED[0]), shown("KE", "Kenya", ASKED[1]), shown("GY", "Guyana", ASKED[1])]
EXPAND = "?$expand=requestor,assignment($expand=target)"


async def ask(client: httpx2.AsyncClient, target: Person | None = None, **more: Any) -> dict[str, Any]:
    """Ask for Payroll with answers; return what the POST answered."""
    answered = await client.post(REQUESTS, json=user_add(target, **({"answers": GIVEN} | more)))
    assert answered.status_code == 201, answered.text
    return answered.json()


async def test_the_manager_answers_for_the_report_and_the_approver_reads_it(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    request = await ask(as_(MIA), LEO)
    assert request["answers"] == KEPT
    for reader in (MIA, LEO, BOB, BEA, ADA):
        for path in (f"{REQUESTS}/{request['id']}", f"{REQUESTS}/{request['id']}{EXPAND}"):
            assert (await as_(reader).get(path)).json()["answers"] == KEPT, (reader, path)
    for reader, on in ((BOB, "approver"), (LEO, "target"), (MIA, "createdBy"), (MIA, "targetManager")):
        listed = (await as_(reader).get(f"{REQUESTS}/filterByCurrentUser(on='{on}'){EXPAND}")).json()["value"]
        assert [one["answers"] for one in listed] == [KEPT], (reader, on)
    everybodys = (await as_(ADA).get(f"{REQUESTS}{EXPAND}")).json()["value"]
    assert [one["answers"] for one in everybodys] == [KEPT]
    chosen = (await as_(BOB).get(f"{REQUESTS}/{request['id']}?$select=answers")).json()
    assert {name for name in chosen if "@" not in name} <= {"answers", "id"}


async def test_answers_are_not_for_a_manager_who_only_looks_on(database: Database, as_: Clients) -> None:
    await open_office(database, replace(with_stages(stage(BOB), stage(CY)), questions=(CENTER, PLACE)))
    request = await ask(as_(LEO))
    path = f"{REQUESTS}/{request['id']}"
    looking_on = (await as_(MIA).get(f"{path}{EXPAND}")).json()
    assert (looking_on["id"], looking_on["answers"]) == (request["id"], [])
    reports = f"{REQUESTS}/filterByCurrentUser(on='targetManager')"
    assert [one["answers"] for one in (await as_(MIA).get(reports)).json()["value"]] == [[]]
    assert (await as_(BOB).get(path)).json()["answers"] == KEPT
    # Not yet asked, nothing to do with it: the request itself is not there for them.
    for outsider in (CY, EVE):
        assert (await as_(outsider).get(path)).status_code == 404


async def test_answers_stay_as_they_were_asked_for_when_the_policy_changes(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    request = await ask(as_(MIA), LEO)
    changed = await as_(ADA).put(
        f"{POLICIES}/{POLICY_ID}",
        json={
            "displayName": "Asks something else",
            "allowedTargetScope": "allMemberUsers",
            "questions": [ASKED[0] | {"text": "Who pays?", "localizations": []}],
        },
    )
    assert changed.status_code == 200, changed.text
    assert (await as_(BOB).get(f"{REQUESTS}/{request['id']}")).json()["answers"] == KEPT


async def test_answers_are_neither_in_the_audit_trail_nor_told_to_temporal(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    await ask(as_(MIA), LEO)
    async with database.read() as tx:
        written = [*await tx.all(select(audit_events)), *await tx.all(select(outbox))]
    assert {row.type for row in written if hasattr(row, "type")} == {"request.submitted", "stage.opened"}
    assert [row for row in written if "Guyana" in str(row) or CENTER.text in str(row) or CENTER.id in str(row)] == []


async def test_whoever_may_ask_reads_the_questions_first(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    answered = await as_(MIA).post(f"{PACKAGES}/{PAYROLL_ID}/getApplicablePolicyRequirements")
    assert [one["questions"] for one in answered.json()["value"]] == [ASKED]
    for_leo = await as_(MIA).get(f"{BASE}/api/packages/{PAYROLL_ID}/requirements?for={LEO.id}")
    assert [one["questions"] for one in for_leo.json()["items"]] == [ASKED]


@pytest.mark.parametrize(
    ("accepts", "center", "kenya"),
    [
        ("fr-CA, de;q=0.5", "Quel centre ?", "Kenia"),
        ("de-AT", "Which cost center?", "Kenia"),
        ("en, fr;q=0.1", "Quel centre ?", "Kenya"),
        ("fr;q=0, de;q=x, *", "Which cost center?", "Kenya"),
        (",;=;,", "Which cost center?", "Kenya"),
    ],
)
async def test_people_read_their_own_language(
    database: Database, as_: Clients, accepts: str, center: str, kenya: str
) -> None:
    await open_office(database, ASKING)
    headers = {"Accept-Language": accepts}
    path = f"{PACKAGES}/{PAYROLL_ID}/getApplicablePolicyRequirements"
    (wanted,) = (await as_(MIA).post(path, headers=headers)).json()["value"]
    assert wanted["questions"][0]["text"] == center
    assert wanted["questions"][1]["choices"][0]["text"] == kenya
    request = await ask(as_(MIA), LEO)
    read = (await as_(BOB).get(f"{REQUESTS}/{request['id']}", headers=headers)).json()["answers"]
    assert [one["displayValue"] for one in read] == ["4711", kenya, "Guyana"]
    assert [one["value"] for one in read] == ["4711", "KE", "GY"]
    assert read[0]["answeredQuestion"]["text"] == center
    policy = (await as_(ADA).get(f"{POLICIES}/{POLICY_ID}?$expand=questions", headers=headers)).json()
    assert policy["questions"] == ASKED, "what is read may be written back"


@pytest.mark.parametrize(
    ("story", "answers", "code", "target", "says"),
    [
        ("none", None, "answerRequired", "answers", CENTER.id),
        ("none at all", [], "answerRequired", "answers", CENTER.text),
        ("not the required one", [answer(PLACE, "KE")], "answerRequired", "answers", CENTER.text),
        ("null", [answer(CENTER, "4711") | {"value": None}], "answerRequired", "answers", CENTER.text),
        ("no match", [answer(CENTER, "47")], "invalidAnswer", "answers/0/value", "[0-9]{4}"),
        ("no choice", [*GIVEN, answer(PLACE, "US")], "invalidAnswer", "answers/3/value", "KE, GY"),
        ("twice", [*GIVEN, answer(CENTER, "1234")], "invalidAnswer", "answers/3/value", "one answer"),
        (
            "not asked",
            [*GIVEN, answer(replace(CENTER, id=fixed_id("other")), "x")],
            "unknownQuestion",
            "answers/3/answeredQuestion/id",
            CENTER.text,
        ),
        ("no question", [{"value": "x"}], "invalidRequest", "answers/0/answeredQuestion/id", "answeredQuestion.id"),
        ("a number", [answer(CENTER, "4711") | {"value": 4711}], "invalidRequest", None, "string"),
        ("no object", ["4711"], "invalidRequest", None, "answers"),
    ],
)
async def test_bad_answers_are_refused_by_name(
    database: Database, as_: Clients, story: str, answers: Any, code: str, target: str | None, says: str
) -> None:
    await open_office(database, ASKING)
    refused = await as_(MIA).post(REQUESTS, json=user_add(LEO, answers=answers))
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, code), (story, error)
    assert target is None or error["target"] == target, (story, error)
    assert says in error["message"], (story, error)
    assert (await as_(ADA).get(REQUESTS)).json()["value"] == []


async def test_an_administrator_who_assigns_directly_answers_too(database: Database, as_: Clients) -> None:
    await open_office(database, replace(NO_APPROVAL, questions=(CENTER, PLACE)))
    body = user_add(LEO, requestType="adminAdd")
    refused = await as_(ADA).post(REQUESTS, json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "answerRequired")
    request = await ask(as_(ADA), LEO, requestType="adminAdd")
    assert (await as_(LEO).get(f"{REQUESTS}/{request['id']}")).json()["answers"] == KEPT


async def test_nothing_is_asked_when_access_ends(database: Database, as_: Clients) -> None:
    await open_office(database, replace(NO_APPROVAL, questions=(CENTER, PLACE)))
    request = await ask(as_(LEO))
    read = (await as_(LEO).get(f"{REQUESTS}/{request['id']}?$expand=assignment")).json()
    body = {"requestType": "userRemove", "assignment": {"id": read["assignment"]["id"]}}
    refused = await as_(LEO).post(REQUESTS, json=body | {"answers": GIVEN})
    assert (refused.status_code, refused.json()["error"]["target"]) == (400, "answers")
    removed = await as_(LEO).post(REQUESTS, json=body | {"answers": []})
    assert (removed.status_code, removed.json()["answers"]) == (201, [])


async def test_the_same_key_with_other_answers_is_another_request(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    key = {"Idempotency-Key": "once"}
    first = await as_(MIA).post(REQUESTS, json=user_add(LEO, answers=GIVEN), headers=key)
    again = await as_(MIA).post(REQUESTS, json=user_add(LEO, answers=GIVEN), headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await as_(MIA).post(REQUESTS, json=user_add(LEO, answers=GIVEN[:2]), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotencyConflict")


async def test_the_sdk_answers_and_reads_answers(database: Database, as_: Clients) -> None:
    await open_office(database, ASKING)
    choice = AccessPackageMultipleChoiceQuestion(id=PLACE.id)
    body = AccessPackageAssignmentRequest(
        request_type=AccessPackageRequestType.UserAdd,
        answers=[
            AccessPackageAnswerString(value="4711", answered_question=AccessPackageTextInputQuestion(id=CENTER.id)),
            AccessPackageAnswerString(value="KE", answered_question=choice),
            AccessPackageAnswerString(value="GY", answered_question=choice),
        ],
        assignment=AccessPackageAssignment(additional_data={"accessPackageId": PAYROLL_ID, "targetId": LEO.id}),
    )
    writer = JsonSerializationWriter()
    writer.write_object_value(None, body)
    sent = await as_(MIA).post(REQUESTS, json=json.loads(writer.get_serialized_content()))
    assert (sent.status_code, sent.json()["answers"]) == (201, KEPT), sent.text
    read = await as_(BOB).get(f"{REQUESTS}/{sent.json()['id']}")
    node = JsonParseNodeFactory().get_root_parse_node("application/json", read.content)
    answers = node.get_object_value(AccessPackageAssignmentRequest).answers or []
    assert [(type(one), one.display_value, type(one.answered_question)) for one in answers] == [
        (AccessPackageAnswerString, "4711", AccessPackageTextInputQuestion),
        (AccessPackageAnswerString, "Kenya", AccessPackageMultipleChoiceQuestion),
        (AccessPackageAnswerString, "Guyana", AccessPackageMultipleChoiceQuestion),
    ]
