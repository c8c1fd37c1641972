"""Custom extensions of catalogs."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing
from api.dependencies import CalloutSigner, Db, EntityQuery, Query
from api.odata import present
from api.wire.configuration_shapes import ExtensionOut
from api.wire.custom_extensions import ExtensionBody, extension_out
from api.wire.policies import UNWRITTEN
from grantline.errors import InvalidInput, NotFound, NotSupported
from grantline.model.callout import CustomExtension
from grantline.persistence import catalogs
from grantline.persistence import custom_extensions as store
from grantline.persistence.listing import page
from grantline.services.configuration import custom_extensions as configure

CATALOGS = "identityGovernance/entitlementManagement/catalogs"
NEEDED = {
    "kind": "@odata.type",
    "display_name": "displayName",
    "url": "endpointConfiguration/targetUrl",
}

router = APIRouter(prefix=f"/{CATALOGS}/{{catalog_id}}/customWorkflowExtensions", tags=["customWorkflowExtensions"])


@router.get("")
async def list_all(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[ExtensionOut]:
    """List the custom extensions of a catalog, by name."""
    del actor
    async with db.read() as tx:
        if await catalogs.catalog(tx, catalog_id) is None:
            raise NotFound(f"There is no catalog {catalog_id}.")
        rows = await page(tx, store.all_extensions(catalog_id), store.FIELDS, store.KEY, query.listing())
    shown = [extension_out(one) for one in rows.map(store.as_extension).rows]
    return present.collection(request, _context(catalog_id), shown, rows, query)


@router.post("", status_code=201)
async def create(
    *,
    request: Request,
    catalog_id: str,
    body: ExtensionBody,
    actor: may.ChangeExtensions,
    db: Db,
    signer: CalloutSigner,
) -> Entity[ExtensionOut]:
    """Make a custom extension."""
    if not signer.is_ready:
        raise NotSupported(
            "Callouts are signed, and nothing is set to sign them with: set GRANTLINE_CALLOUT_SECRETS, on the API and "
            "on the worker."
        )
    given = body.read()
    for name, member in NEEDED.items():
        if name not in given:
            raise InvalidInput(f"A custom extension needs {member.replace('/', '.')}.", target=member)
    draft = CustomExtension(id="", catalog_id="", created_at=UNWRITTEN, modified_at=UNWRITTEN, **given)
    made = await configure.create_extension(db, actor.id, catalog_id, draft)
    location = f"/v1.0/{_context(catalog_id, quoted=False)}/{made.id}"
    return present.entity(request, _context(catalog_id), extension_out(made), status=201, location=location)


@router.get("/{extension_id}")
async def read(
    *, request: Request, catalog_id: str, extension_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[ExtensionOut]:
    """Read one custom extension."""
    del actor
    async with db.read() as tx:
        found = await store.extension(tx, catalog_id, extension_id)
    if found is None:
        raise NotFound(f"The catalog {catalog_id} has no custom extension {extension_id}.")
    return present.entity(request, _context(catalog_id), extension_out(found), query)


@router.patch("/{extension_id}")
@router.put("/{extension_id}")
async def update(
    *, request: Request, catalog_id: str, extension_id: str, body: ExtensionBody, actor: may.ChangeExtensions, db: Db
) -> Entity[ExtensionOut]:
    """Change what the body names. Graph's page says PUT where its schema says PATCH; both are the same here."""
    after = await configure.update_extension(db, actor.id, catalog_id, extension_id, **body.read())
    return present.entity(request, _context(catalog_id), extension_out(after))


@router.delete("/{extension_id}", status_code=204)
async def delete(catalog_id: str, extension_id: str, actor: may.ChangeExtensions, db: Db) -> Nothing:
    """Delete a custom extension that no policy names."""
    await configure.delete_extension(db, actor.id, catalog_id, extension_id)
    return present.nothing()


def _context(catalog_id: str, *, quoted: bool = True) -> str:
    inside = f"('{catalog_id}')" if quoted else f"/{catalog_id}"
    return f"{CATALOGS}{inside}/customWorkflowExtensions"
