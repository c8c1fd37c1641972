"""An extension answers over HTTP, with the token that came with the call; nobody else without being told so."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from grantline.model.briefing import AnsweredSignal
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.calling import NAMING, an_office, waiting
from tests.api.configured import UNKNOWN_ID, error_of, message_of
from tests.api.conftest import V1, Clients, RecordingRelay
from tests.api.office import REQUESTS
from tests.cast import ADA, BOB, CY, LEO, MIA
from tests.services.calling import SECRET, SIGNER, hold_now

CREATED = "assignmentRequestCreated"
DETERMINING = "assignmentRequestDeterminingApprovalRequirements"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings.model_validate(settings.model_dump() | {"callout_secrets": (SECRET,)})


def answer_of(callout_id: str, point: str = CREATED, **more: Any) -> dict[str, Any]:
    """Return the body that Graph documents."""
    return {
        "source": "Contoso.SodCheckProcess",
        "type": f"microsoft.graph.accessPackageCustomExtensionStage.{point}",
        "data": {
            "@odata.type": "microsoft.graph.accessPackageAssignmentRequestCallbackData",
            "stage": point,
            "customExtensionStageInstanceId": callout_id,
            **more,
        },
    }


async def held(as_: Clients, database: Database, point: str = CREATED, **more: Any) -> tuple[str, str]:
    """Let Leo ask for what an extension is asked about first; return the ids of request and call."""
    package_id, _ = await an_office(as_(ADA), point=point, **waiting(**more))
    asked = await as_(LEO).post(
        REQUESTS, json={"requestType": "userAdd", "assignment": {"accessPackageId": package_id}}
    )
    assert asked.status_code == 201, asked.text
    request_id = asked.json()["id"]
    return request_id, (await hold_now(database, request_id)).id


def extension_client(app: FastAPI, token: str) -> httpx2.AsyncClient:
    """Return a client that has nothing but a callout's token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1, headers=headers)


async def resume(app: FastAPI, request_id: str, body: dict[str, Any], token: str) -> httpx2.Response:
    async with extension_client(app, token) as client:
        return await client.post(f"{REQUESTS}/{request_id}/resume", json=body)


async def test_it_is_seen_to_wait_and_goes_on_with_the_token(
    as_: Clients, app: FastAPI, database: Database, relay: RecordingRelay
) -> None:
    request_id, callout_id = await held(as_, database)
    shown = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()
    assert (shown["state"], shown["status"].partition(":")[0]) == ("pendingApproval", "WaitingForCallback")
    (instance,) = shown["customExtensionCalloutInstances"]
    assert (instance["id"], instance["status"], instance["detail"]) == (callout_id, "waitingForCallback", None)

    said = answer_of(callout_id, customExtensionStageInstanceDetail="Known to us")
    answer = await resume(app, request_id, said, SIGNER.token(callout_id))
    assert (answer.status_code, answer.content) == (204, b"")
    assert relay.sent[-1].body == AnsweredSignal(callout_id=callout_id)
    for person in (LEO, BOB):
        shown = (await as_(person).get(f"{REQUESTS}/{request_id}")).json()
        (instance,) = shown["customExtensionCalloutInstances"]
        assert (shown["status"], instance["status"]) == ("PendingApproval", "callbackReceived")
        assert instance["detail"] == "Known to us", "approvers read what the extension says"
    again = await resume(app, request_id, said, SIGNER.token(callout_id))
    assert error_of(again) == (409, "alreadyDecided")


@pytest.mark.parametrize("word", ["denied", "Denied", "canceled"])
async def test_it_is_denied(as_: Clients, app: FastAPI, database: Database, word: str) -> None:
    request_id, callout_id = await held(as_, database)
    said = answer_of(callout_id, state=word, customExtensionStageInstanceDetail="Potential risk")
    assert (await resume(app, request_id, said, SIGNER.token(callout_id))).status_code == 204
    shown = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()
    assert (shown["state"], shown["status"]) == ("denied", "Denied: Risk desk denied it: Potential risk")


async def test_the_extension_names_the_approvers(as_: Clients, app: FastAPI, database: Database) -> None:
    request_id, callout_id = await held(as_, database, DETERMINING, kind=NAMING)
    stage = {
        "durationBeforeAutomaticDenial": "P2D",
        "isApproverJustificationRequired": False,
        "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": CY.id}],
    }
    said = answer_of(callout_id, DETERMINING, approvalStage=stage)
    assert (await resume(app, request_id, said, SIGNER.token(callout_id))).status_code == 204
    assert (await as_(CY).get(f"{REQUESTS}/{request_id}")).json()["status"] == "PendingApproval"
    assert (await as_(BOB).get(f"{REQUESTS}/{request_id}")).status_code == 404, "nobody asks Bob any more"


async def test_the_extension_says_that_nobody_need_approve(as_: Clients, app: FastAPI, database: Database) -> None:
    request_id, callout_id = await held(as_, database, DETERMINING, kind=NAMING)
    said = answer_of(callout_id, DETERMINING, approvalRequired=False)
    assert (await resume(app, request_id, said, SIGNER.token(callout_id))).status_code == 204
    assert (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"] == "delivering"


async def test_who_may_answer(as_: Clients, app: FastAPI, database: Database) -> None:
    request_id, callout_id = await held(as_, database)
    said, path = answer_of(callout_id), f"{REQUESTS}/{request_id}/resume"
    assert error_of(await as_(None).post(path, json=said)) == (401, "unauthenticated")
    for token in (
        SIGNER.token(UNKNOWN_ID),
        "gcb_",
        "gcb_x",
        SIGNER.token(callout_id) + "x",
        "gcb_\u00e9".encode().decode("latin-1"),
    ):
        answer = await resume(app, request_id, said, token.encode("ascii", "replace").decode())
        assert error_of(answer) == (401, "unauthenticated"), token
    assert error_of(await as_(LEO).post(path, json=said)) == (403, "accessDenied")
    assert "callbackToken" in message_of(await as_(LEO).post(path, json=said))
    for stranger in (BOB, CY):
        assert error_of(await as_(stranger).post(path, json=said)) == (404, "itemNotFound")
    elsewhere = await resume(app, UNKNOWN_ID, said, SIGNER.token(callout_id))
    assert error_of(elsewhere) == (404, "itemNotFound")
    assert (await as_(ADA).post(path, json=said)).status_code == 204


async def test_the_token_opens_no_other_door(as_: Clients, app: FastAPI, database: Database) -> None:
    request_id, callout_id = await held(as_, database)
    async with extension_client(app, SIGNER.token(callout_id)) as client:
        for path in (REQUESTS, f"{REQUESTS}/{request_id}", "/me", "/users"):
            assert error_of(await client.get(path)) == (401, "unauthenticated")
        assert error_of(await client.post(f"{REQUESTS}/{request_id}/cancel")) == (401, "unauthenticated")


WRONG: list[tuple[Any, str]] = [
    ({}, "data.customExtensionStageInstanceId"),
    ({"data": {}}, "data.customExtensionStageInstanceId"),
    ({"data": {"customExtensionStageInstanceId": "soon"}}, "GUID"),
    ({"data": []}, "data"),
    ({"data": {"state": "maybe"}}, "data.state is denied"),
    ({"data": {"stage": "later"}}, "data.stage is one of"),
    ({"data": {"stage": "assignmentRequestApproved"}}, "was made at assignmentRequestCreated"),
    ({"data": {"approvalStage": {"primaryApprovers": []}}}, "leave out approvalStage"),
    ({"data": {"approvalRequired": False}}, "leave out approvalStage"),
    ({"data": {"approvalRequired": True}}, "say by whom"),
    ({"data": {"approvalStage": {"approvers": []}}}, "has no member 'approvers'"),
]


async def test_a_bad_answer_is_told_what_would_be_right(as_: Clients, database: Database) -> None:
    request_id, callout_id = await held(as_, database)
    for sent, says in WRONG:
        data = sent.get("data")
        if isinstance(data, dict) and data and "customExtensionStageInstanceId" not in data:
            sent = {"data": data | {"customExtensionStageInstanceId": callout_id}}
        answer = await as_(ADA).post(f"{REQUESTS}/{request_id}/resume", json=sent)
        assert (answer.status_code, says in message_of(answer)) == (400, True), f"{says}: {answer.text}"
    assert (await hold_now(database, request_id)).id == callout_id


async def test_a_withdrawn_request_waits_for_nobody(as_: Clients, app: FastAPI, database: Database) -> None:
    request_id, callout_id = await held(as_, database)
    assert (await as_(LEO).post(f"{REQUESTS}/{request_id}/cancel")).status_code == 204
    answer = await resume(app, request_id, answer_of(callout_id), SIGNER.token(callout_id))
    assert error_of(answer) == (409, "requestClosed")
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "canceled"
