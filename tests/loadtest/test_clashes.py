"""Options of a locustfile's own that have the names of ours: theirs win, ours have another name."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from brownout_fleet.free_port import free_port
from brownout_loadtest.options import LoadError, add_client_arguments, add_load_arguments, load_of
from brownout_loadtest.own_options import ours, prefixed, warning_about
from tests.loadtest.runs import LOCUSTFILE, locust, log_of, processes, target
from tests.loadtest.test_form import Ui, runs
from tests.servers import until

CLASHING = Path(__file__).with_name("clashing.py")
ORDERS = ("ours first", "theirs first")
TAKEN = ["--arrival-rate", "--shape", "--steps", "--soak-ramp", "--namespace", "--context"]
WARNING = warning_about([*TAKEN, "--port", "--grace", "--label", "--no-record"])


def run(order: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What the real `locust` does with the locustfile whose names clash."""
    command = [sys.executable, "-m", "locust", "-f", str(CLASHING), "--headless", *arguments]
    environ = {**os.environ, "CLASH_ORDER": order, **variables}
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=40, check=False
    )


def shown(output: str) -> dict[str, Any]:
    """What both sides were told."""
    (line,) = [line for line in output.splitlines() if line.startswith("SHOWN ")]
    told: dict[str, Any] = json.loads(line.removeprefix("SHOWN "))
    return told


@pytest.mark.parametrize("order", ORDERS)
def test_each_side_gets_what_was_said_to_it_and_one_warning_names_what_to_use_instead(
    order: str, tmp_path: Path
) -> None:
    """By arguments, environment variables and the keys of a configuration file."""
    (tmp_path / "locust.conf").write_text(
        "namespace = theirs\nbrownout-namespace = of-ours\ncontext = here\n"
    )
    theirs = ["--port", "80", "-x", "a", "--folder=b", "--shape", "round", "--no-record", "--steps", "7"]
    theirs += ["--soak-ramp", "x"]
    own = ["--brownout-port=81", "--brownout-label=c", "--out=d", "--brownout-shape=spike", "--spike-at=9"]
    done = run(order, *theirs, *own, cwd=tmp_path, LOCUST_GRACE="11")
    assert done.returncode == 0, done.stderr
    told = shown(done.stdout)
    assert told["theirs"] == {
        "port": 80,
        "label": "a",
        "shape": "round",
        "out": "b",
        "arrival_rate": None,
        "no_record": True,
        "grace": "11",
        "namespace": "theirs",
        "context": "here",
        "steps": 7,
        "soak_ramp": "x",
    }
    expected = {"port": 81, "label": "c", "out": "d", "shape": "spike", "spike_at": 9, "namespace": "of-ours"}
    assert expected.items() <= told["ours"].items()
    rest = {"arrival_rate": None, "no_record": False, "grace": 0, "context": None, "steps": 5}
    assert rest.items() <= told["ours"].items()
    assert done.stderr.count("warning: ") == 1
    assert f"locust: warning: {WARNING}\n" in done.stderr


def test_a_run_with_forked_workers_warns_once_and_uses_our_values(tmp_path: Path) -> None:
    environ = {"CLASH_ORDER": "theirs first", "CLASH_RUNS": "1"}
    options = ["--headless", "--only-summary", "-t", "2", "-u", "2", *processes(2)]
    told = ["--label", "theirs", "--brownout-label", "of ours", "--port", "7"]
    with (
        target() as server,
        locust(tmp_path, "-H", server.url, *options, *told, locustfile=CLASHING, environ=environ) as process,
    ):
        assert process.finish() == 0, process.output()
        assert process.output().count(WARNING) == 1
        assert process.run().manifest["label"] == "of ours"
        assert set(log_of(server)["paths"]) == {"/theirs"}


def test_the_start_form_has_both_fields_and_each_goes_to_its_side(tmp_path: Path) -> None:
    environ = {"CLASH_ORDER": "ours first", "CLASH_RUNS": "1"}
    port = free_port()
    ui = Ui(port)
    web = ["--web-host=127.0.0.1", f"--web-port={port}"]
    with (
        target() as server,
        locust(tmp_path, "-H", server.url, *web, locustfile=CLASHING, environ=environ) as process,
    ):
        until(ui.is_up, "the web UI", 20.0)
        fields = ui.fields()
        assert fields.keys() >= {"label", "brownout_label", "shape", "brownout_shape"}
        assert fields["shape"]["choices"] == ["round", "square"]
        assert "namespace" not in fields
        assert "steady" in fields["brownout_shape"]["choices"]
        answer = ui.start(label="theirs", brownout_label="ours", shape="round", run_time="1")
        assert answer["success"], answer
        until(lambda: [run.manifest["how_ended"] for run in runs(process)] == ["completed"], "its end")
        assert process.run().manifest["label"] == "ours"
        assert set(log_of(server)["paths"]) == {"/theirs"}
        assert process.output().count(WARNING) == 1
        process.process.terminate()
        assert process.finish() == 0


def test_our_own_locustfile_has_each_option_under_both_names_and_says_nothing(tmp_path: Path) -> None:
    with (
        target() as server,
        locust(
            tmp_path,
            "--headless",
            "-t",
            "1",
            "-H",
            server.url,
            "--brownout-label=a",
            "--think-time=0.2",
            "--brownout-request-timeout=3",
            locustfile=LOCUSTFILE,
        ) as process,
    ):
        assert process.finish() == 0, process.output()
        assert "warning" not in process.output()
        assert process.run().manifest["label"] == "a"


VALUES = {
    "--shape": "ramp",
    "--arrivals": "poisson",
    "--fleet": "local",
    "--injector": "http://a:1",
    "--breaker": "/metrics",
    "--count-as-failure": "tunnel",
    "--no-record": "",
    "--steps": "3",
    "--up-down-steps": "3",
}
"""Values for the options that do not take a 1."""


def parser(*taken: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="locust")
    made.add_argument("--users", type=int, dest="num_users")
    made.add_argument("--run-time", type=int)
    for flag in taken:
        made.add_argument(flag)
    return made


def flags() -> list[str]:
    """The short names of all our options."""
    made = parser()
    assert add_load_arguments(made) == []
    assert add_client_arguments(made) == []
    names = [name for action in made._actions for name in action.option_strings]
    short = [name for name in names if prefixed(name) in names]
    assert len(short) == sum(name.startswith("--brownout-") for name in names) > 25
    return short


@pytest.mark.parametrize("flag", flags())
def test_every_option_that_is_taken_is_reachable_under_its_other_name(flag: str) -> None:
    made = parser(flag)
    assert [*add_load_arguments(made), *add_client_arguments(made)] == [flag]
    value = VALUES.get(flag, "1")
    told = made.parse_args([flag, "theirs", prefixed(flag), *([value] if value else [])])
    name = flag.removeprefix("--").replace("-", "_")
    assert getattr(told, name) == "theirs"
    mine = getattr(ours(told), name)
    assert mine in (True, value, [value], float(value or 0) if value in ("1", "3") else None)


def test_a_name_with_our_prefix_is_refused_to_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        add_load_arguments(parser("--port", "--brownout-port"))
    assert ended.value.code == 2
    said = "--brownout-port is an option of your locustfile, but names that begin with --brownout- are"
    assert said in capsys.readouterr().err


def test_an_invalid_value_is_told_under_the_name_that_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    made = parser("--arrival-rate")
    add_load_arguments(made)
    with pytest.raises(SystemExit):
        made.parse_args(["--brownout-arrival-rate", "-1"])
    assert 'argument --brownout-arrival-rate: "-1" is not a number above 0' in capsys.readouterr().err
    assert load_of(made.parse_args(["--arrival-rate", "-1"])).arrival_rate is None
    with pytest.raises(LoadError):
        load_of(argparse.Namespace(**{**vars(made.parse_args([])), "brownout_arrival_rate": "-1"}))
