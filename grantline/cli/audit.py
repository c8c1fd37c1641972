"""`grantline audit verify`: show that the audit trail is as it was written."""

import typer
from sqlalchemy import select

from grantline.cli.console import HomeOption, ready_database, run
from grantline.errors import SetupError
from grantline.persistence import audit
from grantline.persistence.tables import audit_head
from grantline.settings import Settings, load

group = typer.Typer(help="The audit trail.", no_args_is_help=True)


@group.callback()
def _audit() -> None:
    """Look after the audit trail."""


@group.command("verify")
def verify(home: HomeOption = None) -> None:
    """Walk the whole trail and check that no event was changed, removed or put in between.

    The last hash is printed: keep it elsewhere, and a trail that was rewritten from the start shows too.
    """
    count, last = run(_walk(load(home=home)))
    typer.echo(f"{count} events, unbroken; the last hash is {last}")


async def _walk(settings: Settings) -> tuple[int, str]:
    async with ready_database(settings) as database, database.read() as tx:
        await tx.hold_still()
        fault = await audit.verify(tx)
        head = await tx.first(select(audit_head.c.number, audit_head.c.hash))
    if fault is not None or head is None:
        raise SetupError(f"The audit trail is broken: {fault or 'it has no head'}.")
    return head.number, head.hash
