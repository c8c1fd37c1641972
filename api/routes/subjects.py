"""Subjects: people as requests and assignments name them."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Query
from api.odata import present
from api.wire.access_subjects import access_subject
from api.wire.base import Body, Guid, Text
from api.wire.shapes import AccessSubjectOut
from grantline.errors import NotFound, NotSupported
from grantline.persistence import people
from grantline.persistence.listing import Fields, count, page

CONTEXT = "identityGovernance/entitlementManagement/subjects"
FIELDS: Fields = {
    "id": people.FIELDS["id"],
    "objectId": people.FIELDS["id"],
    "displayName": people.FIELDS["displayName"],
    "email": people.FIELDS["mail"],
    "principalName": people.FIELDS["userPrincipalName"],
}
NOT_GOVERNED = "notDefined"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["subjects"])


class SubjectBody(Body):
    """The body of PATCH subjects, of which Graph reads one member."""

    subject_lifecycle: Text | None = None


@router.get("")
async def list_all(request: Request, actor: may.Govern, db: Db, query: Query) -> Collection[AccessSubjectOut]:
    """List everybody of the directory, by name."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        rows = await page(tx, people.everybody(), FIELDS, people.KEY, query.listing())
    shown = [access_subject(people.profile(row).person) for row in rows.rows]
    return present.collection(request, CONTEXT, shown, rows, query)


@router.get("/$count")
async def count_all(actor: may.Govern, db: Db, query: Query) -> Number:
    """Count everybody of the directory."""
    del actor
    async with db.read() as tx:
        return present.number(await count(tx, people.everybody(), FIELDS, query.listing()))


@router.get("(objectId='{subject_id}')")
@router.get("/{subject_id}")
async def read(
    request: Request, subject_id: Guid, actor: may.Govern, db: Db, query: EntityQuery
) -> Entity[AccessSubjectOut]:
    """Show one subject."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        found = (await people.by_ids(tx, [subject_id])).get(subject_id)
    if found is None:
        raise NotFound(f"There is no subject {subject_id}.")
    return present.entity(request, CONTEXT, access_subject(found.person), query)


@router.patch("(objectId='{subject_id}')", status_code=204)
@router.patch("/{subject_id}", status_code=204)
async def change(subject_id: Guid, body: SubjectBody, actor: may.Govern, db: Db) -> Nothing:
    """Take what is so already, and refuse the rest: nobody here is a guest whose account we would govern."""
    del actor
    async with db.read() as tx:
        if subject_id not in await people.by_ids(tx, [subject_id]):
            raise NotFound(f"There is no subject {subject_id}.")
    if body.subject_lifecycle is not None and body.subject_lifecycle.lower() != NOT_GOVERNED.lower():
        raise NotSupported(
            f"subjectLifecycle stays {NOT_GOVERNED}: the lifecycle of guests is not governed here.",
            target="subjectLifecycle",
        )
    return present.nothing()
