"""The one door to the table of permissions: who the actor is, what they hold, and whether they may do a thing.

What one may not see answers as what does not exist; what one sees and may not
change is refused by the roles that it takes.
"""

from collections.abc import Collection

from grantline.ambient import utc_now
from grantline.errors import InvalidInput, NotFound
from grantline.model.catalog import AccessPackage
from grantline.model.person import Actor, Person
from grantline.persistence import packages as package_store
from grantline.persistence import requestable, roles, whereabouts
from grantline.persistence.database import Database, Transaction
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Part, Task, may, realm, refusal

READ_BY = {Noun.PACKAGE: Task.READ_PACKAGE, Noun.GRANT: Task.LIST_ASSIGNMENTS}
"""What lets one see a thing, if it is not what lets one see all of its catalog."""


async def acting(tx: Transaction, person: Person, administrators: Collection[str]) -> Actor:
    """Return a person as an actor, with all they hold at this moment; the settings name the administrators."""
    names = {name.lower() for name in administrators}
    return Actor(
        person=person,
        is_administrator=person.user_principal_name.lower() in names,
        held=await roles.held_by(tx, person.id),
    )


async def require(db: Database, actor: Actor, task: Task, noun: Noun, object_id: str) -> None:
    """Let the actor do this to a thing, or raise.

    To whom everything is open nothing is looked up; what they name may not exist.

    Raises:
        NotFound: there is no such thing, or not for the actor.
        NotAllowed: they see it, and that is all.
    """
    if realm(actor, task).is_everything:
        return
    async with db.read() as tx:
        await require_in(tx, actor, task, noun, object_id)


async def require_in(tx: Transaction, actor: Actor, task: Task, noun: Noun, object_id: str) -> None:
    """As `require`, in a transaction that is open."""
    catalog_id = await whereabouts.catalog_of(tx, noun, object_id)
    if catalog_id is None or not await sees(tx, actor, noun, object_id, catalog_id):
        raise absent(noun, object_id)
    if not may(actor, task, catalog_id):
        raise refusal(actor.person, task)


async def require_named(db: Database, actor: Actor, task: Task, named: tuple[Noun, str], *, target: str) -> None:
    """Let the actor do this to what a body names at `target`, or raise.

    Raises:
        InvalidInput: there is no such thing, or not for the actor.
        NotAllowed: they see it, and that is all.
    """
    try:
        await require(db, actor, task, *named)
    except NotFound as error:
        raise InvalidInput(error.message, target=target) from None


def absent(noun: Noun, object_id: str) -> NotFound:
    """Say that there is no such thing, whether or not there is one that the actor may not see."""
    return NotFound(f"There is no {noun.value} {object_id}.")


async def visible_package(tx: Transaction, actor: Actor, package_id: str) -> AccessPackage:
    """Return the package if the actor governs it, may ask for it, or is party to a request for it.

    Raises:
        NotFound: otherwise, as if there were none.
    """
    package = await package_store.package(tx, package_id)
    if package is not None and await sees(tx, actor, Noun.PACKAGE, package_id, package.catalog_id):
        return package
    raise NotFound(f"There is no access package {package_id} that you may see.")


async def may_request(tx: Transaction, actor: Actor, package_id: str) -> bool:
    """Tell whether a policy lets the actor ask for the package, for anybody."""
    return await requestable.is_requestable(tx, actor.id, package_id)


async def sees(tx: Transaction, actor: Actor, noun: Noun, object_id: str, catalog_id: str) -> bool:
    """Tell whether the actor may know that a thing is there."""
    task = READ_BY.get(noun, Task.READ_CATALOG)
    if may(actor, task, catalog_id):
        return True
    if noun is not Noun.PACKAGE:
        return False
    if await package_store.is_party(tx, object_id, actor.id, utc_now()):
        return may(actor, task, catalog_id, {Part.REQUESTOR, Part.TARGET, Part.APPROVER})
    return await may_request(tx, actor, object_id) and may(actor, task, catalog_id, {Part.POLICY})
