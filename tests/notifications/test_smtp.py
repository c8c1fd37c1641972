"""Mail over a real SMTP server, friendly and not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from grantline.errors import GrantlineError, MailBounced, MailDeferred, Unavailable
from grantline.notifications.base import Letter
from grantline.notifications.smtp import SmtpNotifier, SmtpServer
from tests.notifications.office import Office, free_port

SENDER = "Grantline <access@grantline.test>"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.controller.stop()


def letter(address: str = "leo.park@grantline.test", **more: Any) -> Letter:
    return Letter(
        **{
            "id": "11111111-0000-4000-8000-000000000001",
            "kind": "access-delivered",
            "name": "Leo Park",
            "address": address,
            "subject": "Delivered: Payroll für Leo",
            "text": "Du hast es – jetzt.\n",
            "html": "<p>Du hast es – jetzt.</p>\n",
            "link": "https://access.example.com/requests/1",
        }
        | more
    )


async def carry(server: SmtpServer, *letters: Letter) -> list[str]:
    """Send letters over one connection; return what became of each."""
    outcomes: list[str] = []
    async with SmtpNotifier(server, sender=SENDER).open() as carrier:
        for one in letters:
            try:
                await carrier.carry(one)
            except GrantlineError as error:
                outcomes.append(f"{type(error).__name__}: {error.message}")
            else:
                outcomes.append("sent")
    return outcomes


async def test_a_letter_arrives_whole_as_text_and_html(office: Office) -> None:
    assert await carry(office.server(), letter()) == ["sent"]

    (message,) = office.postbox.got
    assert office.postbox.envelopes == [("access@grantline.test", ["leo.park@grantline.test"])]
    headers = {name: str(message[name]) for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted")}
    assert headers == {
        "From": "Grantline <access@grantline.test>",
        "To": "Leo Park <leo.park@grantline.test>",
        "Subject": "Delivered: Payroll für Leo",
        "Message-ID": "<11111111-0000-4000-8000-000000000001@grantline.test>",
        "Auto-Submitted": "auto-generated",
    }
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Du hast es – jetzt."]
    assert html.get_content().splitlines() == ["<p>Du hast es – jetzt.</p>"]


async def test_what_the_server_says_of_one_letter_does_not_touch_the_others(office: Office) -> None:
    box = office.postbox
    box.at_rcpt = {
        "greylisted@grantline.test": "451 4.7.1 Come again",
        "full@grantline.test": "450 4.2.2 Mailbox busy",
        "gone@grantline.test": "550 5.1.1 No such person",
    }
    box.at_data = {"spam@grantline.test": "554 5.7.1 Looks like spam", "later@grantline.test": "452 4.3.1 Disk full"}
    names = ("greylisted", "full", "gone", "spam", "later", "leo")

    outcomes = await carry(office.server(), *(letter(f"{name}@grantline.test") for name in names))

    assert outcomes == [
        "MailDeferred: 451 4.7.1 Come again",
        "MailDeferred: 450 4.2.2 Mailbox busy",
        "MailBounced: 550 5.1.1 No such person",
        "MailBounced: 554 5.7.1 Looks like spam",
        "MailDeferred: 452 4.3.1 Disk full",
        "sent",
    ]
    assert [str(message["To"]) for message in box.got] == ["Leo Park <leo@grantline.test>"]


async def test_a_sender_the_server_refuses_is_nobodys_bounce(office: Office) -> None:
    office.postbox.at_sender = "550 5.7.1 Who are you"
    (outcome,) = await carry(office.server(), letter())
    assert outcome == (
        f"Unavailable: The mail server 127.0.0.1:{office.controller.port} takes nothing from us: 550 5.7.1 Who are you."
    )


async def test_a_server_that_closes_is_away(office: Office) -> None:
    office.postbox.at_rcpt["leo.park@grantline.test"] = "421 4.3.2 Shutting down"
    (outcome,) = await carry(office.server(), letter())
    assert outcome.startswith("Unavailable: ")


@pytest.mark.parametrize(
    "address", ["no address", "two@at@signs.test", "a@b\r\nBcc: eve@grantline.test", "leo@", "müller@x.test", ""]
)
async def test_what_is_no_address_bounces(office: Office, address: str) -> None:
    (outcome,) = await carry(office.server(), letter(address))
    assert outcome.startswith("MailBounced: ")
    assert office.postbox.got == []


async def test_a_domain_beyond_ascii_goes_as_servers_know_it(office: Office) -> None:
    assert await carry(office.server(), letter("leo@büro.test")) == ["sent"]
    assert office.postbox.envelopes == [("access@grantline.test", ["leo@xn--bro-hoa.test"])]


async def test_a_refused_connection_is_away() -> None:
    with pytest.raises(Unavailable, match="cannot be used"):
        await carry(SmtpServer(host="127.0.0.1", port=free_port(), starttls=False), letter())


@asynccontextmanager
async def saying(greeting: bytes | None) -> AsyncIterator[int]:
    """Run a server that says this and no more; None: it accepts, and keeps silent."""
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greeting is not None:
            writer.write(greeting)
            await writer.drain()
        await done.wait()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    done.set()
    server.close()


@pytest.mark.parametrize(
    ("story", "greeting"),
    [("silence", None), ("no", b"554 no service here\r\n"), ("busy", b"421 too busy\r\n"), ("nonsense", b"hello\r\n")],
)
async def test_a_server_that_does_not_greet_is_away_and_nobody_waits_for_it_for_ever(
    story: str, greeting: bytes | None
) -> None:
    async with saying(greeting) as port:
        server = SmtpServer(host="127.0.0.1", port=port, starttls=False, step_seconds=0.3)
        with pytest.raises(Unavailable):
            await carry(server, letter())


async def test_starttls_is_insisted_on(office: Office) -> None:
    with pytest.raises(Unavailable, match="cannot be used"):
        await carry(office.server(starttls=True), letter())
    assert office.postbox.got == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("password", "is_let_in"), [("right", True), ("wrong", False)])
async def test_the_server_is_told_who_we_are(password: str, is_let_in: bool) -> None:
    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"grantline", b"right"), handled=False)

    office = Office(
        authenticator=authenticate, auth_required=True, auth_require_tls=False, auth_exclude_mechanism=["LOGIN"]
    )
    try:
        server = office.server(user="grantline", password=password)
        if is_let_in:
            assert await carry(server, letter()) == ["sent"]
        else:
            with pytest.raises(Unavailable, match="takes nothing from us: 535"):
                await carry(server, letter())
    finally:
        office.controller.stop()


def test_the_two_refusals_differ_in_whether_we_come_again() -> None:
    assert (MailDeferred.retryable, MailBounced.retryable) == (True, False)
