"""`grantline callout-key`: what the receiver of a custom extension's calls checks their signature with."""

from typing import Annotated

import typer

from grantline.cli.console import HomeOption, say
from grantline.errors import SetupError
from grantline.notifications.signing import Signer
from grantline.settings import load


def callout_key(
    extension: Annotated[str, typer.Argument(metavar="EXTENSION", help="Id of the custom extension")],
    home: HomeOption = None,
) -> None:
    """Print the signing key of a custom extension; while the secret is being changed, the older ones after it."""
    signer = Signer([one.get_secret_value() for one in load(home=home).callout_secrets])
    if not signer.is_ready:
        raise SetupError("GRANTLINE_CALLOUT_SECRETS is not set; there is nothing to make a key of.")
    newest, *older = signer.keys(extension.strip().lower())
    typer.echo(newest)
    for key in older:
        say(f"still good, of an older secret: {key}")
