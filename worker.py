"""Start a Temporal worker: settings, the real things, and `workflows/fleet.py`. No logic here."""

import asyncio
import signal
import sys
import time

from temporalio.service import RPCError

from activities import doors
from grantline import bootstrap, settings
from grantline.errors import SetupError, Unavailable
from grantline.services.outbox_store import DatabaseOutbox
from workflows import fleet


async def serve(chosen: settings.Settings) -> None:
    """Wait for Temporal and the database, then work until cancelled."""
    database = bootstrap.open_database(chosen)
    try:
        await fleet.patiently("the database", database.ping, (Unavailable,))
        client = await fleet.patiently(
            f"Temporal at {chosen.temporal_address}",
            lambda: bootstrap.connect_worker(chosen),
            (RPCError, RuntimeError),
        )
        connectors = bootstrap.build_connectors(chosen, database)
        activities = doors(database, connectors, administrators=chosen.administrators)
        await fleet.work(client, activities, DatabaseOutbox(database), task_queue=chosen.temporal_task_queue)
    finally:
        await database.close()


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
        asyncio.run(serve_until_stopped(chosen))
    except SetupError as error:
        sys.exit(f"grantline worker: {error}")
    finally:
        # The Temporal SDK's threads abort an interpreter that ends while they do (sdk-python).
        time.sleep(0.3)


if __name__ == "__main__":
    main()
