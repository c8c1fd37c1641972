"""A policy goes through the models of Microsoft's own SDK and back."""

import json
from typing import Any

from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph.generated.models.access_package_assignment_policy import AccessPackageAssignmentPolicy

from tests.api.configured import POLICIES, a_catalog, a_package
from tests.api.conftest import Clients
from tests.api.test_policies import WHOLE
from tests.cast import ADA


def as_python_clients_send_it(body: bytes) -> dict[str, Any]:
    """Read with the SDK's model, and write what it would send."""
    node = JsonParseNodeFactory().get_root_parse_node("application/json", body)
    model = node.get_object_value(AccessPackageAssignmentPolicy)
    writer = JsonSerializationWriter()
    writer.write_object_value(None, model)
    return json.loads(writer.get_serialized_content())


async def test_the_sdk_changes_a_policy_that_it_has_read(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    policy_id = (await ada.post(POLICIES, json=WHOLE | {"accessPackage": {"id": package_id}})).json()["id"]
    read = await ada.get(f"{POLICIES}/{policy_id}?$expand=accessPackage")
    body = as_python_clients_send_it(read.content)
    assert body["expiration"]["duration"] != "P365D"  # the form that only we and Python read
    body["description"] = "changed"
    written = await ada.put(f"{POLICIES}/{policy_id}", json=body)
    assert written.status_code == 200, written.text
    expected = WHOLE | {"description": "changed"}
    assert {name: written.json()[name] for name in WHOLE} == expected
