"""Settings: what is read, what is refused, and in which words."""

from pathlib import Path

import pytest

from grantline.errors import SetupError
from grantline.settings import PREFIX, Settings, load


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_with_nothing_set_everything_is_here_and_on_loopback(tmp_path: Path) -> None:
    settings = load()

    assert settings.home == tmp_path / ".grantline"
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/.grantline/grantline.db"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (settings.temporal_address, settings.temporal_namespace) == ("127.0.0.1:7233", "default")
    assert settings.uses_development_issuer


def test_the_environment_is_read_and_what_is_given_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTLINE_PORT", "9000")
    monkeypatch.setenv("GRANTLINE_ADMINISTRATORS", "Ada@x.test, ,bo@x.test")
    monkeypatch.setenv("GRANTLINE_OIDC_ISSUER", "")

    settings = load(port=9001, host=None)

    assert (settings.port, settings.public_url) == (9001, "http://127.0.0.1:9001")
    assert settings.administrators == ("ada@x.test", "bo@x.test")
    assert settings.is_administrator("ADA@x.test")
    assert settings.oidc_issuer is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@db/name", "postgresql+asyncpg://u:p@db/name"),
        ("postgres://u:p%40@db:5433/name?sslmode=require", "postgresql+asyncpg://u:p%40@db:5433/name?ssl=require"),
        ("postgresql+asyncpg://postgres@/x?host=/run/pg", "postgresql+asyncpg://postgres@/x?host=/run/pg"),
        ("sqlite:////var/lib/g.db", "sqlite+aiosqlite:////var/lib/g.db"),
        ("sqlite+aiosqlite:////var/lib/g.db", "sqlite+aiosqlite:////var/lib/g.db"),
    ],
)
def test_database_urls_get_the_driver_we_use(url: str, expected: str) -> None:
    assert load(database_url=url).database_url == expected


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"database_url": "mysql://h/n"},
            "GRANTLINE_DATABASE_URL begins with 'mysql'; it should begin with postgresql:// or sqlite:///",
        ),
        (
            {"database_url": "sqlite://"},
            "GRANTLINE_DATABASE_URL should name a file: sqlite:////absolute/path/grantline.db",
        ),
        (
            {"database_url": "postgresql://u:changeme@h/n"},
            "GRANTLINE_DATABASE_URL has a placeholder in it; put the real user and password",
        ),
        (
            {"database_url": "postgresql:///n"},
            "GRANTLINE_DATABASE_URL names no host; it should look like postgresql://user:password@host/name",
        ),
        ({"port": "x"}, "GRANTLINE_PORT 'x': input should be a valid integer, unable to parse string as an integer"),
        ({"port": 70000}, "GRANTLINE_PORT 70000: input should be less than or equal to 65535"),
        (
            {"temporal_address": "temporal"},
            "GRANTLINE_TEMPORAL_ADDRESS: 'temporal' should be host:port, such as temporal.internal:7233",
        ),
        (
            {"administrators": "ada"},
            "GRANTLINE_ADMINISTRATORS: 'ada' should be a userPrincipalName, such as ada@example.com",
        ),
        ({"scim_token": "<token>"}, "GRANTLINE_SCIM_TOKEN is still a placeholder; put the real value"),
        (
            {"scim_base_url": "https://scim.x.test/v2"},
            "GRANTLINE_SCIM_BASE_URL and GRANTLINE_SCIM_TOKEN go together; only one of them is set",
        ),
        (
            {"oidc_issuer": "login.x.test"},
            "GRANTLINE_OIDC_ISSUER: 'login.x.test' should begin with https:// and name a host",
        ),
        (
            {"oidc_issuer": "http://login.x.test"},
            "GRANTLINE_OIDC_ISSUER is http://login.x.test; over a network it should begin with https://",
        ),
        (
            {"oidc_client_secret": "s"},
            "GRANTLINE_OIDC_CLIENT_SECRET is set, but not GRANTLINE_OIDC_CLIENT_ID, whose secret it is",
        ),
        (
            {"oidc_client_id": "portal", "public_url": "http://access.x.test"},
            "GRANTLINE_PUBLIC_URL is http://access.x.test; over a network it should begin with https://",
        ),
        (
            {"oidc_person_claims": "nr=badge"},
            (
                "GRANTLINE_OIDC_PERSON_CLAIMS: 'nr=badge' should be a claim, or a claim = one of "
                "id, userPrincipalName, mail, employeeId"
            ),
        ),
        ({"oidc_person_claims": " , "}, "GRANTLINE_OIDC_PERSON_CLAIMS should name a claim, such as oid"),
        (
            {"oidc_scopes": "profile"},
            "GRANTLINE_OIDC_SCOPES: 'profile' should have openid in it, or nobody learns who signs in",
        ),
        (
            {"session_idle": "PT13H"},
            "GRANTLINE_SESSION_IDLE is longer than GRANTLINE_SESSION_LIFETIME; it should not be",
        ),
        (
            {"oidc_clock_skew": "PT6M"},
            "GRANTLINE_OIDC_CLOCK_SKEW 0:06:00: input should be less than or equal to 5 minutes",
        ),
        (
            {"smtp_host": "smtp.x.test"},
            "GRANTLINE_SMTP_HOST is set, but not who sends: set GRANTLINE_MAIL_FROM",
        ),
        (
            {"mail_from": "Grantline"},
            "GRANTLINE_MAIL_FROM: 'Grantline' should be an address, such as Grantline <access@example.com>",
        ),
        (
            {"mail_from": "G <a@x.test>\r\nBcc: e@x.test"},
            (
                "GRANTLINE_MAIL_FROM: 'G <a@x.test>\\r\\nBcc: e@x.test' should be an address, "
                "such as Grantline <access@example.com>"
            ),
        ),
        ({"smtp_user": "u"}, "GRANTLINE_SMTP_USER and GRANTLINE_SMTP_PASSWORD go together; only one of them is set"),
        ({"smtp_password": "changeme"}, "GRANTLINE_SMTP_PASSWORD is still a placeholder; put the real value"),
        (
            {
                "smtp_host": "smtp.x.test",
                "mail_from": "a@x.test",
                "smtp_user": "u",
                "smtp_password": "p",
                "smtp_starttls": False,
            },
            "GRANTLINE_SMTP_PASSWORD would travel in clear; leave GRANTLINE_SMTP_STARTTLS on",
        ),
        ({"mail_templates": "/nowhere"}, "GRANTLINE_MAIL_TEMPLATES: '/nowhere' should be a folder"),
        ({"log_format": "xml"}, "GRANTLINE_LOG_FORMAT 'xml': input should be 'json' or 'console'"),
        (
            {"host": "0.0.0.0"},
            (
                "the development issuer serves on loopback only, but GRANTLINE_HOST is 0.0.0.0; "
                "set GRANTLINE_OIDC_ISSUER or listen on 127.0.0.1"
            ),
        ),
    ],
)
def test_nonsense_is_refused_in_one_line(given: dict[str, object], says: str) -> None:
    with pytest.raises(SetupError) as refused:
        load(**given)
    assert refused.value.message == says


def test_two_faults_are_both_named() -> None:
    with pytest.raises(SetupError, match=r"GRANTLINE_PORT .*; GRANTLINE_TEMPORAL_ADDRESS"):
        load(port=0, temporal_address="x")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_the_development_issuer_serves_on_any_loopback(host: str) -> None:
    assert load(host=host).uses_development_issuer


def test_an_issuer_keeps_its_slash_because_tokens_have_it_too() -> None:
    settings = load(oidc_issuer="https://tenant.x.test/", host="0.0.0.0", public_url="https://g.x.test/")
    assert (settings.oidc_issuer, settings.public_url) == ("https://tenant.x.test/", "https://g.x.test")


def test_secrets_do_not_show(tmp_path: Path) -> None:
    settings = load(
        database_url="postgresql://u:p4ssw0rd@h/n",
        scim_base_url="https://s.x.test",
        scim_token="t0ken",
        smtp_user="u",
        smtp_password="s3same",
        home=tmp_path,
    )
    assert not [secret for secret in ("p4ssw0rd", "t0ken", "s3same") if secret in repr(settings)]


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
