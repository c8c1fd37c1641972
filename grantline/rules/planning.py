"""From a policy and an ask to a plan: what will happen, fixed for good."""

from datetime import datetime

from grantline.model.plan import Plan, PlannedStage, smaller
from grantline.model.policy import Policy, StageSettings
from grantline.model.request import Schedule
from grantline.rules.times import fixed_end, later, longest


def plan_for(policy: Policy, schedule: Schedule, now: datetime, *, is_update: bool = False) -> Plan:
    """Fix stages and times; the schedule was judged before.

    A start that has come is no start: the access begins when it is approved.
    Of two limits, the policy's and the requestor's, the shorter holds. An update
    has the same stages, if the policy wants it approved at all.
    """
    starts_at = schedule.starts_at if schedule.starts_at and schedule.starts_at > now else None
    return Plan(
        stages=_stages(policy, is_update=is_update),
        approver_is_requestor=policy.approval_settings.approver_is_requestor,
        starts_at=starts_at,
        ends_at=smaller(fixed_end(policy.expiration), fixed_end(schedule.expiration)),
        lasts=smaller(longest(policy.expiration), longest(schedule.expiration)),
    )


def end_of_access(plan: Plan, begins_at: datetime) -> datetime | None:
    """Return when access that begins at this instant must end; None for never."""
    return smaller(plan.ends_at, later(begins_at, plan.lasts) if plan.lasts is not None else None)


def _stages(policy: Policy, *, is_update: bool) -> tuple[PlannedStage, ...]:
    """Approval that is required but configured with no stage still needs somebody: fail closed."""
    settings = policy.approval_settings
    if not (settings.is_required_for_update if is_update else settings.is_required_for_add):
        return ()
    return tuple(
        PlannedStage(
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
        )
        for number, stage in enumerate(settings.stages or (StageSettings(),), start=1)
    )
