"""`grantline token`: a bearer token of the development issuer."""

from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import or_, select

from grantline.cli.console import HomeOption, ready_database, run, say
from grantline.errors import SetupError
from grantline.issuer import DevelopmentIssuer
from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.tables import people
from grantline.settings import Settings, load


def token(
    user: Annotated[str, typer.Argument(metavar="USER", help="userPrincipalName, mail or id of a person")],
    home: HomeOption = None,
    hours: Annotated[float, typer.Option(min=0.01, help="How long the token is good for")] = 12,
) -> None:
    """Print a bearer token of the development issuer for a person of the directory."""
    settings = load(home=home)
    if settings.oidc_issuer is not None:
        raise SetupError(f"Tokens come from {settings.oidc_issuer}; the development issuer is not in use.")
    person = run(_find(settings, user))
    if not person.account_enabled:
        say(f"grantline: the account of {person} is disabled; the API will refuse the token.")
    issuer = DevelopmentIssuer(settings.home, audience=settings.oidc_audiences[0])
    typer.echo(issuer.token(person, lifetime=timedelta(hours=hours)))


async def _find(settings: Settings, user: str) -> Person:
    async with ready_database(settings) as database:
        found = await people_called(database, user)
    if not found:
        raise SetupError(f"Nobody has {user!r} as userPrincipalName, mail or id.")
    if len(found) > 1:
        raise SetupError(f"{user!r} is the mail of {' and of '.join(map(str, found))}; name one by userPrincipalName.")
    return found[0]


async def people_called(database: Database, name: str) -> list[Person]:
    """Return the person with this userPrincipalName or id, else those with this mail."""
    key = name.strip().lower()
    columns = [people.c[field] for field in Person.__dataclass_fields__]
    statement = select(*columns).limit(2)
    async with database.read() as tx:
        rows = await tx.all(statement.where(or_(people.c.user_key == key, people.c.id == key)))
        rows = rows or await tx.all(statement.where(people.c.mail_key == key))
    return [Person(**row._mapping) for row in rows]
