"""Sends the mail that is owed, in the background of a worker, until everybody has it.

A sweep takes a few rows for a while, opens one way to people, and says of each
letter what became of it:

    taken by the server          sent
    refused for now              put off: 1, 2, 4 … minutes, at most an hour, for four days
    refused for good             bounced
    the server is away           the whole sweep is put off; that is nobody's fault and has no end

Any number of senders may run. One that dies after the server took a letter and
before that is on record leaves the row to the next, who sends it again: at
least once, and the Message-ID is the same.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from grantline.ambient import utc_now
from grantline.errors import MailBounced, MailDeferred, Unavailable
from grantline.model.mail import MailItem, MailState
from grantline.notifications.base import Carrier, Letter, Notifier
from grantline.persistence import mail_outbox
from grantline.persistence.database import Database
from grantline.services.sending.sweeping import BATCH, Sweeper, growing

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=5)
"""How long a sender has for a batch; whatever it has not sent by then is anybody's again."""

ONE_LETTER = timedelta(seconds=60)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
SERVER_PAUSE = timedelta(seconds=30)

PATIENCE = timedelta(days=4)
"""After so long a letter that is still refused is given up; an approval it asked for has expired or is settled."""


class MailSender(Sweeper):
    """Takes mail out of the box and hands it to a notifier; `write` puts an item into words."""

    def __init__(self, database: Database, notifier: Notifier, write: Callable[[MailItem], Letter]) -> None:
        super().__init__("mail")
        self._database = database
        self._notifier = notifier
        self._write = write

    async def sweep(self) -> int:
        """Send one batch of what is due; return how many items were taken."""
        now = utc_now()
        async with self._database.read() as tx:
            if not await mail_outbox.is_any_due(tx, now):
                return 0
        async with self._database.write() as tx:
            items = await mail_outbox.take(tx, now, limit=BATCH, hold=HOLD)
        if items:
            await self._send(items)
        return len(items)

    async def _send(self, items: list[MailItem]) -> None:
        """Send a batch over one connection; when that breaks, the rest of it waits."""
        until = utc_now() + HOLD - ONE_LETTER
        left = list(items)
        try:
            async with self._notifier.open() as carrier:
                while left and utc_now() < until and not self._stopping.is_set():
                    # Struck off the list first: what it meets is on record by its own.
                    await self._send_one(carrier, left.pop(0))
            self._note(None)
        except Unavailable as error:
            self._note(error.message)
            await self._release(left, error.message, SERVER_PAUSE)
        else:
            await self._release(left, "not sent in time", timedelta())

    async def _send_one(self, carrier: Carrier, item: MailItem) -> None:
        """Send one letter and put on record what became of it; `Unavailable` goes on to the caller."""
        try:
            async with asyncio.timeout(ONE_LETTER.total_seconds()):
                await carrier.carry(self._write(item))
        except MailBounced as error:
            await self._settle(item, MailState.BOUNCED, error.message)
        except (Unavailable, TimeoutError) as error:
            # It may be this very letter that breaks the connection: let others go first next time.
            says = str(error) or "the mail server took too long"
            await self._put_off(item, says)
            raise Unavailable(says) from error
        except MailDeferred as error:
            await self._put_off(item, error.message, gives_up=True)
        except Exception as error:
            # A letter that cannot be written must not keep back the others.
            logger.exception("mail %s cannot be written", item.id)
            await self._put_off(item, f"{type(error).__name__}: {error}", gives_up=True)
        else:
            await self._settle(item, MailState.SENT, None)

    async def _settle(self, item: MailItem, state: MailState, error: str | None) -> None:
        async with self._database.write() as tx:
            await mail_outbox.settle(tx, item, state, utc_now(), error=error)
        if error is not None:
            logger.warning("mail %s to %s is given up: %s", item.id, item.address, error)

    async def _put_off(self, item: MailItem, why: str, *, gives_up: bool = False) -> None:
        now = utc_now()
        if gives_up and now - item.created_at > PATIENCE:
            await self._settle(item, MailState.BOUNCED, f"given up after {PATIENCE.days} days: {why}")
            return
        async with self._database.write() as tx:
            await mail_outbox.put_off(tx, item, now + pause_after(item.attempts), why)

    async def _release(self, items: list[MailItem], why: str, pause: timedelta) -> None:
        """Give back what was taken and not tried."""
        if not items:
            return
        now = utc_now()
        async with self._database.write() as tx:
            for item in items:
                await mail_outbox.put_off(tx, item, now + pause, why, counts=False)


def pause_after(attempts: int) -> timedelta:
    """Return how long an item waits after so many attempts and one more."""
    return growing(FIRST_PAUSE, attempts, LONGEST_PAUSE)
