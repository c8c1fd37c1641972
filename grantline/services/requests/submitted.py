"""What submitting gives back, and how a repeated submit is recognised."""

from dataclasses import dataclass

from grantline.errors import IdempotencyConflict
from grantline.model.message import Message
from grantline.model.request import Request
from grantline.persistence import requests
from grantline.persistence.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """A key of the caller's choice, and a hash of all that was sent with it."""

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The request on record, and the messages to send now; a repeat has none to send."""

    request: Request
    messages: tuple[Message, ...] = ()
    is_repeat: bool = False


async def repeated(tx: Transaction, idempotency: Idempotency, request_id: str, body_hash: str) -> Submitted:
    """Return what the same key brought before; the same key with another body is a conflict."""
    if body_hash != idempotency.body_hash:
        raise IdempotencyConflict(
            f"The idempotency key '{idempotency.key}' was used for request {request_id} with another body; "
            "use a fresh key for a new request."
        )
    request = await requests.find(tx, request_id)
    if request is None:
        raise AssertionError(f"idempotency key without its request {request_id} (this is a bug)")
    return Submitted(request=request, is_repeat=True)
