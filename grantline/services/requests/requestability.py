"""Which packages a person finds, and under which policies they may ask."""

from grantline.errors import NotFound
from grantline.model.catalog import AccessPackage
from grantline.model.person import Actor
from grantline.model.policy import Policy
from grantline.persistence import packages as store
from grantline.persistence import people as people_store
from grantline.persistence import policies as policy_store
from grantline.persistence import requestable
from grantline.persistence.database import Database, Transaction
from grantline.rules.scope import BREADTH
from grantline.services.authority import may_request, visible_package
from grantline.services.requests.submission import applicable_policies


async def requestable_package(tx: Transaction, actor: Actor, package_id: str) -> AccessPackage:
    """Return the package if the actor may ask for it.

    Raises:
        NotFound: otherwise, as if there were none.
    """
    package = await store.package(tx, package_id)
    if package is None or not await may_request(tx, actor, package_id):
        raise NotFound(f"There is no access package {package_id} that you may ask for.")
    return package


async def policies_for(db: Database, actor: Actor, package_id: str) -> list[Policy]:
    """Return the policies under which the actor may ask for anybody, the most specific class first.

    Raises:
        NotFound: the actor may not see the package.
    """
    async with db.read() as tx:
        await visible_package(tx, actor, package_id)
        if not await may_request(tx, actor, package_id):
            return []
        rows = await tx.all(requestable.requestable_policies(actor.id, within=package_id))
        policies = (await policy_store.policies_of(tx, [package_id]))[package_id]
    open_ids = {row.policy_id for row in rows}
    return sorted((one for one in policies if one.id in open_ids), key=lambda one: BREADTH[one.target_scope])


async def policies_for_target(db: Database, actor: Actor, package_id: str, target_id: str) -> list[Policy]:
    """Return the policies under which the actor may ask for one person, the most specific class first.

    Raises:
        NotFound: there is no such person, or the actor may not see the package.
    """
    async with db.read() as tx:
        await check_target(tx, target_id)
        await visible_package(tx, actor, package_id)
    return await applicable_policies(db, actor, package_id, target_id)


async def check_target(tx: Transaction, target_id: str) -> None:
    """Raise `NotFound` unless there is such a person."""
    if await people_store.find(tx, target_id) is None:
        raise NotFound(f"There is no user {target_id}.")
