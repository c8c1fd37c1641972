"""Makes the calls to custom extensions that are owed, in the background of a worker, until each was taken.

    2xx              taken
    anything else    put off: 5, 10, 20 … seconds, at most a quarter of an hour
    too late         given up: when nobody waits for the answer any more, or after three days

A call is made at least once, always with the same id and the same body; a
sender that dies between the call and its record leaves it to the next.
"""

import asyncio
import json
import logging
from datetime import timedelta

from grantline.ambient import utc_now
from grantline.errors import CalloutNotTaken
from grantline.model.callout import DeliveryState, DueCallout
from grantline.model.event import AuditEvent, EventType
from grantline.notifications.signing import Signer
from grantline.notifications.webhook import Webhook
from grantline.persistence import callouts
from grantline.persistence.database import Database
from grantline.services.sending.sweeping import BATCH, Sweeper, growing

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=5)
"""How long a sender has for a batch, far more than one call takes; after that it is anybody's again."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
TAKEN = range(200, 300)
REDIRECTED = range(300, 400)


class CalloutSender(Sweeper):
    """Takes calls out of the box, signs them, and makes them."""

    def __init__(self, database: Database, webhook: Webhook, signer: Signer) -> None:
        super().__init__("callouts")
        self._database = database
        self._webhook = webhook
        self._signer = signer

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._webhook.aclose()

    async def sweep(self) -> int:
        """Make one batch of the calls that are due; return how many were taken in hand."""
        now = utc_now()
        async with self._database.read() as tx:
            if not await callouts.is_any_due(tx, now):
                return 0
        async with self._database.write() as tx:
            due = await callouts.take(tx, now, limit=BATCH, hold=HOLD)
        # All at once: an endpoint that takes its time must not keep back the others.
        await asyncio.gather(*(self._call(one) for one in due))
        self._note(None)
        return len(due)

    async def _call(self, one: DueCallout) -> None:
        """Make one call, and put on record what became of it."""
        if not self._signer.is_ready:
            await self._put_off(one, "GRANTLINE_CALLOUT_SECRETS is not set; without it no call can be signed.")
            return
        body = self._body(one)
        headers = self._signer.headers(one.extension_id, one.id, int(utc_now().timestamp()), body)
        try:
            status = await self._webhook.post(one.url, body, headers)
        except CalloutNotTaken as error:
            await self._put_off(one, error.message)
        except Exception as error:
            # A call that cannot be made must not keep back the others.
            logger.exception("callout %s cannot be made", one.id)
            await self._put_off(one, f"{type(error).__name__}: {error}")
        else:
            if status in TAKEN:
                await self._settle(one, DeliveryState.SENT, None)
            else:
                more = "; redirects are not followed" if status in REDIRECTED else ""
                await self._put_off(one, f"it was answered with {status}{more}")

    def _body(self, one: DueCallout) -> bytes:
        """Return what is sent: the payload as it was owed, and the token of the answer, which is on no record."""
        payload = one.payload
        if one.needs_answer:
            data = payload["data"] | {"callbackToken": self._signer.token(one.id)}
            payload = payload | {"data": data}
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()

    async def _settle(self, one: DueCallout, state: DeliveryState, error: str | None) -> None:
        now = utc_now()
        kind = EventType.CALLOUT_SENT if state is DeliveryState.SENT else EventType.CALLOUT_FAILED
        async with self._database.write() as tx:
            if await callouts.settle(tx, one, state, now, error=error):
                tx.audit(
                    AuditEvent(
                        type=kind,
                        at=now,
                        actor_id=None,
                        object_type="callout",
                        object_id=one.id,
                        request_id=one.request_id,
                        reason=error,
                        details={"extension": one.extension_id, "point": one.point.value, "attempts": one.attempts + 1},
                    )
                )
        if error is not None:
            logger.warning("callout %s is given up: %s", one.id, error)

    async def _put_off(self, one: DueCallout, why: str) -> None:
        now = utc_now()
        if now >= one.gives_up_at:
            await self._settle(one, DeliveryState.FAILED, why)
            return
        async with self._database.write() as tx:
            until = min(now + growing(FIRST_PAUSE, one.attempts, LONGEST_PAUSE), max(now, one.gives_up_at))
            await callouts.put_off(tx, one, until, why)
