"""A package that very many people hold, entered without asking for each: what a fan-out has to walk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, insert

from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, grant_reasons, grants, people, requests
from tests.packages import PAYROLL, UNCONDITIONAL
from tests.services.scene import PACKAGE, policy

AT_ONCE = 1_000
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def id_of(kind: int, number: int) -> str:
    """Return an id; those of one kind are not in the order of their numbers, as ids never are."""
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8{kind:03x}-{number:012x}"


async def enter_holders(db: Database, count: int) -> None:
    """Give that many new people the package Payroll, which is there, with the role of a reader, all delivered."""
    for begin in range(0, count, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, count))
        async with db.write() as tx:
            for table, rows in _rows(numbers):
                await tx.execute(insert(table), rows)


def _rows(numbers: range) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    made = {"created_at": LONG_AGO}
    what = {"package_id": PACKAGE.id, "catalog_id": PACKAGE.catalog_id, "policy_id": policy().id}
    about = [{"target_id": id_of(1, n), **what, **made} for n in numbers]
    delivered = {"state": "delivered", "status": "Delivered"}
    yield people, [_person(n) | made | {"modified_at": LONG_AGO} for n in numbers]
    asked = {"type": "adminAdd", "schedule": {}, "plan": UNCONDITIONAL, **delivered}
    yield (
        requests,
        [
            {"id": id_of(2, n), "requestor_id": id_of(1, n), **asked, **one}
            for n, one in zip(numbers, about, strict=True)
        ],
    )
    yield (
        assignments,
        [
            {"id": id_of(3, n), "request_id": id_of(2, n), "delivered_at": LONG_AGO, **delivered, **one}
            for n, one in zip(numbers, about, strict=True)
        ],
    )
    given = {"is_wanted": True, "version": 1, "applied_version": 1, "existed_before": False, "changed_at": LONG_AGO}
    yield grants, [{"id": id_of(4, n), "person_id": id_of(1, n), "role_id": PAYROLL.read, **given} for n in numbers]
    yield (
        grant_reasons,
        [{"grant_id": id_of(4, n), "assignment_id": id_of(3, n), "added_at": LONG_AGO} for n in numbers],
    )


def _person(number: int) -> dict[str, Any]:
    name = f"holder{number}@crowd.test"
    return {
        "id": id_of(1, number),
        "user_principal_name": name,
        "user_key": name,
        "display_name": f"Holder {number}",
        "account_enabled": True,
    }
