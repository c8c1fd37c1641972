"""`grantline migrate`: bring the database to the present schema."""

import typer

from grantline.cli.console import HomeOption, database_failures, opened, run, shown
from grantline.persistence import schema
from grantline.settings import Settings, load


def migrate(home: HomeOption = None) -> None:
    """Bring the database to the present schema; safe to repeat.

    GRANTLINE_DATABASE_URL says which; by default it is grantline.db in the home folder.
    """
    settings = load(home=home)
    run(bring_up_to_date(settings))
    typer.echo(f"{shown(settings)} has the present schema.")


async def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database of the settings.

    Raises:
        SetupError: it cannot be reached, is no database, or was migrated by a newer Grantline.
    """
    database = await opened(settings)
    try:
        with database_failures(settings):
            await schema.migrate(database)
    finally:
        await database.close()
