"""accessPackageAssignment on the wire."""

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from api.wire.configuration_shapes import PackageOut, PolicyOut
from api.wire.schedules import period_out
from api.wire.shapes import AccessSubjectOut, CalloutInstanceOut, ScheduleOut
from grantline.model.assignment import Assignment, AssignmentState


class _Related(TypedDict):
    expiredDateTime: datetime | None
    customExtensionCalloutInstances: list[CalloutInstanceOut]
    target: NotRequired[AccessSubjectOut]
    accessPackage: NotRequired[PackageOut]
    assignmentPolicy: NotRequired[PolicyOut | None]


class AssignmentOut(_Related):
    """What somebody holds; the policy is null where it was deleted."""

    id: str
    state: str
    status: str
    schedule: ScheduleOut


class AssignmentToBeOut(_Related):
    """What a request is about, before there is an assignment."""

    id: None
    state: None
    status: None
    schedule: None


def assignment_out(held: Assignment) -> AssignmentOut:
    """Show an assignment. One whose revocation is under way reads as delivered, with the status Revoking."""
    is_ending = held.state is AssignmentState.ENDING
    return {
        "id": held.id,
        "state": AssignmentState.DELIVERED.value if is_ending else held.state.value,
        "status": "Revoking" if is_ending else held.status,
        "expiredDateTime": held.ended_at,
        "schedule": period_out(held.starts_at, held.ends_at),
        "customExtensionCalloutInstances": [],
    }


def assignment_to_be() -> AssignmentToBeOut:
    """Show the assignment a request is about before there is one: its relations can be expanded, the rest is null."""
    return {
        "id": None,
        "state": None,
        "status": None,
        "expiredDateTime": None,
        "schedule": None,
        "customExtensionCalloutInstances": [],
    }
