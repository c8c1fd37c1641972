"""Requests and assignments with what `$expand` asked for, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from api.odata.query import ODataQuery
from api.wire.access_subjects import access_subject
from api.wire.assignments import AssignmentOut, AssignmentToBeOut, assignment_out, assignment_to_be
from api.wire.custom_extensions import instances_out
from api.wire.packages import package_out
from api.wire.policies import policy_out
from api.wire.requests import RequestOut, request_out
from grantline.model.assignment import Assignment
from grantline.model.person import Actor
from grantline.model.request import Request
from grantline.persistence import callouts, controls, packages, related
from grantline.persistence.database import Transaction
from grantline.persistence.related import Related, Wanted
from grantline.persistence.request_lists import RequestLine
from grantline.rules.permissions import Task, realm
from grantline.rules.permissions.by_policy import as_its_people_read_it

ASSIGNMENT_PATHS = ("target", "accessPackage", "assignmentPolicy")
REQUEST_PATHS = ("requestor", "accessPackage", "assignment", *(f"assignment/{path}" for path in ASSIGNMENT_PATHS))

Subject = Assignment | Request | RequestLine
Shower = Callable[[Request | RequestLine], RequestOut]


async def requests(
    tx: Transaction,
    lines: Sequence[RequestLine],
    query: ODataQuery,
    actor: Actor,
    *,
    show: Shower = request_out,
    hides: Callable[[RequestLine], bool] = lambda _: False,
) -> list[RequestOut]:
    """Show requests, expanded; `hides` tells of which the reader may not know who made them.

    Raises:
        InvalidInput: `$expand` names what a request does not have.
    """
    query.allow_expand(*REQUEST_PATHS)
    inner = query.expanding("assignment")
    found = await _for(actor, tx, await related.load(tx, _wanted_by_requests(lines, query, inner)))
    calls = await callouts.of_requests(tx, [line.id for line in lines])
    shown: list[RequestOut] = []
    for line in lines:
        one = show(line)
        one["customExtensionCalloutInstances"] = instances_out(calls[line.id])
        if query.expanding("requestor") is not None:
            one["requestor"] = None if hides(line) else access_subject(found.requestor(line))
        if query.expanding("accessPackage") is not None:
            one["accessPackage"] = package_out(found.packages[line.package_id])
        if inner is not None:
            held = found.assignments.get(line.assignment_id or "")
            one["assignment"] = assignment_out(held) if held else assignment_to_be()
            _relate(one["assignment"], line, inner, found)
        shown.append(one)
    return shown


async def assignments(
    tx: Transaction, held: Sequence[Assignment], query: ODataQuery, actor: Actor
) -> list[AssignmentOut]:
    """Show assignments, expanded.

    Raises:
        InvalidInput: `$expand` names what an assignment does not have.
    """
    query.allow_expand(*ASSIGNMENT_PATHS)
    found = await _for(actor, tx, await related.load(tx, _wanted_by_assignments(held, query)))
    shown = [assignment_out(one) for one in held]
    for subject, one in zip(held, shown, strict=True):
        _relate(one, subject, query, found)
    return shown


async def _for(actor: Actor, tx: Transaction, found: Related) -> Related:
    """Return what was found as the actor may read it: who sees a catalog's policies sees the approvers in them too."""
    seen = realm(actor, Task.READ_CATALOG)
    if seen.is_everything or not found.policies:
        return found
    of = await packages.packages_by_id(tx, sorted({policy.package_id for policy in found.policies.values()}))
    shows_approvers = (await controls.load(tx)).shows_approvers
    policies = {
        id_: policy
        if seen.has(of[policy.package_id].catalog_id)
        else as_its_people_read_it(policy, shows_approvers=shows_approvers)
        for id_, policy in found.policies.items()
    }
    return replace(found, policies=policies)


def _wanted_by_assignments(subjects: Sequence[Subject], query: ODataQuery) -> Wanted:
    def ids(path: str, read: Callable[[Subject], str]) -> frozenset[str]:
        return frozenset(map(read, subjects)) if query.expanding(path) is not None else frozenset()

    return Wanted(
        people=ids("target", lambda subject: subject.target_id),
        packages=ids("accessPackage", lambda subject: subject.package_id),
        policies=ids("assignmentPolicy", lambda subject: subject.policy_id),
    )


def _wanted_by_requests(lines: Sequence[Request | RequestLine], query: ODataQuery, inner: ODataQuery | None) -> Wanted:
    nested = _wanted_by_assignments(lines, inner) if inner is not None else Wanted()
    requestors = {line.requestor_id for line in lines} if query.expanding("requestor") is not None else set()
    packages = {line.package_id for line in lines} if query.expanding("accessPackage") is not None else set()
    there = {line.assignment_id for line in lines if line.assignment_id} if inner is not None else set()
    return Wanted(
        people=nested.people | requestors,
        packages=nested.packages | packages,
        policies=nested.policies,
        assignments=frozenset(there),
    )


def _relate(shown: AssignmentOut | AssignmentToBeOut, subject: Subject, query: ODataQuery, found: Related) -> None:
    """Add to an assignment what was expanded in it."""
    if query.expanding("target") is not None:
        shown["target"] = access_subject(found.people[subject.target_id])
    if query.expanding("accessPackage") is not None:
        shown["accessPackage"] = package_out(found.packages[subject.package_id])
    if query.expanding("assignmentPolicy") is not None:
        policy = found.policies.get(subject.policy_id)
        shown["assignmentPolicy"] = policy_out(policy) if policy else None
