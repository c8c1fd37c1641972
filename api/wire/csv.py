"""Comma-separated values for people who open them in a spreadsheet.

A cell that begins like a formula is written with an apostrophe before it: what
somebody calls themselves must not run on an administrator's machine.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from api.wire.assignments import assignment_out
from api.wire.durations import duration
from api.wire.requests import request_out
from grantline.model.assignment import Assignment
from grantline.model.person import Person
from grantline.model.policy import Expiration
from grantline.persistence.exports import Exported
from grantline.persistence.request_lists import RequestLine

Row = Sequence[str | datetime | None]

MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

NOBODY = (None, None, None, None)
TARGET = ("targetId", "targetDisplayName", "targetUserPrincipalName", "targetMail")
REQUESTOR = ("requestorId", "requestorDisplayName", "requestorUserPrincipalName", "requestorMail")
WHAT = ("accessPackageId", "accessPackageDisplayName", "assignmentPolicyId", "assignmentPolicyDisplayName")

ASSIGNMENTS = (
    "id",
    "state",
    "status",
    *TARGET,
    *WHAT,
    "startDateTime",
    "endDateTime",
    "deliveredDateTime",
    "expiredDateTime",
    "endCause",
    "createdDateTime",
)
REQUESTS = (
    "id",
    "requestType",
    "state",
    "status",
    *TARGET,
    *REQUESTOR,
    *WHAT,
    "assignmentId",
    "justification",
    "requestedStartDateTime",
    "requestedEndDateTime",
    "requestedDuration",
    "createdDateTime",
    "completedDateTime",
)


def written(rows: Iterable[Row]) -> str:
    """Write rows as RFC 4180 has them; instants in UTC, nothing as an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def assignment_row(exported: Exported[Assignment]) -> Row:
    """Return the cells of an assignment, in the order of `ASSIGNMENTS`; of what was deleted the id alone."""
    held = exported.one
    shown = assignment_out(held)
    return (
        held.id,
        shown["state"],
        shown["status"],
        *_shown(held.target_id, exported.related.people.get(held.target_id)),
        *_package(exported, held.package_id),
        *_policy(exported, held.policy_id),
        held.starts_at,
        held.ends_at,
        held.delivered_at,
        held.ended_at,
        held.end_cause.value if held.end_cause else None,
        held.created_at,
    )


def request_row(exported: Exported[RequestLine], *, is_hidden: bool) -> Row:
    """Return the cells of a request, in the order of `REQUESTS`; `is_hidden` leaves out who asked."""
    asked = exported.one
    shown = request_out(asked)
    end = asked.schedule.expiration or Expiration()
    return (
        asked.id,
        shown["requestType"],
        shown["state"],
        shown["status"],
        *_shown(asked.target_id, exported.related.people.get(asked.target_id)),
        *(NOBODY if is_hidden else _shown(asked.requestor_id, exported.related.requestor(asked))),
        *_package(exported, asked.package_id),
        *_policy(exported, asked.policy_id),
        asked.assignment_id,
        asked.justification,
        asked.schedule.starts_at,
        end.end_at,
        duration(end.duration),
        asked.created_at,
        asked.completed_at,
    )


def _shown(actor_id: str, found: Person | None) -> Row:
    return (actor_id, found.display_name, found.user_principal_name, found.mail) if found else (actor_id, *NOBODY[1:])


def _package(exported: Exported[Any], package_id: str) -> Row:
    found = exported.related.packages.get(package_id)
    return package_id, found.display_name if found else None


def _policy(exported: Exported[Any], policy_id: str) -> Row:
    found = exported.related.policies.get(policy_id)
    return policy_id, found.display_name if found else None


def _cell(value: str | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"'{value}" if value.startswith(FORMULA) else value
