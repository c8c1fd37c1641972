"""`grantline mail preview`: what a message looks like, with the templates of the settings."""

from typing import Annotated

import typer

from grantline.cli.console import HomeOption
from grantline.errors import SetupError
from grantline.model.mail import MailKind
from grantline.settings import load

group = typer.Typer(help="What people are told by mail.", no_args_is_help=True)


@group.callback()
def _mail() -> None:
    """Look after the mail."""


@group.command("preview")
def preview(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Name of a message, such as approval-needed")],
    home: HomeOption = None,
) -> None:
    """Print a message with sample values: its subject, its text and its HTML.

    Templates in the folder that GRANTLINE_MAIL_TEMPLATES names go before the built-in ones.
    """
    # They bring Jinja; no other command should wait for that.
    from grantline.notifications.rendering import Templates  # noqa: PLC0415
    from grantline.notifications.samples import samples  # noqa: PLC0415

    settings = load(home=home)
    if message not in set(MailKind):
        raise SetupError(f"There is no message {message!r}; there are {', '.join(MailKind)}.")
    templates = Templates(settings.public_url, settings.mail_templates)
    templates.check()
    full, _ = samples(MailKind(message))
    letter = templates.write(full)
    typer.echo(f"{letter.subject}\n\n{letter.text}\n{letter.html}", nl=False)
