"""When a repeated POST is the same request, and not another."""

import hashlib

from pydantic import BaseModel

from grantline.errors import InvalidInput
from grantline.services.requests.submission import Idempotency

LONGEST_KEY = 100


def idempotency_of(body: BaseModel, key: str | None, client_request_id: str | None) -> Idempotency | None:
    """Return what tells this POST from others; None when the caller gave nothing to tell by.

    An `Idempotency-Key` promises one body, so another body with it is refused.
    A `client-request-id` promises nothing: some clients send the same one for
    ever. So the body is part of that key, and another body is another request.

    Raises:
        InvalidInput: the key is empty or too long.
    """
    if key is None and not client_request_id:
        return None
    content = body.model_dump_json().encode()
    if key is not None:
        return keyed(key, content)
    body_hash = hashlib.sha256(content).hexdigest()
    both = hashlib.sha256(f"{client_request_id} {body_hash}".encode()).hexdigest()
    return Idempotency(key=f"client-request-id {both}", body_hash=body_hash)


def keyed(key: str, content: bytes) -> Idempotency:
    """Return a key with the hash of what it promises to be the same.

    Raises:
        InvalidInput: the key is empty or too long.
    """
    key = key.strip()
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidInput(
            f"Idempotency-Key has {len(key)} characters; give 1 to {LONGEST_KEY}, such as a GUID.",
            target="Idempotency-Key",
        )
    return Idempotency(key=key, body_hash=hashlib.sha256(content).hexdigest())
