"""Approving for less time than was asked, over HTTP; and the same word past the API."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from grantline.ambient import utc_now
from grantline.model.briefing import DecideSignal
from grantline.model.person import Person
from grantline.model.plan import Limit
from grantline.model.policy import ApprovalSettings
from grantline.model.request import Verdict
from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle
from tests.api.conftest import BASE, Clients
from tests.api.office import (
    ASSIGNMENTS,
    BOB_OR_BEA,
    OPEN_TO_ALL,
    POLICY,
    REQUESTS,
    open_office,
    stage,
    user_add,
    with_stages,
)
from tests.api.test_approvals import ask, decide, stages_of
from tests.api.test_extensions import extension
from tests.cast import ADA, BEA, BOB, CY, LEO, MIA
from tests.services.letterbox import Letterbox
from tests.services.scene import owed

MONTH = {"type": "afterDuration", "duration": "P30D"}
SCHEDULED = replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, allow_custom_schedule=True))
EXTENDABLE = replace(
    SCHEDULED,
    requestor_settings=replace(OPEN_TO_ALL, self_update=True, allow_custom_schedule=True),
    approval_settings=ApprovalSettings(is_required_for_add=True, is_required_for_update=True, stages=(BOB_OR_BEA,)),
)


def by(moment: datetime) -> dict[str, Any]:
    """Return an end at an instant."""
    return {"type": "afterDateTime", "endDateTime": moment.isoformat()}


async def end_of(as_: Clients, request_id: str) -> datetime:
    """Return when the access that came of a request ends."""
    read = await as_(ADA).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})
    return datetime.fromisoformat(read.json()["assignment"]["schedule"]["expiration"]["endDateTime"])


def is_about(found: datetime, days: float) -> bool:
    """Tell whether an instant is so many days from now, give or take a minute."""
    return abs(found - utc_now() - timedelta(days=days)) < timedelta(minutes=1)


async def test_bob_approves_a_month_of_the_quarter_that_was_asked(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    letters = Letterbox(database)
    await letters.new()

    answer = await decide(as_(BOB), request_id, shortenedTo=MONTH, justification="Until the audit")

    assert answer.status_code == 204, answer.text
    assert is_about(await end_of(as_, request_id), 30)
    shown = {"endDateTime": None, "duration": "P30D", "type": "afterDuration"}
    assert (await stages_of(as_(MIA), request_id))[0]["shortenedTo"] == shown
    read = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()
    assert read["shortenedTo"] == shown
    told = {row.kind: row.details["shortened"] for row in await letters.fresh()}
    assert told["request-approved"] == told["approval-approved"] == "30 days after it begins"
    explained = (await as_(BOB).get(f"{BASE}/api/requests/{request_id}/explain")).json()
    assert explained["stages"][0]["shortenedTo"] == "30 days after it begins"
    assert "Bob Stone: approve (stage 1); the access ends 30 days after it begins" in [
        one["says"] for one in explained["timeline"]
    ]


async def test_of_several_stages_the_shortest_word_holds(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY), stage(BEA)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id, shortenedTo=MONTH)
    longer = await decide(as_(CY), request_id, number=1, shortenedTo={"type": "afterDuration", "duration": "P40D"})
    assert (longer.status_code, longer.json()["error"]["code"]) == (400, "invalidSchedule")
    assert (await decide(as_(CY), request_id, number=1, shortenedTo=by(utc_now() + timedelta(days=10)))).is_success
    assert (await decide(as_(BEA), request_id, number=2)).is_success
    assert is_about(await end_of(as_, request_id), 10)
    assert [one["shortenedTo"] is not None for one in await stages_of(as_(ADA), request_id)] == [True, True, False]


BAD = [
    (
        "longer than the policy",
        {"type": "afterDuration", "duration": "P91D"},
        "invalidSchedule",
        "an approver may bring that nearer",
    ),
    ("no time at all", {"type": "afterDuration", "duration": "PT0S"}, "invalidSchedule", "cannot end"),
    ("backwards", {"type": "afterDuration", "duration": "-P1D"}, "invalidSchedule", "cannot end"),
    ("past", {"type": "afterDateTime", "endDateTime": "2020-01-01T00:00:00Z"}, "invalidSchedule", "cannot end"),
    ("for ever", {"type": "noExpiration"}, "invalidRequest", "leave it out"),
    ("nothing", {}, "invalidRequest", "leave it out"),
    ("an end without one", {"type": "afterDateTime"}, "invalidRequest", "leave it out"),
    ("an unknown kind", {"type": "soon"}, "invalidRequest", "shortenedTo.type 'soon' is unknown"),
]


@pytest.mark.parametrize(("story", "to", "code", "says"), BAD, ids=[row[0] for row in BAD])
async def test_an_end_is_brought_nearer_or_not_moved(
    database: Database, as_: Clients, *, story: str, to: dict[str, Any], code: str, says: str
) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    answer = await decide(as_(BOB), request_id, shortenedTo=to)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code), story
    assert says in error["message"]
    assert error.get("target", "shortenedTo").startswith("shortenedTo")
    assert (await stages_of(as_(BOB), request_id))[0]["status"] == "InProgress"


async def test_a_denial_shortens_nothing_nor_does_a_word_that_is_misspelt(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    for member in ("shortendTo", "expiration"):
        more: dict[str, Any] = {member: MONTH}
        misspelt = await decide(as_(BOB), request_id, **more)
        assert (misspelt.status_code, misspelt.json()["error"]["code"]) == (400, "invalidRequest")
        assert f"no member '{member}'; it can have justification, reviewResult, shortenedTo" in misspelt.text
    answer = await decide(as_(BOB), request_id, "Deny", shortenedTo=MONTH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "pendingApproval"


async def test_access_that_begins_later_is_not_shortened_to_before_it_begins(database: Database, as_: Clients) -> None:
    await open_office(database, SCHEDULED)
    begins = utc_now() + timedelta(days=20)
    body = user_add(LEO, schedule={"startDateTime": begins.isoformat(), "expiration": MONTH})
    request_id = (await as_(MIA).post(REQUESTS, json=body)).json()["id"]
    early = await decide(as_(BOB), request_id, shortenedTo=by(utc_now() + timedelta(days=10)))
    assert (early.status_code, early.json()["error"]["code"]) == (400, "invalidSchedule")
    assert "would begin at" in early.json()["error"]["message"]
    assert (await decide(as_(BOB), request_id, shortenedTo=by(begins + timedelta(days=2)))).is_success
    progress = await lifecycle.begin(database, request_id, begins + timedelta(seconds=1))
    ends_at = (await owed(database, progress.assignment_id)).ends_at
    assert ends_at is not None
    assert is_about(ends_at, 22)


async def test_an_extension_is_shortened_too_and_never_below_what_is_held(database: Database, as_: Clients) -> None:
    await open_office(database, EXTENDABLE)
    request_id = await ask(as_(MIA), LEO)
    assert (await decide(as_(BOB), request_id, shortenedTo=MONTH)).is_success
    read = await as_(LEO).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})
    assignment_id = str(read.json()["assignment"]["id"])
    await lifecycle.record_delivery(database, assignment_id, {})
    update_id = (await as_(LEO).post(REQUESTS, json=extension(assignment_id))).json()["id"]

    cut = await decide(as_(BOB), update_id, shortenedTo={"type": "afterDuration", "duration": "P5D"})
    assert (cut.status_code, cut.json()["error"]["code"]) == (400, "invalidSchedule")
    assert "lasts until" in cut.json()["error"]["message"]
    assert (await decide(as_(BOB), update_id, shortenedTo={"type": "afterDuration", "duration": "P45D"})).is_success
    held = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert is_about(datetime.fromisoformat(held["schedule"]["expiration"]["endDateTime"]), 45)


@pytest.mark.parametrize(
    ("who", "limit", "code"),
    [
        (BOB, Limit(lasts=timedelta(days=91)), "invalidSchedule"),
        (BOB, Limit(lasts=timedelta(0)), "invalidSchedule"),
        (BOB, Limit(), "invalidSchedule"),
        (LEO, Limit(lasts=timedelta(days=1)), "ownRequest"),
    ],
    ids=["longer", "no time", "nothing", "by the target"],
)
async def test_past_the_api_the_same_is_refused(
    database: Database, as_: Clients, who: Person, limit: Limit, code: str
) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    forged = DecideSignal(approver_id=who.id, verdict=Verdict.APPROVE, limit=limit)
    await lifecycle.hear_decision(database, request_id, forged)
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "pendingApproval"
    refused = (await as_(ADA).get(f"{BASE}/api/requests/{request_id}/explain")).json()["refused"]
    assert [one["code"] for one in refused] == [code]
    heard = replace(forged, approver_id=BOB.id, limit=Limit(lasts=timedelta(days=7)))
    await lifecycle.hear_decision(database, request_id, heard)
    assert is_about(await end_of(as_, request_id), 7)
