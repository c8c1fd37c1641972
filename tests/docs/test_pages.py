"""Every error, event and setting has its heading; every path that a page names is there."""

import re
from pathlib import Path

import pytest

from grantline import errors
from grantline.model.event import EventType
from grantline.sample import organisation
from tests.architecture.house import ROOT, tracked
from tests.docs.pages import (
    GRAPH_PAGE,
    PERMISSIONS_PAGE,
    SETTINGS_PAGE,
    graph_page,
    permissions_page,
    settings_page,
)

MAPS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
# The first part of a path of ours, so that `/me` or `application/json` is not taken for one.
ROOTS = {path.parts[0] for path in tracked()}
CLASSES = sorted(
    (c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.GrantlineError)),
    key=lambda c: c.__name__,
)


def headings(page: str) -> list[str]:
    """Return the codes that a page has headings for."""
    return re.findall(r"^#+ `([^`]+)`$", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)


def section(page: str, code: str) -> str:
    """Return what stands under a code's heading."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.split(r"^#+ ", text.split(f"# `{code}`\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0].strip()


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_an_error_says_what_it_is(error: type[errors.GrantlineError]) -> None:
    assert error.__dict__.get("__doc__"), f"{error.__name__} has no docstring of its own"
    tree = (errors.__doc__ or "").partition("\n\n`code`")[0]
    assert re.search(rf"\b{error.__name__}\b", tree), f"{error.__name__} is not drawn in the tree of errors.py"


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn: dict[str, str | None] = {}
    line_of: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)(?:\s+(\d{3})?.*)?$", line)
        if match is None:
            continue
        depth = len(match[1]) // 4 + (1 if "── " in line else 0)
        line_of[depth:] = [match[2]]
        drawn[match[2]] = line_of[depth - 1] if depth else None
    real = {c.__name__: c.__bases__[0].__name__ if c is not errors.GrantlineError else None for c in CLASSES}
    assert drawn == real


def test_codes_are_camel_case_and_lead_to_one_class() -> None:
    codes = [c.__dict__["code"] for c in CLASSES if "code" in c.__dict__]
    assert sorted(set(codes)) == sorted(codes)
    assert [code for code in codes if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", code)] == []


def test_every_error_code_has_its_heading_and_no_other() -> None:
    assert sorted(headings("docs/errors.md")) == sorted({c.code for c in CLASSES})


@pytest.mark.parametrize("error", [c for c in CLASSES if "code" in c.__dict__], ids=lambda c: c.code)
def test_an_error_is_documented_with_its_class_status_and_fate(error: type[errors.GrantlineError]) -> None:
    first = section("docs/errors.md", error.code).split(".")[0]
    fate = ", retryable" if error.retryable else ""
    assert first == f"`{error.__name__}`, {error.status}{fate}"


def test_every_kind_of_event_has_its_heading_and_no_other() -> None:
    assert sorted(headings("docs/events.md")) == sorted(EventType)
    assert [kind for kind in EventType if not section("docs/events.md", kind)] == []


def test_the_settings_page_is_what_the_class_says() -> None:
    assert SETTINGS_PAGE.read_text(encoding="utf-8") == settings_page(), "run `make docs`"


def test_the_page_of_graphs_paths_is_what_the_routes_are() -> None:
    assert GRAPH_PAGE.read_text(encoding="utf-8") == graph_page(), "run `make docs`"


def test_the_page_of_permissions_is_what_the_table_and_the_routes_are() -> None:
    assert PERMISSIONS_PAGE.read_text(encoding="utf-8") == permissions_page(), "run `make docs`"


def test_the_first_request_of_the_readme_is_about_the_sample_company() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
    leo = f"leo.park@{organisation.DOMAIN}"
    assert named == {organisation.person_id(leo), organisation.sample_id("package", organisation.FIRST_PACKAGE)}
    people = set(re.findall(r"grantline token (\S+?)\)", text))
    assert people == {organisation.MANAGER, organisation.APPROVER}
    assert f'"{organisation.FIRST_GROUP}"' in text


def paths_in(page: str) -> set[str]:
    """Return what a page puts in backticks and looks like a path of ours."""
    text = (ROOT / page).read_text(encoding="utf-8")
    spoken = re.findall(r"`([^`\s]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    linked = re.findall(r"\]\(([^)#\s]+)", text)
    ours = {s for s in spoken if s.split("/")[0] in ROOTS and re.fullmatch(r"[\w./-]+", s)}
    return ours | {link for link in linked if "://" not in link}


@pytest.mark.parametrize(
    "page", [*MAPS, *sorted(str(p) for p in tracked() if p.parts[0] == "docs" and p.suffix == ".md")]
)
def test_every_path_a_page_names_is_there(page: str) -> None:
    beside = (ROOT / page).parent
    assert [p for p in sorted(paths_in(page)) if not ((ROOT / p).exists() or (beside / p).exists())] == []


def test_a_newcomer_follows_one_request_through_at_most_ten_files() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    life = re.split(r"^## ", text.split("\n## The life of one request\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    files = set(re.findall(r"`([\w/.-]+\.py)`", life))
    assert 1 <= len(files) <= 10, sorted(files)


def test_make_help_names_every_target_that_contributing_does() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    told = set(re.findall(r"`make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert targets == told


DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda p: p.stem)
def test_a_decision_is_one_page_with_all_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "Alternatives", "What enforces it"]
    assert re.search(r"^Status: (accepted|superseded by \d{4})$", text, flags=re.MULTILINE)
    decision = text.split("## Decision\n", 1)[1].split("## ", 1)[0]
    assert re.search(r"^> .+$", decision, flags=re.MULTILINE), "the decision is one line that can be quoted"
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps_and_all_in_the_index() -> None:
    assert [int(p.name[:4]) for p in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert [p.name for p in DECISIONS if f"({p.name})" not in index] == []


# Written in two parts, so that this very file is clean.
ELSEWHERE = re.compile(
    "|".join(
        [
            r"(?<![\w/.])/" + r"(?:work|root|farm|home/\w+)/",
            r"files\.pythonhosted" + r"\.org",
            r"pypi" + r"\.org/simple",
            r"--(?:extra-)?index" + r"-url[ =]",
            r"\$HOME/" + r"\.pyenv",
        ]
    )
)
TEXT = {"", ".py", ".md", ".toml", ".txt", ".in", ".yml", ".yaml", ".json", ".sh", ".mako", ".csv", ".example", ".cfg"}


def test_no_file_names_a_machine_or_a_registry() -> None:
    guilty = []
    for path in tracked():
        if path.suffix not in TEXT:
            continue
        text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
        guilty += [f"{path}: {match[0]}" for match in ELSEWHERE.finditer(text)]
    assert guilty == []
