"""The audit trail as a feed: what came after an event, and who sees what that was about.

Numbers of the trail are given under its head's lock, which is held until
commit; so whoever has read up to a number has missed nothing below it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import and_, case, select

from grantline.persistence import controls, delegations
from grantline.persistence.audit_tables import audit_events, audit_head
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import approval_delegations
from grantline.persistence.tables import assignments, people, requests, stage_approvers, stages
from grantline.rules.concern import Happened, Parties

# The target's manager, while managers look on.
_ONLOOKER = case((controls.managers_look_on(), people.c.manager_id))
_HEAD = select(audit_head.c.number).where(audit_head.c.id == 1)


async def head(tx: Transaction) -> int:
    """Return the number of the last event; 0 before the first."""
    return await tx.scalar(_HEAD) or 0


async def after(tx: Transaction, number: int, upto: int) -> list[Happened]:
    """Return what happened after an event, up to another."""
    columns = (audit_events.c.type, audit_events.c.request_id, audit_events.c.assignment_id, audit_events.c.details)
    statement = select(*columns).where(audit_events.c.number > number, audit_events.c.number <= upto)
    return [
        Happened(type=row.type, request_id=row.request_id, assignment_id=row.assignment_id, details=row.details)
        for row in await tx.all(statement.order_by(audit_events.c.number))
    ]


async def parties_of_requests(tx: Transaction, ids: Collection[str], at: datetime) -> dict[str, Parties]:
    """Return who sees each of these requests, at an instant."""
    if not ids:
        return {}
    own = await tx.all(
        select(requests.c.id, requests.c.catalog_id, requests.c.requestor_id, requests.c.target_id, _ONLOOKER)
        .join(people, people.c.id == requests.c.target_id)
        .where(requests.c.id.in_(ids))
    )
    is_stand_in = and_(
        approval_delegations.c.delegator_id == stage_approvers.c.person_id,
        delegations.in_force(at),
        delegations.was_open_since(at),
    )
    deciding = await tx.all(
        select(requests.c.id, stages.c.decided_by_id, stage_approvers.c.person_id, approval_delegations.c.delegate_id)
        .join(stages, stages.c.request_id == requests.c.id)
        .outerjoin(stage_approvers, stage_approvers.c.stage_id == stages.c.id)
        .outerjoin(approval_delegations, is_stand_in)
        .where(requests.c.id.in_(ids))
    )
    approvers: dict[str, set[str]] = {}
    for row in deciding:
        approvers.setdefault(row.id, set()).update(filter(None, row[1:]))
    return {
        row.id: Parties(own=_some(row[2:]), approvers=frozenset(approvers.get(row.id, ())), catalog_id=row.catalog_id)
        for row in own
    }


async def parties_of_assignments(tx: Transaction, ids: Collection[str]) -> dict[str, Parties]:
    """Return who sees each of these assignments."""
    if not ids:
        return {}
    rows = await tx.all(
        select(assignments.c.id, assignments.c.catalog_id, assignments.c.target_id, _ONLOOKER, requests.c.requestor_id)
        .join(people, people.c.id == assignments.c.target_id)
        .outerjoin(requests, requests.c.id == assignments.c.request_id)
        .where(assignments.c.id.in_(ids))
    )
    return {row.id: Parties(own=_some(row[2:]), catalog_id=row.catalog_id) for row in rows}


def _some(ids: Iterable[str | None]) -> frozenset[str]:
    return frozenset(one for one in ids if one is not None)
