"""Changes of the directory that open stages have to follow, and which stages each of them can touch.

Rows come from triggers. A row is looked at as soon as may be and once more a
few seconds later: a stage that was just opening in a transaction of its own
had read the directory as it was, and could not be seen by the first look.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, insert, or_, select, text, union, update

from grantline.model.directory_change import ChangeKind, DirectoryChange
from grantline.model.request import RequestState
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import directory_changes, policy_approvers
from grantline.persistence.tables import group_members, groups, people, person_sponsors, requests, stage_approvers

SOME = 500
"""Rows read at once; many say the same."""

MANAGER, SPONSORS, GROUP, PERSON = "requestorManager", "targetUserSponsors", "groupMembers", "singleUser"
OWNERS = "resourceOwners"

Subjects = Sequence[str] | Select[tuple[str]]

PENDING = text(f"requests.state = '{RequestState.PENDING_APPROVAL.value}'")
"""In the words of the partial index."""

_IS_ANY_NEW = select(exists().where(text("directory_changes.looked_at IS NULL")).select_from(directory_changes))


async def waiting(tx: Transaction, looked_before: datetime) -> dict[DirectoryChange, tuple[int, ...]]:
    """Return changes to be looked at, with their rows: new ones, and those first looked at before this instant."""
    is_due = or_(directory_changes.c.looked_at.is_(None), directory_changes.c.looked_at <= looked_before)
    statement = select(directory_changes).where(is_due).order_by(directory_changes.c.number).limit(SOME)
    found: dict[DirectoryChange, tuple[int, ...]] = {}
    for row in await tx.all(statement):
        change = DirectoryChange(kind=ChangeKind(row.kind), subject_id=row.subject_id)
        found[change] = (*found.get(change, ()), row.number)
    return found


async def is_any_new(tx: Transaction) -> bool:
    """Tell whether something has changed that no open stage followed yet."""
    return bool(await tx.scalar(_IS_ANY_NEW))


async def note(tx: Transaction, change: DirectoryChange) -> None:
    """Have open stages look at a change that no trigger noted."""
    await tx.execute(insert(directory_changes).values(kind=change.kind.value, subject_id=change.subject_id))


async def looked_at(tx: Transaction, numbers: Sequence[int], at: datetime) -> None:
    """Strike off what was looked at twice, and note the time of what was looked at first."""
    these = directory_changes.c.number.in_(numbers)
    await tx.changed(delete(directory_changes).where(these, directory_changes.c.looked_at.is_not(None)))
    await tx.changed(update(directory_changes).where(these).values(looked_at=at))


async def touched(tx: Transaction, change: DirectoryChange, after: str, limit: int) -> list[str]:
    """Return the ids of pending requests that the change can touch, in order, from `after` on."""
    found = union(*_touched(change)).subquery()
    statement = select(found.c.id).where(found.c.id > after).order_by(found.c.id).limit(limit)
    return [row.id for row in await tx.all(statement)]


async def subject_name(tx: Transaction, change: DirectoryChange) -> tuple[str, bool]:
    """Return what the changed person or group is called, and whether the account is enabled."""
    if change.kind in (ChangeKind.MEMBERS, ChangeKind.OWNERS):
        name = await tx.scalar(select(groups.c.display_name).where(groups.c.id == change.subject_id))
        return name or "a group that was deleted", True
    row = await tx.first(
        select(people.c.display_name, people.c.account_enabled).where(people.c.id == change.subject_id)
    )
    return (row.display_name, row.account_enabled) if row else ("somebody who was deleted", False)


def _touched(change: DirectoryChange) -> list[Select[tuple[str]]]:
    """Select pending requests by each way in which the change reaches them, every one along an index."""
    who = change.subject_id
    ways: dict[ChangeKind, Callable[[], list[Select[tuple[str]]]]] = {
        ChangeKind.SWITCHED: lambda: [_waiting_for(who), *_could_ask(who)],
        ChangeKind.MOVED: lambda: [_of_targets(MANAGER, _below(who))],
        ChangeKind.MEMBERS: lambda: [_naming(GROUP, [who])],
        ChangeKind.SPONSORS: lambda: [_of_targets(SPONSORS, [who])],
        ChangeKind.OWNERS: lambda: [_naming(OWNERS, [""])],
    }
    return ways[change.kind]()


def _waiting_for(person_id: str) -> Select[tuple[str]]:
    is_open = text("stage_approvers.is_open")
    return select(stage_approvers.c.request_id.label("id")).where(stage_approvers.c.person_id == person_id, is_open)


def _could_ask(person_id: str) -> list[Select[tuple[str]]]:
    """Select requests by whose plan the person may be an approver, once their account is enabled again."""
    their_groups = select(group_members.c.group_id).where(group_members.c.person_id == person_id)
    sponsored = select(person_sponsors.c.person_id).where(person_sponsors.c.sponsor_id == person_id)
    return [
        _naming(PERSON, [person_id]),
        _naming(GROUP, their_groups),
        _naming(OWNERS, [""]),
        _of_targets(MANAGER, _below(person_id)),
        _of_targets(SPONSORS, sponsored),
    ]


def _naming(kind: str, subjects: Subjects) -> Select[tuple[str]]:
    """Select pending requests under policies that name one of these as approver, or once did."""
    return select(requests.c.id).where(PENDING, requests.c.policy_id.in_(_policies(kind, subjects)))


def _of_targets(kind: str, targets: Subjects) -> Select[tuple[str]]:
    """Select pending requests of these targets, under policies that ask their managers or sponsors."""
    return select(requests.c.id).where(
        requests.c.target_id.in_(targets),
        # Said so that no index on the state looks better than the one on the target.
        func.coalesce(requests.c.state, "") == RequestState.PENDING_APPROVAL.value,
        requests.c.policy_id.in_(_policies(kind, [""])),
    )


def _policies(kind: str, subjects: Subjects) -> Select[tuple[str]]:
    return select(policy_approvers.c.policy_id).where(
        policy_approvers.c.kind == kind, policy_approvers.c.subject_id.in_(subjects)
    )


def _below(person_id: str) -> Select[tuple[str]]:
    """Select the ids of a person and of everybody below them; a circle ends where it closes."""
    below = select(people.c.id).where(people.c.id == person_id).cte("below", recursive=True)
    below = below.union(select(people.c.id).join(below, people.c.manager_id == below.c.id))
    return select(below.c.id)
