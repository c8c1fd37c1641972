"""A page of the audit trail costs what is on it: an index gives it in order, and names cost a few queries in all."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from grantline.model.event import AuditEvent, EventType
from grantline.persistence import audit_lists
from grantline.persistence.audit_lists import Trail
from grantline.persistence.database import Database
from grantline.persistence.listing import ListQuery
from tests.cast import ADA, LEO, LONG_AGO, MIA, fixed_id
from tests.engines import statements

NARROWED: dict[str, Trail] = {
    "everything": Trail(),
    "a time": Trail(since=LONG_AGO, until=LONG_AGO + timedelta(days=9)),
    "an actor": Trail(actor_id=ADA.id, until=LONG_AGO + timedelta(days=9)),
    "Grantline itself": Trail(actor_id=""),
    "a kind of event": Trail(type="directory.changed"),
    "a kind of object": Trail(object_type="person"),
    "an object": Trail(object_type="person", object_id=LEO.id),
    "a request": Trail(request_id=fixed_id("request")),
    "an assignment": Trail(assignment_id=fixed_id("assignment")),
}


async def asked_for(database: Database, wanted: Trail, query: ListQuery) -> tuple[list[tuple[str, Any]], Any]:
    """Return what is asked of the database for a page, and the page."""
    with statements(database, beginning="SELECT") as asked:
        async with database.read() as tx:
            page = await audit_lists.page(tx, wanted, query)
    return asked, page


async def enter(database: Database, count: int) -> None:
    """Put events about people into the trail, one an hour."""
    async with database.write() as tx:
        for number in range(count):
            tx.audit(
                AuditEvent(
                    type=EventType.DIRECTORY_CHANGED,
                    at=LONG_AGO + timedelta(hours=number),
                    actor_id=(ADA, MIA)[number % 2].id,
                    object_type="person",
                    object_id=LEO.id,
                    request_id=fixed_id("request"),
                    assignment_id=fixed_id("assignment"),
                )
            )


@pytest.mark.parametrize("wanted", NARROWED.values(), ids=NARROWED)
async def test_an_index_gives_each_page_in_order(database: Database, wanted: Trail) -> None:
    await enter(database, 12)
    _, first = await asked_for(database, wanted, ListQuery(top=2))
    for query in (ListQuery(top=2), ListQuery(top=2, cursor=first.next_cursor)):
        (asked, parameters), *_ = (await asked_for(database, wanted, query))[0]
        plan = await planned(database, asked, parameters)
        assert "ix_audit_events_" in plan, plan
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan


async def planned(database: Database, statement: str, parameters: Any) -> str:
    """Return how the database would answer; PostgreSQL as it does once there is more than fits a few blocks."""
    async with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                await connection.execute(text(f"SET LOCAL {way} = off"))
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        else:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row) for row in rows)


async def test_names_cost_as_many_queries_for_one_event_as_for_all(database: Database) -> None:
    await enter(database, 12)
    few, _ = await asked_for(database, Trail(), ListQuery(top=1))
    many, page = await asked_for(database, Trail(), ListQuery(top=12))
    assert len(few) == len(many) <= 5
    assert {name for row in page.rows for name in row.names.values()} == {
        ADA.display_name,
        MIA.display_name,
        LEO.display_name,
    }
