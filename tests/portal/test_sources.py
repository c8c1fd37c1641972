"""The portal's sources, looked at without a browser: its words in every language, its size, the API it calls."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import OPEN_ROUTERS, PREFIX, ROUTERS
from api.middleware import Paths
from grantline.model.event import EventType
from grantline.model.roles import Role
from grantline.rules.permissions import Task
from tests.architecture.house import ROOT
from tests.docs.portal_types import FILE, RECIPE, is_current
from tests.portal.conftest import first_load
from tests.provider.npm import NODE

PORTAL = ROOT / "portal"
STATIC = ROOT / "api" / "static"
SOURCES = sorted((PORTAL / "src").rglob("*.ts*"))
OURS = [path for path in SOURCES if path != FILE]
TYPESCRIPT = PORTAL / "node_modules/typescript/bin/tsc"
LARGEST_FIRST_LOAD = 250 * 1024
LONGEST_FILE = 260
ID = "6f2b1f9e-9a55-4d4c-8f9e-2f1f4c3b2a10"


def messages(language: str) -> dict[str, str]:
    """Return the messages of a language."""
    return dict(json.loads((PORTAL / f"src/messages/{language}.json").read_text(encoding="utf-8")))


def holes(message: str) -> set[str]:
    """Return what is filled into a message."""
    return set(re.findall(r"\{(\w+)\}", message))


@pytest.mark.parametrize("language", ["de"])
def test_every_language_says_everything_and_fills_in_the_same(language: str) -> None:
    english, other = messages("en"), messages(language)
    assert other.keys() == english.keys()
    assert {key for key, text in english.items() if holes(text) != holes(other[key])} == set()
    assert [key for key, text in other.items() if not text.strip()] == []


def test_every_message_is_said_somewhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    said = set(re.findall(r'"([a-zA-Z]+(?:\.[a-zA-Z]+)*)"', text))
    said |= {f"{key}.{form}" for key in said for form in ("one", "other")}
    # Those made from a word: text.word("state", …), text(`admin.${…}`).
    families = set(re.findall(r'text\.word\("(\w+)"', text)) | set(re.findall(r"text\(`(\w+)\.\$\{", text))
    unsaid = {key for key in messages("en") if key not in said and key.partition(".")[0] not in families}
    assert unsaid == set()


def test_the_trail_tells_every_kind_of_event() -> None:
    listed = (
        (PORTAL / "src/areas/admin/trail.ts").read_text(encoding="utf-8").partition("EVENTS = [")[2].partition("]")[0]
    )
    told = {key.partition(".")[2] for key in messages("en") if key.startswith(("event.", "trail."))}
    assert sorted(re.findall(r'"([\w.]+)"', listed)) == sorted(EventType)
    assert set(EventType) - told == set()


def test_what_is_on_the_screen_comes_from_the_messages() -> None:
    """No sentence stands between tags."""
    spoken = re.compile(r">\s*([A-Z][a-z]+(?: [a-z]+)*)\s*</")
    found = {str(path.relative_to(PORTAL)): spoken.findall(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_files_stay_small() -> None:
    lengths = {str(path.relative_to(PORTAL)): len(path.read_text(encoding="utf-8").splitlines()) for path in OURS}
    assert {name: count for name, count in lengths.items() if count > LONGEST_FILE} == {}


def test_the_types_are_those_of_the_api() -> None:
    assert is_current(), "The API's description has changed: make docs"


@pytest.mark.skipif(not TYPESCRIPT.exists(), reason="the portal was not built here: no npm registry")
def test_the_portal_is_of_one_piece() -> None:
    """The build reads no types: what was moved or renamed would break where it is used, in somebody's browser."""
    looked = subprocess.run([NODE, TYPESCRIPT, "--noEmit"], cwd=PORTAL, capture_output=True, text=True, check=False)
    assert looked.stdout == ""


@pytest.mark.parametrize("folder", [PORTAL, RECIPE], ids=["portal", "types"])
def test_the_lock_names_no_registry_and_every_package_by_hash(folder: Path) -> None:
    lock: dict[str, Any] = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")] == []


def test_every_path_the_portal_calls_is_one_the_api_serves() -> None:
    text = "\n".join((PORTAL / f"src/api/{name}.ts").read_text(encoding="utf-8") for name in ("paths", "adminPaths"))
    roots = dict(re.findall(r'const ([A-Z]+) = "(/[^"]+)"', text))
    called = re.findall(r'\([`"]((?:\$\{[A-Z]+\}|/v1\.0|/api)[^`"]*)', text)
    served = Paths(
        (prefix + route.path, route.methods or ())
        for routers, prefix in ((OPEN_ROUTERS, ""), (ROUTERS, PREFIX))
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    )
    paths = {re.sub(r"\$\{([A-Z]+)\}", lambda root: roots[root[1]], one) for one in called}
    paths = {re.sub(r"\{\w+\}", ID, path.replace("{on}", "target")) for path in paths}
    assert len(paths) > 50
    assert {path for path in paths if not served.at(path)} == set()


def test_what_the_portal_asks_whether_one_may_is_a_task_of_the_table_and_it_knows_no_roles() -> None:
    asked = re.findall(r'\| "(\w+)"', (PORTAL / "src/api/useMay.ts").read_text(encoding="utf-8"))
    assert len(asked) > 10
    assert set(asked) - set(Task) == set()
    named = {"isAdministrator", *(role.value for role in Role)}
    known = {path.name: named & set(re.findall(r"\w+", path.read_text(encoding="utf-8"))) for path in OURS}
    assert {name: roles for name, roles in known.items() if roles} == {}


@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the portal is not built: no npm registry")
def test_the_first_page_is_light() -> None:
    scripts = first_load(STATIC)
    assert scripts
    assert sum((STATIC / f"assets/{name}.gz").stat().st_size for name in scripts) < LARGEST_FIRST_LOAD
