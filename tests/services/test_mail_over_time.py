"""Who is mailed when time passes: reminders, alternates, the coming end, and an extension that waits."""

from datetime import timedelta

from grantline.persistence.database import Database
from grantline.services.assignments.notices import give_notice
from tests.cast import CY
from tests.services.letterbox import Letterbox
from tests.services.scene import furnish
from tests.services.test_notices import AT_ONCE, DAY, FORTNIGHT, held_by_leo, held_now
from tests.services.test_nudging import asked, escalate, escalating, named, remind


async def test_alternates_are_asked_by_mail_and_reminded_with_the_first(database: Database) -> None:
    progress = await asked(database, escalating(*named(CY), deadline=timedelta(days=2)))
    box = Letterbox(database)
    await box.new()
    progress = await escalate(database, progress)
    assert await box.new() == {"approval-needed": "Cy"}
    progress = await remind(database, progress)
    assert await box.new() == {"approval-reminder": "Bob Cy"}
    assert await box.new() == {}


async def test_the_end_is_announced_by_mail_to_the_holder_once_for_each_notice(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    box = Letterbox(database)
    await box.new()
    for lead in (FORTNIGHT, DAY):
        for _ in range(2):
            await give_notice(database, assignment_id, ends_at - lead)
        assert (await box.new()).keys() == {"access-near-end"}
    assert await box.new() == {}
