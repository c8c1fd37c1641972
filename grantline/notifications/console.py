"""Mail as lines of the log: for development, and until an SMTP server is set."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from grantline.notifications.base import Letter

logger = logging.getLogger(__name__)


class ConsoleNotifier:
    """Writes one structured line per letter, and never fails."""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["ConsoleNotifier"]:
        """Open nothing."""
        yield self

    async def carry(self, letter: Letter) -> None:
        """Log to whom, what and where it leads; the text is what `grantline mail preview` shows."""
        about = {"mail": letter.kind, "to": letter.address, "subject": letter.subject, "link": letter.link}
        logger.info("mail", extra=about)
