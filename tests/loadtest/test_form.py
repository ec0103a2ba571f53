"""Locust's web UI with brownout in it: start form, several tests in one process, editing."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from brownout_fleet.free_port import free_port
from brownout_loadtest.shapes import SHAPES
from brownout_results.read.run_folder import Run, read
from tests.loadtest.runs import STOP, Locust, ask, locust, log_of, target
from tests.servers import Server, until

FIELDS = {"user_count": "5", "spawn_rate": "5", "run_time": ""}


class Ui:
    """What a browser does with Locust's page."""

    def __init__(self, port: int) -> None:
        self._server: Any = SimpleNamespace(port=port)

    def is_up(self) -> bool:
        try:
            return bool(ask(self._server, "GET", "/"))
        except OSError:
            return False

    def fields(self) -> dict[str, Any]:
        """The start form's extra fields, as the page hands them to its script."""
        page = ask(self._server, "GET", "/")
        arguments = page[page.index("window.templateArgs = ") + len("window.templateArgs = ") :]
        fields: dict[str, Any] = json.JSONDecoder().raw_decode(arguments)[0]["extra_options"]
        return fields

    def start(self, **fields: str) -> dict[str, Any]:
        """Press the start button; returns the answer."""
        answer: dict[str, Any] = json.loads(ask(self._server, "POST", "/swarm", urlencode(FIELDS | fields)))
        return answer

    def stop(self) -> None:
        ask(self._server, STOP, "/stop")


def runs(process: Locust) -> list[Run]:
    """What its run folders hold, oldest first."""
    return [read(folder) for folder in process.folders() if (folder / "run.json").exists()]


@pytest.fixture
def server() -> Iterator[Server]:
    with target() as server:
        yield server


def check_fields(fields: dict[str, Any]) -> None:
    """Every argument is a field, with the command line's value."""
    assert fields["brownout_steps"]["default_value"] == 7
    assert fields["brownout_shape"]["choices"] == list(SHAPES)
    names = {"arrival_rate", "arrivals", "spike_base", "think_time", "label"}
    assert fields.keys() >= {f"brownout_{name}" for name in names}
    assert fields.keys().isdisjoint({"brownout_out", "brownout_no_record"})


def check_refusals(ui: Ui) -> None:
    """An invalid value is answered with what is allowed."""
    refused = ui.start(brownout_arrival_rate="-3")
    assert refused["success"] is False
    assert refused["message"] == '--arrival-rate: "-3" is not a number above 0 per second, such as 50'
    assert ui.start(user_count="0")["message"].startswith('--users: "0" is not a whole number of 1')
    message = ui.start(brownout_shape="steps", brownout_steps="x")["message"]
    assert message.startswith('--steps: "x" is not a whole')


def test_the_form_starts_checks_and_repeats_tests(tmp_path: Path, server: Server) -> None:
    """One process, since its start takes longer than what is done with it."""
    port = free_port()
    ui = Ui(port)
    options = ["--web-host=127.0.0.1", f"--web-port={port}", "--host", server.url, "--steps=7"]
    with locust(tmp_path, *options) as process:
        until(ui.is_up, "the web UI", 20.0)

        def spawned(times: int) -> None:
            until(lambda: process.output().count("All users spawned") >= times, f"spawning {times}")

        check_fields(ui.fields())
        check_refusals(ui)
        assert process.folders() == []

        # An open-loop test with a run time ends by itself, and has a folder with the form's label.
        assert ui.start(
            brownout_arrival_rate="100", run_time="1", user_count="20", brownout_label="from the form"
        )["success"]
        until(lambda: [run.manifest["how_ended"] for run in runs(process)] == ["completed"], "its end")
        assert len(log_of(server)["asked"]) == 100

        # The next one has neither run time nor rate: plain Locust, which may be edited, until it is stopped.
        assert ui.start(brownout_arrival_rate="", brownout_shape="steady", brownout_label="")["success"]
        spawned(2)
        assert ui.start(user_count="6")["success"]
        spawned(3)
        until(lambda: len(log_of(server)["asked"]) > 150, "requests of the second test")
        ui.stop()

        # A test that follows a shape can't be edited.
        assert ui.start(brownout_shape="ramp", run_time="60")["success"]
        spawned(4)
        assert "follows a shape" in ui.start(brownout_shape="ramp", user_count="6")["message"]
        ui.stop()

        # Two that start in the same second, or nearly, have folders of their own.
        assert ui.start(brownout_shape="steady")["success"]
        until(lambda: len(process.folders()) == 4, "the fourth folder")
        ui.stop()

        process.process.terminate()
        assert process.finish() == 0
        done = runs(process)

    assert [run.manifest["how_ended"] for run in done] == ["completed", "stopped", "stopped", "stopped"]
    assert [run.manifest["label"] for run in done] == ["from the form", "run", "run", "run"]
    assert [run.manifest["load"]["arrival_rate"] for run in done] == [100, None, None, None]
    assert [run.manifest["load"]["run_time_s"] for run in done] == [1, None, 60, None]
    assert done[0].manifest["requests"] == 100
