"""What an experiment adds to a run: the load and the capacity that it needs, unless options say otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest

from brownout.experiment_setup import add_needs
from brownout_chaos.check import check
from brownout_chaos.files import InvalidExperimentError, path_of, read
from brownout_chaos.files import load as load_file
from brownout_chaos.needs import NeededBackend, NeededLoad, Needs, needs_of
from tests.chaos.experiments import experiment, write

STORM = Needs(load=NeededLoad(arrival_rate=30), backend=NeededBackend(2, 100, 50))


def options(**given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of the load and of the fleet, with nothing given but this."""
    load = {"users": None, "spawn_rate": None, "arrival_rate": None, "shape": None}
    fleet = {"backend_concurrency": None, "backend_service_time": None, "backend_queue": None}
    for name, value in given.items():
        (load if name in load else fleet)[name] = value
    return load, fleet


def added(name: str, load: dict[str, Any], fleet: dict[str, Any], *, starts: bool) -> str | None:
    """Add what one of our experiments needs; what the user is told."""
    return add_needs(load_file(path_of(name)), load, fleet, starts_backends=starts)


def test_the_storm_asks_for_a_load_of_three_quarters_of_its_capacity() -> None:
    assert needs_of(read(path_of("retry-storm"))) == STORM
    assert needs_of(read(path_of("pod-kill"))) == Needs()


def test_what_no_option_says_the_experiment_adds() -> None:
    load, fleet = options()
    told = added("retry-storm", load, fleet, starts=True)
    assert told == "30 requests/s; backends that serve 2 at once of 100 ms each, 50 may wait"
    assert (load["arrival_rate"], load["users"]) == (30, None)
    assert tuple(fleet.values()) == (2, 100, 50)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"users": 5}, "backends that serve 2 at once of 100 ms each, 50 may wait"),
        ({"arrival_rate": 35.0}, "backends that serve 2 at once of 100 ms each, 50 may wait"),
        ({"backend_concurrency": 3}, "30 requests/s"),
        ({"users": 5, "backend_queue": 1}, None),
    ],
)
def test_options_go_before_what_the_experiment_adds(given: dict[str, Any], told: str | None) -> None:
    load, fleet = options(**given)
    assert added("retry-storm", load, fleet, starts=True) == told
    assert given.items() <= {**load, **fleet}.items()


def test_backends_that_run_already_are_not_promised_a_capacity() -> None:
    load, fleet = options()
    assert added("retry-storm", load, fleet, starts=False) == "30 requests/s"
    assert set(fleet.values()) == {None}


def test_an_experiment_without_needs_adds_nothing() -> None:
    load, fleet = options()
    assert added("pod-kill", load, fleet, starts=True) is None
    assert {*load.values(), *fleet.values()} == {None}


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ({"laod": {}}, 'extensions[0] "brownout": it: Object contains unknown field `laod`'),
        ({"load": {"arrival_rate": 0}}, "load.arrival_rate: Expected `float` > 0.0"),
        ({"backend": {"concurrency": 2}}, "backend: Object missing required field `service_time_ms`"),
        ({"backend": {"concurrency": "2", "service_time_ms": 1}}, "backend.concurrency: Expected `int`"),
    ],
)
def test_needs_that_can_not_be_meant_are_refused(extension: Any, words: str, tmp_path: Path) -> None:
    path = write(tmp_path, experiment(extensions=[{"name": "brownout", **extension}]))
    with pytest.raises(InvalidExperimentError) as raised:
        check(path)
    assert str(raised.value).startswith(str(path))
    assert words in str(raised.value)
    assert json.dumps("service_time_ms")[1:-1] in str(raised.value)  # what there is


def test_extensions_of_others_are_none_of_ours(tmp_path: Path) -> None:
    assert needs_of(check(write(tmp_path, experiment(extensions=[{"name": "theirs", "x": 1}])))) == Needs()
