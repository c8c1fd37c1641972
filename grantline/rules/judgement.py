"""The judgement of one case: which policy applies, or why nothing does."""

from collections.abc import Iterable, Sequence

from grantline.errors import InvalidInput, NotYourReport, PolicyRequired, Refused, TargetOutOfScope
from grantline.model.policy import Policy
from grantline.rules.case import Case
from grantline.rules.eligibility import ALREADY, FIRST, HOW, WHO, CaseCheck
from grantline.rules.scope import BREADTH


def judge(case: Case) -> Policy:
    """Return the policy that the request is made under, or raise the first refusal."""
    _ask(case, FIRST)
    policy = _choose(case)
    _ask(case, ALREADY)
    for check in HOW:
        if refusal := check(case, policy):
            raise refusal
    return policy


def usable(case: Case) -> list[Policy]:
    """Return the policies that this requestor may use for this target now, most specific class first.

    Empty when nothing about the package can be asked for at all. What is held
    or asked for already, and how one would have to ask, plays no part.
    """
    if any(check(case) for check in FIRST):
        return []
    return _by_breadth(_allowed(case))


def objections(case: Case) -> list[Refused]:
    """Return everything that speaks against the request, not only the first; empty exactly when `judge` returns.

    What only those may ask who assign directly, nobody else learns more about. What is
    held or asked for already is only told to who may ask.
    """
    found = [refusal for check in FIRST if (refusal := check(case))]
    if not case.policies or (case.is_direct and not case.may_assign):
        return found
    policy, against = _choice(case)
    found += against
    if all(isinstance(refusal, PolicyRequired) for refusal in against):
        found += [refusal for check in ALREADY if (refusal := check(case))]
    if policy is not None:
        found += [refusal for check in HOW if (refusal := check(case, policy))]
    return found


def _choice(case: Case) -> tuple[Policy | None, list[Refused]]:
    """Return the policy the request would be made under, or comes closest to, and what speaks against using it."""
    try:
        return _choose(case), []
    except Refused as refusal:
        named = [policy for policy in case.policies if case.ask.policy_id in (None, policy.id)]
        if len(named) == 1:
            return named[0], [against for check in WHO if (against := check(case, named[0]))]
        return None, [refusal]


def _ask(case: Case, checks: Iterable[CaseCheck]) -> None:
    for check in checks:
        if refusal := check(case):
            raise refusal


def _allowed(case: Case) -> list[Policy]:
    return [policy for policy in case.policies if _objection(case, policy) is None]


def _by_breadth(policies: Iterable[Policy]) -> list[Policy]:
    return sorted(policies, key=lambda policy: (BREADTH[policy.target_scope], policy.display_name, policy.id))


def _objection(case: Case, policy: Policy) -> Refused | None:
    return next((refusal for check in WHO if (refusal := check(case, policy))), None)


def _choose(case: Case) -> Policy:
    """Find the policy: the one named, the only one, or the winner of the most specific class (POL-4)."""
    if case.ask.policy_id is not None or case.is_direct:
        policy = _named(case)
        if refusal := _objection(case, policy):
            raise refusal
        return policy
    allowed = _by_breadth(_allowed(case))
    if not allowed:
        raise _most_helpful([refusal for policy in case.policies if (refusal := _objection(case, policy))])
    best = BREADTH[allowed[0].target_scope]
    winners = [policy for policy in allowed if BREADTH[policy.target_scope] == best]
    if len(winners) > 1:
        raise _several(case, winners)
    return winners[0]


def _named(case: Case) -> Policy:
    if case.ask.policy_id is None:
        if len(case.policies) == 1:
            return case.policies[0]
        raise _several(case, case.policies)
    for policy in case.policies:
        if policy.id == case.ask.policy_id:
            return policy
    raise InvalidInput(
        f"'{case.package.display_name}' has no policy {case.ask.policy_id}; leave the policy out, "
        "or name one of this access package.",
        target="assignmentPolicyId",
    )


def _several(case: Case, policies: Sequence[Policy]) -> PolicyRequired:
    names = ", ".join(f"'{policy.display_name}' ({policy.id})" for policy in policies)
    return PolicyRequired(
        f"Several policies of '{case.package.display_name}' apply; name one of them: {names}.",
        target="assignmentPolicyId",
    )


def _most_helpful(refusals: Sequence[Refused]) -> Refused:
    """Pick the refusal of the policy that came closest to allowing it."""
    return max(refusals, key=lambda r: (not isinstance(r, TargetOutOfScope), isinstance(r, NotYourReport)))
