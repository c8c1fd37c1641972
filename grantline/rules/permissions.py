"""Who may see, cancel and remove. What one may not see does not exist (invariant 8)."""

from collections.abc import Collection, Sequence

from grantline.errors import NotAllowed, RemovalNotAllowed
from grantline.model.person import Actor, Person
from grantline.model.policy import ApproverVisibility, Policy
from grantline.model.request import RequestType
from grantline.rules.scope import may_act_for


def may_see_request(
    viewer_id: str,
    *,
    is_administrator: bool,
    requestor_id: str,
    target_id: str,
    manager_id: str | None,
    approver_ids: Collection[str],
) -> bool:
    """Tell whether the viewer asks, gets, is the target's manager, was ever asked to approve, or administers.

    `manager_id` is None while managers do not look on.
    """
    return is_administrator or viewer_id in (requestor_id, target_id, manager_id) or viewer_id in approver_ids


def may_cancel_request(actor_id: str, *, is_administrator: bool, requestor_id: str, target_id: str) -> bool:
    """Tell whether the actor may withdraw the request while it can be withdrawn; approvers deny instead."""
    return is_administrator or actor_id in (requestor_id, target_id)


def may_see_assignment(
    viewer_id: str, *, is_administrator: bool, requestor_id: str, target_id: str, manager_id: str | None
) -> bool:
    """Tell whether the viewer holds it, asked for it, is the holder's manager (as above), or administers."""
    return is_administrator or viewer_id in (requestor_id, target_id, manager_id)


def removal_type(
    actor: Actor,
    asked: RequestType,
    *,
    target: Person,
    package_name: str,
    policy: Policy | None,
    managers: Sequence[Person],
    memberships: frozenset[tuple[str, str]],
) -> RequestType:
    """Return as what the removal goes on record, or raise why the actor may not end the assignment.

    The holder may where the policy lets targets give up access, others where
    it lets on-behalf requestors take it away, administrators always. An
    assignment whose policy is gone can only be removed by an administrator.
    """
    if asked is RequestType.ADMIN_REMOVE:
        if actor.is_administrator:
            return RequestType.ADMIN_REMOVE
        raise NotAllowed(f"{actor.person} is not an administrator; use requestType userRemove.", target="requestType")
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
    if actor.is_administrator:
        return RequestType.ADMIN_REMOVE
    raise RemovalNotAllowed(f"Not removed: {says}; ask an administrator.")


def names_are_open(visibility: ApproverVisibility, *, shows_approvers: bool) -> bool:
    """Tell whether those with a part in a request learn who decides a stage of it; the second is the default."""
    if visibility is ApproverVisibility.DEFAULT:
        return shows_approvers
    return visibility is ApproverVisibility.VISIBLE
