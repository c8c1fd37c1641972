"""A change of an access package on its way to everybody who holds the package.

The briefing and the step cross Temporal: every field added later needs a default.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What was changed."""

    ROLE_ADDED = "roleAdded"
    ROLE_REMOVED = "roleRemoved"
    RETIRED = "retired"
    """Nobody holds it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """One change, and how far it has come.

    `holders` is how many held the package when it was made, `seen` how many were
    looked at since, and `changed` for how many of those something changed.
    `cursor` is the last holder that was looked at. `superseded_by` is a later
    change that walks on in its place: each brings everything about.
    """

    id: str
    package_id: str
    package_name: str
    kind: ChangeKind
    role: str
    actor_id: str | None
    created_at: datetime
    holders: int
    seen: int = 0
    changed: int = 0
    cursor: str | None = None
    completed_at: datetime | None = None
    superseded_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBriefing:
    """All a PackageChangeWorkflow needs to begin; how far it has come the database knows."""

    change_id: str
    package_id: str
    summary: str
    holders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStep:
    """Where a change stands after a page of holders."""

    seen: int
    changed: int
    holders: int
    is_done: bool
    superseded_by: str | None = None
