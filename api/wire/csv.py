"""Comma-separated values for people who open them in a spreadsheet.

A cell that begins like a formula is written with an apostrophe before it: what
somebody calls themselves must not run on an administrator's machine.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from api.wire.assignments import assignment_out
from grantline.persistence.assignment_export import ExportedAssignment

MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

ASSIGNMENTS = (
    "id",
    "state",
    "status",
    "targetId",
    "targetDisplayName",
    "targetUserPrincipalName",
    "targetMail",
    "accessPackageId",
    "accessPackageDisplayName",
    "assignmentPolicyId",
    "assignmentPolicyDisplayName",
    "startDateTime",
    "endDateTime",
    "deliveredDateTime",
    "expiredDateTime",
    "endCause",
    "createdDateTime",
)


def written(rows: Iterable[Sequence[str | datetime | None]]) -> str:
    """Write rows as RFC 4180 has them; instants in UTC, nothing as an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def assignment_row(one: ExportedAssignment) -> tuple[str | datetime | None, ...]:
    """Return the cells of an assignment, in the order of `ASSIGNMENTS`; of what was deleted the id alone."""
    held, found = one.assignment, one.related
    shown = assignment_out(held)
    target, package = found.people.get(held.target_id), found.packages.get(held.package_id)
    policy = found.policies.get(held.policy_id)
    return (
        held.id,
        shown["state"],
        shown["status"],
        held.target_id,
        target.display_name if target else None,
        target.user_principal_name if target else None,
        target.mail if target else None,
        held.package_id,
        package.display_name if package else None,
        held.policy_id,
        policy.display_name if policy else None,
        held.starts_at,
        held.ends_at,
        held.delivered_at,
        held.ended_at,
        held.end_cause.value if held.end_cause else None,
        held.created_at,
    )


def _cell(value: str | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"'{value}" if value.startswith(FORMULA) else value
