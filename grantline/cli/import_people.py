"""`grantline import people`: people from a CSV file."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from grantline.cli.console import HomeOption, ready_database, run, say
from grantline.errors import SetupError
from grantline.services.directory.people_import import ImportReport, OnProgress, import_people
from grantline.settings import Settings, load

MOST_FAULTS = 50

group = typer.Typer(help="Bring data in.", no_args_is_help=True)


@group.callback()
def _import() -> None:
    """Bring data in."""


@group.command("people")
def people(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV in UTF-8, columns in any order")],
    home: HomeOption = None,
) -> None:
    """Bring in people from FILE.csv, all or nothing.

    Columns: employeeId, userName, displayName, mail, jobTitle, department, managerUserName, hireDate, active.
    employeeId, userName, displayName and active must be filled.

    People are known by employeeId; somebody on record without one is known by userName. A manager may be anywhere in
    the file, or on record. People who are not in the file stay as they are: to block somebody, list them with
    active=false. The same file again changes nothing.

    With any fault in the file nothing is changed, and each faulty line is named with its number and reason.
    """
    report = run(_bring_in(load(home=home), file))
    if report.faults:
        _tell_faults(report, file)
        raise typer.Exit(1)
    typer.echo(f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged")


async def _bring_in(settings: Settings, file: Path) -> ImportReport:
    async with ready_database(settings) as database:
        try:
            with file.open("rb") as lines, _progress() as on_progress:
                return await import_people(database, lines, name=file.name, on_progress=on_progress)
        except OSError as error:
            raise SetupError(f"{file} cannot be read: {error.strerror}.") from error


def _tell_faults(report: ImportReport, file: Path) -> None:
    for fault in report.faults[:MOST_FAULTS]:
        say(str(fault))
    more = len(report.faults) - MOST_FAULTS
    if more > 0:
        say(f"… and {more} more")
    count = len(report.faults)
    say(f"grantline: {file} has {count} {'fault' if count == 1 else 'faults'}; nothing was changed.")


@contextmanager
def _progress() -> Generator[OnProgress]:
    """Show a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)
