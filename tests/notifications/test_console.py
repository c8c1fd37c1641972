"""The console: each letter a line of the log."""

import logging

import pytest

from grantline.model.mail import MailKind
from grantline.notifications.console import ConsoleNotifier
from grantline.notifications.rendering import Templates
from grantline.notifications.samples import samples


async def test_a_letter_is_one_structured_line(caplog: pytest.LogCaptureFixture) -> None:
    letter = Templates("https://access.example.com").write(samples(MailKind.REQUEST_DENIED)[0])
    with caplog.at_level(logging.INFO):
        async with ConsoleNotifier().open() as carrier:
            await carrier.carry(letter)
    (record,) = caplog.records
    assert record.getMessage() == "mail"
    assert {name: getattr(record, name) for name in ("mail", "to", "subject", "link")} == {
        "mail": "request-denied",
        "to": "leo.park@example.com",
        "subject": "Denied: Payroll & bonus for Leo Park, asked by Mia Lind",
        "link": letter.link,
    }
