"""Assigning to many: what the POST says, and what the answer says of each."""

from collections.abc import Sequence

from pydantic import Field
from typing_extensions import TypedDict

from api.wire.base import Guid, Text
from api.wire.schedules import ScheduleBody
from api.wire.shapes import NamedOut, RefusalOut
from api.wire.strict import StrictBody
from grantline.errors import InvalidInput
from grantline.model.request import Schedule
from grantline.services.assignments.bulk_assignment import Bulk, Line


class BulkBody(StrictBody):
    """The body of POST /api/assignments/bulk. A misspelt member is refused: five hundred would hear of it."""

    access_package_id: Guid | None = None
    assignment_policy_id: Guid | None = None
    target_ids: list[Guid] = Field(default_factory=list[Guid])
    target_mails: list[Text] = Field(default_factory=list[Text])
    target_names: list[Text] = Field(default_factory=list[Text])
    group_id: Guid | None = None
    schedule: ScheduleBody | None = None
    justification: Text | None = None

    def read(self) -> Bulk:
        """Return what is to be assigned to whom.

        Raises:
            InvalidInput: no package is named.
        """
        if self.access_package_id is None:
            raise InvalidInput("Name the access package: accessPackageId is missing.", target="accessPackageId")
        return Bulk(
            package_id=self.access_package_id,
            policy_id=self.assignment_policy_id,
            target_ids=tuple(self.target_ids),
            target_mails=tuple(self.target_mails),
            target_names=tuple(self.target_names),
            group_id=self.group_id,
            schedule=self.schedule.read() if self.schedule else Schedule(),
            justification=self.justification,
        )


class BulkLineOut(TypedDict):
    """What became of one of them."""

    named: str
    target: NamedOut | None
    isAccepted: bool
    requestId: str | None
    state: str | None
    sameAs: str | None
    error: RefusalOut | None


class BulkOut(TypedDict):
    """What became of all of them."""

    accepted: int
    refused: int
    items: list[BulkLineOut]


def bulk_out(lines: Sequence[Line]) -> BulkOut:
    """Show what became of each, in the order in which they were listed."""
    accepted = sum(line.submitted is not None for line in lines)
    refused = sum(line.refusal is not None for line in lines)
    return {"accepted": accepted, "refused": refused, "items": [_line(line) for line in lines]}


def _line(line: Line) -> BulkLineOut:
    request, refusal, person = line.submitted and line.submitted.request, line.refusal, line.person
    return {
        "named": line.named,
        "target": {"id": person.id, "displayName": person.display_name} if person else None,
        "isAccepted": request is not None,
        "requestId": request.id if request else None,
        "state": request.state.value if request else None,
        "sameAs": line.same_as,
        "error": {"code": refusal.code, "message": refusal.message, "target": refusal.target} if refusal else None,
    }
