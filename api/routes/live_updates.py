"""Live updates: a stream that says when something of the caller's has changed, and never what it is now."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api import may
from api.live import Listener, Live

router = APIRouter(tags=["live updates"])

# No proxy keeps it, or keeps it back.
MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def listening(
    request: Request,
    actor: may.SeeOwn,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> AsyncGenerator[Listener]:
    """Let the caller listen for as long as the answer lasts, however it ends."""
    live: Live = request.app.state.live
    known = last_event_id is not None and last_event_id.isdecimal()
    listener = await live.admit(actor, int(last_event_id or 0) if known else None)
    try:
        yield listener
    finally:
        live.leave(listener)


@router.get(
    "/api/events",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def events(request: Request, listener: Annotated[Listener, Depends(listening)]) -> StreamingResponse:
    """Tell of changes as server-sent events: `changed` has the kinds, and the ids where the caller may see them.

    `Last-Event-ID` is where one was; what was missed since is told as `everything`. The stream ends every few
    minutes, so that who listens is asked anew.
    """
    live: Live = request.app.state.live
    return StreamingResponse(live.stream(listener), media_type=MEDIA_TYPE, headers=HEADERS)
