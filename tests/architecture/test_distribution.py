"""Our generic top-level names are ours alone in this environment (ADR 0003).

A second distribution that ships `workflows/` would overwrite ours without a
word, and its removal would delete our files.
"""

import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.house import ROOMS, ROOT

NAMES = (*ROOMS, "worker")


def test_nobody_else_ships_a_package_of_our_name() -> None:
    shipped = packages_distributions()
    strangers = {name: owners for name in NAMES if (owners := set(shipped.get(name, ())) - {"grantline"})}
    assert strangers == {}, "these install a top-level name that is ours"


def test_the_distribution_requires_what_the_lock_was_made_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = (ROOT / "requirements/main.in").read_text(encoding="utf-8").split()
    assert sorted(project["dependencies"]) == sorted(asked)


@pytest.mark.parametrize("name", ["main", "dev", "build"])
def test_the_lock_answers_every_requirement_by_hash(name: str) -> None:
    asked = [
        line.split(">")[0].split("=")[0].split("[")[0].strip().lower()
        for line in (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("-", "#"))
    ]
    blocks = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8").split("\n")
    pinned = {
        line.split("==")[0].split("[")[0].lower() for line in blocks if "==" in line and not line.startswith((" ", "#"))
    }
    assert [a for a in asked if a not in pinned] == []
    assert all(line.endswith("\\") for line in blocks if "==" in line and not line.startswith((" ", "#")))


def test_main_and_build_are_part_of_dev() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert pins("main") | pins("build") <= pins("dev")
