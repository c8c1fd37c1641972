"""Policies ask questions: written and read in Graph's shapes, and never half understood."""

import json
from typing import Any

import pytest
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph.generated.models.access_package_assignment_policy import AccessPackageAssignmentPolicy
from msgraph.generated.models.access_package_multiple_choice_question import AccessPackageMultipleChoiceQuestion
from msgraph.generated.models.access_package_text_input_question import AccessPackageTextInputQuestion
from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events
from tests.api.configured import PACKAGES, POLICIES, UNKNOWN_ID, a_catalog, a_package, made
from tests.api.conftest import Clients
from tests.cast import ADA

TEXT = "#microsoft.graph.accessPackageTextInputQuestion"
CHOICE = "#microsoft.graph.accessPackageMultipleChoiceQuestion"

# As Graph's page documents it: numbers and truths as text, types without `#`, members left out.
DOCUMENTED: list[dict[str, Any]] = [
    {
        "@odata.type": TEXT,
        "sequence": "2",
        "isRequired": "true",
        "isAnswerEditable": "true",
        "text": "What do you do for work?",
        "localizations": [{"languageCode": "fr-CA", "text": "Que fais-tu comme travail?"}],
        "isSingleLineQuestion": "false",
        "regexPattern": "[a-zA-Z]+[a-zA-Z\\s]*",
    },
    {
        "@odata.type": CHOICE,
        "sequence": "1",
        "isRequired": "true",
        "isAnswerEditable": "true",
        "text": "What country are you working from?",
        "isMultipleSelectionAllowed": "false",
        "choices": [
            {"@odata.type": "microsoft.graph.accessPackageAnswerChoice", "actualValue": "KE", "text": "Kenya"},
            {"@odata.type": "microsoft.graph.accessPackageAnswerChoice", "text": "Guyana"},
        ],
    },
]
READ: list[dict[str, Any]] = [
    {
        "@odata.type": CHOICE,
        "sequence": 1,
        "isRequired": True,
        "isAnswerEditable": True,
        "text": "What country are you working from?",
        "localizations": [],
        "isMultipleSelectionAllowed": False,
        "choices": [
            {"actualValue": "KE", "text": "Kenya", "localizations": []},
            {"actualValue": "Guyana", "text": "Guyana", "localizations": []},
        ],
    },
    {
        "@odata.type": TEXT,
        "sequence": 2,
        "isRequired": True,
        "isAnswerEditable": True,
        "text": "What do you do for work?",
        "localizations": [{"languageCode": "fr-CA", "text": "Que fais-tu comme travail?"}],
        "isSingleLineQuestion": False,
        "regexPattern": "[a-zA-Z]+[a-zA-Z\\s]*",
    },
]
POLICY = {"displayName": "A Policy With Questions", "description": "", "allowedTargetScope": "allMemberUsers"}


async def entered(ada: Any, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Make a package with a policy that asks these; return the policy as its POST answered."""
    package_id = await a_package(ada, await a_catalog(ada))
    return await made(ada, POLICIES, POLICY | {"questions": questions, "accessPackage": {"id": package_id}})


async def asked(ada: Any, policy_id: str) -> list[dict[str, Any]]:
    """Return the questions of a policy."""
    return (await ada.get(f"{POLICIES}/{policy_id}?$expand=questions")).json()["questions"]


def without_ids(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "id"} for one in questions]


async def test_documented_questions_are_taken_and_read_back_in_order_with_ids(as_: Clients) -> None:
    ada = as_(ADA)
    policy = await entered(ada, DOCUMENTED)
    assert without_ids(policy["questions"]) == READ
    assert len({one["id"] for one in policy["questions"]}) == len(READ)
    assert await asked(ada, policy["id"]) == policy["questions"]
    assert "questions" not in (await ada.get(f"{POLICIES}/{policy['id']}")).json()
    listed = (await ada.get(f"{POLICIES}?$expand=questions")).json()["value"]
    assert [one["questions"] for one in listed] == [policy["questions"]]
    package = (await ada.get(f"{PACKAGES}?$expand=assignmentPolicies($expand=questions)")).json()["value"][0]
    assert [one["questions"] for one in package["assignmentPolicies"]] == [policy["questions"]]


async def test_a_put_keeps_questions_it_does_not_name_and_ids_it_does(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    policy = await entered(ada, DOCUMENTED)
    path = f"{POLICIES}/{policy['id']}"
    country, work = policy["questions"]

    silent = await ada.put(path, json=POLICY | {"description": "kept"})
    assert (silent.status_code, "questions" in silent.json()) == (200, False)
    assert await asked(ada, policy["id"]) == [country, work]

    # By id, with another text; by text, without an id; one that is new, with an id nobody gave.
    changes = [work | {"text": "Your work?"}, READ[0] | {"sequence": 9}, READ[1] | {"id": UNKNOWN_ID, "text": "New?"}]
    changed = (await ada.put(path, json=POLICY | {"questions": changes})).json()["questions"]
    assert [one["id"] for one in changed if one["text"] != "New?"] == [work["id"], country["id"]]
    (new,) = [one["id"] for one in changed if one["text"] == "New?"]
    assert new not in {work["id"], country["id"], UNKNOWN_ID}
    async with database.read() as tx:
        (row,) = await tx.all(select(audit_events.c.details).order_by(audit_events.c.number.desc()).limit(1))
    assert [one["text"] for one in row.details["changes"]["questions"]["to"]] == ["Your work?", "New?", country["text"]]

    emptied = await ada.put(path, json=POLICY | {"questions": []})
    assert (emptied.json()["questions"], await asked(ada, policy["id"])) == ([], [])


async def test_the_sdk_reads_questions_and_writes_them_back(as_: Clients) -> None:
    ada = as_(ADA)
    policy = await entered(ada, DOCUMENTED)
    read = await ada.get(f"{POLICIES}/{policy['id']}?$expand=questions")
    model = (
        JsonParseNodeFactory()
        .get_root_parse_node("application/json", read.content)
        .get_object_value(AccessPackageAssignmentPolicy)
    )
    assert [type(one) for one in model.questions or ()] == [
        AccessPackageMultipleChoiceQuestion,
        AccessPackageTextInputQuestion,
    ]
    writer = JsonSerializationWriter()
    writer.write_object_value(None, model)
    written = await ada.put(f"{POLICIES}/{policy['id']}", json=json.loads(writer.get_serialized_content()))
    assert (written.status_code, written.json().get("questions")) == (200, policy["questions"]), written.text


def text(**more: Any) -> dict[str, Any]:
    return {"@odata.type": TEXT, "text": "Why?", **more}


def choice(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"@odata.type": CHOICE, "text": "Where?", "choices": list(choices), **more}


FRENCH = {"languageCode": "fr", "text": "Pourquoi ?"}
KENYA = {"actualValue": "KE", "text": "Kenya"}


@pytest.mark.parametrize(
    ("story", "questions", "target", "says"),
    [
        ("no kind", [{"text": "Why?"}], "questions/0/@odata.type", TEXT),
        ("no such kind", [text(**{"@odata.type": "#microsoft.graph.user"})], "questions/0/@odata.type", CHOICE),
        ("no text", [text(), {"@odata.type": TEXT}], "questions/1/text", "missing"),
        ("a blank text", [text(text=" ")], "questions/0/text", "1 character"),
        ("a misspelt member", [text(isRequierd=True)], "questions/0", "isRequired"),
        ("a pattern for a choice", [choice(KENYA, regexPattern="x")], "questions/0", "regexPattern"),
        ("a maybe", [text(isRequired="maybe")], "questions/0/isRequired", "true or false"),
        ("a huge place", [text(sequence=2**31)], "questions/0/sequence", "less than"),
        ("no place", [text(sequence="first")], "questions/0/sequence", "integer"),
        ("a broken pattern", [text(regexPattern="[")], "questions/0/regexPattern", "RE2"),
        ("look-ahead", [text(regexPattern="(?=x)")], "questions/0/regexPattern", "look-around"),
        ("a pattern too large", [text(regexPattern=r"\p{L}{1,40}")], "questions/0/regexPattern", "too large"),
        ("no choices", [choice()], "questions/0/choices", "1 to 100"),
        ("too many", [choice(*({"text": str(n)} for n in range(101)))], "questions/0/choices", "has 101"),
        ("a choice twice", [choice(KENYA, {"text": "KE"})], "questions/0/choices/0/actualValue", "'KE'"),
        ("a choice without text", [choice({"actualValue": "KE"})], "questions/0/choices/0/text", "missing"),
        ("no language", [text(localizations=[FRENCH | {"languageCode": "in French"}])], None, "fr-CA"),
        ("a language twice", [text(localizations=[FRENCH, FRENCH])], None, "twice"),
        ("not even an object", ["Why?"], None, "questions"),
        ("too many questions", [text(text=str(n)) for n in range(51)], "questions", "50 at most"),
    ],
)
async def test_questions_nobody_could_answer_are_refused(
    as_: Clients, story: str, questions: list[Any], target: str | None, says: str
) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    answer = await ada.post(POLICIES, json=POLICY | {"questions": questions, "accessPackage": {"id": package_id}})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalidRequest"), (story, error)
    assert says in error["message"], (story, error)
    assert target is None or error["target"] == target, (story, error)
