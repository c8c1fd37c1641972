"""For operators and their machines: alive, ready, and how much of what. Needs no token."""

from fastapi import APIRouter

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Tell that the process serves."""
    return {"status": "ok"}
