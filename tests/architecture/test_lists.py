"""Lists that a newcomer could forget to extend: checks, and where chance and time come from."""

import ast
import importlib
from pathlib import Path

from grantline.rules import eligibility
from tests.architecture.house import ROOT, parsed, python_files

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


def test_nothing_is_left_unsaid_by_an_empty_handler() -> None:
    """`except …: pass` without a comment says nothing about why it is right."""
    silent = [
        f"{path}:{node.lineno}"
        for path in python_files("grantline", "activities", "workflows", "api")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(line, ast.Pass) for line in node.body)
        and not commented(path, node)
    ]
    assert silent == []


def commented(path: Path, node: ast.ExceptHandler) -> bool:
    """Tell whether a handler's lines carry a comment."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()[node.lineno - 1 : node.body[-1].end_lineno]
    return any("#" in line for line in lines)
