"""Delegations of approvals on the wire; Graph has no word for them in entitlement management."""

from datetime import datetime
from typing import ClassVar

from typing_extensions import TypedDict

from api.wire.base import Guid
from api.wire.lenient import ExactBody, Instant
from api.wire.shapes import PersonOut, person_out
from grantline.errors import InvalidInput
from grantline.model.delegation import Delegation
from grantline.services.approvals.delegations import Change


class DelegationBody(ExactBody):
    """The body of POST: who stands in, from when (none: now) until when (none: until it is ended)."""

    delegate_id: Guid | None = None
    delegator_id: Guid | None = None
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None

    def whom(self) -> str:
        """Return who is to stand in.

        Raises:
            InvalidInput: nobody is named.
        """
        if self.delegate_id is None:
            raise InvalidInput("delegateId is missing; name the person who is to stand in.", target="delegateId")
        return self.delegate_id


class DelegationChangeBody(ExactBody):
    """The body of PATCH: what is absent stays; a null end means until it is ended."""

    read_only: ClassVar[frozenset[str]] = frozenset({"createddatetime", "delegate", "delegator", "id", "isinforce"})

    delegate_id: Guid | None = None
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None

    def read(self) -> Change:
        """Return what is to be otherwise."""
        change = Change(delegate_id=self.delegate_id, begins_at=self.start_date_time)
        if "end_date_time" in self.model_fields_set:
            return Change(delegate_id=change.delegate_id, begins_at=change.begins_at, ends_at=self.end_date_time)
        return change


class DelegationOut(TypedDict):
    """Who stands in for whom, from when until when; null: until it is ended."""

    id: str
    delegator: PersonOut
    delegate: PersonOut
    startDateTime: datetime
    endDateTime: datetime | None
    isInForce: bool
    createdDateTime: datetime


def delegation_out(one: Delegation, *, is_in_force: bool) -> DelegationOut:
    """Show a delegation."""
    return {
        "id": one.id,
        "delegator": person_out(one.delegator),
        "delegate": person_out(one.delegate),
        "startDateTime": one.begins_at,
        "endDateTime": one.ends_at,
        "isInForce": is_in_force,
        "createdDateTime": one.created_at,
    }
