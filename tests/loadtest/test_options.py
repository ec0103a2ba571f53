"""The load's settings: what is allowed, and what is said when something isn't."""

import argparse
from typing import Any

import pytest

from brownout_fleet.config import Kubernetes
from brownout_loadtest.fleet import config_of
from brownout_loadtest.options import (
    LoadError,
    LoadOptions,
    add_client_arguments,
    add_load_arguments,
    client_options,
    load_of,
)
from brownout_loadtest.own_options import field_of
from brownout_loadtest.shapes.spike import Spike
from brownout_loadtest.shapes.steady import Steady

LOCUSTS = ("num_users", "run_time")
"""Fields that are Locust's; all others are ours."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="locust")
    made.add_argument("--users", type=int, dest="num_users")
    made.add_argument("--run-time", type=int)
    add_load_arguments(made)
    add_client_arguments(made)
    return made


def options(*arguments: str, **form: Any) -> argparse.Namespace:
    """The options of a command line, with values as a form sends them in place of some."""
    sent = {name if name in LOCUSTS else field_of(name): value for name, value in form.items()}
    return argparse.Namespace(**{**vars(parser().parse_args(arguments)), **sent})


def test_the_defaults_are_a_steady_closed_loop() -> None:
    assert load_of(options()) == LoadOptions(
        users=None, run_time_s=None, arrival_rate=None, process="constant", seed=1, shape=Steady()
    )
    users = client_options(options())
    assert users.failures == {"fallback", "error", "tunnel"}
    assert (users.request_timeout_s, users.think_time_s) == (60.0, 0.1)


def test_an_arrival_rate_makes_the_users_a_limit_of_1000() -> None:
    load = load_of(options("--arrival-rate", "50"))
    assert load.is_open
    assert load.peak_users == 1000
    assert load_of(options("--arrival-rate", "50", "--users", "7")).peak_users == 7


def test_the_forms_texts_mean_the_same_as_the_command_lines_numbers() -> None:
    typed = load_of(options("--arrival-rate", "50", "--shape", "spike", "--spike-at", "3"))
    sent = load_of(options(arrival_rate="50", shape="spike", spike_at="3", spike_time="", num_users=""))
    assert typed == sent
    assert sent.shape == Spike(spike_at=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--arrival-rate", "-5"], '"-5" is not a number above 0 per second, such as 50'),
        (["--arrival-rate", "0"], '"0" is not a number above 0 per second, such as 50'),
        (["--arrival-rate", "nan"], '"nan" is not a number above 0 per second, such as 50'),
        (["--arrival-rate", "inf"], '"inf" is not a number above 0 per second, such as 50'),
        (["--arrival-rate", "fast"], '"fast" is not a number above 0 per second, such as 50'),
        (["--shape", "sinus"], "invalid choice: 'sinus' (choose from"),
        (["--arrivals", "even"], "invalid choice: 'even' (choose from"),
        (["--steps", "1"], '"1" is not a whole number from 2 to 100, such as 5'),
        (["--steps", "2.5"], '"2.5" is not a whole number from 2 to 100, such as 5'),
        (["--spike-base", "1.5"], '"1.5" is not a number from 0 to 1, such as 0.5'),
        (["--spike-at", "-1"], '"-1" is not a number of 0 s or more, such as 30'),
        (["--ramp-time", "0"], '"0" is not a number above 0 s, such as 30'),
        (["--arrival-seed", "x"], '"x" is not a whole number from 0'),
        (["--count-as-failure", "errors"], '"errors" is not one of fallback, error, tunnel, none'),
        (["--request-timeout", "0"], '"0" is not a number above 0 s, such as 10'),
    ],
)
def test_a_wrong_argument_is_quoted_with_what_is_allowed_and_ends_with_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert f"locust: error: argument {arguments[0]}: " in shown
    assert message in shown


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"num_users": "0"}, '--users: "0" is not a whole number of 1 or more, such as 10'),
        ({"arrival_rate": "-1"}, '--arrival-rate: "-1" is not a number above 0 per second, such as 50'),
        ({"shape": "sinus"}, '--shape: "sinus" is not one of steady, ramp, steps, spike, soak, up-down'),
        ({"arrivals": "even"}, '--arrivals: "even" is not one of constant, poisson'),
        ({"shape": "ramp", "ramp_from": "2"}, '--ramp-from: "2" is not a number from 0 to 1, such as 0.5'),
    ],
)
def test_a_wrong_field_of_the_form_gets_the_same_answer(form: dict[str, str], message: str) -> None:
    with pytest.raises(LoadError) as error:
        load_of(options(**form))
    assert str(error.value) == message


def test_what_counts_as_failure_can_be_narrowed_down_to_nothing() -> None:
    def failures(text: str) -> frozenset[str]:
        return client_options(options("--count-as-failure", text)).failures

    assert failures("error, tunnel") == {"error", "tunnel"}
    assert failures("none") == set()


def test_the_settings_of_a_run_say_what_was_asked() -> None:
    load = load_of(options("--arrival-rate", "50", "--shape", "steps", "--steps", "2", "--run-time", "10"))
    assert load.settings() == {
        "users": 1000,
        "run_time_s": 10,
        "arrival_rate": 50.0,
        "arrivals": "constant",
        "arrival_seed": 1,
        "shape": "steps",
        "shape_parameters": {"steps": 2},
        "polyline": [[0.0, 0.5], [5.0, 0.5], [5.0, 1.0], [10.0, 1.0]],
    }


def test_locust_takes_the_same_options_of_a_cluster_as_brownout() -> None:
    assert config_of(options("--fleet", "k8s")).settings_as(Kubernetes) == Kubernetes()
    flags = ("--namespace", "lab", "--context", "kind", "--client-selector", "a=b")
    config = config_of(options("--fleet", "k8s", *flags, "--backend-selector", "c", "--port", "80"))
    assert (config.kind, config.settings_as(Kubernetes)) == ("k8s", Kubernetes("lab", "kind", "a=b", "c", 80))
