"""Start a Temporal worker: settings, the real things, and `workflows/fleet.py`. No logic here."""

import asyncio
import signal
import sys
import time
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError
from uvicorn.loops.auto import auto_loop_factory

from activities import doors
from grantline import bootstrap, settings
from grantline.errors import SetupError, Unavailable
from grantline.persistence import schema
from grantline.persistence.database import Database
from grantline.services.approvals.follower import Follower
from grantline.services.sending.outbox_store import DatabaseOutbox
from workflows import fleet
from workflows.schedules import Rhythm


async def serve(chosen: settings.Settings) -> None:
    """Wait for the database and Temporal, then work until cancelled."""
    database = bootstrap.open_database(chosen)
    mail = bootstrap.build_mail_sender(chosen, database)
    callouts = bootstrap.build_callout_sender(chosen, database)
    try:
        await fleet.patiently("the database", lambda: ready(database), (Unavailable,))
        # Mail, callouts and the directory's changes wait for nobody but the database.
        async with (
            mail.at_work(),
            callouts.at_work(),
            Follower(database, chosen.administrators).at_work(),
        ):
            where = f"Temporal at {chosen.temporal_address}"
            client = await fleet.patiently(where, lambda: connect(chosen), (RPCError, RuntimeError))
            connectors = bootstrap.build_connectors(chosen, database)
            activities = doors(database, connectors, administrators=chosen.administrators)
            await fleet.work(
                client,
                activities,
                DatabaseOutbox(database),
                task_queue=chosen.temporal_task_queue,
                rhythm=rhythm_of(chosen),
            )
    finally:
        await callouts.aclose()
        await database.close()


def rhythm_of(chosen: settings.Settings) -> Rhythm:
    """Say how often each schedule runs."""
    return Rhythm(
        drift=timedelta(hours=chosen.drift_check_hours) if chosen.drift_check_hours else None,
        housekeeping=timedelta(minutes=chosen.housekeeping_minutes),
        mail_kept_days=chosen.mail_kept_days,
    )


async def ready(database: Database) -> None:
    """Raise Unavailable unless the database answers, with the newest schema."""
    await database.ping()
    if not await schema.is_current(database):
        raise Unavailable("Its schema is not the newest. Run: grantline migrate")


async def connect(chosen: settings.Settings) -> Client:
    """Return a client of the namespace, or raise why there is none yet."""
    client = await bootstrap.connect_worker(chosen)
    await fleet.require_namespace(client)
    return client


async def serve_until_stopped(chosen: settings.Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    serving = asyncio.create_task(serve(chosen))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()


def main() -> None:
    """Run as `python -m worker`."""
    try:
        chosen = settings.load()
        bootstrap.configure_logging(chosen)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(serve_until_stopped(chosen))
    except SetupError as error:
        sys.exit(f"grantline worker: {error}")
    finally:
        # The Temporal SDK's threads abort an interpreter that ends too soon after them.
        time.sleep(0.3)


if __name__ == "__main__":
    main()
