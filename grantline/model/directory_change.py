"""A change of the directory that may decide who approves what is open."""

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What changed: an account was switched, a manager, members, sponsors or owners are others."""

    SWITCHED = "switched"
    MOVED = "moved"
    MEMBERS = "members"
    SPONSORS = "sponsors"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryChange:
    """One such change; `subject_id` is the person, or for members and owners the group."""

    kind: ChangeKind
    subject_id: str
