"""The tail is what hurts: no file over 400 lines, no function over 40.

A longer function says why in its docstring ("Long because …"). Files have no
such door: they can always be split.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, parsed, python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
# A schema is a list, in the order it is made; splitting it would only hide the order.
MIGRATIONS = Path("grantline/persistence/migrations/versions")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a file, nested ones included."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from `def`, its docstring left out."""
    body = node.body
    first = body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    spoken = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - spoken


def test_no_file_is_longer_than_one_sitting() -> None:
    lines = {str(p): len((ROOT / p).read_text(encoding="utf-8").splitlines()) for p in python_files()}
    too_long = {path: n for path, n in lines.items() if n > LONGEST_FILE and MIGRATIONS not in Path(path).parents}
    assert too_long == {}


@pytest.mark.xdist_group("arrows")  # where every file is read already
def test_no_function_is_longer_than_a_screen_unless_it_argues() -> None:
    too_long = {
        f"{path}:{node.lineno} {node.name}": length(node)
        for path in python_files()
        if MIGRATIONS not in path.parents
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION and "Long because" not in (ast.get_docstring(node) or "")
    }
    assert too_long == {}
