"""What is told about a request or an assignment: where it is, who can act, what comes next, what has happened.

Nothing of this is stored; services/requests/explanation.py makes it from the record.
`shown` turns it into the JSON that the API and the command print alike.
"""

import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person as an explanation names them; one who left the directory keeps only the id."""

    id: str
    display_name: str | None = None
    user_principal_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A package or policy, by id and name; a deleted one keeps only the id."""

    id: str
    display_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanAct:
    """Somebody who can move the request now: `may` is decide or cancel, `route` why they.

    A delegate decides by the route of the approver in whose place they stand.
    """

    person: Party
    may: str
    route: str
    in_place_of: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What happens if nobody acts; `at` is None where no time is set, `what` None where nothing will."""

    what: str | None
    at: datetime | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedApprover:
    """Somebody who was asked to decide a stage. `is_waited_for` says whether the stage waits for them now."""

    person: Party
    route: str
    is_waited_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageExplained:
    """One approval stage with everybody who was asked, and what was decided; `shortened_to` is the end in words."""

    id: str
    number: int
    state: str
    opened_at: datetime | None
    deadline_at: datetime | None
    is_approver_justification_required: bool
    approvers: tuple[AskedApprover, ...]
    decided_by: Party | None
    decided_in_place_of: Party | None
    decided_at: datetime | None
    verdict: str | None
    justification: str | None
    shortened_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantReason:
    """An assignment that needs a grant. One that the reader may not see is counted, not named."""

    assignment_id: str | None
    package: Named | None
    since: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantExplained:
    """One role for one person: what is wanted, what the target system is known to show, and why.

    `changed_at` is when that was last wanted otherwise. `failures` counts the
    different failures on record; `last_error` is there while the last try failed.
    """

    id: str
    person: Party
    role: str
    resource: str
    origin_system: str
    state: str
    is_wanted: bool
    existed_before: bool | None
    changed_at: datetime
    overdue_since: datetime | None
    last_error: str | None
    failures: int
    reasons: tuple[GrantReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One event of the trail, as a sentence; `actor` None means Grantline itself."""

    number: int
    at: datetime
    event: str
    actor: Party | None
    says: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAttempt:
    """Somebody who tried and was refused, in these words, once or more often."""

    person: Party
    event: str
    code: str | None
    reason: str | None
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The times of an assignment."""

    id: str
    request_id: str
    state: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    delivered_at: datetime | None
    ending_at: datetime | None
    ended_at: datetime | None
    end_cause: str | None
    overdue_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExplained:
    """All about one request. `is_timeline_whole` is False where older events are left out."""

    id: str
    says: str
    type: str
    state: str
    status: str
    since: datetime
    requestor: Party
    target: Party
    package: Named
    policy: Named
    justification: str | None
    can_act: tuple[CanAct, ...]
    next: Next
    stages: tuple[StageExplained, ...]
    assignment: Life | None
    grants: tuple[GrantExplained, ...]
    refused: tuple[RefusedAttempt, ...]
    timeline: tuple[Moment, ...]
    is_timeline_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentExplained:
    """All about one assignment: its times, why each grant is there, and what has happened."""

    id: str
    says: str
    target: Party
    package: Named
    policy: Named
    assignment: Life
    next: Next
    grants: tuple[GrantExplained, ...]
    refused: tuple[RefusedAttempt, ...]
    timeline: tuple[Moment, ...]
    is_timeline_whole: bool


def shown(value: Any) -> Any:
    """Turn an explanation into plain JSON in the API's names; instants stay, for whoever writes the JSON."""
    if is_dataclass(value):
        return {spelt(field.name): shown(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [shown(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def spelt(name: str) -> str:
    """Return the API's name of a member."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
