"""Every way in which an ask is refused: its own code, and a sentence that says what would be right."""

from dataclasses import replace
from typing import Any

import pytest

from grantline.model.policy import ApprovalSettings, Policy, TargetScope
from grantline.model.subjects import SingleUser
from grantline.persistence.database import Database
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import ASSIGNMENTS, OPEN_TO_ALL, PAYROLL_ID, POLICY, REQUESTS, open_office, user_add
from tests.cast import ADA, DAN, EVE, LEO, MIA

SOMEBODY = "8ab659d0-3839-427d-8c54-5ae92f0b3e2e"
PACKAGE = {"accessPackageId": PAYROLL_ID}


@pytest.mark.parametrize(
    ("story", "body", "status", "code", "target", "says"),
    [
        ("nothing", {}, 400, "invalidRequest", "requestType", "one of userAdd"),
        ("an unknown type", {"requestType": "borrow"}, 400, "invalidRequest", "requestType", "'borrow' is unknown"),
        ("no word", {"requestType": 7}, 400, "invalidRequest", "requestType", "string"),
        ("on behalf by type", {"requestType": "onBehalfAdd"}, 400, "invalidRequest", "requestType", "send userAdd"),
        ("an update of nothing", {"requestType": "UserUpdate"}, 400, "invalidRequest", "assignment/id", "is to move"),
        (
            "a removal of nothing",
            {"requestType": "approverRemove"},
            400,
            "invalidRequest",
            "assignment/id",
            "is to end",
        ),
        (
            "no package",
            {"requestType": "userAdd", "assignment": {"access_package_id": PAYROLL_ID}},
            400,
            "invalidRequest",
            "assignment/accessPackageId",
            "assignment.accessPackageId",
        ),
        (
            "no assignment",
            {"requestType": "userAdd", "assignment": None},
            400,
            "invalidRequest",
            None,
            "accessPackageId",
        ),
        ("an assignment that is none", {"requestType": "userAdd", "assignment": "x"}, 400, "invalidRequest", None, ""),
        (
            "an id that is none",
            {"requestType": "userAdd", "assignment": {"accessPackageId": "payroll"}},
            400,
            "invalidRequest",
            None,
            "'payroll'",
        ),
        (
            "two packages",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "accessPackage": {"id": SOMEBODY}}},
            400,
            "invalidRequest",
            "assignment/accessPackageId",
            "send one of the two",
        ),
        (
            "two targets",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "targetId": LEO.id, "target": {"objectId": EVE.id}}},
            400,
            "invalidRequest",
            "assignment/targetId",
            "send one of the two",
        ),
        (
            "a package nobody knows",
            {"requestType": "userAdd", "assignment": {"accessPackageId": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/accessPackageId",
            SOMEBODY,
        ),
        (
            "a person nobody knows",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "targetId": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/target",
            SOMEBODY,
        ),
        (
            "a mail nobody has",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "target": {"email": "no@grantline.test"}}},
            404,
            "itemNotFound",
            "assignment/target",
            "no@grantline.test",
        ),
        (
            "an answer to no question",
            {"requestType": "userAdd", "assignment": PACKAGE, "answers": [{"value": "x"}]},
            400,
            "invalidRequest",
            "answers/0/answeredQuestion/id",
            "answeredQuestion.id",
        ),
        (
            "a bypass",
            {"requestType": "userAdd", "assignment": PACKAGE, "parameters": {"bypassApproval": True}},
            501,
            "notSupported",
            "parameters/bypassApproval",
            "bypass",
        ),
        (
            "an instant without a zone",
            user_add(LEO, schedule={"startDateTime": "2027-01-01T00:00:00"}),
            400,
            "invalidRequest",
            None,
            "timezone",
        ),
        (
            "a number for an instant",
            user_add(LEO, schedule={"startDateTime": 7}),
            400,
            "invalidRequest",
            None,
            "2026-01-31T08:00:00Z",
        ),
        (
            "an expiration of no type",
            user_add(LEO, schedule={"expiration": {"type": "someday"}}),
            400,
            "invalidRequest",
            "schedule/expiration/type",
            "afterDuration",
        ),
        (
            "a recurrence",
            user_add(LEO, schedule={"recurrence": {"pattern": {}}}),
            501,
            "notSupported",
            "schedule/recurrence",
            "recur",
        ),
        (
            "times of one's own",
            user_add(LEO, schedule={"expiration": {"type": "afterDuration", "duration": "P1D"}}),
            400,
            "scheduleNotAllowed",
            "schedule",
            "leave the schedule out",
        ),
        ("removing nothing", {"requestType": "userRemove"}, 400, "invalidRequest", "assignment/id", "assignment.id"),
        (
            "removing what is not there",
            {"requestType": "userRemove", "assignment": {"id": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/id",
            SOMEBODY,
        ),
        (
            "not an administrator",
            {"requestType": "adminAdd", "assignment": {**PACKAGE, "targetId": LEO.id}},
            403,
            "accessDenied",
            None,
            "userAdd",
        ),
        ("not my report", user_add(EVE), 403, "notYourReport", None, "Eve Wolf"),
        ("a report who left", user_add(DAN), 403, "targetDisabled", None, "Dan Gone"),
    ],
)
async def test_what_mia_cannot_ask(
    *,
    database: Database,
    as_: Clients,
    relay: RecordingRelay,
    story: str,
    body: dict[str, Any],
    status: int,
    code: str,
    target: str | None,
    says: str,
) -> None:
    await open_office(database)
    answer = await as_(MIA).post(REQUESTS, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), (story, error)
    if target is not None:
        assert error["target"] == target, story
    assert says in error["message"], (story, error["message"])
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert relay.sent == []


async def test_a_target_must_be_named_by_an_administrator_who_assigns(database: Database, as_: Clients) -> None:
    await open_office(database)
    answer = await as_(ADA).post(REQUESTS, json={"requestType": "adminAdd", "assignment": PACKAGE})
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "assignment/targetId")
    assert "assignment.targetId" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("story", "policy", "code", "says"),
    [
        (
            "a reason is wanted",
            replace(
                POLICY, approval_settings=replace(POLICY.approval_settings, is_requestor_justification_required=True)
            ),
            "justificationRequired",
            "wants a justification",
        ),
        (
            "not on behalf",
            replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, on_behalf_add=False)),
            "onBehalfNotAllowed",
            "on behalf",
        ),
        (
            "out of scope",
            replace(POLICY, target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=EVE.id),)),
            "targetOutOfScope",
            "Leo Park",
        ),
        ("closed", replace(POLICY, target_scope=TargetScope.NOT_SPECIFIED), "notRequestable", "administrator"),
    ],
)
async def test_what_a_policy_does_not_let_mia_ask_for_leo(
    *, database: Database, as_: Clients, story: str, policy: Policy, code: str, says: str
) -> None:
    await open_office(database, policy)
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        400 if code == "justificationRequired" else 403,
        code,
    ), story
    assert says in answer.json()["error"]["message"], story


async def test_self_requests_can_be_closed(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, self_add=False)))
    answer = await as_(LEO).post(REQUESTS, json=user_add())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "selfRequestNotAllowed")


async def test_a_second_request_is_refused_by_the_id_of_the_first(database: Database, as_: Clients) -> None:
    await open_office(database)
    first = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    second = await as_(LEO).post(REQUESTS, json=user_add())
    assert (second.status_code, second.json()["error"]["code"]) == (409, "duplicateRequest")
    assert first.json()["id"] in second.json()["error"]["message"]


async def test_what_is_held_is_not_given_twice(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, approval_settings=ApprovalSettings()))
    await as_(LEO).post(REQUESTS, json=user_add())
    (held,) = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    again = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    assert again.status_code == 409
    assert again.json()["error"]["code"] in {"alreadyAssigned", "duplicateRequest"}
    assert held["state"] == "delivering"


@pytest.mark.parametrize("body", [b"{", b'{"requestType": userAdd}', b"[]", b'"x"', b"", b"\xff"])
async def test_what_is_no_json_object_is_refused_as_such(database: Database, as_: Clients, body: bytes) -> None:
    answer = await as_(MIA).post(REQUESTS, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert "JSON" in answer.json()["error"]["message"] or "UTF-8" in answer.json()["error"]["message"]
