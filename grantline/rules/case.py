"""The case: every fact that the judgement of one request looks at, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from grantline.model.catalog import AccessPackage, Catalog
from grantline.model.duties import Collision
from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.model.request import Ask, RequestType
from grantline.model.subjects import GroupMembers, ResourceOwners, SingleUser, SubjectSet, TargetUserSponsors

HIGHEST_LEVEL = 4
"""How many steps up the line a policy may name."""

LONGEST_LINE = 16
"""How many managers above the target are read: four, and enough to look past requestors and leavers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ask with all that is known about it.

    `managers` is the target's line, nearest first. `memberships` has a pair
    (group, person) for requestor and target, in groups that the policies name.
    `policies` are all of the package, whoever they are for. `collisions` is what
    the target has, or asks for, that the package excludes. `may_assign`: the
    requestor's role lets them assign this package directly.
    """

    now: datetime
    ask: Ask
    requestor: Person
    may_assign: bool
    target: Person
    managers: tuple[Person, ...]
    memberships: frozenset[tuple[str, str]]
    package: AccessPackage
    catalog: Catalog
    policies: tuple[Policy, ...]
    open_request_id: str | None = None
    live_assignment_id: str | None = None
    is_assignment_ending: bool = False
    collisions: tuple[Collision, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Tell whether somebody assigns by a role, instead of asking."""
        return self.ask.type in (RequestType.ADMIN_ADD, RequestType.ADMIN_UPDATE)

    @property
    def is_on_behalf(self) -> bool:
        """Tell whether somebody asks for somebody else."""
        return self.requestor.id != self.target.id


def named_people(subjects: Iterable[SubjectSet]) -> frozenset[str]:
    """Return the ids of people whom the sets name one by one."""
    return frozenset(subject.user_id for subject in subjects if isinstance(subject, SingleUser))


def named_groups(subjects: Iterable[SubjectSet]) -> frozenset[str]:
    """Return the ids of groups that the sets name."""
    return frozenset(subject.group_id for subject in subjects if isinstance(subject, GroupMembers))


def names_sponsors(subjects: Iterable[SubjectSet]) -> bool:
    """Tell whether the sets name the target's sponsors."""
    return any(isinstance(subject, TargetUserSponsors) for subject in subjects)


def names_owners(subjects: Iterable[SubjectSet]) -> bool:
    """Tell whether the sets name the owners of what the package gives."""
    return any(isinstance(subject, ResourceOwners) for subject in subjects)
