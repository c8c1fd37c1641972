"""accessPackageAssignmentRequest on the wire: what a POST may say, and how a request reads.

Graph declares `accessPackage{id}`, `assignmentPolicy{id}` and `target{objectId}`
inside `assignment`, and documents `accessPackageId`, `assignmentPolicyId` and
`targetId`, which everybody sends. Both are taken. Undeclared members beside
them are passed over, as Graph does; so a missing id is named in the message.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from api.wire.assignments import AssignmentOut, AssignmentToBeOut
from api.wire.base import Guid, Text
from api.wire.configuration_shapes import PackageOut
from api.wire.lenient import LenientBody
from api.wire.questions import AnswerBody, answers_out
from api.wire.schedules import ScheduleBody, limit_out, schedule_out
from api.wire.shapes import AccessSubjectOut, AnswerOut, CalloutInstanceOut, ExpirationOut, ScheduleOut
from grantline.errors import InvalidInput, NotSupported
from grantline.model.request import REMOVALS, UPDATES, Ask, Request, RequestState, RequestType, Schedule
from grantline.persistence.request_lists import RequestLine

ON_BEHALF_ADD = "onbehalfadd"
TYPES = {kind.value.lower(): kind for kind in RequestType}


class _Reference(LenientBody):
    id: Guid | None = None


class _Subject(LenientBody):
    id: Guid | None = None
    object_id: Guid | None = None
    email: Text | None = None


class _Assignment(LenientBody):
    id: Guid | None = None
    access_package_id: Guid | None = None
    assignment_policy_id: Guid | None = None
    target_id: Guid | None = None
    access_package: _Reference | None = None
    assignment_policy: _Reference | None = None
    target: _Subject | None = None
    schedule: ScheduleBody | None = None


class _Parameters(LenientBody):
    bypass_approval: bool | None = None


class RequestBody(LenientBody):
    """The body of POST assignmentRequests; `read` gives what is asked."""

    request_type: Text | None = None
    justification: Text | None = None
    answers: list[AnswerBody] | None = None
    assignment: _Assignment | None = None
    schedule: ScheduleBody | None = None
    parameters: _Parameters | None = None

    def read(self) -> Ask:
        """Return the ask.

        Raises:
            InvalidInput: an id is missing or said twice, or the type is unknown.
            NotSupported: a bypass of approval.
        """
        kind = _type(self.request_type)
        if self.parameters and self.parameters.bypass_approval:
            raise NotSupported(
                "No request bypasses its policy's approval; for access without approval, "
                "use adminAdd under a policy that needs none.",
                target="parameters/bypassApproval",
            )
        assignment = self.assignment or _Assignment()
        if self.answers and kind in REMOVALS:
            raise InvalidInput("Nothing is asked when access ends; send the removal without answers.", target="answers")
        if self.answers and kind in UPDATES:
            raise NotSupported("Answers stay as they were given; send the update without answers.", target="answers")
        if kind in REMOVALS:
            return Ask(type=kind, assignment_id=_assignment_id(assignment, kind), justification=self.justification)
        return self._read_update(kind, assignment) if kind in UPDATES else self._read_add(kind, assignment)

    def _read_update(self, kind: RequestType, assignment: _Assignment) -> Ask:
        asked = self.schedule or assignment.schedule
        return Ask(
            type=kind,
            assignment_id=_assignment_id(assignment, kind),
            justification=self.justification,
            schedule=asked.read() if asked else Schedule(),
        )

    def _read_add(self, kind: RequestType, assignment: _Assignment) -> Ask:
        target_id, target_mail = _target(assignment)
        if kind is RequestType.ADMIN_ADD and not target_id and not target_mail:
            raise InvalidInput(
                "adminAdd needs the person who gets the access: assignment.targetId, "
                "or assignment.target with objectId or email.",
                target="assignment/targetId",
            )
        package_id = _agree("accessPackageId", assignment.access_package_id, _id(assignment.access_package))
        if package_id is None:
            raise InvalidInput(
                f"{kind.value} needs the access package: assignment.accessPackageId, or assignment.accessPackage.id.",
                target="assignment/accessPackageId",
            )
        asked = self.schedule or assignment.schedule
        return Ask(
            type=kind,
            package_id=package_id,
            policy_id=_agree("assignmentPolicyId", assignment.assignment_policy_id, _id(assignment.assignment_policy)),
            target_id=target_id,
            target_mail=target_mail,
            justification=self.justification,
            schedule=asked.read() if asked else Schedule(),
            answers=tuple(answer.read(place) for place, answer in enumerate(self.answers or ())),
        )


class RequestOut(TypedDict):
    """A request: of what type, how far, for when; its relations are there if they were expanded."""

    id: str
    requestType: str
    state: str
    status: str
    createdDateTime: datetime
    completedDateTime: datetime | None
    justification: str | None
    schedule: ScheduleOut
    shortenedTo: ExpirationOut | None
    answers: list[AnswerOut]
    customExtensionCalloutInstances: list[CalloutInstanceOut]
    requestor: NotRequired[AccessSubjectOut | None]
    accessPackage: NotRequired[PackageOut]
    assignment: NotRequired[AssignmentOut | AssignmentToBeOut]


def request_out(line: Request | RequestLine, wanted: Sequence[str] = ()) -> RequestOut:
    """Show a request on record. Ours that expired reads as denied, with the status Expired.

    Answers are shown in the first language wanted that their questions are in.
    """
    has_expired = line.state is RequestState.EXPIRED
    return {
        "id": line.id,
        "requestType": line.type.value,
        "state": RequestState.DENIED.value if has_expired else line.state.value,
        "status": "Expired" if has_expired else line.status,
        "createdDateTime": line.created_at,
        "completedDateTime": line.completed_at,
        "justification": line.justification,
        "schedule": schedule_out(line.schedule),
        "shortenedTo": limit_out(line.limit),
        "answers": answers_out(line.answers, wanted),
        "customExtensionCalloutInstances": [],
    }


def accepted_out(line: Request | RequestLine, wanted: Sequence[str] = ()) -> RequestOut:
    """Show a request as the answer to its POST: submitted, whatever has become of it since."""
    return {**request_out(line, wanted), "state": "submitted", "status": "Accepted", "completedDateTime": None}


def _type(given: str | None) -> RequestType:
    choices = ", ".join(kind.value for kind in RequestType)
    word = (given or "").strip().lower()
    if word in TYPES:
        return TYPES[word]
    if word == ON_BEHALF_ADD:
        raise InvalidInput(
            "onBehalfAdd is not taken, as in Microsoft Graph: to ask on behalf of somebody, "
            "send userAdd with that person in assignment.target.objectId.",
            target="requestType",
        )
    if not word:
        raise InvalidInput(f"requestType is missing; it is one of {choices}.", target="requestType")
    raise InvalidInput(f"requestType {given!r} is unknown; it is one of {choices}.", target="requestType")


def _assignment_id(assignment: _Assignment, kind: RequestType) -> str:
    if assignment.id is None:
        end = "that is to end" if kind in REMOVALS else "whose end is to move"
        raise InvalidInput(f"{kind.value} needs the assignment {end}: assignment.id.", target="assignment/id")
    return assignment.id


def _target(assignment: _Assignment) -> tuple[str | None, str | None]:
    """Return id and mail of the target; the mail only when there is no id."""
    subject = assignment.target or _Subject()
    target_id = _agree("targetId", assignment.target_id, subject.object_id or subject.id)
    return target_id, None if target_id else (subject.email or None)


def _agree(name: str, flat: str | None, nested: str | None) -> str | None:
    if flat and nested and flat != nested:
        raise InvalidInput(
            f"assignment.{name} says {flat}, but the object beside it says {nested}; send one of the two.",
            target=f"assignment/{name}",
        )
    return flat or nested


def _id(nested: _Reference | None) -> str | None:
    return nested.id if nested else None
