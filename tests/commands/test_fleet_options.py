"""Which fleet a command starts, by its options."""

from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner

from brownout.commands.fleet_options import OF_A_CAPACITY, fleet_config, fleet_options, taken_by
from brownout_chaos.needs import NeededBackend
from brownout_faults.capacity import ALLOWED, Limits
from brownout_fleet.config import BackendCapacity, Compose, FleetConfig, Kubernetes
from brownout_fleet.make_fleet import local_specs

TAKEN_BY = {name: [kind.name for kind in kinds] for name, kinds in taken_by().items()}
K8S = {"namespace": "lab", "context": "kind", "client_selector": "a=b", "backend_selector": "c", "port": "80"}


def parse(*arguments: str) -> FleetConfig | str:
    """The fleet that the options ask for, or what the user is told."""
    made: list[FleetConfig] = []

    @click.command()
    @fleet_options
    def command(**options: Any) -> None:
        made.append(fleet_config(**options))

    result = CliRunner().invoke(command, arguments)
    return made[0] if made else result.output


def test_without_options_a_fleet_is_local_with_two_replicas_of_each_service() -> None:
    config = parse()
    assert isinstance(config, FleetConfig)
    assert (config.kind, config.backends, config.clients) == ("local", 2, 2)
    assert config.settings == {}


def test_a_capacity_limit_reaches_the_backends_by_their_environment_and_without_one_nothing_does() -> None:
    flags = ("--backend-concurrency", "2", "--backend-service-time", "100", "--backend-queue", "50")
    config, unlimited = parse(*flags), parse()
    assert isinstance(config, FleetConfig)
    assert isinstance(unlimited, FleetConfig)
    assert (config.capacity, unlimited.capacity) == (BackendCapacity(2, 100, 50), BackendCapacity())
    backend, client = local_specs(config, "http://x")
    assert backend.env == {"CONCURRENCY": "2", "SERVICE_TIME_MS": "100", "QUEUE_LIMIT": "50"}
    assert "CONCURRENCY" not in client.env
    assert local_specs(unlimited, "http://x")[0].env == {}


def test_options_and_experiments_allow_what_the_backend_allows() -> None:
    """Three rooms say it, each by itself, since they may not import each other."""

    @click.command()
    @fleet_options
    def command(**_: Any) -> None: ...

    given = {one.name: one.type for one in command.params}
    ranges = [given[name] for name in OF_A_CAPACITY]
    assert [(one.min, one.max) for one in ranges if isinstance(one, click.IntRange)] == [*ALLOWED.values()]
    for name, (least, most) in ALLOWED.items():
        allowed = {"concurrency": 1, "service_time_ms": 0}
        for value in (least, most):
            msgspec.convert(allowed | {name: value}, NeededBackend)
        for value in (least - 1, most + 1):
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(allowed | {name: value}, NeededBackend)
    defaults = {Limits(1).queue_limit, BackendCapacity(1).queue_limit, NeededBackend(1, 0).queue_limit}
    assert len(defaults) == 1


@pytest.mark.parametrize("flag", ["--backend-service-time", "--backend-queue"])
def test_what_belongs_to_a_limit_is_refused_without_one(flag: str) -> None:
    assert f"{flag} is about the slots of a backend" in str(parse(flag, "50"))


def test_what_a_cluster_needs_comes_from_the_options() -> None:
    flags = [part for name, value in K8S.items() for part in ("--" + name.replace("_", "-"), value)]
    config = parse("--fleet", "k8s", *flags, "--grace", "30")
    assert isinstance(config, FleetConfig)
    assert (config.kind, config.settings_as(Kubernetes)) == (
        "k8s",
        Kubernetes("lab", "kind", "a=b", "c", 80, grace_s=30),
    )


def test_a_compose_file_is_known_by_its_full_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yml").touch()
    config = parse("--fleet", "compose", "--compose-file", "mine.yml")
    assert isinstance(config, FleetConfig)
    assert config.settings_as(Compose).file == str(tmp_path / "mine.yml")


@pytest.mark.parametrize("kind", ["local", "compose", "k8s"])
@pytest.mark.parametrize("name", TAKEN_BY)
def test_an_option_of_another_fleet_is_refused_and_says_whose_it_is(name: str, kind: str) -> None:
    flag = "--" + name.replace("_", "-")
    value = {"compose_file": __file__, "policy": "full"}.get(name, "1")
    limit = ["--backend-concurrency", "1"] if name in OF_A_CAPACITY[1:] and kind != "k8s" else []
    answer = parse("--fleet", kind, flag, value, *limit)
    if kind in TAKEN_BY[name]:
        assert isinstance(answer, FleetConfig)
    else:
        assert f"{flag} is for --fleet {TAKEN_BY[name][0]}" in str(answer)
        assert f"this is --fleet {kind}." in str(answer)


def test_a_fleet_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert "'local', 'compose', 'k8s'" in str(parse("--fleet", "swarm"))
