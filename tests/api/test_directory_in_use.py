"""What something still depends on is not deleted, and the refusal says what to do instead."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, people, policies
from tests.api.conftest import Clients
from tests.cast import ADA, BEA, BOB, LEO, LONG_AGO, MIA, OWNERS, READERS, fixed_id
from tests.packages import PAYROLL, enter_packages, hold


@pytest.fixture
async def office(database: Database) -> None:
    """Leo has a package, Readers is a resource, and a policy names Bea and the owners."""
    subjects: dict[str, Any] = {"approvers": [{"user_id": BEA.id}, {"group_id": OWNERS.id}]}
    async with database.write() as tx:
        await enter_packages(tx)
        held = await hold(tx, "payroll", LEO, PAYROLL.read, at=LONG_AGO)
        await tx.execute(
            insert(policies).values(
                id=fixed_id("policy"),
                package_id=fixed_id("package of payroll"),
                display_name="By the owners",
                description="",
                target_scope="allMemberUsers",
                settings=subjects,
                created_at=LONG_AGO,
                modified_at=LONG_AGO,
            )
        )
        assert held.grants


def refused(answer: httpx2.Response) -> str:
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "inUse"), answer.text
    return answer.json()["error"]["message"]


async def test_somebody_a_request_names_is_disabled_instead(office: None, as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    assert refused(await ada.delete(f"/users/{LEO.id}")) == (
        "Leo Park (leo@grantline.test) is named by requests or decisions on record and cannot be deleted; "
        "disable the account instead: PATCH accountEnabled false."
    )
    assert (await ada.patch(f"/users/{LEO.id}", json={"accountEnabled": False})).status_code == 204
    assert (await as_(LEO).get("/me")).status_code == 403
    async with database.read() as tx:
        assert await tx.scalar(select(people.c.account_enabled).where(people.c.id == LEO.id)) is False
        (event,) = await tx.all(select(audit_events))
    assert event.details == {
        "action": "changed",
        "fields": {"account_enabled": False},
        "before": {"account_enabled": True},
    }


async def test_an_approver_stays_until_the_policy_names_another(office: None, as_: Clients) -> None:
    message = refused(await as_(ADA).delete(f"/users/{BEA.id}"))
    assert (
        message
        == "Bea Hart (bea@grantline.test) is named by the policy 'By the owners'; name somebody else there first."
    )
    assert (await as_(ADA).delete(f"/users/{BOB.id}")).status_code == 204


async def test_a_group_stays_while_a_policy_or_a_catalog_refers_to_it(office: None, as_: Clients) -> None:
    assert "the policy 'By the owners'" in refused(await as_(ADA).delete(f"/groups/{OWNERS.id}"))
    assert "the resource 'Payroll readers' of a catalog" in refused(await as_(ADA).delete(f"/groups/{READERS.id}"))
    assert (await as_(MIA).get(f"/groups/{READERS.id}")).status_code == 200
