"""The list of access that should be gone."""

from datetime import timedelta

from sqlalchemy import update

from grantline.persistence.database import Database
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import grants
from grantline.services.requests import explanation
from tests.cast import ADA, LEO, LONG_AGO, MAX, MIA, acting
from tests.packages import PAYROLL, hold
from tests.services.scene import furnish


async def test_the_overdue_list_goes_on_where_a_page_ended(database: Database) -> None:
    await furnish(database)
    async with database.write() as tx:
        await hold(tx, "first", LEO, PAYROLL.read, at=LONG_AGO)
        await hold(tx, "second", MIA, PAYROLL.read, at=LONG_AGO + timedelta(days=1))
        await hold(tx, "third", MAX, PAYROLL.read, at=LONG_AGO + timedelta(days=2))
        await tx.changed(update(grants).values(is_wanted=False, version=2))
    first = await explanation.overdue_revocations(database, acting(ADA), ListQuery(top=2))
    rest = await explanation.overdue_revocations(database, acting(ADA), ListQuery(top=2, cursor=first.next_cursor))
    assert [one.person.display_name for one in (*first.rows, *rest.rows)] == ["Leo Park", "Mia Lind", "Max Moor"]
    assert rest.next_cursor is None
