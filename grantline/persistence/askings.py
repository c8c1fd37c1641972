"""Who was asked to decide which stage of a request, by which route, and whether the stage waits for them."""

from dataclasses import dataclass

from sqlalchemy import select

from grantline.persistence.database import Transaction
from grantline.persistence.tables import stage_approvers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One person asked; `route` is the word of rules/approvers.py for why they."""

    route: str
    is_waited_for: bool


async def of_request(tx: Transaction, request_id: str) -> dict[tuple[str, str], Asking]:
    """Return everybody who was ever asked, by stage and person."""
    rows = await tx.all(select(stage_approvers).where(stage_approvers.c.request_id == request_id))
    return {(row.stage_id, row.person_id): Asking(route=row.source, is_waited_for=row.is_open) for row in rows}
