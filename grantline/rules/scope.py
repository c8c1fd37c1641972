"""Whom a subject set of a policy covers."""

from collections.abc import Iterable, Sequence

from grantline.model.person import Person
from grantline.model.policy import Policy, TargetScope
from grantline.model.subjects import GroupMembers, SingleUser, SubjectSet, TargetManager
from grantline.rules.case import HIGHEST_LEVEL

BREADTH = {
    TargetScope.SPECIFIC: 0,
    TargetScope.ALL_MEMBERS: 1,
    TargetScope.ALL_USERS: 2,
    TargetScope.NOT_SPECIFIED: 3,
}
"""The lower, the more specific; only the most specific class of usable policies counts (POL-4)."""


def covers(policy: Policy, person_id: str, memberships: frozenset[tuple[str, str]]) -> bool:
    """Tell whether the person may be assigned under the policy by request.

    Everybody in the directory is a member so far, so "all members" and "all
    users" are the same people.
    """
    match policy.target_scope:
        case TargetScope.ALL_MEMBERS | TargetScope.ALL_USERS:
            return True
        case TargetScope.SPECIFIC:
            return _lists(policy.specific_allowed_targets, person_id, memberships)
        case TargetScope.NOT_SPECIFIED:
            return False


def may_act_for(
    subjects: Iterable[SubjectSet],
    person_id: str,
    managers: Sequence[Person],
    memberships: frozenset[tuple[str, str]],
) -> bool:
    """Tell whether the person is among those who may act on behalf of the target.

    `managers` is the target's line, nearest first. No set, nobody (POL-6).
    """
    subjects = tuple(subjects)
    highest = max((min(s.manager_level, HIGHEST_LEVEL) for s in subjects if isinstance(s, TargetManager)), default=0)
    line = [manager.id for manager in managers[: max(highest, 0)]]
    return person_id in line or _lists(subjects, person_id, memberships)


def _lists(subjects: Iterable[SubjectSet], person_id: str, memberships: frozenset[tuple[str, str]]) -> bool:
    for subject in subjects:
        if isinstance(subject, SingleUser) and subject.user_id == person_id:
            return True
        if isinstance(subject, GroupMembers) and (subject.group_id, person_id) in memberships:
            return True
    return False
