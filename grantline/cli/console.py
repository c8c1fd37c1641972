"""What commands share: options, a ready database, and how failures are said."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from grantline.errors import SetupError, Unavailable
from grantline.persistence import schema
from grantline.persistence.database import Database
from grantline.settings import Settings

T = TypeVar("T")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of what Grantline keeps itself [default: .grantline]", show_default=False),
]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end."""
    return asyncio.run(work)


def say(line: str) -> None:
    """Print a line that is not the command's answer: to stderr."""
    typer.echo(line, err=True)


@asynccontextmanager
async def ready_database(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database of the settings, which must have the present schema.

    Raises:
        SetupError: it cannot be reached, is no database of ours, or has another schema.
    """
    _require_file(settings)
    database = await opened(settings)
    try:
        with database_failures(settings):
            if not await schema.is_current(database):
                raise SetupError(f"{shown(settings)} does not have the present schema; run `grantline migrate`.")
            yield database
    finally:
        await database.close()


async def opened(settings: Settings) -> Database:
    """Open the database, with an SQLite file's folder made."""
    if settings.uses_sqlite:
        with home_failures(settings):
            settings.home.mkdir(parents=True, exist_ok=True)
    return Database.connect(settings.database_url)


def _require_file(settings: Settings) -> None:
    """Refuse an SQLite file that is not there: opening would make an empty one."""
    if settings.uses_sqlite and not Path(make_url(settings.database_url).database or "").exists():
        raise SetupError(f"{shown(settings)} does not exist; `grantline up` or `grantline migrate` makes it.")


@contextmanager
def database_failures(settings: Settings) -> Generator[None]:
    """Say what is wrong with the database in one line that names it, instead of a driver's traceback."""
    try:
        yield
    except Unavailable as error:
        raise SetupError(f"{shown(settings)} cannot be used: {_cause(error.__cause__ or error)}.") from error
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise SetupError(f"{shown(settings)} cannot be used: {_cause(error)}.") from error


@contextmanager
def home_failures(settings: Settings) -> Generator[None]:
    """Say in one line that the home folder cannot be used."""
    try:
        yield
    except OSError as error:
        raise SetupError(f"The home folder {settings.home} cannot be used: {error.strerror or error}.") from error


def shown(settings: Settings) -> str:
    """Name the database without its password."""
    url = make_url(settings.database_url)
    if settings.uses_sqlite:
        return f"The database file {url.database}"
    return f"The database {url.render_as_string(hide_password=True)}"


def _cause(error: BaseException) -> str:
    """Return the driver's own first line."""
    origin = getattr(error, "orig", None) or error
    text = (str(origin) or type(origin).__name__).splitlines()[0]
    return text.rpartition(">: ")[2].rstrip(".")
