"""What a policy must say to make sense, whoever writes it.

Each check raises `InvalidInput` with the path of the member in Graph's words,
so that an administrator finds the place in the body.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from grantline.errors import InvalidInput
from grantline.model.policy import ApprovalSettings, Expiration, ExpirationType, Policy, StageSettings, TargetScope
from grantline.model.subjects import (
    GroupMembers,
    RequestorManager,
    ResourceOwners,
    SingleUser,
    SubjectSet,
    TargetManager,
    TargetUserSponsors,
)
from grantline.services.configuration import question_checks

MOST_STAGES = 3
MOST_LEVELS = 4
MOST_SUBJECTS = 500
MOST_REMINDERS = 10
SHORTEST_STAGE = timedelta(seconds=1)
LONGEST_STAGE = timedelta(days=365)
SHORTEST_ACCESS = timedelta(seconds=1)
LONGEST_ACCESS = timedelta(days=3660)

Kinds = tuple[type[SubjectSet], ...]
PEOPLE: Kinds = (SingleUser, GroupMembers)
ON_BEHALF: Kinds = (TargetManager, SingleUser, GroupMembers)
APPROVERS: Kinds = (RequestorManager, TargetUserSponsors, ResourceOwners, SingleUser, GroupMembers)


def check(policy: Policy, now: datetime, before: Policy | None = None) -> None:
    """Refuse a policy that contradicts itself; `before` is what it replaces, whose past end date may stay."""
    _check_targets(policy)
    for path, sets, kinds in _subject_lists(policy):
        _check_sets(path, sets, kinds)
    _check_approval(policy.approval_settings)
    question_checks.check(policy.questions)
    if before is None or before.expiration != policy.expiration:
        _check_expiration(policy.expiration, now)


def named_subjects(policy: Policy) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of people and of groups that the policy names, each with the path of its first mention."""
    return _named(_subject_lists(policy))


def named_in_stage(path: str, stage: StageSettings) -> tuple[dict[str, str], dict[str, str]]:
    """Return the same of a stage that stands alone."""
    return _named(_lists_of_stage(path, stage))


def check_stage(path: str, stage: StageSettings) -> None:
    """Refuse a stage that contradicts itself, wherever it stands."""
    for where, sets, kinds in _lists_of_stage(path, stage):
        _check_sets(where, sets, kinds)
    _check_stage(path, stage)


def _named(lists: Iterator[tuple[str, Sequence[SubjectSet], Kinds]]) -> tuple[dict[str, str], dict[str, str]]:
    users: dict[str, str] = {}
    groups: dict[str, str] = {}
    for path, sets, _ in lists:
        for place, subject in enumerate(sets):
            if isinstance(subject, SingleUser):
                users.setdefault(subject.user_id, f"{path}/{place}/userId")
            elif isinstance(subject, GroupMembers):
                groups.setdefault(subject.group_id, f"{path}/{place}/groupId")
    return users, groups


def _subject_lists(policy: Policy) -> Iterator[tuple[str, Sequence[SubjectSet], Kinds]]:
    yield "specificAllowedTargets", policy.specific_allowed_targets, PEOPLE
    yield "requestorSettings/onBehalfRequestors", policy.requestor_settings.on_behalf_requestors, ON_BEHALF
    for place, stage in enumerate(policy.approval_settings.stages):
        yield from _lists_of_stage(f"requestApprovalSettings/stages/{place}", stage)


def _lists_of_stage(path: str, stage: StageSettings) -> Iterator[tuple[str, Sequence[SubjectSet], Kinds]]:
    yield f"{path}/primaryApprovers", stage.primary_approvers, APPROVERS
    yield f"{path}/fallbackPrimaryApprovers", stage.fallback_approvers, PEOPLE
    yield f"{path}/escalationApprovers", stage.escalation_approvers, APPROVERS
    yield f"{path}/fallbackEscalationApprovers", stage.fallback_escalation_approvers, PEOPLE


def _check_targets(policy: Policy) -> None:
    is_specific = policy.target_scope is TargetScope.SPECIFIC
    if is_specific and not policy.specific_allowed_targets:
        raise InvalidInput(
            "allowedTargetScope specificDirectoryUsers needs at least one user or group in specificAllowedTargets.",
            target="specificAllowedTargets",
        )
    if policy.specific_allowed_targets and not is_specific:
        raise InvalidInput(
            f"specificAllowedTargets count only when allowedTargetScope is specificDirectoryUsers; "
            f"it is {policy.target_scope.value}. Change the scope or leave the list empty.",
            target="specificAllowedTargets",
        )


def _check_sets(path: str, sets: Sequence[SubjectSet], kinds: Kinds) -> None:
    if len(sets) > MOST_SUBJECTS:
        raise InvalidInput(f"{path} has {len(sets)} entries, {MOST_SUBJECTS} at most; use a group.", target=path)
    for place, subject in enumerate(sets):
        if not isinstance(subject, kinds):
            known = ", ".join(kind.__name__[0].lower() + kind.__name__[1:] for kind in kinds)
            raise InvalidInput(f"{path} takes {known}; {subject.kind} means nothing there.", target=f"{path}/{place}")
        if isinstance(subject, RequestorManager | TargetManager) and not 1 <= subject.manager_level <= MOST_LEVELS:
            raise InvalidInput(
                f"managerLevel is {subject.manager_level}; 1 is the direct manager, {MOST_LEVELS} the highest.",
                target=f"{path}/{place}/managerLevel",
            )


def _check_approval(settings: ApprovalSettings) -> None:
    path = "requestApprovalSettings/stages"
    if (settings.is_required_for_add or settings.is_required_for_update) and not settings.stages:
        raise InvalidInput("Approval is required, but there is no stage; name one to three stages.", target=path)
    if len(settings.stages) > MOST_STAGES:
        raise InvalidInput(f"There are {len(settings.stages)} stages; {MOST_STAGES} at most.", target=path)
    for place, stage in enumerate(settings.stages):
        _check_stage(f"{path}/{place}", stage)


def _check_stage(path: str, stage: StageSettings) -> None:
    if not stage.primary_approvers and not stage.fallback_approvers and stage.determined_by is None:
        raise InvalidInput(
            "The stage has no approver; name at least one in primaryApprovers or fallbackPrimaryApprovers.",
            target=f"{path}/primaryApprovers",
        )
    if not SHORTEST_STAGE <= stage.deadline <= LONGEST_STAGE:
        raise InvalidInput(
            f"A stage stays open from {SHORTEST_STAGE.seconds} second to {LONGEST_STAGE.days} days; "
            f"durationBeforeAutomaticDenial is {stage.deadline}.",
            target=f"{path}/durationBeforeAutomaticDenial",
        )
    _check_escalation(path, stage)
    _check_reminders(f"{path}/reminders", stage)


def _check_escalation(path: str, stage: StageSettings) -> None:
    after, where = stage.escalates_after, f"{path}/durationBeforeEscalation"
    if after < timedelta(0):
        raise InvalidInput("durationBeforeEscalation cannot be negative.", target=where)
    if not stage.is_escalation_enabled:
        return
    if not timedelta(0) < after < stage.deadline:
        raise InvalidInput(
            f"durationBeforeEscalation is {after}; alternates are asked after some of the stage's time, and before "
            f"its {stage.deadline} are over.",
            target=where,
        )
    if not stage.escalation_approvers and not stage.fallback_escalation_approvers:
        raise InvalidInput(
            "isEscalationEnabled needs alternates: name at least one in escalationApprovers.",
            target=f"{path}/escalationApprovers",
        )


def _check_reminders(path: str, stage: StageSettings) -> None:
    given = stage.reminders or ()
    if len(given) > MOST_REMINDERS:
        raise InvalidInput(f"There are {len(given)} reminders; {MOST_REMINDERS} at most.", target=path)
    for place, before in enumerate(given):
        if not timedelta(0) < before < stage.deadline:
            raise InvalidInput(
                f"A reminder {before} before the deadline does not lie within the {stage.deadline} of the stage.",
                target=f"{path}/{place}",
            )


def _check_expiration(expiration: Expiration, now: datetime) -> None:
    kind = expiration.type
    if kind is not ExpirationType.AFTER_DATE_TIME and expiration.end_at is not None:
        raise InvalidInput(
            f"expiration.endDateTime needs type afterDateTime; the type is {kind.value}.",
            target="expiration/endDateTime",
        )
    if kind is not ExpirationType.AFTER_DURATION and expiration.duration:
        raise InvalidInput(
            f"expiration.duration needs type afterDuration; the type is {kind.value}.", target="expiration/duration"
        )
    if kind is ExpirationType.AFTER_DATE_TIME:
        if expiration.end_at is None:
            raise InvalidInput("expiration of type afterDateTime needs endDateTime.", target="expiration/endDateTime")
        if expiration.end_at <= now:
            raise InvalidInput(
                f"expiration.endDateTime {expiration.end_at.isoformat()} has passed; name one to come.",
                target="expiration/endDateTime",
            )
    if kind is ExpirationType.AFTER_DURATION:
        if expiration.duration is None:
            raise InvalidInput("expiration of type afterDuration needs duration.", target="expiration/duration")
        if not SHORTEST_ACCESS <= expiration.duration <= LONGEST_ACCESS:
            raise InvalidInput(
                f"Access lasts from {SHORTEST_ACCESS.seconds} second to {LONGEST_ACCESS.days} days; "
                f"expiration.duration is {expiration.duration}.",
                target="expiration/duration",
            )
