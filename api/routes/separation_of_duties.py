"""Who holds what excludes each other: the report that Graph has only pair by pair. In the caller's catalogs."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.shapes import PartyOut, PersonOut, person_out
from grantline.model.duties import CollisionKind
from grantline.persistence import incompatibilities
from grantline.persistence.incompatibilities import Overlap
from grantline.rules.permissions import Task, realm

Kind = Literal["accessPackage", "group"]
KINDS: Mapping[CollisionKind, Kind] = {CollisionKind.HELD: "accessPackage", CollisionKind.MEMBER: "group"}

router = APIRouter(prefix="/api/separation-of-duties", tags=["separation of duties"])


class HolderOut(PersonOut):
    """Somebody who holds both."""

    mail: str | None
    accountEnabled: bool


class ExcludedOut(TypedDict):
    """What they may not hold beside it."""

    kind: Kind
    id: str
    displayName: str | None
    assignmentId: str | None


class OverlapOut(TypedDict):
    """Somebody who holds a package together with what it excludes."""

    target: HolderOut
    accessPackage: PartyOut
    assignmentId: str
    incompatibleWith: ExcludedOut


@router.get("")
async def list_overlaps(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> PlainPage[OverlapOut]:
    """List everybody who holds a package together with what it excludes, by name.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await incompatibilities.overlaps(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([_overlap(one) for one in page.rows], page)


def _overlap(one: Overlap) -> OverlapOut:
    return {
        "target": {
            **person_out(one.target),
            "mail": one.target.mail,
            "accountEnabled": one.target.account_enabled,
        },
        "accessPackage": {"id": one.package_id, "displayName": one.package_name},
        "assignmentId": one.assignment_id,
        "incompatibleWith": {
            "kind": KINDS[one.kind],
            "id": one.other_id,
            "displayName": one.other_name,
            "assignmentId": one.other_assignment_id,
        },
    }
