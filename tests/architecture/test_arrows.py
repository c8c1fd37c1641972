"""Each arrow of ARCHITECTURE.md breaks the build when it is broken.

A copy of the rooms gets one offending import; import-linter must then name the
contract, and the import. The rooms as they are must keep every contract.
"""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import ROOMS, ROOT, imports_of, python_files

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in LINTER["contracts"]}

pytestmark = pytest.mark.xdist_group("arrows")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the rooms with their contracts."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(root: Path, *contracts: str) -> tuple[int, str]:
    """Run import-linter in a folder; return its exit code and all it says."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    command += [word for contract in contracts for word in ("--contract", contract)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def offend(root: Path, path: str, statement: str) -> None:
    """Add a statement to a module of the copy, which may be new."""
    file = root / path
    before = file.read_text(encoding="utf-8") if file.exists() else '"""An intruder."""\n'
    file.write_text(f"{before}\n{statement}\n", encoding="utf-8")


def test_the_rooms_as_they_are_keep_every_contract(copy: Path) -> None:
    code, says = lint(copy)
    assert (code, f"Contracts: {len(CONTRACTS)} kept, 0 broken." in says) == (0, True), says


@pytest.mark.parametrize(
    ("contract", "path", "statement", "complaint"),
    [
        ("floors", "grantline/model/intruder.py", "import api", "grantline is not allowed to import api"),
        (
            "floors",
            "activities/intruder.py",
            "import workflows.messages",
            "activities is not allowed to import workflows",
        ),
        ("ground-floor", "grantline/utils.py", "", "grantline.utils"),
        ("ground-floor", "grantline/model/intruder.py", "import grantline.persistence.tables", "grantline.model"),
        ("http", "api/helpers.py", "", "api.helpers"),
        ("http", "api/wire/intruder.py", "import api.routes", "api.wire"),
        ("pure", "grantline/rules/intruder.py", "import sqlalchemy", "grantline.rules.intruder -> sqlalchemy"),
        (
            "pure",
            "grantline/model/intruder.py",
            "import grantline.ambient",
            "grantline.model.intruder -> grantline.ambient",
        ),
        ("pure", "grantline/errors.py", "import random", "grantline.errors -> random"),
        ("one-door", "workflows/intruder.py", "import grantline.persistence.outbox", "grantline.persistence"),
        ("one-door", "workflows/intruder.py", "import grantline.rules.planning", "grantline.rules.planning"),
        ("checks-apart", "grantline/rules/eligibility/intruder.py", "", "grantline.rules.eligibility.intruder"),
        ("frameworks", "grantline/services/intruder.py", "import fastapi", "grantline.services.intruder -> fastapi"),
        ("frameworks", "grantline/persistence/intruder.py", "import temporalio", "grantline.persistence.intruder"),
    ],
)
def test_an_intruder_breaks_the_build(copy: Path, contract: str, path: str, statement: str, complaint: str) -> None:
    if contract == "checks-apart":
        known = next(p.stem for p in sorted((copy / path).parent.glob("[a-z]*.py")))
        statement = f"import grantline.rules.eligibility.{known}"
    offend(copy, path, statement)
    code, says = lint(copy, contract)
    assert code != 0, says
    assert complaint in says.replace("\n", " "), says
    assert f"{CONTRACTS[contract]['name'].split(':')[0]}:" in says, says


def rungs(contract: str, package: str) -> Iterator[tuple[str, str]]:
    """Yield every pair (upper, lower) of neighbouring layers that exist, and of those side by side."""
    above: list[str] = []
    for layer in CONTRACTS[contract]["layers"]:
        names = [part.strip(" ()") for part in layer.split("|")]
        here = [f"{package}.{name}" if package else name for name in names if exists(package, name)]
        yield from ((upper, lower) for upper in above for lower in here)
        yield from ((one, other) for one in here for other in here if one != other)
        above = here or above


def exists(package: str, name: str) -> bool:
    """Tell whether a room is there already."""
    return (ROOT / package / f"{name}.py").exists() or (ROOT / package / name / "__init__.py").exists()


@pytest.mark.parametrize(("contract", "package"), [("floors", ""), ("ground-floor", "grantline"), ("http", "api")])
def test_every_arrow_between_neighbours_points_one_way(copy: Path, contract: str, package: str) -> None:
    pairs = sorted(set(rungs(contract, package)))
    assert pairs
    for upper, lower in pairs:
        module = copy / lower.replace(".", "/")
        target = f"{module.relative_to(copy)}/__init__.py" if module.is_dir() else f"{module.relative_to(copy)}.py"
        offend(copy, target, f"import {upper}")
    code, says = lint(copy, contract)
    silent = [f"{lower} -> {upper}" for upper, lower in pairs if f"{lower} -> {upper} " not in says]
    assert (code, silent) == (1, []), says


def test_nothing_imports_the_worker() -> None:
    # import-linter sees packages only, and worker.py is a file.
    guilty = [str(p) for p in python_files("grantline", "workflows", "activities", "api") if "worker" in imports_of(p)]
    assert guilty == []


def test_the_rooms_import_neither_tests_nor_bench() -> None:
    guilty = [
        f"{p} imports {name}"
        for p in python_files("grantline", "workflows", "activities", "api", "worker.py")
        for name in imports_of(p)
        if name.split(".")[0] in {"tests", "bench"}
    ]
    assert guilty == []
