"""docker-compose.yml starts what the code is: its commands, settings, ports and dependencies exist.

No engine runs here; the file is read and held against the code.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from grantline import __main__ as command_line
from grantline import settings
from grantline.model.visibility import SEARCH_ATTRIBUTES
from tests.architecture.house import ROOT, tracked
from tests.production.compose import FILLED, OPTIONAL, REFERENCE, TEXT, ours, raw, services

ONE_SHOT = "service_completed_successfully"
HEALTHY = "service_healthy"


def environment(name: str) -> dict[str, str]:
    """Return what a service finds in its environment."""
    return {key: str(value) for key, value in services()[name].get("environment", {}).items()}


def parsed_command(words: list[str]) -> tuple[str | None, dict[str, Any]]:
    """Parse a command line as the real command would, without running it."""
    group = typer.main.get_command(command_line.app)
    assert isinstance(group, TyperGroup)
    command = group.commands[words[0]]
    return command.name, command.make_context(words[0], list(words[1:])).params


def test_our_services_are_the_ones_that_production_needs() -> None:
    assert sorted(ours()) == ["api", "migrate", "worker"]


@pytest.mark.parametrize("name", sorted(ours()))
def test_a_command_exists_and_takes_its_options(name: str) -> None:
    known_as, _ = parsed_command(ours()[name]["command"])
    assert known_as == name


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_setting_exists_and_all_of_them_together_make_sense(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = environment(name)
    known = {f"{settings.PREFIX}{field.upper()}" for field in settings.Settings.model_fields}
    assert [key for key in given if key not in known] == []
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    _, options = parsed_command(ours()[name]["command"])
    loaded = settings.load(**{key: value for key, value in options.items() if key in settings.Settings.model_fields})
    assert not loaded.uses_sqlite
    assert not loaded.uses_development_issuer
    assert loaded.is_administrator("ada@example.com")


@pytest.mark.parametrize("required", sorted(set(FILLED) - set(OPTIONAL)))
def test_what_nobody_set_stops_the_start(required: str) -> None:
    """No secret and no issuer has a default that works."""
    ways = {match[2] for match in REFERENCE.finditer(TEXT) if match[1] == required}
    assert ways == {":?"}


def test_the_example_names_every_variable_and_gives_none_a_value() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert example == dict.fromkeys({match[1] for match in REFERENCE.finditer(TEXT)}, "")
    assert set(example) == set(FILLED)


@pytest.mark.parametrize("name", sorted(services()))
def test_no_secret_is_written_down(name: str) -> None:
    for key, value in raw()["services"][name].get("environment", {}).items():
        if re.search(r"PASSWORD|PWD|SECRET|TOKEN|KEY", key):
            assert REFERENCE.fullmatch(str(value)), f"{name}: {key} is {value!r}"


@pytest.mark.parametrize("name", sorted(services()))
def test_an_image_is_pinned(name: str) -> None:
    tag = services()[name]["image"].rpartition(":")[2]
    assert re.fullmatch(r"\d+(\.\d+)+", tag), f"{name}: {services()[name]['image']}"


def test_our_image_has_the_version_of_the_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {service["image"] for service in ours().values()} == {f"grantline:{project['version']}"}


@pytest.mark.parametrize("name", sorted(services()))
def test_a_dependency_exists_and_can_fulfil_its_condition(name: str) -> None:
    for other, how in services()[name].get("depends_on", {}).items():
        target = services()[other]
        if how["condition"] == HEALTHY:
            assert target["healthcheck"]["test"], f"{other} has no health check"
            assert target["restart"] == "unless-stopped"
        else:
            assert how["condition"] == ONE_SHOT
            assert target["restart"] == "on-failure", f"{other} must be able to be done"


def test_nothing_waits_in_a_circle() -> None:
    waiting = {name: set(service.get("depends_on", {})) for name, service in services().items()}
    while waiting:
        free = [name for name, others in waiting.items() if not others & set(waiting)]
        assert free, f"{sorted(waiting)} wait for one another"
        for name in free:
            del waiting[name]


def test_the_order_is_schema_first_and_the_api_does_not_wait_for_temporal() -> None:
    conditions = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services().items()
    }
    assert conditions == {
        "postgres": {},
        "migrate": {"postgres": HEALTHY},
        "api": {"migrate": ONE_SHOT},
        "worker": {"migrate": ONE_SHOT, "temporal-namespace": ONE_SHOT},
        "temporal-schema": {"postgres": HEALTHY},
        "temporal": {"temporal-schema": ONE_SHOT},
        "temporal-namespace": {"temporal": HEALTHY},
        "temporal-ui": {"temporal": HEALTHY},
    }


def test_only_the_api_and_the_ui_are_published_and_on_loopback_only() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"api": ["127.0.0.1:8000:8000"], "temporal-ui": ["127.0.0.1:8233:8080"]}


def test_the_api_listens_where_it_is_published_and_asked_for_its_health() -> None:
    _, options = parsed_command(ours()["api"]["command"])
    assert (options["host"], options["port"]) == ("0.0.0.0", 8000)
    assert "http://127.0.0.1:8000/healthz" in ours()["api"]["healthcheck"]["test"][-1]
    routes = (ROOT / "api/routes/health.py").read_text(encoding="utf-8")
    assert '"/healthz"' in routes


def test_the_worker_shows_metrics_where_it_is_asked_for_its_health() -> None:
    port = environment("worker")["GRANTLINE_METRICS_PORT"]
    assert f"http://127.0.0.1:{port}/metrics" in ours()["worker"]["healthcheck"]["test"][-1]


def test_everybody_means_the_same_databases() -> None:
    init = (ROOT / "deploy/postgres/10-roles-and-databases.sh").read_text(encoding="utf-8")
    made = dict(re.findall(r"CREATE DATABASE (\w+) OWNER (\w+)", init))
    assert made == {"grantline": "grantline", "temporal": "temporal", "temporal_visibility": "temporal"}
    server, schema = environment("temporal"), environment("temporal-schema")
    assert {server["DBNAME"], server["VISIBILITY_DBNAME"]} == {"temporal", "temporal_visibility"}
    assert (
        server["DB"],
        server["POSTGRES_SEEDS"],
        server["DB_PORT"],
        server["POSTGRES_USER"],
        server["POSTGRES_PWD"],
    ) == (
        schema["SQL_PLUGIN"],
        schema["SQL_HOST"],
        schema["SQL_PORT"],
        schema["SQL_USER"],
        schema["SQL_PASSWORD"],
    )
    for name in ours():
        url = environment(name)["GRANTLINE_DATABASE_URL"]
        assert url == f"postgresql://grantline:{FILLED['GRANTLINE_POSTGRES_PASSWORD']}@postgres:5432/grantline"


def test_everybody_means_the_same_temporal() -> None:
    addresses = {
        *(environment(name)["GRANTLINE_TEMPORAL_ADDRESS"] for name in ours()),
        *(environment(name)["TEMPORAL_ADDRESS"] for name in ("temporal-namespace", "temporal-ui")),
    }
    namespaces = {
        *(environment(name)["GRANTLINE_TEMPORAL_NAMESPACE"] for name in ours()),
        environment("temporal-namespace")["TEMPORAL_NAMESPACE"],
        environment("temporal-ui")["TEMPORAL_DEFAULT_NAMESPACE"],
    }
    assert (addresses, namespaces) == ({"temporal:7233"}, {"grantline"})


def test_workflows_can_be_filtered_by_what_they_set() -> None:
    registered = dict(pair.split("=") for pair in environment("temporal-namespace")["SEARCH_ATTRIBUTES"].split())
    assert registered == SEARCH_ATTRIBUTES


def test_the_server_keeps_histories_and_has_shards_to_grow_into() -> None:
    assert environment("temporal-namespace")["RETENTION"] == "90d"
    assert environment("temporal")["NUM_HISTORY_SHARDS"] == "128"


def test_temporal_is_of_one_release_and_not_of_the_retired_image() -> None:
    images = {service["image"] for service in services().values() if service["image"].startswith("temporalio/")}
    assert images == {"temporalio/server:1.32.0", "temporalio/admin-tools:1.32.0", "temporalio/ui:2.54.1"}


@pytest.mark.parametrize("name", sorted(services()))
def test_what_is_mounted_is_in_the_repository_and_read_only(name: str) -> None:
    for volume in services()[name].get("volumes", []):
        source, target, *mode = volume.split(":")
        if source.startswith("./"):
            assert any(Path(source) in path.parents for path in tracked()), volume
            assert mode == ["ro"], volume
        else:
            assert source in raw()["volumes"], volume
            assert target


def test_the_scripts_and_the_file_that_containers_name_are_mounted_there() -> None:
    for name in ("temporal-schema", "temporal-namespace"):
        shell, script = services()[name]["entrypoint"]
        assert shell == "/bin/sh"
        assert (ROOT / "deploy/temporal" / Path(script).name).exists()
        assert services()[name]["volumes"] == [f"./deploy/temporal:{Path(script).parent}:ro"]
    dynamic = Path(environment("temporal")["DYNAMIC_CONFIG_FILE_PATH"])
    assert services()["temporal"]["volumes"] == [f"./deploy/temporal:{dynamic.parent}:ro"]
    assert (ROOT / "deploy/temporal" / dynamic.name).exists()


@pytest.mark.parametrize("name", sorted(ours()))
def test_our_containers_have_nothing_they_do_not_need(name: str) -> None:
    service = ours()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "user" not in service, "the image says who"
