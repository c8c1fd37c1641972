"""The list that a newcomer could forget to extend: the eligibility checks, in the order they are asked."""

import importlib

from grantline.rules import eligibility
from tests.architecture.house import ROOT

CHECKS = ROOT / "grantline/rules/eligibility"


def test_every_check_in_the_folder_is_asked_in_order() -> None:
    files = {path.stem for path in CHECKS.glob("*.py") if path.stem != "__init__"}
    listed = [module.__name__.rsplit(".", 1)[-1] for module in eligibility.IN_ORDER]
    assert sorted(listed) == sorted(files)


def test_the_order_that_is_asked_is_the_order_that_is_listed() -> None:
    asked = [*eligibility.FIRST, *eligibility.WHO, *eligibility.ALREADY, *eligibility.HOW]
    assert asked == [module.judge for module in eligibility.IN_ORDER]


def test_every_check_has_an_id_of_its_own() -> None:
    files = [path.stem for path in CHECKS.glob("*.py") if path.stem != "__init__"]
    ids = [importlib.import_module(f"grantline.rules.eligibility.{name}").ID for name in files]
    assert sorted(set(ids)) == sorted(ids)
