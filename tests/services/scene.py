"""A package that everybody asks for: Payroll, one role, under the policy that a test needs.

By default Leo may ask for himself, Mia for Leo, and the owners' group (Bob and
Bea) approves within a day.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from grantline.model.briefing import AssignmentBriefing, RequestBriefing
from grantline.model.catalog import AccessPackage
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, Policy, RequestorSettings, StageSettings, TargetScope
from grantline.model.request import Ask, Request, RequestType, Schedule, Verdict
from grantline.model.subjects import GroupMembers, SubjectSet, TargetManager
from grantline.persistence import audit, policies, requests, stages
from grantline.persistence.database import Database
from grantline.persistence.stages import StageOnRecord
from grantline.persistence.tables import (
    assignments,
    audit_events,
    grants,
    group_members,
    package_roles,
    packages,
    people,
)
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.requests.submission import Submitted, submit
from tests.cast import LONG_AGO, OWNERS, acting, fixed_id
from tests.packages import PAYROLL, enter_packages

PACKAGE = AccessPackage(
    id=fixed_id("package payroll"),
    catalog_id=fixed_id("finance"),
    display_name="Payroll",
    created_at=LONG_AGO,
    modified_at=LONG_AGO,
)
ON_BEHALF = RequestorSettings(
    self_add=True,
    self_remove=True,
    on_behalf_add=True,
    on_behalf_remove=True,
    on_behalf_requestors=(TargetManager(manager_level=1),),
)


def stage(*primary: SubjectSet, fallback: tuple[SubjectSet, ...] = (), **settings: Any) -> StageSettings:
    """Return a stage of a day that these people decide."""
    return StageSettings(
        **{"deadline": timedelta(days=1), "primary_approvers": primary, "fallback_approvers": fallback} | settings
    )


OWNERS_DECIDE = stage(GroupMembers(group_id=OWNERS.id))


def approved_by(*stages_: StageSettings, **settings: Any) -> ApprovalSettings:
    """Return settings with these stages."""
    return ApprovalSettings(**{"is_required_for_add": True, "stages": stages_} | settings)


def policy(name: str = "Staff", **changes: Any) -> Policy:
    """Return the usual policy, with changes."""
    usual = Policy(
        id=fixed_id(f"policy {name}"),
        package_id=PACKAGE.id,
        display_name=name,
        target_scope=TargetScope.ALL_MEMBERS,
        requestor_settings=ON_BEHALF,
        approval_settings=approved_by(OWNERS_DECIDE),
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )
    return replace(usual, **changes)


NO_APPROVAL = ApprovalSettings()


async def furnish(db: Database, *some: Policy, roles: tuple[str, ...] = (PAYROLL.read,)) -> None:
    """Enter the package, its roles, and its policies (none given: the usual one)."""
    async with db.write() as tx:
        await enter_packages(tx)
        await tx.execute(
            insert(packages).values(
                id=PACKAGE.id,
                catalog_id=PACKAGE.catalog_id,
                display_name=PACKAGE.display_name,
                description="",
                is_hidden=False,
                created_at=LONG_AGO,
                modified_at=LONG_AGO,
            )
        )
        if roles:
            rows = [{"package_id": PACKAGE.id, "role_id": role, "created_at": LONG_AGO} for role in roles]
            await tx.execute(insert(package_roles), rows)
        for one in some or (policy(),):
            await policies.insert_policy(tx, one)


def asking(target: Person, **more: Any) -> Ask:
    """Return an ask for Payroll."""
    kind = more.pop("type", RequestType.USER_ADD)
    return Ask(type=kind, package_id=PACKAGE.id, target_id=target.id, justification="Month end", **more)


def removing(assignment_id: str, kind: RequestType = RequestType.USER_REMOVE) -> Ask:
    """Return an ask to end an assignment."""
    return Ask(type=kind, assignment_id=assignment_id, justification="Moved on")


async def ask_for(db: Database, requestor: Person, target: Person, **more: Any) -> Submitted:
    """Submit an ask for Payroll by one of the cast."""
    return await submit(db, acting(requestor), asking(target, **more))


async def says(db: Database, who: Person, request_id: str, verdict: Verdict, why: str | None = None) -> None:
    """Let somebody decide on the open stage."""
    await decide(db, who.id, request_id, None, verdict, why)


async def request_now(db: Database, request_id: str) -> Request:
    """Return the request as it is on record."""
    async with db.read() as tx:
        found = await requests.find(tx, request_id)
    assert found is not None
    return found


async def stages_now(db: Database, request_id: str) -> list[StageOnRecord]:
    """Return the stages as they are on record."""
    async with db.read() as tx:
        return await stages.of_request(tx, request_id)


async def held_now(db: Database, assignment_id: str | None) -> Any:
    """Return the assignment's row."""
    async with db.read() as tx:
        return await tx.first(select(assignments).where(assignments.c.id == assignment_id))


async def grants_now(db: Database) -> list[tuple[str, str, bool]]:
    """Return who is to have which role, wanted or not."""
    async with db.read() as tx:
        rows = await tx.all(select(grants.c.person_id, grants.c.role_id, grants.c.is_wanted).order_by(grants.c.role_id))
    return [(row.person_id, row.role_id, row.is_wanted) for row in rows]


async def trail(db: Database) -> list[str]:
    """Return the types of all audit events, in order; the chain must be whole."""
    async with db.read() as tx:
        assert await audit.verify(tx) is None
        return [row.type for row in await tx.all(select(audit_events.c.type).order_by(audit_events.c.number))]


async def events(db: Database, kind: str) -> list[Any]:
    """Return the audit events of one type."""
    async with db.read() as tx:
        return await tx.all(select(audit_events).where(audit_events.c.type == kind).order_by(audit_events.c.number))


async def change_person(db: Database, person: Person, **values: Any) -> None:
    """Change somebody's row in the directory."""
    async with db.write() as tx:
        await tx.changed(update(people).where(people.c.id == person.id).values(**values))


async def join(db: Database, group_id: str, person: Person) -> None:
    """Put somebody into a group."""
    async with db.write() as tx:
        await tx.execute(insert(group_members).values(group_id=group_id, person_id=person.id, added_at=LONG_AGO))


def briefing_of(submitted: Submitted) -> RequestBriefing:
    """Return the briefing of the request's workflow that a submit posted."""
    (body,) = (message.body for message in submitted.messages if isinstance(message.body, RequestBriefing))
    return body


async def owed(db: Database, assignment_id: str | None) -> AssignmentBriefing:
    """Return what the workflow of an assignment would be told now."""
    briefing = await lifecycle.assignment_briefing(db, assignment_id or "")
    assert briefing is not None, "no access is owed yet"
    return briefing


@dataclass(frozen=True, slots=True)
class Given:
    """A request that was approved, and the assignment that came of it."""

    request_id: str
    assignment_id: str


async def given(
    db: Database, *, requestor: Person, target: Person, by: Person, schedule: Schedule | None = None
) -> Given:
    """Ask and approve; the access is owed afterwards."""
    submitted = await ask_for(db, requestor, target, **({"schedule": schedule} if schedule else {}))
    await says(db, by, submitted.request.id, Verdict.APPROVE)
    request = await request_now(db, submitted.request.id)
    assert request.assignment_id is not None
    return Given(request_id=request.id, assignment_id=request.assignment_id)
