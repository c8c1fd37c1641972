"""What an application may ask for: it has no access of its own and no reports, so it assigns and removes directly."""

from grantline.errors import NotAllowed
from grantline.model.person import Actor, Person
from grantline.model.request import RequestType

DIRECT = (RequestType.ADMIN_ADD, RequestType.ADMIN_UPDATE, RequestType.ADMIN_REMOVE)


def require_asker(actor: Actor, asked: RequestType) -> None:
    """Refuse an application what people ask for themselves or a report.

    Raises:
        NotAllowed: naming what it may send instead.
    """
    if actor.is_application and asked not in DIRECT:
        *some, last = (kind.value for kind in DIRECT)
        raise NotAllowed(
            f"{actor.person} is an application, and requestType {asked.value} takes a person who asks; an application "
            f"assigns, changes and removes directly. Use {', '.join(some)} or {last}.",
            target="requestType",
        )


def instead(person: Person, kind: RequestType) -> str:
    """Say what whoever may not do a thing directly can ask for; an application can ask for nothing else."""
    return "" if person.is_application else f" Use requestType {kind.value}."
