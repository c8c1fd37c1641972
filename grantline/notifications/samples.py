"""Sample values: what previews show, and what templates are tried with before they are used."""

from datetime import UTC, datetime

from grantline.model.mail import MailItem, MailKind

REQUEST_ID = "6f1d3b52-0000-4000-8000-000000000001"
REQUESTOR_ID = "6f1d3b52-0000-4000-8000-000000000002"
TARGET_ID = "6f1d3b52-0000-4000-8000-000000000003"
APPROVER_ID = "6f1d3b52-0000-4000-8000-000000000004"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

Details = dict[str, str | int | bool | None]

ALWAYS: Details = {
    "package": "Payroll & bonus",
    "request_id": REQUEST_ID,
    "requestor": "Mia Lind",
    "target": "Leo Park",
    "target_id": TARGET_ID,
    "is_on_behalf": True,
}
STAGE: Details = {"stage": 1, "stage_count": 2}
OPEN: Details = {**STAGE, "deadline_at": "2026-03-16T12:00:00+00:00"}
ACTOR: Details = {"actor": "Bob Stone"}
PLACE: Details = {"in_place_of": "Bea Hart"}
REASON: Details = {"reason": "As agreed <on Monday>."}
TIMES: Details = {"starts_at": "2026-04-01T00:00:00+00:00", "ends_at": "2026-06-30T23:59:00+00:00"}
ASKED: Details = {
    **TIMES,
    "requestor_department": "Finance",
    "justification": "Month end closing.\nFrom March on.",
}

SHORTENED: Details = {"shortened": "30 days after it begins"}

KNOWN: dict[MailKind, tuple[Details, Details]] = {
    MailKind.APPROVAL_DELEGATED: (ACTOR | {"starts_at": TIMES["starts_at"]}, TIMES),
    MailKind.APPROVAL_NEEDED: (OPEN, ASKED | PLACE),
    MailKind.APPROVAL_REMINDER: (OPEN, ASKED | PLACE),
    MailKind.APPROVAL_ADVANCED: (STAGE, ASKED | ACTOR | REASON),
    MailKind.APPROVAL_APPROVED: ({}, ASKED | ACTOR | REASON | SHORTENED),
    MailKind.APPROVAL_DENIED: ({}, ASKED | ACTOR | REASON),
    MailKind.APPROVAL_EXPIRED: (OPEN, ASKED),
    MailKind.APPROVAL_CANCELED: (ACTOR, ASKED | REASON),
    MailKind.ASKED_FOR_YOU: ({}, ASKED | OPEN),
    MailKind.REQUEST_ADVANCED: (OPEN, ASKED),
    MailKind.REQUEST_APPROVED_IN_PLACE: (STAGE | ACTOR | PLACE, ASKED | REASON),
    MailKind.REQUEST_APPROVED: ({}, ASKED | SHORTENED),
    MailKind.REQUEST_DENIED: ({}, ASKED | REASON),
    MailKind.REQUEST_EXPIRED: (OPEN, ASKED),
    MailKind.REQUEST_CANCELED: (ACTOR, ASKED | REASON),
    MailKind.ACCESS_DELIVERED: ({}, ASKED),
    MailKind.ACCESS_PARTIALLY_DELIVERED: ({}, ASKED | REASON),
    MailKind.ACCESS_DELIVERY_FAILED: ({}, ASKED | REASON),
    MailKind.ACCESS_NEAR_END: (TIMES, {}),
    MailKind.ACCESS_ENDED: ({"cause": "expired"}, TIMES | ACTOR | REASON | {"cause": "removedOnBehalf"}),
    MailKind.TASK_OPENED: ({"cause": "grant"}, {"cause": "revoke"}),
}
"""Of each kind: what is known beyond ALWAYS every time, and what is only sometimes."""


OF_NO_REQUEST = frozenset({MailKind.APPROVAL_DELEGATED})
"""Messages that are about no request at all."""

OF_ASSIGNMENT = frozenset({MailKind.ACCESS_NEAR_END, MailKind.ACCESS_ENDED})
"""Messages about an assignment, which do not know when it was asked for."""


def samples(kind: MailKind) -> tuple[MailItem, MailItem]:
    """Return an item of which everything is known, and one of which only what always is."""
    always, sometimes = KNOWN[kind]
    asked = {"submitted_at": "2026-03-02T12:00:00+00:00"} if kind not in OF_ASSIGNMENT else {}
    if kind in OF_NO_REQUEST:
        return _item(kind, always | sometimes), _item(kind, always)
    least = ALWAYS | asked | always
    return _item(kind, least | sometimes), _item(kind, least | {"is_on_behalf": False, "requestor": "Leo Park"})


def _item(kind: MailKind, details: Details) -> MailItem:
    to_approver = kind.value.startswith("approval-")
    return MailItem(
        id="sample",
        kind=kind,
        person_id=APPROVER_ID if to_approver else TARGET_ID,
        name="Bob Stone" if to_approver else "Leo Park",
        address="bob.stone@example.com" if to_approver else "leo.park@example.com",
        details=details,
        attempts=0,
        created_at=NOON,
        lease_id="sample",
    )
