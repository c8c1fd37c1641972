"""What is looked at again and again, whether anybody asked or not: how far a look has come, and what it found.

These values cross Temporal: every field added later needs a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from grantline.model.briefing import GrantReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that must have a workflow at work."""

    id: str
    workflow_id: str
    is_assignment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far the look at everything that must have a workflow has come: a kind, and the last one of it."""

    kind: int = 0
    created_at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossStep:
    """What a page of that look found. No `mark`: it was the last."""

    mark: Mark | None
    looked: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HousekeepingBriefing:
    """How to keep house, and how far that has come."""

    mail_kept_days: int
    mark: Mark | None = field(default_factory=Mark)
    looked: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftStep:
    """What a page of grants looked like in a target system. No `cursor`: it was the last."""

    cursor: str | None
    looked: int = 0
    drifted: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftBriefing:
    """How far the look into each target system has come; None: into all, from the beginning."""

    cursors: Mapping[str, str] | None = None
    looked: int = 0
    drifted: int = 0
    unreadable: int = 0
    unreached: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionBriefing:
    """What a CorrectionWorkflow takes back once more; whether it still should, the database knows."""

    grant: GrantReference
