"""The OpenAPI description tells the truth: the shape of every success, one body for all failures, no idle status.

That answers are what is described is looked at wherever the tests of this folder call the API (`promised`).
"""

import json
import re
from typing import Any

import pytest

from api.description import Failure
from api.routes import entitlement_settings
from api.routes.entitlement_settings import SINGLETON
from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import ASSIGNMENTS, REQUESTS, open_office, user_add
from tests.api.promised import description
from tests.cast import ADA, LEO, fixed_id

GOVERNANCE_PATH = "/v1.0/identityGovernance/entitlementManagement"
SETTINGS = f"{GOVERNANCE_PATH}/settings"


def test_every_operation_says_how_it_fails() -> None:
    found = description()
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


def test_every_operation_says_what_it_answers() -> None:
    found = description()
    names = set(found["components"]["schemas"])
    unsaid: set[str] = set()
    for path, operations in found["paths"].items():
        for method, one in operations.items():
            for status, answer in one["responses"].items():
                contents = answer.get("content", {}).values()
                if status.startswith("2") and not all(content.get("schema") for content in contents):
                    unsaid.add(f"{method} {path}")
                if status in {"200", "201"} and not contents:
                    unsaid.add(f"{method} {path}")
            if method in {"post", "put", "patch"} and "requestBody" in one:
                assert one["requestBody"]["content"]["application/json"]["schema"], path
    assert unsaid == set()
    assert set(re.findall(r"#/components/schemas/(\w+)", json.dumps(found))) <= names


def test_what_a_call_answers_is_what_is_described() -> None:
    found = description()
    schemas = found["components"]["schemas"]

    def answer(method: str, path: str, status: str = "200") -> Any:
        return found["paths"][path][method]["responses"][status].get("content", {}).get("application/json")

    assert answer("get", f"{GOVERNANCE_PATH}/accessPackages") == {
        "schema": {
            "type": "object",
            "properties": {
                "@odata.context": {"type": "string"},
                "@odata.count": {"type": "integer"},
                "@odata.nextLink": {"type": "string"},
                "value": {"type": "array", "items": {"$ref": "#/components/schemas/PackageOut"}},
            },
            "required": ["@odata.context", "value"],
        }
    }
    assert answer("post", f"{GOVERNANCE_PATH}/assignmentRequests", "201")["schema"]["allOf"][0] == {
        "$ref": "#/components/schemas/RequestOut"
    }
    assert answer("patch", f"{GOVERNANCE_PATH}/catalogs/{{catalog_id}}", "204") is None
    assert "200" not in found["paths"][f"{GOVERNANCE_PATH}/assignments/{{assignment_id}}"]["delete"]["responses"]
    assert answer("get", "/api/requests/{request_id}/explain") == {
        "schema": {"$ref": "#/components/schemas/RequestExplained"}
    }
    assert "catalog" in schemas["PackageOut"]["properties"]
    assert not {"catalog", "assignmentPolicies"} & set(schemas["PackageOut"]["required"])
    assert "isTimelineWhole" in schemas["RequestExplained"]["required"]


@pytest.mark.parametrize(
    "said", [SINGLETON | {"shoeSize": 42}, SINGLETON | {"id": 42}, {"id": "singleton"}], ids=["more", "other", "less"]
)
async def test_an_answer_that_is_otherwise_is_noticed(
    as_: Clients, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]
) -> None:
    monkeypatch.setattr(entitlement_settings, "SINGLETON", said)
    with pytest.raises(AssertionError, match=re.escape(f"GET {SETTINGS}")):
        await as_(ADA).get(f"{BASE}{SETTINGS}")


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
