"""What people do by hand in targets that no connector reaches.

open ──► done | refused     by whoever does it; taking away is never refused
  └────► withdrawn          it is needed no more
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BY_HAND = "Manual"
"""The origin system of such targets."""


class TaskAct(StrEnum):
    """What is to be done."""

    GRANT = "grant"
    REVOKE = "revoke"


class TaskState(StrEnum):
    """What became of it."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentTask:
    """One thing to do by hand: give somebody a role, or take it away."""

    id: str
    act: TaskAct
    state: TaskState
    person_id: str
    resource_origin_id: str
    role_origin_id: str
    summary: str
    created_at: datetime
    grant_id: str | None = None
    assignment_id: str | None = None
    grant_version: int = 0
    comment: str | None = None
    settled_by_id: str | None = None
    settled_at: datetime | None = None
