"""`grantline explain`: where a request or an assignment is, who can act, what comes next, and why."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from pydantic_core import to_json

from grantline.cli.console import HomeOption, ready_database, run
from grantline.errors import NotFound, SetupError
from grantline.model.explanation import AssignmentExplained, GrantExplained, Party, RequestExplained, shown
from grantline.rules.times import iso
from grantline.services.requests import explanation
from grantline.settings import Settings, load

Explained = RequestExplained | AssignmentExplained


def explain(
    thing: Annotated[str, typer.Argument(metavar="ID", help="id of a request or an assignment")],
    *,
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API answers to …/explain")] = False,
) -> None:
    """Say where a request or an assignment is, who can act, what comes next, and why others were refused.

    Needs nothing but the database.
    """
    found = run(_found(load(home=home), thing.strip().lower()))
    if as_json:
        typer.echo(to_json(shown(found), indent=2).decode())
        return
    for line in told(found):
        typer.echo(line)


async def _found(settings: Settings, thing_id: str) -> Explained:
    async with ready_database(settings) as database:
        try:
            return await explanation.of_request(database, None, thing_id)
        except NotFound:
            pass
        try:
            return await explanation.of_assignment(database, None, thing_id)
        except NotFound as error:
            raise SetupError(f"Neither a request nor an assignment has the id {thing_id!r}.") from error


def told(found: Explained) -> Iterator[str]:
    """Tell it in lines for a person."""
    yield found.says
    if isinstance(found, RequestExplained):
        yield f"since      {iso(found.since)}"
        yield f"asked by   {_name(found.requestor)} for {_name(found.target)}"
        if found.justification:
            yield f"because    {found.justification}"
        for one in found.can_act:
            place = f" in place of {_name(one.in_place_of)}" if one.in_place_of else ""
            yield f"may {one.may:7}{_name(one.person)}{place}, {one.route}"
    yield f"next       {found.next.says}"
    for grant in found.grants:
        yield from _grant(grant)
    if found.refused:
        yield "refused"
    for attempt in found.refused:
        times = f", {attempt.times} times" if attempt.times > 1 else ""
        yield f"  {_when(attempt.last_at)}  {_name(attempt.person)} ({attempt.code}{times}): {attempt.reason}"
    yield "what happened" if found.is_timeline_whole else "what happened last"
    for moment in found.timeline:
        yield f"  {_when(moment.at)}  {moment.says}" + (f": {moment.reason}" if moment.reason else "")


def _grant(grant: GrantExplained) -> Iterator[str]:
    needed_by = [
        one.package.display_name or one.package.id for one in grant.reasons if one.package and not one.ended_at
    ]
    yield f"grant      {grant.role} of {grant.resource}: {grant.state}" + (
        f", needed by {', '.join(needed_by)}" if needed_by else ", needed by nothing"
    )
    if grant.existed_before:
        yield "           it was there before Grantline, and stays"
    if grant.overdue_since:
        yield f"           overdue since {iso(grant.overdue_since)}"
    if grant.last_error:
        yield f"           last error ({grant.failures} on record): {grant.last_error}"


def _when(instant: datetime) -> str:
    return iso(instant)


def _name(person: Party) -> str:
    return f"{person.display_name} ({person.user_principal_name})" if person.display_name else person.id
