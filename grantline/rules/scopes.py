"""What a token's permissions let its bearer reach: Microsoft Graph's names, one table.

A permission never gives a person more than they may do themselves: it narrows
what a program may do in their name. An application acts for nobody, so its
permissions are all it has.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """What a call reaches for. Every route has exactly one."""

    SIGNED_IN = "signedIn"
    OWN_PROFILE = "ownProfile"
    DIRECTORY = "directory"
    PEOPLE = "people"
    PEOPLE_CHANGE = "peopleChange"
    GROUPS = "groups"
    GROUPS_CHANGE = "groupsChange"
    MEMBERS_CHANGE = "membersChange"
    OWN_ACCESS = "ownAccess"
    OWN_ACCESS_CHANGE = "ownAccessChange"
    REQUEST_CHANGE = "requestChange"
    EXPLANATION = "explanation"
    APPROVALS = "approvals"
    DECISION = "decision"
    GOVERNANCE = "governance"
    GOVERNANCE_CHANGE = "governanceChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What one permission reaches, in a person's name and for an application of its own.

    One that `is_own` is for the bearer's own affairs: an administrator who comes
    with it is a person like any other.
    """

    delegated: frozenset[Reach]
    application: frozenset[Reach] = frozenset()
    is_own: bool = False


def _alike(*reaches: Reach) -> Permission:
    """Return a permission that reaches the same for both; an application has no profile."""
    return Permission(delegated=frozenset(reaches), application=frozenset(reaches) - {Reach.OWN_PROFILE})


_PEOPLE = (Reach.OWN_PROFILE, Reach.PEOPLE)
_GROUPS = (Reach.GROUPS, Reach.MEMBERS_CHANGE, Reach.GROUPS_CHANGE)

PERMISSIONS: Mapping[str, Permission] = {
    "EntitlementManagement.Read.All": Permission(
        delegated=frozenset({Reach.OWN_ACCESS, Reach.EXPLANATION, Reach.APPROVALS, Reach.GOVERNANCE}),
        application=frozenset({Reach.EXPLANATION, Reach.GOVERNANCE}),
    ),
    # Cancelling and deciding are for people; what an application asks for is direct (rules/permissions/asking.py).
    "EntitlementManagement.ReadWrite.All": Permission(
        delegated=frozenset(
            {
                Reach.OWN_ACCESS,
                Reach.OWN_ACCESS_CHANGE,
                Reach.REQUEST_CHANGE,
                Reach.EXPLANATION,
                Reach.APPROVALS,
                Reach.DECISION,
                Reach.GOVERNANCE,
                Reach.GOVERNANCE_CHANGE,
            }
        ),
        application=frozenset({Reach.REQUEST_CHANGE, Reach.EXPLANATION, Reach.GOVERNANCE, Reach.GOVERNANCE_CHANGE}),
    ),
    "EntitlementMgmt-SubjectAccess.ReadWrite": Permission(
        delegated=frozenset({Reach.OWN_ACCESS, Reach.OWN_ACCESS_CHANGE, Reach.REQUEST_CHANGE, Reach.EXPLANATION}),
        is_own=True,
    ),
    "User.Read": Permission(delegated=frozenset({Reach.OWN_PROFILE}), is_own=True),
    "User.ReadBasic.All": _alike(*_PEOPLE),
    "User.Read.All": _alike(*_PEOPLE),
    "User.ReadWrite.All": _alike(*_PEOPLE, Reach.PEOPLE_CHANGE),
    "GroupMember.Read.All": _alike(Reach.GROUPS),
    "Group.Read.All": _alike(Reach.GROUPS),
    "GroupMember.ReadWrite.All": _alike(Reach.GROUPS, Reach.MEMBERS_CHANGE),
    "Group.ReadWrite.All": _alike(*_GROUPS),
    "Directory.Read.All": _alike(Reach.DIRECTORY, *_PEOPLE, Reach.GROUPS),
    "Directory.ReadWrite.All": _alike(Reach.DIRECTORY, *_PEOPLE, Reach.PEOPLE_CHANGE, *_GROUPS),
}
BY_ROLE = PERMISSIONS["EntitlementManagement.ReadWrite.All"].application
"""What an application reaches without any permission if it was given roles: these say the rest."""

# All that a program can be allowed in a person's name, without what a wider one includes.
EVERY_SCOPE = ("EntitlementManagement.ReadWrite.All", "Directory.ReadWrite.All")


def known(names: Collection[str]) -> frozenset[str]:
    """Return those that are permissions here, by their plain names.

    A scope may stand behind the address of what it is for, as in
    `api://grantline/User.Read.All`.
    """
    plain = (name.rpartition("/")[2] for name in names)
    return frozenset(name for name in plain if name in PERMISSIONS)


def reaches(held: Collection[str], reach: Reach, *, is_application: bool) -> bool:
    """Tell whether any of these permissions is enough."""
    return reach is Reach.SIGNED_IN or not sufficient(reach, is_application=is_application).isdisjoint(held)


def sufficient(reach: Reach, *, is_application: bool) -> frozenset[str]:
    """Return the permissions of which one is enough; none at all means that only a person may."""
    return _SUFFICIENT[is_application][reach]


def administers(held: Collection[str], reach: Reach) -> bool:
    """Tell whether a person's program may use, for this, what the person may do as an administrator."""
    enough = PERMISSIONS.keys() if reach is Reach.SIGNED_IN else sufficient(reach, is_application=False)
    return any(not PERMISSIONS[name].is_own for name in enough & set(held))


_SUFFICIENT: Mapping[bool, Mapping[Reach, frozenset[str]]] = {
    is_application: {
        reach: frozenset(
            name
            for name, permission in PERMISSIONS.items()
            if reach in (permission.application if is_application else permission.delegated)
        )
        for reach in Reach
    }
    for is_application in (False, True)
}
