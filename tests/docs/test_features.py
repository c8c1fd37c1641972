"""Every row of docs/features.md names a test that exists."""

import ast
import re

import pytest

from tests.stack import ROOT

ROW = re.compile(r"^\| (EF-\d{3}) \| .+ \| (tests/[\w/]+\.py)::(test_\w+) \|$")
TABLE = [line for line in (ROOT / "docs/features.md").read_text(encoding="utf-8").splitlines() if "EF-" in line]


@pytest.mark.parametrize("row", TABLE)
def test_a_feature_is_shown_by_a_test_that_exists(row: str) -> None:
    found = ROW.match(row)
    assert found, "a row is | EF-nnn | what | tests/….py::test_name |"
    _, file, name = found.groups()
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions


def test_rows_are_in_order_and_none_is_said_twice() -> None:
    assert sorted(set(TABLE)) == TABLE
