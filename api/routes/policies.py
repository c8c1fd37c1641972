"""Assignment policies. Whoever may request reads what concerns them from the package."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Key, Query
from api.odata import present
from api.routes import configuration
from api.wire.configuration_shapes import PolicyOut
from api.wire.policies import PolicyBody, policy_out
from api.wire.questions import questions_out
from api.wire.stage_settings import uses_out
from grantline.errors import NotFound
from grantline.model.person import Actor
from grantline.model.policy import Policy
from grantline.persistence import policies as store
from grantline.persistence import policy_codec
from grantline.persistence.listing import Within, count, page
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, realm
from grantline.services import authority
from grantline.services.configuration import policies as configure
from grantline.services.once import once

CONTEXT = "identityGovernance/entitlementManagement/assignmentPolicies"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["assignmentPolicies"])


@router.get("")
async def list_all(request: Request, actor: may.ReadCatalog, db: Db, query: Query) -> Collection[PolicyOut]:
    """List the policies of the caller's catalogs, by name."""
    async with db.read() as tx:
        rows = await page(
            tx, store.all_policies(), store.POLICY_FIELDS, store.POLICY_KEY, query.listing(), within=_within(actor)
        )
        shown = await configuration.policies(tx, rows.map(policy_codec.decode).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


@router.post("", status_code=201)
async def create(request: Request, body: PolicyBody, actor: may.ChangePolicy, db: Db, key: Key) -> Entity[PolicyOut]:
    """Make a policy for a package."""
    draft = body.read(needs_package=True)
    package = (Noun.PACKAGE, draft.package_id)
    await authority.require_named(db, actor, Task.CHANGE_POLICY, package, target="accessPackage/id")
    policy = await once(db, actor.id, key, lambda own: configure.create_policy(own, actor.id, draft), store.policy)
    shown = _written(policy, body)
    return present.entity(request, CONTEXT, shown, status=201, location=f"/v1.0/{CONTEXT}/{policy.id}")


@router.get("/$count")
async def count_all(actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the policies of the caller's catalogs."""
    async with db.read() as tx:
        return present.number(
            await count(tx, store.all_policies(), store.POLICY_FIELDS, query.listing(), within=_within(actor))
        )


@router.get("/{policy_id}")
async def read(
    request: Request, policy_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[PolicyOut]:
    """Read one policy, whole."""
    del actor
    async with db.read() as tx:
        found = await store.policy(tx, policy_id)
        if found is None:
            raise NotFound(f"There is no assignment policy {policy_id}.")
        (shown,) = await configuration.policies(tx, [found], query)
    return present.entity(request, CONTEXT, shown, query)


@router.put("/{policy_id}")
async def replace(
    request: Request, policy_id: str, body: PolicyBody, actor: may.ChangePolicy, db: Db
) -> Entity[PolicyOut]:
    """Write a policy anew, whole: what the body leaves out is off or empty afterwards.

    Questions and custom extensions alone stay when they are left out, because
    reading shows them only when it is asked to; an empty list removes them.
    """
    draft = body.read(needs_package=False)
    policy = await configure.replace_policy(
        db,
        actor.id,
        policy_id,
        draft,
        keeps_questions=body.questions is None,
        keeps_extensions=body.custom_extension_stage_settings is None,
    )
    return present.entity(request, CONTEXT, _written(policy, body))


@router.delete("/{policy_id}", status_code=204)
async def delete(policy_id: str, actor: may.ChangePolicy, db: Db) -> Nothing:
    """Delete a policy that nothing live was given or asked under."""
    await configure.delete_policy(db, actor.id, policy_id)
    return present.nothing()


def _within(actor: Actor) -> Within:
    return Within(store.POLICY_CATALOG_ID, realm(actor, Task.READ_CATALOG))


def _written(policy: Policy, body: PolicyBody) -> PolicyOut:
    """Show what was written, and as much of it as was sent."""
    shown = policy_out(policy)
    if body.questions is not None:
        shown["questions"] = questions_out(policy.questions)
    if body.custom_extension_stage_settings is not None:
        shown["customExtensionStageSettings"] = uses_out(policy.extensions, {})
    return shown
