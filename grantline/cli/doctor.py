"""`grantline doctor`: look at everything a process needs, and say what is missing."""

import typer

from grantline.cli.console import HomeOption
from grantline.settings import load


def doctor(home: HomeOption = None) -> None:
    """Look at settings, database, Temporal and workers, and say what is missing; exit code 1 if something is."""
    # It brings Temporal's SDK; no other command should wait for that.
    from grantline.cli.examination import examine  # noqa: PLC0415

    if not examine(load(home=home)):
        raise typer.Exit(1)
