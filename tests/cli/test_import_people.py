"""`grantline import people`: all or nothing, and every fault by its line."""

from datetime import date

import pytest
from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, people
from grantline.services.directory.people_file import COLUMNS
from grantline.services.directory.people_import import ImportReport, import_people

HEADER = ",".join(COLUMNS)


def csv(*lines: str, header: str = HEADER) -> list[bytes]:
    return "\n".join([header, *lines]).encode().splitlines(keepends=True)


def line(name: str, manager: str = "", **changes: str) -> str:
    fields = {
        "employeeId": f"N-{name}",
        "userName": f"{name}@new.test",
        "displayName": name.capitalize(),
        "mail": f"{name}.mail@new.test",
        "jobTitle": "Tester",
        "department": "Trials",
        "managerUserName": manager and f"{manager}@new.test",
        "hireDate": "2026-03-01",
        "active": "true",
        **changes,
    }
    return ",".join(fields[column] for column in COLUMNS)


async def everybody(database: Database) -> dict[str, object]:
    async with database.read() as tx:
        return {row.user_key: tuple(row) for row in await tx.all(select(people))}


async def faults(database: Database, *lines: str, header: str = HEADER) -> list[str]:
    before = await everybody(database)
    report = await import_people(database, csv(*lines, header=header))
    assert await everybody(database) == before, "a refused file changed something"
    assert (report.created, report.changed, report.unchanged) == (0, 0, 0)
    return [str(fault) for fault in report.faults]


async def test_a_manager_may_come_later_in_the_file_or_be_on_record(database: Database) -> None:
    report = await import_people(
        database, csv(line("ann", "zoe"), line("zoe", managerUserName="MAX@grantline.test")), name="new.csv"
    )

    assert report == ImportReport(created=2)
    async with database.read() as tx:
        rows = {row.user_key: row for row in await tx.all(select(people))}
        trail = await tx.all(select(audit_events.c.type, audit_events.c.details))
    ann, zoe = rows["ann@new.test"], rows["zoe@new.test"]
    assert (ann.manager_id, zoe.manager_id) == (zoe.id, rows["max@grantline.test"].id)
    assert (ann.employee_id, ann.display_name, ann.mail_key, ann.job_title, ann.department, ann.hire_date) == (
        "N-ann",
        "Ann",
        "ann.mail@new.test",
        "Tester",
        "Trials",
        date(2026, 3, 1),
    )
    assert ann.account_enabled is True
    assert [tuple(event) for event in trail] == [
        (
            "directory.changed",
            {
                "source": "new.csv",
                "created": 2,
                "changed": 0,
                "unchanged": 0,
                "managersChanged": 0,
                "accountsSwitched": 0,
            },
        )
    ]


async def test_the_same_file_again_changes_nothing_and_leaves_no_event(database: Database) -> None:
    file = csv(line("ann", "zoe"), line("zoe"))
    await import_people(database, file)
    before = await everybody(database)

    assert await import_people(database, file) == ImportReport(unchanged=2)
    assert await everybody(database) == before
    async with database.read() as tx:
        assert len(await tx.all(select(audit_events))) == 1


async def test_people_are_known_by_employee_id_and_those_not_in_the_file_stay(database: Database) -> None:
    before = await everybody(database)

    report = await import_people(
        database,
        csv("E-leo,leo.park@grantline.test,Leo Park-Lind,,Analyst,Stories,max@grantline.test,,no"),
    )

    assert report == ImportReport(changed=1)
    after = await everybody(database)
    assert "leo@grantline.test" not in after
    assert {**after, "leo.park@grantline.test": None} == {
        **{name: row for name, row in before.items() if name != "leo@grantline.test"},
        "leo.park@grantline.test": None,
    }
    async with database.read() as tx:
        leo = await tx.first(select(people).where(people.c.employee_id == "E-leo"))
        event = await tx.scalar(select(audit_events.c.details))
    assert leo is not None
    assert (leo.mail, leo.account_enabled, leo.display_name) == (None, False, "Leo Park-Lind")
    assert (event["managersChanged"], event["accountsSwitched"]) == (1, 1)


async def test_somebody_without_employee_id_is_known_by_user_name(database: Database) -> None:
    async with database.write() as tx:
        await tx.changed(people.update().where(people.c.employee_id == "E-eve").values(employee_id=None))

    report = await import_people(database, csv("E-77,Eve@Grantline.test,Eve Wolf,,,,,,true"))

    assert report == ImportReport(changed=1)


async def test_two_people_may_swap_user_names(database: Database) -> None:
    await import_people(database, csv(line("ann"), line("zoe")))

    report = await import_people(
        database,
        csv(line("ann", userName="zoe@new.test", mail=""), line("zoe", userName="ann@new.test", mail="")),
    )

    assert report == ImportReport(changed=2)
    async with database.read() as tx:
        rows = await tx.all(select(people.c.employee_id, people.c.user_key).where(people.c.department == "Trials"))
    assert {tuple(row) for row in rows} == {("N-ann", "zoe@new.test"), ("N-zoe", "ann@new.test")}


async def test_who_inherits_a_user_name_does_not_inherit_its_person(database: Database) -> None:
    assert await faults(database, line("ann", userName="leo@grantline.test")) == [
        "line 2: userName 'leo@grantline.test' belongs to Leo Park (leo@grantline.test, employeeId E-leo), on record"
    ]


@pytest.mark.parametrize(
    ("story", "lines", "expected"),
    [
        ("empty name", [line("ann", displayName=" ")], ["line 2: displayName is empty"]),
        ("empty active", [line("ann", active="")], ["line 2: active is empty"]),
        (
            "bad date and bad boolean on one line",
            [line("ann", hireDate="1.3.2026", active="maybe")],
            [
                "line 2: hireDate '1.3.2026' should be a date such as 2026-03-01",
                "line 2: active 'maybe' should be true or false",
            ],
        ),
        (
            "a date that the calendar lacks",
            [line("ann", hireDate="2026-02-30")],
            ["line 2: hireDate '2026-02-30' should be a date such as 2026-03-01"],
        ),
        (
            "not an address",
            [line("ann", userName="ann")],
            ["line 2: userName 'ann' should look like name@example.com"],
        ),
        (
            "too long",
            [line("ann", displayName="x" * 257)],
            ["line 2: displayName is 257 characters long; at most 256 are kept"],
        ),
        ("NUL", [line("ann", department="a\0b")], ["line 2: department has a NUL character in it"]),
        (
            "a line break inside a field",
            [line("ann", department='"a\nb"'), line("zoe", hireDate="x")],
            [
                "line 2: department 'a\\nb' has a control character or a line break in it",
                "line 4: hireDate 'x' should be a date such as 2026-03-01",
            ],
        ),
        ("too few fields", ["a,b,c"], ["line 2: has 3 fields where the header has 9"]),
        (
            "an open quotation mark",
            [line("ann"), '"E,zoe@new.test,Zoe'],
            ["line 3: a quotation mark that opens on this line is never closed"],
        ),
        (
            "twins",
            [line("ann"), line("zoe", employeeId="N-ann"), line("ANN", employeeId="N-3")],
            [
                "line 3: employeeId 'N-ann' is also on line 2",
                "line 4: userName 'ann@new.test' is also on line 2",
                "line 4: mail 'ann.mail@new.test' is also on line 2",
            ],
        ),
        (
            "mail of somebody on record",
            [line("ann", mail="LEO.park@grantline.test")],
            [
                (
                    "line 2: mail 'leo.park@grantline.test' belongs to "
                    "Leo Park (leo@grantline.test, employeeId E-leo), on record"
                )
            ],
        ),
        (
            "unknown manager",
            [line("ann", "nobody")],
            ["line 2: managerUserName 'nobody@new.test' is neither in the file nor on record"],
        ),
        (
            "the manager's own line is the faulty one",
            [line("ann", "zoe"), line("zoe", active="?")],
            ["line 3: active '?' should be true or false"],
        ),
        ("own manager", [line("ann", "ann")], ["line 2: ann@new.test is their own manager"]),
        (
            "cycle, and another fault far from it",
            [line("eli", "ann"), line("ann", "zoe"), line("zoe", "ben"), line("ben", "ann"), line("x", active="?")],
            [
                "line 3: cycle of managers: ann@new.test → zoe@new.test → ben@new.test → ann@new.test",
                "line 6: active '?' should be true or false",
            ],
        ),
        (
            "cycle through people on record",
            ["E-max,max@grantline.test,Max Moor,,,,leo@grantline.test,,true"],
            [
                (
                    "line 2: cycle of managers: max@grantline.test → leo@grantline.test → mia@grantline.test"
                    " → max@grantline.test"
                )
            ],
        ),
    ],
)
async def test_faults_are_named_and_nothing_changes(
    sqlite_database: Database, story: str, lines: list[str], expected: list[str]
) -> None:
    assert await faults(sqlite_database, *lines, line("good")) == expected, story


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            HEADER.replace("active", "aktiv"),
            f"line 1: missing columns: active; unknown columns: 'aktiv' (expected {HEADER})",
        ),
        (f"{HEADER},active", f"line 1: columns given twice: active (expected {HEADER})"),
        (HEADER.replace(",", ";"), "line 1: the columns are separated by ';'; they should be separated by ','"),
    ],
)
async def test_a_wrong_header_is_named(sqlite_database: Database, header: str, expected: str) -> None:
    assert await faults(sqlite_database, line("ann"), header=header) == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", f"line 1: the file is empty; its first line should be {HEADER}"),
        (HEADER.encode("utf-16"), "line 1: the file is UTF-16; save it as UTF-8"),
        (
            b"\n".join([HEADER.encode(), line("zoë").encode("latin-1")]),
            "line 2: is not UTF-8 (byte 0xEB at position 5)",
        ),
    ],
)
async def test_other_encodings_are_refused(sqlite_database: Database, content: bytes, expected: str) -> None:
    report = await import_people(sqlite_database, content.splitlines(keepends=True))
    assert [str(fault) for fault in report.faults] == [expected]


async def test_byte_order_mark_blank_lines_other_column_order_and_crlf_are_welcome(sqlite_database: Database) -> None:
    columns = list(reversed(COLUMNS))
    fields = dict(zip(COLUMNS, line("ann", displayName='"Ann, the first"').split(",", 2)[:2], strict=False))
    fields |= {"displayName": '"Ann, the first"', "active": "YES"}
    text = f"{','.join(columns)}\r\n\r\n{','.join(fields.get(name, '') for name in columns)}\r\n\r\n"

    report = await import_people(sqlite_database, text.encode("utf-8-sig").splitlines(keepends=True))

    assert report == ImportReport(created=1)
    async with sqlite_database.read() as tx:
        assert await tx.scalar(select(people.c.display_name).where(people.c.employee_id == "N-ann")) == "Ann, the first"


async def test_ten_thousand_lines_come_in_whole(database: Database) -> None:
    file = csv(*(line(f"p{n}", f"p{n // 7}" if n else "") for n in range(10_000)))
    steps: list[tuple[str, int, int | None]] = []

    report = await import_people(database, file, on_progress=lambda *step: steps.append(step))
    again = await import_people(database, file)

    assert (report, again) == (ImportReport(created=10_000), ImportReport(unchanged=10_000))
    assert steps[-1] == ("writing", 10_000, 10_000)
