"""What is told to whoever listens: that something of theirs changed, never what it is now."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What of somebody's may have changed."""

    REQUESTS = "requests"
    ASSIGNMENTS = "assignments"
    APPROVALS = "approvals"
    DELEGATIONS = "delegations"
    TEAM = "team"
    TRAIL = "trail"
    EVERYTHING = "everything"


MOST_IDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Kinds, and the ids of those requests and assignments among them that the listener may see.

    Beyond `MOST_IDS` no ids are told, which means any.
    """

    kinds: frozenset[Kind] = frozenset()
    request_ids: frozenset[str] | None = frozenset()
    assignment_ids: frozenset[str] | None = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there is anything to say."""
        return bool(self.kinds)

    def __or__(self, other: "News") -> "News":
        """Return both in one."""
        return News(
            kinds=self.kinds | other.kinds,
            request_ids=_both(self.request_ids, other.request_ids),
            assignment_ids=_both(self.assignment_ids, other.assignment_ids),
        )


ANYTHING = News(kinds=frozenset({Kind.EVERYTHING}), request_ids=None, assignment_ids=None)
"""Said where nobody knows any more what was missed."""


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None or len(one | other) > MOST_IDS:
        return None
    return one | other
