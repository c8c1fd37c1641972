"""Who may decide a stage today.

Neither requestor nor target, nor a disabled account, by any route. Nobody left
among the primary approvers: the fallback approvers; nobody there: whoever
stands in for the catalog's owners; nobody there: the stage cannot be decided,
and the request is denied (fail closed).

Alternates come late, and in addition: nobody loses their vote. Where none of
them may decide, their fallback is asked; where nobody may, nothing changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grantline.model.callout import CalloutPoint, Hold
from grantline.model.person import Person
from grantline.model.plan import Plan, PlannedStage
from grantline.model.policy import ApproverIsRequestor
from grantline.model.subjects import (
    GroupMembers,
    RequestorManager,
    ResourceOwners,
    SingleUser,
    SubjectSet,
    TargetUserSponsors,
)


class Source(StrEnum):
    """By which route somebody became an approver."""

    PRIMARY = "primary"
    NEXT_MANAGER = "nextManager"
    FALLBACK = "fallback"
    CATALOG_OWNER = "catalogOwner"
    ALTERNATE = "alternate"
    FALLBACK_ALTERNATE = "fallbackAlternate"
    REASSIGNED = "reassigned"
    """An administrator named them for this one approval."""


ALTERNATES = frozenset({Source.ALTERNATE, Source.FALLBACK_ALTERNATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody who may decide, and why they."""

    person: Person
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The facts of approver look-up.

    `managers` is the target's line, nearest first; `named` and `groups` hold
    whom the stages name; `sponsors` are the target's, `resource_owners` own what
    the package gives; `owners` are asked when nobody else is left.
    """

    requestor_id: str
    target_id: str
    managers: tuple[Person, ...] = ()
    named: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    owners: tuple[Person, ...] = ()
    sponsors: tuple[Person, ...] = ()
    resource_owners: tuple[Person, ...] = ()

    def may_decide(self, person: Person) -> bool:
        """Tell whether the person may decide on this request at all."""
        return person.account_enabled and person.id not in (self.requestor_id, self.target_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What comes next of a plan's stages.

    `counted` are numbers of stages that count as approved because the approver
    is the requestor and the policy says so. Then `stage` opens for `approvers`;
    with no approvers nobody may decide it. Without a stage all are approved,
    unless `hold` says whose answer is awaited first.
    """

    counted: tuple[int, ...] = ()
    stage: PlannedStage | None = None
    approvers: tuple[Approver, ...] = ()
    hold: Hold | None = None

    @property
    def is_stuck(self) -> bool:
        """Tell whether a stage would open that nobody may decide."""
        return self.stage is not None and not self.approvers


def open_next(plan: Plan, after: int, people: People) -> Opening:
    """Return what comes after stage number `after` (0: the first stage)."""
    counted: list[int] = []
    if after == 0 and (callout := plan.holds_at(CalloutPoint.CREATED)):
        return Opening(hold=Hold(callout=callout))
    for stage in plan.stages[after:]:
        if stage.is_waived or _counts_as_approved(stage, plan.approver_is_requestor, people):
            counted.append(stage.number)
            continue
        if stage.determined_by is not None:
            hold = Hold(callout=stage.determined_by, stage_number=stage.number)
            return Opening(counted=tuple(counted), hold=hold)
        return Opening(
            counted=tuple(counted), stage=stage, approvers=resolve(stage, plan.approver_is_requestor, people)
        )
    last = plan.holds_at(CalloutPoint.APPROVED)
    return Opening(counted=tuple(counted), hold=Hold(callout=last) if last else None)


def resolve(stage: PlannedStage, option: ApproverIsRequestor, people: People) -> tuple[Approver, ...]:
    """Return who may decide the stage, each person once; empty when nobody may."""
    by_settings = _voices(
        stage.primary_approvers, Source.PRIMARY, people, up=option is not ApproverIsRequestor.FALLBACK
    )
    if approvers := _once(by_settings, people):
        return approvers
    if approvers := _once(_voices(stage.fallback_approvers, Source.FALLBACK, people, up=False), people):
        return approvers
    return _once((Approver(person=owner, source=Source.CATALOG_OWNER) for owner in people.owners), people)


def resolve_alternates(stage: PlannedStage, option: ApproverIsRequestor, people: People) -> tuple[Approver, ...]:
    """Return who is asked in addition when the stage escalates, each person once; empty when nobody may decide."""
    up = option is not ApproverIsRequestor.FALLBACK
    by_settings = _once(_voices(stage.escalation_approvers, Source.ALTERNATE, people, up=up), people)
    return by_settings or _once(
        _voices(stage.fallback_escalation_approvers, Source.FALLBACK_ALTERNATE, people, up=False), people
    )


def _counts_as_approved(stage: PlannedStage, option: ApproverIsRequestor, people: People) -> bool:
    """Tell whether a named manager of the target is the requestor, and the policy takes asking for approving.

    Whoever has left since they asked approves nothing by it.
    """
    if option is not ApproverIsRequestor.COUNT_AS_APPROVED or people.requestor_id == people.target_id:
        return False
    return any(
        manager.id == people.requestor_id and manager.account_enabled
        for subject in stage.primary_approvers
        if isinstance(subject, RequestorManager) and (manager := _manager(people, subject.manager_level))
    )


def _manager(people: People, level: int) -> Person | None:
    return people.managers[level - 1] if 1 <= level <= len(people.managers) else None


def _voices(subjects: Iterable[SubjectSet], source: Source, people: People, *, up: bool) -> Iterator[Approver]:
    """Name everybody the sets stand for, suitable or not; `up`: past a manager who is the requestor."""
    for subject in subjects:
        match subject:
            case SingleUser(user_id=user_id):
                if user_id in people.named:
                    yield Approver(person=people.named[user_id], source=source)
            case GroupMembers(group_id=group_id):
                for member in people.groups.get(group_id, ()):
                    yield Approver(person=member, source=source)
            case TargetUserSponsors() | ResourceOwners():
                answering = people.sponsors if isinstance(subject, TargetUserSponsors) else people.resource_owners
                yield from (Approver(person=one, source=source) for one in answering)
            case RequestorManager(manager_level=level):
                yield from _managers(level, source, people, up=up)
            case _:
                # Other sets name requestors, not approvers: nobody by this route.
                pass


def _managers(level: int, source: Source, people: People, *, up: bool) -> Iterator[Approver]:
    manager = _manager(people, level)
    if manager is not None and manager.id == people.requestor_id and up:
        yield from _next_manager(people, level, Source.NEXT_MANAGER if source is Source.PRIMARY else source)
    elif manager is not None:
        yield Approver(person=manager, source=source)


def _next_manager(people: People, level: int, source: Source) -> Iterator[Approver]:
    for manager in people.managers[level:]:
        if people.may_decide(manager):
            yield Approver(person=manager, source=source)
            return


def _once(voices: Iterable[Approver], people: People) -> tuple[Approver, ...]:
    found: dict[str, Approver] = {}
    for voice in voices:
        if people.may_decide(voice.person):
            found.setdefault(voice.person.id, voice)
    return tuple(found.values())
