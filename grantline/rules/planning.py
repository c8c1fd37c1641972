"""From a policy and an ask to a plan: what will happen, fixed for good."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from grantline.model.callout import CalloutPoint, CustomExtension, PlannedCallout
from grantline.model.plan import Plan, PlannedStage, smaller
from grantline.model.policy import Policy, StageSettings
from grantline.model.request import Schedule
from grantline.rules.times import fixed_end, later, longest

Extensions = Mapping[str, CustomExtension]

OF_THE_REQUEST = (CalloutPoint.CREATED, CalloutPoint.APPROVED)
"""Points at which a request is told of, or asked about, whatever it asks for; the others tell of the access."""


def plan_for(
    policy: Policy,
    schedule: Schedule,
    now: datetime,
    *,
    is_update: bool = False,
    extensions: Extensions | None = None,
) -> Plan:
    """Fix stages and times; the schedule was judged before.

    A start that has come is no start: the access begins when it is approved.
    Of two limits, the policy's and the requestor's, the shorter holds. An update
    has the same stages, if the policy wants it approved at all, and the same
    callouts until it is approved; those that tell of the access are the first
    request's. `extensions` are those the policy names.
    """
    known = extensions or {}
    starts_at = schedule.starts_at if schedule.starts_at and schedule.starts_at > now else None
    return Plan(
        stages=_stages(policy, known, is_update=is_update),
        approver_is_requestor=policy.approval_settings.approver_is_requestor,
        starts_at=starts_at,
        ends_at=smaller(fixed_end(policy.expiration), fixed_end(schedule.expiration)),
        lasts=smaller(longest(policy.expiration), longest(schedule.expiration)),
        callouts=tuple(one for one in _callouts(policy, known) if not is_update or one.point in OF_THE_REQUEST),
    )


def extensions_named(policy: Policy) -> frozenset[str]:
    """Return the ids of all custom extensions that a policy names."""
    stages = policy.approval_settings.stages
    return frozenset(
        {use.extension_id for use in policy.extensions}
        | {stage.determined_by for stage in stages if stage.determined_by is not None}
    )


def end_of_access(plan: Plan, begins_at: datetime) -> datetime | None:
    """Return when access that begins at this instant must end; None for never."""
    return smaller(plan.ends_at, later(begins_at, plan.lasts) if plan.lasts is not None else None)


def _callouts(policy: Policy, extensions: Extensions) -> Iterable[PlannedCallout]:
    for use in policy.extensions:
        if use.point is not CalloutPoint.DETERMINING and use.extension_id in extensions:
            yield _planned(use.point, extensions[use.extension_id])


def _planned(point: CalloutPoint, extension: CustomExtension) -> PlannedCallout:
    return PlannedCallout(
        point=point,
        extension_id=extension.id,
        name=extension.display_name,
        waits_for=extension.waits_for,
        on_timeout=extension.on_timeout,
    )


def _determined_by(policy: Policy, number: int, stage: StageSettings, extensions: Extensions) -> PlannedCallout | None:
    """Return who says who decides a stage: the stage names them, or the policy does, for its first stage."""
    by_policy = [use.extension_id for use in policy.extensions if use.point is CalloutPoint.DETERMINING]
    found = stage.determined_by or (by_policy[0] if by_policy and number == 1 else None)
    extension = extensions.get(found) if found else None
    return _planned(CalloutPoint.DETERMINING, extension) if extension else None


def _stages(policy: Policy, extensions: Extensions, *, is_update: bool) -> tuple[PlannedStage, ...]:
    """Approval that is required but configured with no stage still needs somebody: fail closed."""
    settings = policy.approval_settings
    if not (settings.is_required_for_update if is_update else settings.is_required_for_add):
        return ()
    return tuple(
        planned_stage(number, stage, determined_by=_determined_by(policy, number, stage, extensions))
        for number, stage in enumerate(settings.stages or (StageSettings(),), start=1)
    )


def planned_stage(number: int, stage: StageSettings, *, determined_by: PlannedCallout | None = None) -> PlannedStage:
    """Fix one stage as it was configured."""
    return PlannedStage(
        number=number,
        window=stage.deadline,
        is_approver_justification_required=stage.is_approver_justification_required,
        primary_approvers=stage.primary_approvers,
        fallback_approvers=stage.fallback_approvers,
        escalates_after=stage.escalates_after if stage.is_escalation_enabled else None,
        escalation_approvers=stage.escalation_approvers if stage.is_escalation_enabled else (),
        fallback_escalation_approvers=stage.fallback_escalation_approvers if stage.is_escalation_enabled else (),
        reminders=stage.reminders,
        approver_visibility=stage.approver_visibility,
        determined_by=determined_by,
    )
