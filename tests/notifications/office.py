"""A real SMTP server on this machine, that says what a test wants it to say."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from grantline.notifications.smtp import SmtpServer
from tests.ports import free_port


class Postbox:
    """What an SMTP server got, and what it says: an answer for RCPT or DATA by address."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.at_rcpt: dict[str, str] = {}
        self.at_data: dict[str, str] = {}
        self.at_sender: str | None = None
        self.envelopes: list[tuple[str | None, list[str]]] = []

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.at_sender:
            return self.at_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  (the same)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (the same)
        (address,) = envelope.rcpt_tos
        if address in self.at_data:
            return self.at_data[address]
        assert isinstance(envelope.content, bytes)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Office:
    """A running server; `server` says where."""

    def __init__(self, **options: Any) -> None:
        self.postbox = Postbox()
        self.controller = Controller(self.postbox, hostname="127.0.0.1", port=free_port(), **options)
        self.controller.start()

    def server(self, **more: Any) -> SmtpServer:
        return SmtpServer(host="127.0.0.1", port=self.controller.port, **{"starttls": False, "step_seconds": 5} | more)
