"""What the tests of the house share: its files, and what git keeps of them."""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("grantline", "activities", "workflows", "api")


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file of the project, relative to its root: what git has or would take.

    Without git (an unpacked archive) it is every file of the rooms and pages.
    """
    if (ROOT / ".git").exists() and shutil.which("git"):
        # A container's user is often not the one who cloned; git refuses that, unless told.
        command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
        return tuple(Path(line) for line in listed if (ROOT / line).is_file())
    places = [*ROOMS, "tests", "bench", "docs", "requirements", "deploy"]
    found = [p for place in places for p in (ROOT / place).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return tuple(p.relative_to(ROOT) for p in [*found, *(p for p in ROOT.iterdir() if p.is_file())])


def python_files(*places: str) -> list[Path]:
    """Return the Python files under these folders (or these very files), all of them if none is named."""
    wanted = places or (*ROOMS, "worker.py", "tests", "bench")
    return [p for p in tracked() if p.suffix == ".py" and (p.parts[0] in wanted or str(p) in wanted)]


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file given relative to the root."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """Return the full names of the modules (and names in them) that a file imports."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found
