"""People from a CSV file, all or nothing.

    read every line ─► match with the people on record ─► judge the directory
    as it would be ─► one transaction, one audit event

A line is the person with its employeeId, or else a person on record who has
its userName and no employeeId. A userName that belongs to another employeeId
is refused: whoever inherits a name must not inherit its access. People who are
not in the file stay as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grantline.ambient import new_id, utc_now
from grantline.model.event import AuditEvent, EventType
from grantline.persistence import people_bulk
from grantline.persistence.database import Database, Transaction
from grantline.services.directory import people_file
from grantline.services.directory.people_file import Fault, PersonLine

CHUNK = 1000

OnProgress = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, and of how many (None: not known)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or every reason why it did nothing."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Draft:
    """The directory as it would be: rows by id, and which line of the file each of them comes from."""

    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, PersonLine] = field(default_factory=dict)

    def row(self, person_id: str) -> dict[str, Any]:
        """Return a person as they would be."""
        return self.after.get(person_id) or self.before[person_id]

    def everybody(self) -> Iterator[dict[str, Any]]:
        """Go through all people as they would be, those of the file first, in its order."""
        yield from self.after.values()
        yield from (row for person_id, row in self.before.items() if person_id not in self.after)


async def import_people(
    db: Database,
    source: Iterable[bytes],
    *,
    name: str = "",
    id_for: Callable[[PersonLine], str] = lambda _: new_id(),
    on_progress: OnProgress = lambda *_: None,
) -> ImportReport:
    """Bring the people of a file on record; with any fault, nothing changes and all faults are reported.

    `name` is the file's, for the audit trail. `id_for` gives a new person's id.
    """
    lines, faults = _read(source, on_progress)
    async with db.write() as tx:
        await people_bulk.hold_still(tx)
        on_progress("checking", 0, None)
        draft = _drafted(lines, await people_bulk.everybody(tx), id_for)
        faults += [*_twins(lines), *_taken_names(draft), *_set_managers(draft, {fault.user_key for fault in faults})]
        faults += _cycles(draft)
        if faults:
            return ImportReport(faults=tuple(sorted(faults, key=lambda fault: fault.line)))
        return await _write(tx, draft, name, on_progress)


def _read(source: Iterable[bytes], on_progress: OnProgress) -> tuple[list[PersonLine], list[Fault]]:
    lines: list[PersonLine] = []
    faults: list[Fault] = []
    for item in people_file.read(source):
        if isinstance(item, Fault):
            faults.append(item)
        else:
            lines.append(item)
            if len(lines) % CHUNK == 0:
                on_progress("reading", len(lines), None)
    return lines, faults


def _drafted(lines: list[PersonLine], on_record: Iterable[Any], id_for: Callable[[PersonLine], str]) -> _Draft:
    """Match each line with a person on record, or with a new one. Managers come later."""
    before = {row.id: dict(row._mapping) for row in on_record}
    draft = _Draft(before)
    by_employee = {row["employee_id"]: person_id for person_id, row in before.items() if row["employee_id"]}
    nameless = {row["user_key"]: person_id for person_id, row in before.items() if not row["employee_id"]}
    for line in lines:
        person_id = by_employee.get(line.employee_id) or nameless.get(line.user_key) or id_for(line)
        if person_id in draft.lines:  # a twin in the file, reported as such
            continue
        draft.lines[person_id] = line
        draft.after[person_id] = {
            "id": person_id,
            "user_principal_name": line.user_name,
            "user_key": line.user_key,
            "display_name": line.display_name,
            "mail": line.mail,
            "mail_key": line.mail_key,
            "job_title": line.job_title,
            "department": line.department,
            "employee_id": line.employee_id,
            "account_enabled": line.active,
            "manager_id": None,
            "hire_date": line.hire_date,
        }
    return draft


def _twins(lines: list[PersonLine]) -> Iterator[Fault]:
    """Find lines that share what only one person may have."""
    for label, key in _UNIQUE.items():
        first: dict[str, int] = {}
        for line in lines:
            value = getattr(line, key)
            if value and first.setdefault(value, line.line) != line.line:
                yield Fault(line.line, f"{label} {value!r} is also on line {first[value]}")


_UNIQUE: Mapping[str, str] = {"employeeId": "employee_id", "userName": "user_key", "mail": "mail_key"}


def _taken_names(draft: _Draft) -> Iterator[Fault]:
    """Find names in the file that belong to somebody on record who keeps them."""
    kept = [row for person_id, row in draft.before.items() if person_id not in draft.after]
    for label, key in _UNIQUE.items():
        owners = {row[key]: row for row in kept if row[key]}
        for person_id, line in draft.lines.items():
            owner = owners.get(draft.after[person_id][key])
            if owner:
                yield Fault(line.line, f"{label} {draft.after[person_id][key]!r} belongs to {_named(owner)}, on record")


def _set_managers(draft: _Draft, faulty: set[str]) -> Iterator[Fault]:
    """Put managers' ids where the lines have names; a name nobody will have is a fault.

    Names on `faulty` lines count as known: their own fault is reported already.
    """
    ids = {row["user_key"]: row["id"] for row in draft.everybody()}
    for person_id, line in draft.lines.items():
        if line.manager_key is None:
            continue
        draft.after[person_id]["manager_id"] = ids.get(line.manager_key)
        if line.manager_key not in ids and line.manager_key not in faulty:
            yield Fault(line.line, f"managerUserName {line.manager_user_name!r} is neither in the file nor on record")


def _cycles(draft: _Draft) -> Iterator[Fault]:
    """Find people who would be above themselves, once per cycle, on its first line.

    A cycle on record that no line touches is not this file's fault.
    """
    settled: set[str] = set()
    for start in draft.after:
        path: dict[str, None] = {}
        person_id: str | None = start
        while person_id is not None and person_id not in settled and person_id not in path:
            path[person_id] = None
            person_id = draft.row(person_id)["manager_id"]
        if person_id in path:
            members = list(path)[list(path).index(person_id) :]
            if any(member in draft.lines for member in members):
                yield _cycle_fault(draft, members)
        settled.update(path)


def _cycle_fault(draft: _Draft, members: list[str]) -> Fault:
    first = min((member for member in members if member in draft.lines), key=lambda m: draft.lines[m].line)
    turn = members.index(first)
    around = [draft.row(member)["user_principal_name"] for member in members[turn:] + members[: turn + 1]]
    line = draft.lines[first].line
    if len(members) == 1:
        return Fault(line, f"{around[0]} is their own manager")
    return Fault(line, f"cycle of managers: {' → '.join(around)}")


async def _write(tx: Transaction, draft: _Draft, name: str, on_progress: OnProgress) -> ImportReport:
    at = utc_now()
    changed = [row for person_id, row in draft.after.items() if _differs(draft.before.get(person_id), row)]
    created = _managers_first(draft, [row for person_id, row in draft.after.items() if person_id not in draft.before])
    await people_bulk.free_keys(tx, [row["id"] for row in changed if _moves_key(draft.before[row["id"]], row)])
    total, done = len(created) + len(changed), 0
    for rows, put in ((created, people_bulk.add), (changed, people_bulk.change)):
        for begin in range(0, len(rows), CHUNK):
            on_progress("writing", done, total)
            chunk = rows[begin : begin + CHUNK]
            await put(tx, chunk, at)
            done += len(chunk)
    on_progress("writing", done, total)
    report = ImportReport(
        created=len(created), changed=len(changed), unchanged=len(draft.after) - len(created) - len(changed)
    )
    if total:
        tx.audit(_event(draft, report, changed, name, at))
    return report


def _event(draft: _Draft, report: ImportReport, changed: list[dict[str, Any]], name: str, at: datetime) -> AuditEvent:
    def moved(key: str) -> int:
        return sum(draft.before[row["id"]][key] != row[key] for row in changed)

    return AuditEvent(
        type=EventType.DIRECTORY_CHANGED,
        at=at,
        actor_id=None,
        object_type="directory",
        object_id="people",
        details={
            "source": name,
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "managersChanged": moved("manager_id"),
            "accountsSwitched": moved("account_enabled"),
        },
    )


def _differs(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    return before is not None and any(before[name] != after[name] for name in people_bulk.CHANGEABLE)


def _moves_key(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return (before["user_key"], before["employee_id"]) != (after["user_key"], after["employee_id"])


def _managers_first(draft: _Draft, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order new people so that each comes after their manager; cycles were refused before."""
    depths: dict[str, int] = dict.fromkeys(draft.before, 0)

    def depth(person_id: str) -> int:
        line: list[str] = []
        above: str | None = person_id
        while above is not None and above not in depths:
            line.append(above)
            above = draft.after[above]["manager_id"]
        base = depths[above] if above is not None else 0
        for steps, member in enumerate(reversed(line), start=1):
            depths[member] = base + steps
        return depths[person_id]

    return sorted(rows, key=lambda row: depth(row["id"]))


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['display_name']} ({row['user_principal_name']}, employeeId {row['employee_id'] or 'none'})"
