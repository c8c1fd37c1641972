"""Delegation: an approver names one person who stands in for them for a time.

    coming ──► in force ──► over        by the clock, or by hand

It reaches as far as the delegator's own vote and one step only: whoever stands
in for a delegate gets nothing through the first delegation.
"""

from dataclasses import dataclass
from datetime import datetime

from grantline.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One delegation on record. It holds from `begins_at` on and until just before `ends_at`; None: until ended."""

    id: str
    delegator: Person
    delegate: Person
    begins_at: datetime
    ends_at: datetime | None
    created_at: datetime

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether the delegate stands in at this instant."""
        return self.begins_at <= at and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        """Tell whether it has ended by this instant."""
        return self.ends_at is not None and self.ends_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A delegate, and the approver in whose place they stand at the instant that was asked about."""

    person: Person
    stands_in_for: Person
