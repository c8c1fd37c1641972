"""Mail by SMTP: one connection for a few letters, and the server's codes told apart.

421, no connection, no greeting, no log-in, no sender   Unavailable: nothing goes now
4xx about the recipient or the letter                   MailDeferred
5xx about the recipient or the letter                   MailBounced
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import aiosmtplib

from grantline.ambient import utc_now
from grantline.errors import MailBounced, MailDeferred, Unavailable
from grantline.notifications.base import Letter

ONE_STEP_SECONDS = 20
OVER_TLS = 465
CLOSING = 421
FOR_GOOD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where the server is and how to speak to it. On port 465 TLS begins at once."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    starttls: bool = True
    step_seconds: float = ONE_STEP_SECONDS

    def client(self) -> aiosmtplib.SMTP:
        """Return a client that is not connected yet."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.port == OVER_TLS,
            start_tls=self.starttls and self.port != OVER_TLS,
            timeout=self.step_seconds,
        )


class SmtpNotifier:
    """Hands letters to one SMTP server, in the name of one sender."""

    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        self._server = server
        self._sender = sender

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["SmtpCarrier"]:
        """Connect, greet and log in."""
        client = self._server.client()
        try:
            with _as_ours(f"{self._server.host}:{self._server.port}"):
                await client.connect()
            yield SmtpCarrier(client, self._sender, f"{self._server.host}:{self._server.port}")
        finally:
            # What was handed over is handed over, however the goodbye goes.
            with suppress(aiosmtplib.SMTPException, OSError):
                if client.is_connected:
                    await client.quit()
            client.close()


class SmtpCarrier:
    """A connection that is open."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str, where: str) -> None:
        self._client = client
        self._sender = sender
        self._where = where

    async def carry(self, letter: Letter) -> None:
        """Send one letter, as text and HTML."""
        try:
            message = composed(letter, self._sender)
        except (ValueError, IndexError, MessageError) as error:
            raise MailBounced(f"{letter.address!r} is no address to send to: {error}") from error
        with _as_ours(self._where):
            await self._client.send_message(message)


def composed(letter: Letter, sender: str) -> EmailMessage:
    """Write the letter as a MIME message; sent twice, it has the same Message-ID.

    Raises:
        ValueError, IndexError, MessageError: the address cannot stand in a header.
    """
    name, address = parseaddr(sender)
    local, _, domain = letter.address.rpartition("@")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(" ".join(letter.name.split()), addr_spec=f"{local}@{domain.encode('idna').decode()}")
    message["Subject"] = letter.subject
    message["Date"] = utc_now()
    message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
    # So that no out-of-office note comes back.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


@contextmanager
def _as_ours(where: str) -> Generator[None]:
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        raise _about_letter(refused.code, f"{refused.code} {refused.message}", where) from error
    except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as error:
        raise _about_letter(error.code, f"{error.code} {error.message}", where) from error
    except aiosmtplib.SMTPResponseException as error:
        # It answers, but not to us: log-in or sender refused, or a greeting that says no.
        raise Unavailable(f"The mail server {where} takes nothing from us: {error.code} {error.message}.") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unavailable(f"The mail server {where} cannot be used: {error or type(error).__name__}.") from error


def _about_letter(code: int, said: str, where: str) -> Exception:
    if code == CLOSING:
        return Unavailable(f"The mail server {where} is closing: {said}.")
    return MailBounced(said) if code >= FOR_GOOD else MailDeferred(said)
