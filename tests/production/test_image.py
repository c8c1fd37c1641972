"""The Dockerfile copies what is there, installs what was tested, and runs as nobody in particular."""

import fnmatch
import re
import tomllib
from pathlib import Path

from tests.architecture.house import ROOT, tracked

LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [tuple(line.split(maxsplit=1)) for line in LINES if line and not line.startswith("#")]
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
    "wheel"
]


def arguments(instruction: str) -> list[str]:
    """Return what follows an instruction, each time it is given."""
    return [rest for name, rest in STEPS if name == instruction]


def sources() -> list[str]:
    """Return the paths that are copied out of the repository."""
    copies = [line.split()[:-1] for line in arguments("COPY") if not line.startswith("--from")]
    return [path for copy in copies for path in copy]


def is_ignored(path: Path) -> bool:
    """Tell whether .dockerignore keeps a file out; the last line that matches decides."""
    verdict = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        if any(fnmatch.fnmatch(part, pattern) for part in (str(path), *path.parts)):
            verdict = not line.startswith("!")
    return verdict


def test_what_is_copied_is_in_the_repository_and_not_ignored() -> None:
    for source in sources():
        files = [path for path in tracked() if path == Path(source) or Path(source) in path.parents]
        assert files, f"{source} is not in the repository"
        assert [path for path in files if is_ignored(path) and path.suffix != ".pyc"] == []


def test_secrets_and_data_do_not_reach_the_builder() -> None:
    assert [p for p in (".env", ".grantline/grantline.db", ".git/config", ".venv/x") if not is_ignored(Path(p))] == []


def test_everything_the_wheel_ships_is_copied() -> None:
    assert [path for path in WHEEL["only-include"] if path not in sources()] == []


def test_every_installation_is_by_hash_or_of_our_own_wheel() -> None:
    installs = [command for line in arguments("RUN") for command in line.split("&&") if " pip " in command]
    assert len(installs) == 3
    assert all("--require-hashes" in command or "--no-index" in command for command in installs), installs


def test_the_image_runs_as_an_ordinary_user_and_starts_our_command() -> None:
    last = max(index for index, (name, _) in enumerate(STEPS) if name == "FROM")
    final = STEPS[last:]
    assert [rest for name, rest in final if name == "USER"] == ["10001"]
    assert ("ENTRYPOINT", '["grantline"]') in final
    assert [name for name, _ in final].index("USER") > [name for name, _ in final].index("RUN")


def test_the_base_image_is_of_the_python_that_the_lock_is_for() -> None:
    lock = re.search(r"--python-version ([\d.]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert lock is not None
    assert {line.split()[0].split(":")[1].split("-")[0] for line in arguments("FROM")} == {lock[1]}
