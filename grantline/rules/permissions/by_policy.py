"""What a policy lets those do who have a part in the matter: end access, and know who approves."""

from collections.abc import Sequence
from dataclasses import replace

from grantline.errors import NotAllowed, RemovalNotAllowed
from grantline.model.person import Actor, Person
from grantline.model.policy import ApproverVisibility, Policy, StageSettings
from grantline.model.request import RequestType
from grantline.rules.permissions import Task, refusal
from grantline.rules.permissions.asking import instead
from grantline.rules.scope import may_act_for


def removal_type(
    actor: Actor,
    asked: RequestType,
    *,
    may_assign: bool,
    target: Person,
    package_name: str,
    policy: Policy | None,
    managers: Sequence[Person],
    memberships: frozenset[tuple[str, str]],
) -> RequestType:
    """Return as what the removal goes on record, or raise why the actor may not end the assignment.

    The holder may where the policy lets targets give up access, others where
    it lets on-behalf requestors take it away, whoever assigns directly always:
    they alone when the policy is gone.
    """
    if asked is RequestType.ADMIN_REMOVE:
        if may_assign:
            return RequestType.ADMIN_REMOVE
        says = refusal(actor.person, Task.ASSIGN).message
        raise NotAllowed(f"{says}{instead(actor.person, RequestType.USER_REMOVE)}", target="requestType")
    settings = policy.requestor_settings if policy else None
    if actor.id == target.id:
        allowed = settings is not None and settings.self_remove
        says = f"the policy does not let {target} give '{package_name}' up"
    else:
        allowed = (
            settings is not None
            and settings.on_behalf_remove
            and may_act_for(settings.on_behalf_requestors, actor.id, managers, memberships)
        )
        says = f"the policy does not let {actor.person} remove '{package_name}' from {target}"
    if allowed:
        return RequestType.USER_REMOVE
    if may_assign:
        return RequestType.ADMIN_REMOVE
    raise RemovalNotAllowed(f"Not removed: {says}; ask an administrator.")


def names_are_open(visibility: ApproverVisibility, *, shows_approvers: bool) -> bool:
    """Tell whether those with a part in a request learn who decides a stage of it; the second is the default."""
    if visibility is ApproverVisibility.DEFAULT:
        return shows_approvers
    return visibility is ApproverVisibility.VISIBLE


def as_its_people_read_it(policy: Policy, *, shows_approvers: bool) -> Policy:
    """Return a policy for those with no more than a part in what it gave: without approvers they may not know."""

    def veiled(stage: StageSettings) -> StageSettings:
        if names_are_open(stage.approver_visibility, shows_approvers=shows_approvers):
            return stage
        return replace(
            stage,
            primary_approvers=(),
            fallback_approvers=(),
            escalation_approvers=(),
            fallback_escalation_approvers=(),
        )

    settings = policy.approval_settings
    return replace(policy, approval_settings=replace(settings, stages=tuple(map(veiled, settings.stages))))
