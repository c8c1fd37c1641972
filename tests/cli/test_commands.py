"""Commands as a person or a script runs them: what is printed, where, and the exit code."""

from pathlib import Path

import jwt
import pytest

from grantline.sample.organisation import MANAGER
from grantline.services.directory.people_file import COLUMNS
from tests.cli.conftest import Shell

SAMPLE = Path(__file__).parents[2] / "grantline" / "sample" / "people.csv"


@pytest.fixture
def filled(grantline: Shell) -> Shell:
    """Return a shell whose home has the sample's people."""
    grantline("migrate")
    grantline("import", "people", str(SAMPLE))
    return grantline


def test_migrate_makes_the_database_and_may_be_repeated(grantline: Shell) -> None:
    expected = (0, f"The database file {grantline.home}/grantline.db has the present schema.\n", "")
    assert grantline("migrate") == expected
    assert grantline("migrate") == expected


def test_migrate_on_the_database_of_the_settings(
    grantline: Shell, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRANTLINE_DATABASE_URL", database_url)
    assert grantline("migrate")[0] == 0


@pytest.mark.parametrize("command", [("migrate",), ("token", "x"), ("import", "people", str(SAMPLE))])
def test_a_file_that_is_no_database_is_one_line(grantline: Shell, command: tuple[str, ...]) -> None:
    grantline.home.mkdir()
    (grantline.home / "grantline.db").write_bytes(b"no database at all" * 1000)

    expected = f"grantline: The database file {grantline.home}/grantline.db cannot be used: file is not a database.\n"
    assert grantline(*command) == (1, "", expected)


def test_a_database_that_is_away_is_one_line_without_its_password(
    grantline: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRANTLINE_DATABASE_URL", "postgresql://u:s3cret@127.0.0.1:1/n")

    code, out, err = grantline("token", "mia")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("grantline: The database postgresql+asyncpg://u:***@127.0.0.1:1/n cannot be used: ")


def test_a_home_that_cannot_be_made_is_one_line(grantline: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert grantline("migrate", "--home", str(tmp_path / "file" / "home")) == (
        1,
        "",
        f"grantline: The home folder {tmp_path}/file/home cannot be used: Not a directory.\n",
    )


def test_token_finds_people_by_user_name_in_any_case_and_by_id(filled: Shell) -> None:
    code, out, err = filled("token", MANAGER.upper())
    claims = jwt.decode(out.strip(), options={"verify_signature": False})
    by_id = jwt.decode(filled("token", claims["oid"])[1].strip(), options={"verify_signature": False})

    assert (code, err, out.count("\n")) == (0, "", 1)
    assert claims["preferred_username"] == by_id["preferred_username"] == MANAGER


def test_token_for_nobody_is_one_line(filled: Shell) -> None:
    assert filled("token", "nobody@harbourpine.example") == (
        1,
        "",
        "grantline: Nobody has 'nobody@harbourpine.example' as userPrincipalName, mail or id.\n",
    )


def test_token_for_a_blocked_account_warns(filled: Shell) -> None:
    code, out, err = filled("token", "dan.gone@harbourpine.example")
    assert (code, out.count("."), err) == (
        0,
        2,
        (
            "grantline: the account of Dan Gone (dan.gone@harbourpine.example) is disabled; "
            "the API will refuse the token.\n"
        ),
    )


def test_token_before_there_is_a_database_makes_none(grantline: Shell) -> None:
    code, out, err = grantline("token", "mia")
    assert (code, out) == (1, "")
    assert err == (
        f"grantline: The database file {grantline.home}/grantline.db does not exist; "
        "`grantline up` or `grantline migrate` makes it.\n"
    )
    assert not grantline.home.exists()


def test_token_is_refused_when_a_provider_issues_them(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTLINE_OIDC_ISSUER", "https://login.x.test")
    assert filled("token", MANAGER) == (
        1,
        "",
        "grantline: Tokens come from https://login.x.test; the development issuer is not in use.\n",
    )


def test_import_says_what_it_did_and_nothing_the_second_time(grantline: Shell) -> None:
    grantline("migrate")
    assert grantline("import", "people", str(SAMPLE)) == (0, "41 created, 0 changed, 0 unchanged\n", "")
    assert grantline("import", "people", str(SAMPLE)) == (0, "0 created, 0 changed, 41 unchanged\n", "")


def test_import_lists_faults_up_to_fifty(filled: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("\n".join([",".join(COLUMNS), *("a,b,c" for _ in range(60))]))

    code, out, err = filled("import", "people", str(file))

    lines = err.splitlines()
    assert (code, out, len(lines)) == (1, "", 52)
    assert lines[0] == "line 2: has 3 fields where the header has 9"
    assert lines[-2:] == ["… and 10 more", f"grantline: {file} has 60 faults; nothing was changed."]


@pytest.mark.parametrize(("name", "why"), [("missing.csv", "No such file or directory"), (".", "Is a directory")])
def test_import_of_what_cannot_be_read_is_one_line(filled: Shell, tmp_path: Path, name: str, why: str) -> None:
    assert filled("import", "people", str(tmp_path / name)) == (
        1,
        "",
        f"grantline: {tmp_path / name} cannot be read: {why}.\n",
    )


def test_audit_verify_walks_the_trail(filled: Shell) -> None:
    code, out, err = filled("audit", "verify")
    assert (code, err) == (0, "")
    assert out.startswith("1 events, unbroken; the last hash is ")


@pytest.mark.parametrize("command", [("up",), ("api",), ("migrate",)])
def test_the_development_issuer_is_refused_on_a_network(
    grantline: Shell, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GRANTLINE_HOST", "0.0.0.0")
    assert grantline(*command) == (
        1,
        "",
        (
            "grantline: the development issuer serves on loopback only, but GRANTLINE_HOST is 0.0.0.0; "
            "set GRANTLINE_OIDC_ISSUER or listen on 127.0.0.1\n"
        ),
    )


def test_doctor_says_what_is_missing(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTLINE_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("GRANTLINE_PROT", "1")

    code, out, err = filled("doctor")

    assert (code, err) == (1, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == [
        "bad   Variables that no setting has",
        "good  Program",
        f"good  The database file {filled.home}/grantline.db answers and has the present schema.",
        "bad   Temporal at 127.0.0.1:1 cannot be used",
        "bad   Temporal at 127.0.0.1:1 cannot be used",
    ]
