"""`python -m bench.holders`: how long it takes to bring a change of a package to everybody who holds it.

Services and database alone, without Temporal: what is owed to the holders'
workflows is thrown away as if it had been sent. `--holders` says how many,
`--postgres` where.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import delete, text

from grantline.persistence import schema
from grantline.persistence.database import Database
from grantline.persistence.tables import outbox
from grantline.services.assignments import package_changes
from tests.cast import enter
from tests.packages import PAYROLL
from tests.postgres import Postgres, url_of
from tests.services.changing import add, change_ids, furnish_open
from tests.services.crowding import enter_holders

ENDS = 20
"""Pages at either end that are compared: the last ones cost what the first do, or something is read whole."""


def main() -> None:
    """Measure, and print a line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--holders", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grantline-holders-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if not options.postgres:
            print(asyncio.run(_measured(f"sqlite+aiosqlite:///{folder / 'grantline.db'}", options.holders)))
            return
        postgres = Postgres(folder, folder)
        data = postgres.folder()
        with postgres.run(data):
            print(asyncio.run(_measured(url_of(data), options.holders)))


async def _measured(url: str, holders: int) -> str:
    database = Database.connect(url)
    await schema.migrate(database)
    async with database.write() as tx:
        await enter(tx)
    await furnish_open(database, PAYROLL.read)
    await enter_holders(database, holders)
    async with database.write() as tx:
        # A database that has lived for a while knows its tables.
        await tx.execute(text("ANALYZE"))
    before = _memory()
    began = time.monotonic()
    await add(database, PAYROLL.write)
    announced = time.monotonic() - began
    (change_id,) = await change_ids(database)
    pages: list[float] = []
    worked = time.process_time()
    step = None
    while step is None or not step.is_done:
        page = time.monotonic()
        step = await package_changes.advance(database, change_id)
        pages.append(time.monotonic() - page)
        async with database.write() as tx:
            await tx.changed(delete(outbox))
    took, worked = sum(pages), time.process_time() - worked
    assert step.changed == holders
    grown = _memory() - before
    await database.close()
    where = url.partition("+")[0]
    first, last = median(pages[:ENDS]) * 1000, median(pages[-ENDS:]) * 1000
    return (
        f"{holders:,} holders on {where}: announced in {announced * 1000:.0f} ms, walked in {took:.0f} s "
        f"({holders / took:.0f} a second, {worked / holders * 1000:.1f} ms of this process each); "
        f"a page takes {first:.0f} ms at the beginning and {last:.0f} ms at the end; "
        f"{grown:.0f} MB more memory at the most"
    )


def _memory() -> float:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
