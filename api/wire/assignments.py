"""accessPackageAssignment on the wire."""

from typing import Any

from api.wire.schedules import period_out
from grantline.model.assignment import Assignment, AssignmentState


def assignment_out(held: Assignment) -> dict[str, Any]:
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


def assignment_to_be() -> dict[str, Any]:
    """Show the assignment a request is about before there is one: its relations can be expanded, the rest is null."""
    return {
        "id": None,
        "state": None,
        "status": None,
        "expiredDateTime": None,
        "schedule": None,
        "customExtensionCalloutInstances": [],
    }
