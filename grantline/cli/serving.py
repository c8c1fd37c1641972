"""The life of `grantline up`: schema, sample, Temporal, worker and API, a greeting, and the end of it all."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import typer

from grantline.bootstrap import connect_temporal
from grantline.cli.console import database_failures, opened, say
from grantline.cli.embedded import api_program, temporal_program, worker_program
from grantline.cli.greeting import greeting, is_portal_built
from grantline.cli.migrate import bring_up_to_date
from grantline.cli.supervisor import Stopped, Supervisor
from grantline.persistence.database import Database
from grantline.sample.seed import seed
from grantline.settings import Settings


async def serve(settings: Settings, *, ui_port: int, with_sample: bool) -> None:
    """Serve until the end is asked for.

    Raises:
        SetupError: something does not start, or keeps ending.
    """
    supervisor = Supervisor()
    supervisor.listen()
    logs = settings.home / "logs"
    try:
        await bring_up_to_date(settings)
        if with_sample:
            async with _open(settings) as database:
                await seed(database)
        client = await connect_temporal(settings)
        await supervisor.start(temporal_program(settings, client, logs, ui_port))
        await supervisor.start(worker_program(settings, client, logs), api_program(settings, logs))
        async with _open(settings) as database:
            typer.echo(await greeting(settings, database, ui_port=ui_port, has_portal=is_portal_built()))
        await supervisor.watch()
    except Stopped:
        pass
    finally:
        await supervisor.stop()
    say("grantline: everything has ended; the data is kept")


@asynccontextmanager
async def _open(settings: Settings) -> AsyncGenerator[Database]:
    database = await opened(settings)
    try:
        with database_failures(settings):
            yield database
    finally:
        await database.close()
