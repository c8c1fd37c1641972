"""`make bench-data`: the lists that people open all day, in a large organisation and in one a hundred times smaller.

`python -m bench.lists --keep FOLDER` keeps the large database for a look, and finds it there the next time.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bench import crowd, readme
from bench.crowd import Size
from bench.load import BASE
from grantline.ambient import new_id
from grantline.issuer import DevelopmentIssuer
from grantline.model.person import Person
from grantline.persistence import schema
from grantline.persistence.database import Database
from tests.postgres import Postgres, url_of
from tests.stack import Stack

Figure = tuple[float, float]
Figures = dict[str, Figure]

TIMES = 200
WARM = 20

APPROVER, MANAGER, EMPLOYEE = 5, 20, 777
IN_A_YEAR = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")
END = "schedule/expiration/endDateTime"
NAMED_LED = "contains(accessPackage/displayName,'Led') or contains(assignment/target/displayName,'Led')"
LISTS = (
    (
        "pending approvals",
        APPROVER,
        f"{BASE}/accessPackageAssignmentApprovals/filterByCurrentUser(on='approver')?$expand=stages",
    ),
    (
        "my requests",
        EMPLOYEE,
        f"{BASE}/assignmentRequests/filterByCurrentUser(on='target')?$expand=accessPackage,requestor",
    ),
    (
        "my team's access",
        MANAGER,
        f"{BASE}/assignments/filterByCurrentUser(on='targetManager')?$expand=target,accessPackage",
    ),
    (
        "package search",
        EMPLOYEE,
        f"{BASE}/accessPackages/filterByCurrentUser(on='allowedRequestor')?$filter=startswith(displayName,'Led')&$top=20",
    ),
    (
        "search of my history",
        MANAGER,
        f"{BASE}/assignmentRequests/filterByCurrentUser(on='targetOrRequestor')?$expand=accessPackage&$filter={NAMED_LED}",
    ),
    (
        "what ends in my team",
        MANAGER,
        f"{BASE}/assignments/filterByCurrentUser(on='targetManager')?$orderby={END}&$filter={END} lt {IN_A_YEAR}",
    ),
    ("my reports in numbers", MANAGER, "/api/reports/standings"),
    ("packages for a report", MANAGER, f"/api/packages?for={crowd.person_id(MANAGER * 8 + 3)}&limit=20"),
)


def main() -> None:
    """Measure, and print a table; `--write` puts it into README.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for the databases, kept")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--percent", type=int, choices=range(2, 101), default=100, metavar="2..100", help="of the size")
    options = parser.parse_args()
    with _folder(options.keep) as root:
        table = _compare(root, options.percent)
    print(table)
    if options.write:
        readme.put("lists", table)
    # The SDK's threads abort an interpreter that ends at once (sdk-python #300).
    time.sleep(0.3)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="grantline-crowd-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _compare(root: Path, percent: int) -> str:
    size, least = crowd.FULL.percent(percent), crowd.FULL.percent(1)
    folders = (root / "one-percent", root / ("full" if size == crowd.FULL else f"{percent}-percent"))
    for folder, which in zip(folders, (least, size), strict=True):
        _make_sure_of(folder, which)
    small, large = _measured(*folders)
    lines = [
        f"{size.people:,} people, {size.packages:,} packages, {size.assignments:,} assignments and {size.requests:,}",
        f"requests in PostgreSQL, against a hundredth of them in another; {TIMES} calls to each list, turn by turn.",
        "",
        "| list | p50 | p95 | p95 at 1 % | ratio |",
        "|---|---|---|---|---|",
    ]
    for name, *_ in LISTS:
        (p50, p95), (_, little) = large[name], small[name]
        lines.append(f"| {name} | {p50:.1f} ms | {p95:.1f} ms | {little:.1f} ms | {p95 / little:.2f} |")
    return "\n".join(lines)


def _make_sure_of(folder: Path, size: Size) -> None:
    """Make the database, unless the folder has one."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    data = folder / "data"
    if data.exists():
        return
    with Postgres(folder, folder).run(data):
        began = time.monotonic()
        asyncio.run(_make(url_of(data), size))
        print(f"made {size.requests:,} requests in {time.monotonic() - began:.0f} s", file=sys.stderr)
    # What is still being written would be timed with the first lists.
    os.sync()


def _measured(*folders: Path) -> list[Figures]:
    """Return p50 and p95 in milliseconds of each list, for each database."""
    with contextlib.ExitStack() as running:
        for folder in folders:
            running.enter_context(Postgres(folder, folder).run(folder / "data"))
        return asyncio.run(_look(folders))


async def _make(url: str, size: Size) -> None:
    database = Database.connect(url)
    await schema.migrate(database)
    await crowd.fill(database, size)
    await database.close()


async def _look(folders: Sequence[Path]) -> list[Figures]:
    figures: list[Figures] = [{} for _ in folders]
    async with contextlib.AsyncExitStack() as running:
        session = await running.enter_async_context(aiohttp.ClientSession())
        places: list[tuple[Stack, DevelopmentIssuer]] = []
        for folder in folders:
            home = folder / new_id()
            stack = await running.enter_async_context(_api(url_of(folder / "data"), home))
            places.append((stack, DevelopmentIssuer(home)))
        for name, who, path in LISTS:
            calls = [(stack.url + path, _header(issuer, who)) for stack, issuer in places]
            for found, figure in zip(figures, await _time(session, calls), strict=True):
                found[name] = figure
    return figures


@contextlib.asynccontextmanager
async def _api(url: str, home: Path) -> AsyncIterator[Stack]:
    stack = Stack(home, url)
    DevelopmentIssuer(home)
    try:
        await stack.start("api")
        yield stack
    finally:
        stack.stop()


def _header(issuer: DevelopmentIssuer, number: int) -> dict[str, str]:
    name = crowd.user_name(number)
    person = Person(id=crowd.person_id(number), user_principal_name=name, display_name=name)
    return {"Authorization": f"Bearer {issuer.token(person)}"}


async def _time(session: aiohttp.ClientSession, calls: Sequence[tuple[str, dict[str, str]]]) -> list[Figure]:
    """Make the calls in turn, so that whatever the machine does besides falls on each alike."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(WARM + TIMES):
        for taken, (url, header) in zip(seconds, calls, strict=True):
            began = time.perf_counter()
            async with session.get(url, headers=header) as answer:
                body: dict[str, Any] = await answer.json()
            taken.append(time.perf_counter() - began)
            if answer.status != 200 or not (body.get("value") or body.get("items")):
                raise RuntimeError(f"{url}: {answer.status} {body}")
    return [_figure(taken[WARM:]) for taken in seconds]


def _figure(seconds: list[float]) -> Figure:
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[len(ordered) * 95 // 100] * 1000


if __name__ == "__main__":
    main()
