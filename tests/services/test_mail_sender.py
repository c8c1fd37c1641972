"""Sending what is owed: once, and in the end always. On both databases, over a real SMTP server."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.model.mail import Mail, MailKind
from grantline.notifications.base import Letter
from grantline.notifications.rendering import Templates
from grantline.notifications.smtp import SmtpNotifier, SmtpServer
from grantline.persistence.database import Database
from grantline.persistence.tables import mail_outbox
from grantline.services.sending.mail_sender import BATCH, HOLD, PATIENCE, MailSender, pause_after
from tests.cast import BEA, BOB, LEO, LONG_AGO, MIA
from tests.notifications.office import Office, free_port
from tests.services.letterbox import Letterbox
from tests.services.scene import ask_for, furnish

BEAS, BOBS, LEOS = (str(person.mail) for person in (BEA, BOB, LEO))
SENDER = "Grantline <access@grantline.test>"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.controller.stop()


def sender_for(database: Database, office: Office) -> MailSender:
    """Return a sender as a worker has it."""
    notifier = SmtpNotifier(office.server(), sender=SENDER)
    return MailSender(database, notifier, Templates("https://access.example.com").write)


async def owed(database: Database) -> Letterbox:
    """Let Mia ask for Leo: Bea and Bob must hear of it, and Leo."""
    await furnish(database)
    await ask_for(database, MIA, LEO)
    return Letterbox(database)


async def states(box: Letterbox) -> dict[str, tuple[str, int, str | None]]:
    """Return state, attempts and last error by address."""
    return {row.address: (row.state, row.attempts, row.last_error) for row in await box.rows()}


def addresses(office: Office) -> list[str]:
    return sorted(to for _, to_all in office.postbox.envelopes for to in to_all)


async def test_what_is_owed_is_sent_once_and_on_record(database: Database, office: Office) -> None:
    box = await owed(database)
    sender = sender_for(database, office)

    assert [await sender.sweep(), await sender.sweep()] == [3, 0]

    assert addresses(office) == [BEAS, BOBS, LEOS]
    assert await states(box) == dict.fromkeys((BEAS, BOBS, LEOS), ("sent", 1, None))
    assert all(row.settled_at is not None and row.lease_id is None for row in await box.rows())
    by_address = {message["To"].addresses[0].addr_spec: message["Subject"].strip() for message in office.postbox.got}
    assert by_address[LEOS].startswith("Mia Lind asked for Payroll for you, to be decided by ")
    assert by_address[BOBS].endswith(": Payroll for Leo Park, asked by Mia Lind")


async def test_many_senders_at_once_send_each_letter_once(database: Database, office: Office) -> None:
    await owed(database)
    await asyncio.gather(*(sender_for(database, office).sweep() for _ in range(4)))
    assert addresses(office) == [BEAS, BOBS, LEOS]


async def test_refused_for_now_comes_again_and_refused_for_good_does_not(database: Database, office: Office) -> None:
    box = await owed(database)
    office.postbox.at_rcpt = {BEAS: "451 4.7.1 Come again", LEOS: "550 5.1.1 No such person"}
    sender, before = sender_for(database, office), utc_now()

    await sender.sweep()

    assert await states(box) == {
        BEAS: ("waiting", 1, "451 4.7.1 Come again"),
        BOBS: ("sent", 1, None),
        LEOS: ("bounced", 1, "550 5.1.1 No such person"),
    }
    (bea,) = [row for row in await box.rows() if row.address == BEAS]
    assert before + timedelta(minutes=1) <= bea.next_attempt_at <= utc_now() + timedelta(minutes=1)
    assert await sender.sweep() == 0
    await make_due(database)
    await sender.sweep()
    assert (await states(box))[BEAS] == ("waiting", 2, "451 4.7.1 Come again")
    office.postbox.at_rcpt.clear()
    await make_due(database)
    assert [await sender.sweep(), await sender.sweep()] == [1, 0]
    assert (await states(box))[BEAS] == ("sent", 3, None)
    assert addresses(office) == [BEAS, BOBS]


async def test_after_four_days_of_refusal_a_letter_is_given_up(database: Database, office: Office) -> None:
    box = await owed(database)
    office.postbox.at_rcpt = dict.fromkeys((BEAS, BOBS, LEOS), "452 4.2.2 Mailbox full")
    await change(database, created_at=utc_now() - PATIENCE - timedelta(minutes=1))
    await sender_for(database, office).sweep()
    expected = ("bounced", 1, "given up after 4 days: 452 4.2.2 Mailbox full")
    assert await states(box) == dict.fromkeys((BEAS, BOBS, LEOS), expected)


async def test_a_server_that_is_away_costs_no_attempts_and_loses_nothing(database: Database, office: Office) -> None:
    box = await owed(database)
    nowhere = SmtpNotifier(SmtpServer(host="127.0.0.1", port=free_port(), starttls=False), sender=SENDER)
    sender = MailSender(database, nowhere, Templates("https://access.example.com").write)

    assert await sender.sweep() == 3

    rows = await box.rows()
    assert {(row.state, row.attempts) for row in rows} == {("waiting", 0)}
    assert all("cannot be used" in row.last_error for row in rows)
    await change(database, created_at=utc_now() - PATIENCE * 2)
    await make_due(database)
    await sender.sweep()
    await make_due(database)
    await sender_for(database, office).sweep()
    assert addresses(office) == [BEAS, BOBS, LEOS]
    assert await states(box) == dict.fromkeys((BEAS, BOBS, LEOS), ("sent", 1, None))


async def test_a_letter_that_breaks_the_connection_lets_others_go_first(database: Database, office: Office) -> None:
    box = await owed(database)
    first = (await taken_first(box)).address
    office.postbox.at_rcpt = {first: "421 4.3.2 Closing"}
    sender = sender_for(database, office)

    await sender.sweep()
    assert addresses(office) == []
    assert sorted(attempts for _, attempts, _ in (await states(box)).values()) == [0, 0, 1]
    await change(database, where_attempts=0, next_attempt_at=LONG_AGO)
    await sender.sweep()

    assert addresses(office) == sorted({BEAS, BOBS, LEOS} - {first})


async def test_killed_after_the_server_took_it_a_letter_goes_out_again_with_the_same_id(
    database: Database, office: Office
) -> None:
    """At least once: nobody can tell that the server had it, so Leo may read it twice rather than never."""
    box = await owed(database)
    dying = MailSender(database, Dying(office), Templates("https://access.example.com").write)

    with pytest.raises(asyncio.CancelledError):
        await dying.sweep()

    assert len(office.postbox.got) == 1
    assert {row.state for row in await box.rows()} == {"waiting"}
    other = sender_for(database, office)
    assert await other.sweep() == 0, "what another sender holds is left to it, for its time"
    held_until = {row.next_attempt_at for row in await box.rows()}
    assert all(utc_now() < until <= utc_now() + HOLD for until in held_until)
    await make_due(database)
    assert await other.sweep() == 3
    ids = [str(message["Message-ID"]) for message in office.postbox.got]
    assert (len(ids), len(set(ids))) == (4, 3)
    assert {row.state for row in await box.rows()} == {"sent"}


async def test_a_sender_whose_time_ran_out_does_not_overwrite_what_the_next_one_recorded(
    database: Database, office: Office
) -> None:
    box = await owed(database)
    slow = MailSender(database, Overtaken(office, database), Templates("https://access.example.com").write)
    office.postbox.at_rcpt = dict.fromkeys((BEAS, BOBS, LEOS), "451 Come again")
    await slow.sweep()
    assert {row.state for row in await box.rows()} == {"sent"}


async def test_one_letter_that_cannot_be_written_keeps_back_no_other(database: Database, office: Office) -> None:
    box = await owed(database)
    # A subject that needs a deadline cannot be written without one.
    values = {"kind": MailKind.REQUEST_EXPIRED.value, "details": {"package": "Payroll"}}
    async with database.write() as tx:
        await tx.changed(update(mail_outbox).where(mail_outbox.c.address == LEOS).values(**values))
    await sender_for(database, office).sweep()
    assert addresses(office) == [BEAS, BOBS]
    state, attempts, error = (await states(box))[LEOS]
    assert (state, attempts, str(error).partition(":")[0]) == ("waiting", 1, "TypeError")


async def test_mail_of_a_newer_release_is_left_to_it(database: Database, office: Office) -> None:
    box = await owed(database)
    await change(database, kind="approval-celebrated")
    assert await sender_for(database, office).sweep() == 0
    assert {row.state for row in await box.rows()} == {"waiting"}


async def test_owed_twice_is_one_row(database: Database) -> None:
    mail = Mail(kind=MailKind.ACCESS_ENDED, about="assignment", to=(LEO, LEO), details={"package": "Payroll"})
    for _ in range(2):
        async with database.write() as tx:
            tx.mail(mail)
            tx.mail(mail)
    assert len(await Letterbox(database).rows()) == 1


async def test_in_the_background_it_sends_and_stops_when_told(sqlite_database: Database, office: Office) -> None:
    box = await owed(sqlite_database)
    async with sender_for(sqlite_database, office).at_work():
        async with asyncio.timeout(20):
            while {row.state for row in await box.rows()} != {"sent"}:
                await asyncio.sleep(0.02)
    assert addresses(office) == [BEAS, BOBS, LEOS]


async def test_more_than_a_batch_is_sent_batch_by_batch(sqlite_database: Database, office: Office) -> None:
    await owed(sqlite_database)
    (row, *_) = await Letterbox(sqlite_database).rows()
    copies = [{**row._mapping, "id": f"copy-{n}", "key": f"copy/{n}"} for n in range(BATCH)]
    async with sqlite_database.write() as tx:
        await tx.execute(mail_outbox.insert(), copies)
    sender = sender_for(sqlite_database, office)
    assert [await sender.sweep() for _ in range(3)] == [BATCH, 3, 0]


def test_pauses_grow_to_an_hour() -> None:
    minutes = [pause_after(attempts).total_seconds() / 60 for attempts in (0, 1, 2, 5, 6, 1000)]
    assert minutes == [1, 2, 4, 32, 60, 60]


class Dying:
    """A sender's process dies right after the server took the first letter."""

    def __init__(self, office: Office) -> None:
        self._notifier = SmtpNotifier(office.server(), sender=SENDER)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Dying"]:
        yield self

    async def carry(self, letter: Letter) -> None:
        async with self._notifier.open() as carrier:
            await carrier.carry(letter)
        raise asyncio.CancelledError


class Overtaken(Dying):
    """While this one waits for the server, its hold runs out and another sender gets through."""

    def __init__(self, office: Office, database: Database) -> None:
        super().__init__(office)
        self._database = database

    async def carry(self, letter: Letter) -> None:
        values = {"state": "sent", "lease_id": None}
        async with self._database.write() as tx:
            await tx.changed(update(mail_outbox).where(mail_outbox.c.id == letter.id).values(**values))
        async with self._notifier.open() as carrier:
            await carrier.carry(letter)


async def taken_first(box: Letterbox) -> Any:
    return min(await box.rows(), key=lambda row: (row.created_at, row.id))


async def make_due(database: Database) -> None:
    """Let the time of everything that waits come."""
    await change(database, next_attempt_at=LONG_AGO)


async def change(database: Database, *, where_attempts: int | None = None, **values: object) -> None:
    """Change the rows that wait."""
    statement = update(mail_outbox).where(mail_outbox.c.state == "waiting").values(**values)
    if where_attempts is not None:
        statement = statement.where(mail_outbox.c.attempts == where_attempts)
    async with database.write() as tx:
        await tx.changed(statement)
