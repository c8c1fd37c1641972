"""Every connector of the registry keeps the contract: whoever adds one cannot forget it."""

import importlib
import pkgutil

import pytest

import tests.contracts
from grantline.connectors.base import by_origin_system, connector_for
from grantline.connectors.groups import GroupConnector
from grantline.connectors.registry import KINDS
from grantline.connectors.scim import ScimConnector
from grantline.errors import TargetRefused
from tests.contracts.connector import ConnectorContract


def test_each_kind_of_connector_is_put_to_the_contract() -> None:
    for module in pkgutil.iter_modules(tests.contracts.__path__, "tests.contracts."):
        importlib.import_module(module.name)
    assert {each.kind for each in ConnectorContract.__subclasses__()} == set(KINDS)


async def test_a_target_system_without_a_connector_is_refused_by_name() -> None:
    scim = ScimConnector("http://127.0.0.1:1", None)
    connectors = by_origin_system(scim)
    assert connector_for(connectors, "Scim") is scim
    with pytest.raises(TargetRefused, match=r"'AadGroup'.*set up are: Scim"):
        connector_for(connectors, GroupConnector.origin_system)
    await scim.aclose()
