"""Separation of duties: what may not be had together."""

from dataclasses import dataclass
from enum import StrEnum


class CollisionKind(StrEnum):
    """In which way somebody has what a package excludes."""

    HELD = "held"
    """An access package, by an assignment that has not ended."""

    ASKED = "asked"
    """An access package, by a request that is open."""

    MEMBER = "member"
    """Membership of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """One thing that a package excludes and the target has.

    `name` is that of the package or group, `object_id` the id of the assignment
    or request, None for a group.
    """

    kind: CollisionKind
    name: str
    object_id: str | None = None
