"""What workflows are told of a request: made from what the caller has in hand, without reading."""

from collections.abc import Sequence
from datetime import datetime

from grantline.model.assignment import Assignment
from grantline.model.briefing import AssignmentBriefing, GrantReference, Progress, RequestBriefing
from grantline.model.callout import Callout
from grantline.model.request import ADDS, UPDATES, Request, RequestState, Stage
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.notices import HELD, instants
from grantline.rules.reminding import next_reminder
from grantline.rules.times import iso

LONGEST_SUMMARY = 200
"""Bytes that Temporal takes as a summary."""

MOST_NAMES = 8

LONGEST_REASON = 2000
"""Characters of a justification that operators see; the record has it whole."""


def subject(story: RequestOnRecord) -> str:
    """Say in a line what is asked for whom."""
    more = "more time of " if story.request.type in UPDATES else ""
    return shortened(f"{more}{story.package_name} for {story.target.display_name}")


def shortened(text: str) -> str:
    """Cut a line to what Temporal takes."""
    raw = text.encode()
    return text if len(raw) <= LONGEST_SUMMARY else raw[: LONGEST_SUMMARY - 3].decode(errors="ignore") + "…"


def excerpt(reason: str | None) -> str | None:
    """Cut a reason to what a signal carries; the record has it whole."""
    return reason[:LONGEST_REASON] if reason else None


def of_request(story: RequestOnRecord, progress: Progress) -> RequestBriefing:
    """Brief a workflow that begins, or begins again."""
    request = story.request
    by = f", asked by {story.requestor.display_name}" if request.is_on_behalf else ""
    return RequestBriefing(
        request_id=request.id,
        requestor_id=request.requestor_id,
        target_id=request.target_id,
        package_id=request.package_id,
        summary=shortened(f"{subject(story)}{by}"),
        details=details_of(story),
        progress=progress,
        starts_assignment=False,
    )


def details_of(story: RequestOnRecord) -> str:
    """Say for operators who asks what for whom, and why."""
    request = story.request
    details = [
        f"Requestor: {story.requestor}",
        f"Target: {story.target}",
        f"Access package: {story.package_name} ({request.package_id})",
        f"Policy: {request.policy_id}",
        f"Request: {request.id}",
    ]
    if request.justification:
        details.append(f"Justification: {excerpt(request.justification)}")
    return "\n\n".join(details)


def of_assignment(
    story: RequestOnRecord, assignment: Assignment, grants: Sequence[GrantReference]
) -> AssignmentBriefing:
    """Brief the workflow that delivers, holds and takes back."""
    ends_at = assignment.ends_at
    return AssignmentBriefing(
        assignment_id=assignment.id,
        request_id=story.request.id,
        target_id=story.request.target_id,
        package_id=story.request.package_id,
        summary=shortened(subject(story) + (f", until {iso(ends_at)}" if ends_at else "")),
        grants=tuple(grants),
        ends_at=ends_at,
        is_delivered=assignment.state in HELD,
        notices=instants(ends_at, assignment.starts_at),
        details=details_of(story),
        ends_at_once=True,
        state=assignment.state,
    )


def progress_of(
    request: Request,
    *,
    stage: Stage | None = None,
    approver_names: Sequence[str] = (),
    awaited: Callout | None = None,
) -> Progress:
    """Say where the request stands; `stage` is the open one, `awaited` the call whose answer it waits for."""
    return Progress(
        state=request.state,
        stage_id=stage.id if stage else None,
        stage_number=stage.number if stage else 0,
        stage_count=len(request.plan.stages),
        approvers=_listed(approver_names),
        deadline_at=stage.deadline_at if stage else None,
        starts_at=request.plan.starts_at if request.state is RequestState.SCHEDULED else None,
        assignment_id=request.assignment_id if request.type in ADDS else None,
        reminds_at=_next_reminder(request, stage) if stage else None,
        escalates_at=stage.escalates_at if stage and stage.escalated_at is None else None,
        callout_id=awaited.id if awaited else None,
        callout_name=awaited.extension_name if awaited else "",
        callout_until=awaited.times_out_at if awaited else None,
    )


def _next_reminder(request: Request, stage: Stage) -> datetime | None:
    if stage.opened_at is None or stage.deadline_at is None:
        return None
    return next_reminder(request.plan.stages[stage.number - 1], stage.opened_at, stage.deadline_at, stage.reminded_at)


def _listed(names: Sequence[str]) -> str:
    """Name a few, and say how many more; a group of hundreds does not fit on an operator's page."""
    some = sorted(names)[:MOST_NAMES]
    more = [f"and {len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join(some + more)
