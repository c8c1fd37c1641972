"""Subject sets on the wire: `#microsoft.graph.singleUser` and its kin.

The type is read with or without `#`, as documented bodies have both, and in any case.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from api.wire.base import Guid, Text, odata_type
from api.wire.configuration_shapes import SubjectSetOut
from api.wire.strict import StrictBody
from grantline.errors import InvalidInput, NotSupported
from grantline.model.subjects import (
    GroupMembers,
    RequestorManager,
    ResourceOwners,
    SingleUser,
    SubjectSet,
    TargetManager,
    TargetUserSponsors,
)

PREFIX = "microsoft.graph."
OURS = "grantline."
"""Before the names of kinds that Microsoft Graph has no word for."""

OWNERS = ResourceOwners().kind

ELSEWHERE = frozenset(
    {
        "attributerulemembers",
        "connectedorganizationmembers",
        "externalsponsors",
        "internalsponsors",
        "singleserviceprincipal",
        "targetagentidentitysponsorsorowners",
        "targetapplicationowners",
    }
)
"""Graph has these; Grantline has no such people."""


class _User(StrictBody):
    user_id: Guid
    description: Text | None = None


class _Group(StrictBody):
    group_id: Guid
    description: Text | None = None


class _Manager(StrictBody):
    manager_level: int | None = None


class _Nothing(StrictBody):
    """Nothing more to say."""


def _level(body: _Manager) -> int:
    return 1 if body.manager_level is None else body.manager_level


def _read_user(data: Mapping[str, Any]) -> SubjectSet:
    body = _User.model_validate(data)
    return SingleUser(user_id=body.user_id, description=body.description)


def _read_sponsors(data: Mapping[str, Any]) -> SubjectSet:
    _Nothing.model_validate(data)
    return TargetUserSponsors()


def _read_owners(data: Mapping[str, Any]) -> SubjectSet:
    _Nothing.model_validate(data)
    return ResourceOwners()


def _read_group(data: Mapping[str, Any]) -> SubjectSet:
    body = _Group.model_validate(data)
    return GroupMembers(group_id=body.group_id, description=body.description)


READERS: Mapping[str, Callable[[Mapping[str, Any]], SubjectSet]] = {
    "singleUser": _read_user,
    "groupMembers": _read_group,
    "requestorManager": lambda data: RequestorManager(manager_level=_level(_Manager.model_validate(data))),
    "targetUserSponsors": _read_sponsors,
    OWNERS: _read_owners,
    "targetManager": lambda data: TargetManager(manager_level=_level(_Manager.model_validate(data))),
}


def subjects_in(path: str, items: Sequence[Mapping[str, Any]] | None) -> tuple[SubjectSet, ...]:
    """Read a list of subject sets; null is an empty one.

    Raises:
        InvalidInput: names the entry and what would be right there.
        NotSupported: a kind of people that Grantline does not have.
    """
    return tuple(_subject_in(f"{path}/{place}", item) for place, item in enumerate(items or ()))


def _subject_in(path: str, item: Mapping[str, Any]) -> SubjectSet:
    kind = _kind(path, item)
    try:
        return READERS[kind](item)
    except ValidationError as error:
        finding = error.errors()[0]
        name = ".".join(str(part) for part in finding["loc"])
        says = "is missing" if finding["type"] == "missing" else finding["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"{path}, a {kind}: {name} {says}.".replace(":  ", ": "), target=f"{path}/{name}".rstrip("/")
        ) from error


def _kind(path: str, item: Mapping[str, Any]) -> str:
    known = ", ".join(f"#{_full(name)}" for name in READERS)
    given = next((value for name, value in item.items() if name.lower() == "@odata.type"), None)
    if not isinstance(given, str):
        raise InvalidInput(f"{path} needs @odata.type, one of {known}.", target=f"{path}/@odata.type")
    wanted = odata_type(given).lower()
    for name in READERS:
        if wanted in {name.lower(), _full(name).lower()}:
            return name
    if wanted in ELSEWHERE:
        raise NotSupported(f"{path}: {given} is not offered yet; use one of {known}.", target=f"{path}/@odata.type")
    raise InvalidInput(
        f"{path}: there is no {given[:80]!r}; @odata.type is one of {known}.", target=f"{path}/@odata.type"
    )


def _full(kind: str) -> str:
    return f"{OURS if kind == OWNERS else PREFIX}{kind}"


def subject_out(subject: SubjectSet) -> SubjectSetOut:
    """Show a subject set as Graph does."""
    shown: SubjectSetOut = {"@odata.type": f"#{_full(subject.kind)}"}
    match subject:
        case SingleUser():
            return {**shown, "userId": subject.user_id, "description": subject.description}
        case GroupMembers():
            return {**shown, "groupId": subject.group_id, "description": subject.description}
        case RequestorManager() | TargetManager():
            return {**shown, "managerLevel": subject.manager_level}
        case TargetUserSponsors() | ResourceOwners():
            return shown


def subjects_out(subjects: Sequence[SubjectSet]) -> list[SubjectSetOut]:
    """Show a list of subject sets."""
    return [subject_out(subject) for subject in subjects]
