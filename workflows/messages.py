"""What goes in and out of workflows, and what an operator sees of them.

The values themselves are `grantline/model/briefing.py`, because services write
them into the outbox. Here are the names they travel under, and how they look in
Temporal's UI: search attributes, summaries, and the current-details table.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from grantline.model import visibility
from grantline.model.briefing import AssignmentBriefing, RequestBriefing
from grantline.model.change import ChangeBriefing
from grantline.model.visibility import (
    assignment_workflow_id,
    change_workflow_id,
    correction_workflow_id,
    request_workflow_id,
)

__all__ = ["assignment_workflow_id", "change_workflow_id", "correction_workflow_id", "request_workflow_id"]

TASK_QUEUE = "grantline"

STATE = SearchAttributeKey.for_keyword(visibility.STATE)
PACKAGE = SearchAttributeKey.for_keyword(visibility.PACKAGE)
REQUESTOR = SearchAttributeKey.for_keyword(visibility.REQUESTOR)
TARGET = SearchAttributeKey.for_keyword(visibility.TARGET)
DUE_AT = SearchAttributeKey.for_datetime(visibility.DUE_AT)

MAX_SUMMARY_BYTES = 200
MAX_DETAILS_BYTES = 16_000


def change_attributes(briefing: ChangeBriefing) -> TypedSearchAttributes:
    """Return what a package's change can be found by."""
    return _attributes({PACKAGE: briefing.package_id})


def request_attributes(briefing: RequestBriefing) -> TypedSearchAttributes:
    """Return what a request can be found by from its first moment."""
    progress = briefing.progress
    return _attributes(
        {
            STATE: progress.state.value,
            PACKAGE: briefing.package_id,
            REQUESTOR: briefing.requestor_id,
            TARGET: briefing.target_id,
            DUE_AT: progress.deadline_at or progress.callout_until or progress.starts_at,
        }
    )


def assignment_attributes(briefing: AssignmentBriefing, state: str) -> TypedSearchAttributes:
    """Return what an assignment can be found by from its first moment."""
    return _attributes(
        {STATE: state, PACKAGE: briefing.package_id, TARGET: briefing.target_id, DUE_AT: briefing.ends_at}
    )


def _attributes(values: Mapping[SearchAttributeKey[Any], Any]) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [SearchAttributePair(key, value) for key, value in values.items() if value is not None]
    )


def short(text: str, limit: int = MAX_SUMMARY_BYTES) -> str:
    """Cut a text to what Temporal takes, at a character's edge."""
    data = text.encode()
    if len(data) <= limit:
        return text
    return data[: limit - 3].decode(errors="ignore") + "…"


def table(rows: Mapping[str, str | None]) -> str:
    """Return a two-column Markdown table of the rows that have a value."""
    lines = ["| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in rows.items() if value]
    return short("\n".join(lines), MAX_DETAILS_BYTES)


def _cell(value: str) -> str:
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def instant(at: datetime | None) -> str | None:
    """Write an instant for people: to the minute, in UTC."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
