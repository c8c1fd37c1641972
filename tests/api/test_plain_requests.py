"""Beside Graph: explaining a request, rehearsing one, and asking again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, func, select, update

from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, ApproverIsRequestor, Policy, TargetScope
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, people, policies, requests, stages
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import (
    APPROVALS,
    ASSIGNMENTS,
    BOB_OR_BEA,
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
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, LONG_AGO, MAX, MIA, OWNERS, fixed_id

PLAIN = f"{BASE}/api/requests"
VALIDATE = f"{PLAIN}/validate"


async def ask(client: httpx2.AsyncClient, target: Person | None = None, **more: Any) -> str:
    """Ask for Payroll and return the request's id."""
    answer = await client.post(REQUESTS, json=user_add(target, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def decide(client: httpx2.AsyncClient, request_id: str, result: str, **more: Any) -> httpx2.Response:
    """Decide the first stage."""
    shown = await client.get(f"{APPROVALS}/{request_id}/stages")
    stage_id = shown.json()["value"][0]["id"]
    return await client.patch(f"{APPROVALS}/{request_id}/stages/{stage_id}", json={"reviewResult": result, **more})


async def validate(client: httpx2.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Rehearse a request."""
    answer = await client.post(VALIDATE, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def explain(client: httpx2.AsyncClient, request_id: str) -> dict[str, Any]:
    """Have a request explained."""
    answer = await client.get(f"{PLAIN}/{request_id}/explain")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def codes(found: dict[str, Any]) -> list[str]:
    """Return the codes of the refusals."""
    return [one["code"] for one in found["refusals"]]


async def everything(db: Database) -> tuple[int, int]:
    """Count requests and audit events."""
    async with db.read() as tx:
        return (
            await tx.scalar(select(func.count()).select_from(requests)),
            await tx.scalar(select(func.count()).select_from(audit_events)),
        )


async def test_a_request_is_explained_to_who_takes_part_and_to_nobody_else(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO, justification="Month end")
    assert (await decide(as_(LEO), request_id, "Approve")).status_code == 403
    found = await explain(as_(BOB), request_id.upper())
    assert found["says"] == "Payroll for Leo Park waits for Bea Hart or Bob Stone to decide stage 1 of 1."
    assert [(one["person"]["displayName"], one["may"]) for one in found["canAct"]] == [
        ("Bea Hart", "decide"),
        ("Bob Stone", "decide"),
        ("Mia Lind", "cancel"),
        ("Leo Park", "cancel"),
    ]
    assert [(one["person"]["id"], one["code"]) for one in found["refused"]] == [(LEO.id, "ownRequest")]
    opened, closes = (datetime.fromisoformat(found[key]) for key in ("since",)), found["next"]["at"]
    assert datetime.fromisoformat(closes) - next(opened) == timedelta(days=7)
    answers = {
        person.display_name: (await as_(person).get(f"{PLAIN}/{request_id}/explain")) for person in (MIA, LEO, ADA)
    }
    assert {name: answer.json() == found for name, answer in answers.items()} == dict.fromkeys(answers, True)
    for client, asked in ((as_(EVE), request_id), (as_(ADA), fixed_id("none"))):
        refused = await client.get(f"{PLAIN}/{asked}/explain")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "itemNotFound")
    assert (await as_(None).get(f"{PLAIN}/{request_id}/explain")).status_code == 401


async def test_a_rehearsal_says_what_would_happen_and_writes_nothing(database: Database, as_: Clients) -> None:
    second = replace(stage(CY, needs_reason=True), deadline=timedelta(hours=4))
    in_turn = replace(BOB_OR_BEA, primary_approvers=(GroupMembers(group_id=OWNERS.id),))
    await open_office(database, with_stages(in_turn, second))
    before = await everything(database)

    found = await validate(as_(MIA), user_add(LEO, justification="Month end"))

    ends_at = datetime.fromisoformat(found.pop("endsAt"))
    assert timedelta(days=89) < ends_at - datetime.now(ends_at.tzinfo) <= timedelta(days=90)
    assert found == {
        "isAccepted": True,
        "refusals": [],
        "requestType": "userAdd",
        "requestor": named(MIA),
        "target": named(LEO),
        "package": {"id": PAYROLL_ID, "displayName": "Payroll"},
        "policy": {"id": POLICY_ID, "displayName": "Managers ask"},
        "state": "pendingApproval",
        "reason": None,
        "stages": [
            {
                "number": 1,
                "window": "P7D",
                "isApproverJustificationRequired": False,
                "countsAsApproved": False,
                "approvers": [{"person": named(person), "route": "primary"} for person in (BEA, BOB)],
            },
            {
                "number": 2,
                "window": "PT4H",
                "isApproverJustificationRequired": True,
                "countsAsApproved": False,
                "approvers": [{"person": named(CY), "route": "primary"}],
            },
        ],
        "startsAt": None,
        "lasts": "P90D",
    }
    assert await everything(database) == before


def named(person: Person) -> dict[str, Any]:
    """Return how a person is shown."""
    return {"id": person.id, "displayName": person.display_name, "userPrincipalName": person.user_principal_name}


async def test_a_rehearsal_tells_everything_that_speaks_against_it(database: Database, as_: Clients) -> None:
    strict = replace(
        POLICY,
        target_scope=TargetScope.SPECIFIC,
        specific_allowed_targets=(SingleUser(user_id=CY.id),),
        approval_settings=replace(POLICY.approval_settings, is_requestor_justification_required=True),
    )
    await open_office(database, strict)
    body = user_add(DAN, schedule={"startDateTime": "2020-01-01T00:00:00Z"})

    found = await validate(as_(EVE), body)

    assert found["isAccepted"] is False
    assert codes(found) == [
        "targetDisabled",
        "targetOutOfScope",
        "notYourReport",
        "justificationRequired",
        "scheduleNotAllowed",
    ]
    assert (found["policy"], found["state"], found["stages"]) == (None, None, [])
    refused = await as_(EVE).post(REQUESTS, json=body)
    first = refused.json()["error"]
    assert (first["code"], first["message"]) == (found["refusals"][0]["code"], found["refusals"][0]["message"])


async def test_what_is_there_already_is_only_told_to_who_may_ask(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    to_mia, to_eve = await validate(as_(MIA), user_add(LEO)), await validate(as_(EVE), user_add(LEO))
    assert (codes(to_mia), codes(to_eve)) == (["duplicateRequest"], ["notYourReport"])
    assert request_id in to_mia["refusals"][0]["message"]
    direct = {"requestType": "adminAdd", "assignment": {"accessPackageId": PAYROLL_ID, "targetId": LEO.id}}
    assert codes(await validate(as_(EVE), direct)) == ["accessDenied"]
    assert codes(await validate(as_(ADA), direct)) == ["duplicateRequest"]


@pytest.mark.parametrize(
    ("story", "assignment", "code"),
    [
        ("no package named", {}, "invalidRequest"),
        ("no such package", {"accessPackageId": fixed_id("none")}, "itemNotFound"),
        (
            "no such person",
            {"accessPackageId": PAYROLL_ID, "target": {"objectId": fixed_id("none")}},
            "itemNotFound",
        ),
        (
            "no such policy",
            {"accessPackageId": PAYROLL_ID, "assignmentPolicyId": fixed_id("none")},
            "invalidRequest",
        ),
    ],
)
async def test_what_names_nothing_is_a_refusal_like_others(
    database: Database, as_: Clients, story: str, assignment: dict[str, Any], code: str
) -> None:
    await open_office(database)
    found = await validate(as_(LEO), {"requestType": "userAdd", "assignment": assignment})
    assert (found["isAccepted"], codes(found)) == (False, [code]), story


async def test_several_policies_are_named_for_the_requestor_to_pick(database: Database, as_: Clients) -> None:
    await open_office(database)
    other = replace(POLICY, id=fixed_id("other"), display_name="Owners ask", created_at=LONG_AGO)
    async with database.write() as tx:
        await policy_store.insert_policy(tx, other)
    found = await validate(as_(LEO), user_add())
    assert codes(found) == ["policyRequired"]
    picked = user_add()
    picked["assignment"]["assignmentPolicyId"] = other.id
    assert (await validate(as_(LEO), picked))["policy"]["displayName"] == "Owners ask"


async def test_a_rehearsal_without_approval_would_deliver_and_with_nobody_to_decide_would_be_denied(
    database: Database, as_: Clients
) -> None:
    await open_office(database, NO_APPROVAL)
    found = await validate(as_(LEO), user_add())
    assert (found["state"], found["stages"]) == ("delivering", [])
    async with database.write() as tx:
        await policy_store.update_policy(tx, with_stages(stage(LEO)))
        await tx.changed(update(people).where(people.c.id == ADA.id).values(account_enabled=False))
    found = await validate(as_(LEO), user_add())
    assert (found["isAccepted"], found["state"], found["reason"]) == (
        True,
        "denied",
        "nobody may decide stage 1",
    )
    assert found["stages"][0]["approvers"] == []


async def test_a_stage_that_counts_as_approved_says_so(database: Database, as_: Clients) -> None:
    settings = ApprovalSettings(
        is_required_for_add=True,
        approver_is_requestor=ApproverIsRequestor.COUNT_AS_APPROVED,
        stages=(replace(BOB_OR_BEA, primary_approvers=(RequestorManager(manager_level=1),)), BOB_OR_BEA),
    )
    await open_office(database, replace(POLICY, approval_settings=settings))
    found = await validate(as_(MIA), user_add(LEO))
    assert [(one["countsAsApproved"], len(one["approvers"])) for one in found["stages"]] == [(True, 0), (False, 2)]


async def test_a_removal_can_be_rehearsed(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    await ask(as_(LEO))
    [held] = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    body = {"requestType": "userRemove", "assignment": {"id": held["id"]}}
    before = await everything(database)
    found = await validate(as_(MIA), body)
    assert (found["isAccepted"], found["state"], found["target"]) == (True, "delivering", named(LEO))
    assert codes(await validate(as_(EVE), body)) == ["itemNotFound"]
    assert codes(await validate(as_(LEO), {"requestType": "userRemove", "assignment": {}})) == ["invalidRequest"]
    assert await everything(database) == before


async def test_mia_asks_again_with_a_better_reason(database: Database, as_: Clients, relay: RecordingRelay) -> None:
    await open_office(database)
    first = await ask(as_(MIA), LEO, justification="please")
    assert (await decide(as_(BOB), first, "Deny", justification="Say why.")).status_code == 204
    relay.sent.clear()

    answer = await as_(MIA).post(f"{PLAIN}/{first}/resubmit", json={"justification": "Month end"})

    again = answer.json()
    assert (answer.status_code, again["resubmits"], again["justification"]) == (201, first, "Month end")
    assert answer.headers["Location"].endswith(f"/v1.0{REQUESTS}/{again['id']}")
    assert [message.subject_id for message in relay.sent] == [again["id"]]
    found = await explain(as_(MIA), again["id"])
    assert (found["state"], found["target"]["id"], found["requestor"]["id"]) == ("pendingApproval", LEO.id, MIA.id)
    assert (await explain(as_(MIA), first))["state"] == "denied"
    async with database.read() as tx:
        submitted = await tx.all(
            select(audit_events.c.details).where(audit_events.c.type == "request.submitted").order_by("number")
        )
    assert [row.details.get("resubmits") for row in submitted] == [None, first]


async def test_asking_again_is_judged_anew(database: Database, as_: Clients) -> None:
    await open_office(database)
    first = await ask(as_(MIA), LEO, justification="Month end")
    assert (await as_(MIA).post(f"{REQUESTS}/{first}/cancel")).status_code == 204
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == LEO.id).values(manager_id=MAX.id))
    refused = await as_(MIA).post(f"{PLAIN}/{first}/resubmit")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "notYourReport")


async def test_asking_again_survives_a_policy_that_is_gone_and_a_repeated_call(
    database: Database, as_: Clients
) -> None:
    await open_office(database)
    first = await ask(as_(MIA), LEO, justification="Month end")
    await as_(MIA).post(f"{REQUESTS}/{first}/cancel")
    successor: Policy = replace(POLICY, id=fixed_id("successor"), display_name="Successor")
    async with database.write() as tx:
        await tx.changed(delete(policies))
        await policy_store.insert_policy(tx, successor)
    keyed = {"Idempotency-Key": "once"}
    one = await as_(MIA).post(f"{PLAIN}/{first}/resubmit", headers=keyed)
    two = await as_(MIA).post(f"{PLAIN}/{first}/resubmit", headers=keyed)
    assert (one.status_code, two.status_code, one.json()["id"]) == (201, 201, two.json()["id"])
    found = await explain(as_(MIA), one.json()["id"])
    assert (found["policy"]["displayName"], found["justification"]) == ("Successor", "Month end")
    other = await as_(MIA).post(f"{PLAIN}/{first}/resubmit", headers=keyed, json={"justification": "other"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotencyConflict")


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [(LEO, 403, "accessDenied"), (BOB, 403, "accessDenied"), (EVE, 404, "itemNotFound")],
    ids=["target", "approver", "nobody"],
)
async def test_only_who_asked_asks_again(database: Database, as_: Clients, who: Person, status: int, code: str) -> None:
    await open_office(database)
    first = await ask(as_(MIA), LEO)
    await as_(MIA).post(f"{REQUESTS}/{first}/cancel")
    refused = await as_(who).post(f"{PLAIN}/{first}/resubmit")
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


async def test_what_is_open_or_was_delivered_is_not_asked_again(database: Database, as_: Clients) -> None:
    await open_office(database)
    first = await ask(as_(MIA), LEO)
    for state in ("pendingApproval", "delivering"):
        refused = await as_(MIA).post(f"{PLAIN}/{first}/resubmit")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict"), state
        assert f"Request {first} is {state};" in refused.json()["error"]["message"]
        await decide(as_(BOB), first, "Approve")


async def test_a_request_that_expired_is_asked_again_with_other_times(database: Database, as_: Clients) -> None:
    settings = replace(POLICY.requestor_settings, allow_custom_schedule=True)
    await open_office(database, replace(POLICY, requestor_settings=settings))
    first = await ask(as_(MIA), LEO, schedule={"expiration": {"type": "afterDuration", "duration": "P10D"}})
    async with database.write() as tx:
        await tx.changed(update(requests).values(state="expired"))
        await tx.changed(update(stages).values(state="expired"))
    shorter = {"schedule": {"expiration": {"type": "afterDuration", "duration": "P5D"}}}
    answer = await as_(MIA).post(f"{PLAIN}/{first}/resubmit", json=shorter)
    assert answer.status_code == 201, answer.text
    assert answer.json()["schedule"]["expiration"]["duration"] == "P5D"
