"""The clock and the dice: the only place of the ground floor that has them.

Rules and model never import this; time and ids reach them as arguments.
"""

from datetime import UTC, datetime
from uuid import uuid4


def utc_now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a fresh GUID in the form Microsoft Graph writes them."""
    return str(uuid4())
