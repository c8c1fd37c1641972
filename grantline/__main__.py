"""The `grantline` command: one line here per thing it does."""

import sys

import typer

from grantline.cli import audit, import_people, mail
from grantline.cli.callout_key import callout_key
from grantline.cli.console import say
from grantline.cli.doctor import doctor
from grantline.cli.explain import explain
from grantline.cli.migrate import migrate
from grantline.cli.processes import api, worker
from grantline.cli.token import token
from grantline.cli.up import up
from grantline.errors import GrantlineError

app = typer.Typer(
    name="grantline",
    help="Access packages, requested by managers for their people. Settings are GRANTLINE_… variables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.command()(up)
app.command()(api)
app.command()(worker)
app.command()(migrate)
app.command()(token)
app.command()(callout_key)
app.command()(doctor)
app.command()(explain)
app.add_typer(import_people.group, name="import")
app.add_typer(audit.group, name="audit")
app.add_typer(mail.group, name="mail")


def main() -> None:
    """Run the command; what cannot be done is one line on stderr, and exit code 1."""
    try:
        app()
    except GrantlineError as error:
        say(f"grantline: {error.message}")
        sys.exit(1)


if __name__ == "__main__":
    main()
