"""The wheel has all that runs and nothing else, and its command starts from anywhere."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.house import ROOMS, ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_has_every_file_of_the_rooms_and_no_other(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    rooms = {str(path) for path in tracked() if path.parts[0] in ROOMS} | {"worker.py"}
    assert {name for name in inside if not name.startswith("api/static/")} == rooms


@pytest.mark.skipif(not (ROOT / "api/static/index.html").exists(), reason="the portal is not built: no npm registry")
def test_the_wheel_carries_the_portal_as_it_was_built(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("api/static/")}
    built = {str(p.relative_to(ROOT)) for p in (ROOT / "api/static").rglob("*") if p.is_file()}
    assert inside == built
    assert {"api/static/index.html", "api/static/licenses.txt"} <= inside


@pytest.mark.parametrize(
    "needed", ["grantline/persistence/migrations/env.py", "grantline/sample/people.csv", "worker.py"]
)
def test_the_wheel_can_migrate_and_seed_and_work(wheel: Path, needed: str) -> None:
    assert needed in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_carries_the_licence_and_one_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (licence,) = (name for name in archive.namelist() if name.endswith("licenses/LICENSE"))
    assert "Apache License" in archive.read(licence).decode()
    (scripts,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    assert archive.read(scripts).decode().split() == ["[console_scripts]", "grantline", "=", "grantline.__main__:main"]


def test_the_installed_wheel_answers_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Unpacked as an installer would, away from the checkout, in an isolated interpreter."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    run_it = (
        "import sys; sys.path = [p for p in sys.path if p != sys.argv[1]]; sys.path.insert(0, sys.argv[2]); "
        "sys.argv = ['grantline', '--help']; from grantline.__main__ import main; import grantline; "
        "assert grantline.__file__.startswith(sys.path[0]), grantline.__file__; main()"
    )
    command = [sys.executable, "-I", "-c", run_it, str(ROOT), str(site)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "migrate" in run.stdout
