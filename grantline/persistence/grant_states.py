"""One grant as provisioning sees it: what is wanted, what is known to be done, and who is at it.

Each change here is one conditional UPDATE, and says whether it took. Why the
conditions are enough is told in services/assignments/provisioning.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Row, ScalarSelect, Select, bindparam, case, or_, select, update

from grantline.model.assignment import Entitlement
from grantline.persistence.database import Transaction
from grantline.persistence.grants import in_locking_order
from grantline.persistence.tables import Instant, assignments, grant_reasons, grants, people, resource_roles, resources


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantState:
    """A grant as it was read.

    `assignment_id` and `request_id` name the assignment it was last wanted
    for, or whose end it last followed.
    """

    id: str
    is_wanted: bool
    version: int
    applied_version: int | None
    existed_before: bool | None
    leased_until: datetime | None
    last_error: str | None
    entitlement: Entitlement
    summary: str
    assignment_id: str | None
    request_id: str | None
    drifted_at: datetime | None = None

    @property
    def is_applied(self) -> bool:
        """Tell whether the target system is known to show what is wanted."""
        return self.applied_version == self.version


async def state_of(tx: Transaction, grant_id: str) -> GrantState:
    """Read a grant, and what a connector must know of it."""
    row = await tx.first(_ONE, {"grant_id": grant_id})
    if row is None:
        raise AssertionError(f"grant {grant_id} does not exist (this is a bug)")
    return _state(row)


async def find(tx: Transaction, grant_id: str, *, lock: bool = False) -> GrantState | None:
    """Read a grant if there is one; with `lock` nobody else changes it until commit."""
    row = await tx.first(_ONE.with_for_update(of=grants) if lock else _ONE, {"grant_id": grant_id})
    return _state(row) if row else None


async def take_again(tx: Transaction, state: GrantState, at: datetime) -> None:
    """Have a locked grant that nobody needs count as not taken back; it is overdue from here."""
    await tx.changed(update(grants).where(grants.c.id == state.id).values(version=grants.c.version + 1, changed_at=at))


async def untaken(tx: Transaction, changed_before: datetime, limit: int) -> list[GrantState]:
    """Read grants that somebody had taken back again before an instant, and that are still there."""
    statement = _states().where(
        grants.c.drifted_at.is_not(None),
        grants.c.is_wanted.is_(False),
        grants.c.applied_version != grants.c.version,
        grants.c.changed_at < changed_before,
    )
    return [_state(row) for row in await tx.all(statement.order_by(grants.c.drifted_at, grants.c.id).limit(limit))]


async def states_held(tx: Transaction, assignment_ids: list[str]) -> list[GrantState]:
    """Read all grants of assignments, each once, and keep them from changing until commit."""
    return [_state(row) for row in await tx.all(_HELD[tx.dialect], {"assignment_ids": assignment_ids})]


async def systems_of(tx: Transaction, assignment_ids: list[str]) -> Mapping[str, frozenset[str]]:
    """Return by assignment in which target systems its grants are; one without grants is not in it."""
    found: dict[str, set[str]] = {}
    for row in await tx.all(_SYSTEMS, {"assignment_ids": assignment_ids}):
        found.setdefault(row.assignment_id, set()).add(row.origin_system)
    return {id_: frozenset(systems) for id_, systems in found.items()}


async def applied(tx: Transaction, origin_system: str, after: str, limit: int) -> list[GrantState]:
    """Read grants that a target system is known to show as wanted, in the order of their ids, from behind `after` on.

    Not those that nobody needs any more and that were there before us: they are left alone.
    """
    is_ours = or_(grants.c.is_wanted, grants.c.existed_before.is_(False))
    statement = (
        _states()
        .where(
            resource_roles.c.origin_system == origin_system,
            grants.c.applied_version == grants.c.version,
            grants.c.id > after,
            is_ours,
        )
        .order_by(grants.c.id)
        .limit(limit)
    )
    return [_state(row) for row in await tx.all(statement)]


async def note_drift(tx: Transaction, state: GrantState, since: datetime | None) -> bool:
    """Record since when a grant has drifted, or that it has not; False if it is not as it was read any more."""
    is_as_read = (grants.c.id == state.id, grants.c.version == state.version, grants.c.applied_version == state.version)
    return await tx.changed(update(grants).where(*is_as_read).values(drifted_at=since)) == 1


def _states() -> Select[Any]:
    return (
        select(
            *(grants, resource_roles.c.origin_system, assignments.c.request_id),
            people.c.user_principal_name,
            people.c.mail,
            people.c.display_name.label("person"),
            resource_roles.c.origin_id.label("role_origin_id"),
            resource_roles.c.display_name.label("role"),
            resources.c.origin_id.label("resource_origin_id"),
            resources.c.display_name.label("resource"),
            assignments.c.id.label("assignment_id"),
        )
        .join(people, people.c.id == grants.c.person_id)
        .join(resource_roles, resource_roles.c.id == grants.c.role_id)
        .join(resources, resources.c.id == resource_roles.c.resource_id)
        .outerjoin(assignments, assignments.c.id == _last_reason())
    )


def _state(row: Row[Any]) -> GrantState:
    return GrantState(
        id=row.id,
        is_wanted=row.is_wanted,
        version=row.version,
        applied_version=row.applied_version,
        existed_before=row.existed_before,
        leased_until=row.lease_until,
        last_error=row.last_error,
        entitlement=Entitlement(
            person_id=row.person_id,
            user_name=row.user_principal_name,
            display_name=row.person,
            mail=row.mail,
            origin_system=row.origin_system,
            resource_origin_id=row.resource_origin_id,
            role_origin_id=row.role_origin_id,
            account_id=row.account_id,
        ),
        summary=f"{row.person}: {row.role} of {row.resource}",
        assignment_id=row.assignment_id,
        request_id=row.request_id,
        drifted_at=row.drifted_at,
    )


async def settle(tx: Transaction, state: GrantState, *, existed_before: bool | None, now: datetime) -> bool:
    """Record as done what needed no act; False if the grant is not as it was read any more."""
    return (
        await tx.changed(
            _SETTLE,
            {
                "grant_id": state.id,
                "was_version": state.version,
                "was_existing": state.existed_before,
                "now": now,
                "existed_before": existed_before,
                "applied_version": state.version,
            },
        )
        == 1
    )


async def take_lease(
    tx: Transaction, state: GrantState, lease_id: str, until: datetime, *, existed_before: bool, now: datetime
) -> bool:
    """Take the right to act, and record what was there before; False if the grant is not as it was read any more."""
    return (
        await tx.changed(
            update(grants)
            .where(*_as_read_and_free(state, now))
            .values(lease_id=lease_id, lease_until=until, existed_before=existed_before)
        )
        == 1
    )


async def record_applied(tx: Transaction, state: GrantState, lease_id: str, *, account_id: str | None) -> int | None:
    """Record that the target shows the version read, and give the lease back.

    Returns the version that is wanted by now, or None if the lease was lost.
    """
    return await tx.scalar(
        update(grants)
        .where(grants.c.id == state.id, grants.c.lease_id == lease_id)
        .values(applied_version=state.version, account_id=account_id, last_error=None, drifted_at=None, **_NO_LEASE)
        .returning(grants.c.version)
    )


async def give_back(tx: Transaction, state: GrantState, lease_id: str) -> bool:
    """Give the lease back with nothing done; False if it was lost."""
    held = update(grants).where(grants.c.id == state.id, grants.c.lease_id == lease_id)
    return await tx.changed(held.values(**_NO_LEASE)) == 1


async def reopen(tx: Transaction, state: GrantState, *, is_ours: bool) -> None:
    """Have the grant applied again. `is_ours` says that what may be found in the target is not from before us."""
    values = {"version": grants.c.version + 1, "applied_version": None}
    if is_ours:
        values["existed_before"] = False
    await tx.changed(update(grants).where(grants.c.id == state.id).values(values))


async def record_error(tx: Transaction, state: GrantState, message: str) -> bool:
    """Keep why the last try failed; return whether that is news."""
    return (
        await tx.changed(
            update(grants)
            .where(grants.c.id == state.id, grants.c.last_error.is_distinct_from(message))
            .values(last_error=message)
        )
        == 1
    )


_NO_LEASE = {"lease_id": None, "lease_until": None}


def _as_read_and_free(state: GrantState, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        grants.c.id == state.id,
        grants.c.version == state.version,
        grants.c.existed_before.is_not_distinct_from(state.existed_before),
        or_(grants.c.lease_id.is_(None), grants.c.lease_until <= now),
    )


def _last_reason() -> ScalarSelect[str]:
    is_open = case((grant_reasons.c.ended_at.is_(None), 0), else_=1)
    return (
        select(grant_reasons.c.assignment_id)
        .where(grant_reasons.c.grant_id == grants.c.id)
        .order_by(is_open, grant_reasons.c.ended_at.desc(), grant_reasons.c.added_at.desc())
        .limit(1)
        .correlate(grants)
        .scalar_subquery()
    )


# Built once: building one costs more than running it.
_ONE = _states().where(grants.c.id == bindparam("grant_id"))
_OF_ASSIGNMENTS = grant_reasons.c.assignment_id.in_(bindparam("assignment_ids", expanding=True))
_HELD = {
    dialect: _states()
    .where(grants.c.id.in_(select(grant_reasons.c.grant_id).where(_OF_ASSIGNMENTS)))
    .order_by(*in_locking_order(dialect))
    .with_for_update(of=grants, key_share=True)
    for dialect in ("sqlite", "postgresql")
}
_SYSTEMS = (
    select(grant_reasons.c.assignment_id, resource_roles.c.origin_system)
    .join(grants, grants.c.id == grant_reasons.c.grant_id)
    .join(resource_roles, resource_roles.c.id == grants.c.role_id)
    .where(_OF_ASSIGNMENTS)
    .distinct()
)
_SETTLE = (
    update(grants)
    .where(
        grants.c.id == bindparam("grant_id"),
        grants.c.version == bindparam("was_version"),
        grants.c.existed_before.is_not_distinct_from(bindparam("was_existing", type_=Boolean())),
        or_(grants.c.lease_id.is_(None), grants.c.lease_until <= bindparam("now", type_=Instant())),
    )
    .values(
        existed_before=bindparam("existed_before"),
        applied_version=bindparam("applied_version"),
        account_id=None,
        last_error=None,
        drifted_at=None,
        **_NO_LEASE,
    )
)
