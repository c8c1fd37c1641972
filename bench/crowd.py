"""A large organisation in PostgreSQL, written by COPY: people, packages, and years of requests and assignments.

At every size a person has as much of their own: a manager has eight reports,
somebody got ten requests and holds two packages, an approver has twenty requests
to decide. What grows is everybody else's, which is what lists must not notice.
"""

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.loading import bare
from grantline.ambient import utc_now
from grantline.model.plan import Plan
from grantline.model.policy import (
    ApprovalSettings,
    ApproverIsRequestor,
    Expiration,
    Policy,
    RequestorSettings,
    StageSettings,
    TargetScope,
)
from grantline.model.request import Schedule
from grantline.model.subjects import SingleUser, TargetManager
from grantline.persistence import policies
from grantline.persistence.codec import to_json
from grantline.persistence.database import Database
from grantline.rules.planning import plan_for

FIRST = ("Ann", "Ben", "Cleo", "Dirk", "Ella", "Finn", "Gita", "Hugo", "Ines", "Jan", "Kira", "Lars", "Mona", "Nils")
LAST = ("Abel", "Berg", "Cole", "Dorn", "Egger", "Frey", "Gross", "Hahn", "Ivers", "Jung", "Koch", "Lang", "Moser")
WORDS = ("Payroll", "Ledger", "Storefront", "Warehouse", "Support", "Travel", "Research", "Fleet", "Claims", "Design")
LEVELS = ("readers", "editors", "reviewers", "operators", "owners")

REPORTS_EACH = 8
SOME_YEARS = timedelta(days=1000)
NOW = utc_now()
LONG_AGO = NOW - SOME_YEARS


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of each there are."""

    people: int
    packages: int
    assignments: int
    requests: int

    @property
    def approvers(self) -> int:
        """Return how many of the people approve: each hundredth."""
        return max(self.people // 100, 1)

    def percent(self, part: int) -> "Size":
        """Return so many hundredths of it."""
        of = [count * part // 100 for count in (self.people, self.packages, self.assignments, self.requests)]
        return Size(people=of[0], packages=of[1], assignments=of[2], requests=of[3])


FULL = Size(people=100_000, packages=5_000, assignments=300_000, requests=1_000_000)


def person_id(number: int) -> str:
    """Return the id of the person with this number; 0 is at the top."""
    return _id(1, number)


def user_name(number: int) -> str:
    """Return the sign-in name of the person with this number."""
    return f"p{number}@crowd.test"


async def fill(database: Database, size: Size) -> None:
    """Write a crowd into a migrated database that is empty."""
    chance = random.Random(size.people)  # noqa: S311  (the same crowd every time)
    await _copy(database, "people", _people(size))
    await _copy(database, "groups", _groups(size))
    await _copy(database, "catalogs", _catalogs(size))
    await _copy(database, "resources", _resources(size))
    await _copy(database, "resource_roles", _roles(size))
    await _copy(database, "packages", _packages(size))
    await _copy(database, "package_roles", _package_roles(size))
    made = [_policy(number, size) for number in range(size.packages)]
    async with database.write() as tx:
        for policy in made:
            await policies.insert_policy(tx, policy)
    history = _History(size, chance, [plan_for(policy, Schedule(), NOW) for policy in made])
    rows = {
        "requests": history.requests,
        "stages": history.stages,
        "stage_approvers": history.approvers,
        "assignments": history.assignments,
        "grants": history.grants,
        "grant_reasons": history.reasons,
    }
    async with bare(database, *rows):
        for table, written in rows.items():
            await _copy(database, table, written())


def _id(kind: int, number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8{kind:03x}-{number:012x}"


async def _copy(database: Database, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows by COPY; the first says which columns there are."""
    stream = iter(rows)
    first = next(stream)
    records = itertools.chain([tuple(first.values())], (tuple(row.values()) for row in stream))
    async with database.engine.begin() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.copy_records_to_table(table, records=records, columns=list(first))


def _people(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.people):
        yield {
            "id": person_id(number),
            "user_principal_name": user_name(number),
            "user_key": user_name(number),
            "display_name": f"{FIRST[number % len(FIRST)]} {LAST[number // 14 % len(LAST)]} {number}",
            "mail": user_name(number),
            "mail_key": user_name(number),
            "department": WORDS[number % len(WORDS)],
            "employee_id": f"E{number}",
            "account_enabled": True,
            "manager_id": person_id(manager_of(number)) if number else None,
            "created_at": LONG_AGO,
            "modified_at": LONG_AGO,
        }


def manager_of(number: int) -> int:
    """Return who manages somebody other than the top."""
    return (number - 1) // REPORTS_EACH


def _groups(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages):
        yield {"id": _id(2, number), "display_name": _name(number), "description": "", "created_at": LONG_AGO}


def _name(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]} {LEVELS[number // 10 % len(LEVELS)]} {number}"


_STAMPS = {"created_at": LONG_AGO, "modified_at": LONG_AGO}


def _catalogs(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages // 25):
        about = {"description": "", "state": "published", "is_externally_visible": False}
        yield {"id": _id(3, number), "display_name": f"Catalog {number}", **about, **_STAMPS}


def _resources(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages):
        yield {
            "id": _id(4, number),
            "catalog_id": _id(3, number // 25),
            "origin_system": "AadGroup",
            "origin_id": _id(2, number),
            "display_name": _name(number),
            "description": "",
            "root_scope_id": _id(5, number),
            **_STAMPS,
        }


def _roles(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages):
        yield {
            "id": _id(6, number),
            "resource_id": _id(4, number),
            "origin_system": "AadGroup",
            "origin_id": f"Member_{_id(2, number)}",
            "display_name": "Member",
            "description": "",
        }


def _packages(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages):
        about = {"display_name": _name(number), "description": f"What {_name(number)} do", "is_hidden": False}
        yield {"id": _id(7, number), "catalog_id": _id(3, number // 25), **about, **_STAMPS}


def _package_roles(size: Size) -> Iterator[dict[str, Any]]:
    for number in range(size.packages):
        yield {"package_id": _id(7, number), "role_id": _id(6, number), "created_at": LONG_AGO}


def _policy(number: int, size: Size) -> Policy:
    approver = SingleUser(user_id=person_id(number % size.approvers))
    return Policy(
        id=_id(8, number),
        package_id=_id(7, number),
        display_name="Staff",
        target_scope=TargetScope.ALL_MEMBERS,
        requestor_settings=RequestorSettings(
            self_add=True,
            self_remove=True,
            on_behalf_add=True,
            on_behalf_remove=True,
            on_behalf_requestors=(TargetManager(manager_level=1),),
        ),
        approval_settings=ApprovalSettings(
            is_required_for_add=True,
            stages=(StageSettings(deadline=timedelta(days=14), primary_approvers=(approver,)),),
            approver_is_requestor=ApproverIsRequestor.NEXT_MANAGER,
        ),
        expiration=Expiration(),
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )


@dataclass(frozen=True)
class _Asked:
    """One request of the past, and what came of it."""

    number: int
    target: int
    package: int
    state: str
    created_at: datetime
    is_held: bool | None
    """Whether its assignment lives still; None: it has none."""


class _History:
    """Requests in the order they were made; the newest are the ones that are open."""

    def __init__(self, size: Size, chance: random.Random, plans: list[Plan]) -> None:
        self._size = size
        self._plans = [json.dumps(to_json(Plan, plan)) for plan in plans]
        self._schedule = json.dumps(to_json(Schedule, Schedule()))
        self._asked = list(self._throw(chance))

    def _throw(self, chance: random.Random) -> Iterator[_Asked]:
        size = self._size
        pending, granted = size.approvers * 20, size.assignments
        taken: set[tuple[int, int]] = set()
        step = SOME_YEARS / size.requests
        for number in range(size.requests):
            pair = self._pair(number, chance)
            is_pending, is_granted = number >= size.requests - pending, number % 10 < 10 * granted / size.requests
            while (is_pending or is_granted) and pair in taken:
                pair = (pair[0], chance.randrange(size.packages))
            is_held = None
            if is_pending:
                state = "pendingApproval"
            elif is_granted:
                state, is_held = "delivered", number % 3 > 0
            else:
                state = ("denied", "canceled", "expired")[number % 3]
            if is_pending or is_held:
                taken.add(pair)
            yield _Asked(number, *pair, state, LONG_AGO + number * step, is_held)

    def _pair(self, number: int, chance: random.Random) -> tuple[int, int]:
        return number % (self._size.people - 1) + 1, chance.randrange(self._size.packages)

    def requests(self) -> Iterator[dict[str, Any]]:
        for asked in self._asked:
            yield {
                "id": _id(9, asked.number),
                "type": "userAdd",
                "state": asked.state,
                "status": asked.state.capitalize(),
                "requestor_id": person_id(manager_of(asked.target)),
                "target_id": person_id(asked.target),
                "package_id": _id(7, asked.package),
                "catalog_id": _id(3, asked.package // 25),
                "policy_id": _id(8, asked.package),
                "assignment_id": None if asked.is_held is None else _id(11, asked.number),
                "justification": "Needed for the job",
                "schedule": self._schedule,
                "plan": self._plans[asked.package],
                "created_at": asked.created_at,
                "completed_at": None if asked.state == "pendingApproval" else asked.created_at + timedelta(days=1),
            }

    def stages(self) -> Iterator[dict[str, Any]]:
        states = {"pendingApproval": "open", "delivered": "approved", "denied": "denied", "expired": "expired"}
        verdicts = {"delivered": "approve", "denied": "deny"}
        for asked in self._asked:
            verdict = verdicts.get(asked.state)
            yield {
                "id": _id(10, asked.number),
                "request_id": _id(9, asked.number),
                "number": 1,
                "state": states.get(asked.state, "closed"),
                "opened_at": asked.created_at,
                "deadline_at": (NOW if asked.state == "pendingApproval" else asked.created_at) + timedelta(days=14),
                "is_approver_justification_required": False,
                "approver_visibility": "default",
                "decided_by_id": person_id(self._approver(asked)) if verdict else None,
                "decided_at": asked.created_at + timedelta(days=1) if verdict else None,
                "verdict": verdict,
            }

    def _approver(self, asked: _Asked) -> int:
        return asked.package % self._size.approvers

    def approvers(self) -> Iterator[dict[str, Any]]:
        for asked in self._asked:
            yield {
                "stage_id": _id(10, asked.number),
                "person_id": person_id(self._approver(asked)),
                "request_id": _id(9, asked.number),
                "source": "primary",
                "is_open": asked.state == "pendingApproval",
                "opened_at": asked.created_at,
            }

    def _granted(self) -> Iterator[_Asked]:
        return (asked for asked in self._asked if asked.is_held is not None)

    def assignments(self) -> Iterator[dict[str, Any]]:
        for asked in self._granted():
            ended_at = None if asked.is_held else asked.created_at + timedelta(days=90)
            yield {
                "id": _id(11, asked.number),
                "request_id": _id(9, asked.number),
                "target_id": person_id(asked.target),
                "package_id": _id(7, asked.package),
                "catalog_id": _id(3, asked.package // 25),
                "policy_id": _id(8, asked.package),
                "state": "delivered" if asked.is_held else "expired",
                "status": "Delivered" if asked.is_held else "Expired",
                "starts_at": asked.created_at,
                "ends_at": NOW + timedelta(days=asked.number % 400 + 1) if asked.is_held else ended_at,
                "delivered_at": asked.created_at,
                "ended_at": ended_at,
                "end_cause": None if asked.is_held else "expired",
                "created_at": asked.created_at,
            }

    def grants(self) -> Iterator[dict[str, Any]]:
        for asked in self._granted():
            if asked.is_held:
                yield {
                    "id": _id(12, asked.number),
                    "person_id": person_id(asked.target),
                    "role_id": _id(6, asked.package),
                    "is_wanted": True,
                    "version": 1,
                    "applied_version": 1,
                    "existed_before": False,
                    "changed_at": asked.created_at,
                }

    def reasons(self) -> Iterator[dict[str, Any]]:
        for asked in self._granted():
            if asked.is_held:
                about = {"grant_id": _id(12, asked.number), "assignment_id": _id(11, asked.number)}
                yield {**about, "added_at": asked.created_at}
