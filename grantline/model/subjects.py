"""Subject sets: ways of naming people in a policy.

The names are Microsoft Graph's (`#microsoft.graph.singleUser` …). `kind` is
the discriminator that is stored.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleUser:
    """One person."""

    user_id: str
    description: str | None = None
    kind: Literal["singleUser"] = "singleUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMembers:
    """The direct members of one group, read when the question is asked."""

    group_id: str
    description: str | None = None
    kind: Literal["groupMembers"] = "groupMembers"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestorManager:
    """As approver: the manager `manager_level` (1–4) steps up the target's line.

    Graph calls it requestorManager; Grantline reads it as the line of the
    *target*, which on a self request is the requestor's own (design: "Whose
    manager approves").
    """

    manager_level: int = 1
    kind: Literal["requestorManager"] = "requestorManager"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetManager:
    """As on-behalf requestor: any manager up to `manager_level` (1–4) steps above the target."""

    manager_level: int = 1
    kind: Literal["targetManager"] = "targetManager"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUserSponsors:
    """As approver: the target's sponsors, as the directory has them when the question is asked."""

    kind: Literal["targetUserSponsors"] = "targetUserSponsors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceOwners:
    """As approver: the owners of the groups that the package gives a role in, when the question is asked.

    Ours; Microsoft Graph has no word for them.
    """

    kind: Literal["resourceOwners"] = "resourceOwners"


SubjectSet = SingleUser | GroupMembers | RequestorManager | TargetManager | TargetUserSponsors | ResourceOwners
