"""The OpenAPI description tells the truth about failures: one body for all of them, and no status that never comes."""

import warnings
from typing import Any

from fastapi import FastAPI

from api.description import Failure
from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import ASSIGNMENTS, REQUESTS, open_office, user_add
from tests.cast import ADA, LEO, fixed_id


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description; making it warns of the routes that have several paths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return app.openapi()


def test_every_operation_says_how_it_fails(app: FastAPI) -> None:
    found = described(app)
    operations = [one for some in found["paths"].values() for one in some.values()]
    assert len(operations) > 200
    for one in operations:
        assert "422" not in one["responses"]
        for status in ("4XX", "5XX"):
            content = one["responses"][status]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Failure"}
    schemas = found["components"]["schemas"]
    assert {"Failure", "Problem", "InnerError"} <= set(schemas)
    assert "HTTPValidationError" not in str(found)
    assert described(app) is found


async def test_failures_of_every_kind_have_the_body_that_is_described(database: Database, as_: Clients) -> None:
    await open_office(database)
    failed = {
        400: await as_(LEO).post(REQUESTS, json={"requestType": "nonsense"}),
        401: await as_(None).get("/me"),
        403: await as_(LEO).get(f"{BASE}/api/drift"),
        404: await as_(LEO).get(f"{ASSIGNMENTS}/{fixed_id('nothing')}"),
        405: await as_(LEO).put(REQUESTS, json={}),
        501: await as_(ADA).get("/identityGovernance/lifecycleWorkflows"),
    }
    assert (await as_(LEO).post(REQUESTS, json=user_add())).status_code == 201
    failed[409] = await as_(LEO).post(REQUESTS, json=user_add())
    for status, answer in failed.items():
        assert answer.status_code == status, answer.text
        error = Failure.model_validate(answer.json()).error
        assert error.code
        assert error.message
        assert error.inner_error.request_id == answer.headers["request-id"]
