"""What an explanation would tell of approvers stays with those who may know them."""

import pytest

from grantline import errors
from grantline.persistence.database import Database
from grantline.services import explanation
from tests.cast import ADA, BOB, LEO, MIA, acting
from tests.services.scene import ask_for, furnish, policy


async def test_names_that_the_policy_hides_are_not_told_by_explaining(sqlite_database: Database) -> None:
    await furnish(sqlite_database, policy())
    request_id = (await ask_for(sqlite_database, MIA, LEO)).request.id
    for viewer in (MIA, LEO):
        with pytest.raises(errors.NotAllowed, match="does not show who approves"):
            await explanation.of_request(sqlite_database, acting(viewer), request_id, shows_approvers=False)
    for viewer in (BOB, ADA):
        told = await explanation.of_request(sqlite_database, acting(viewer), request_id, shows_approvers=False)
        assert told.id == request_id
