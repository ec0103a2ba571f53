"""A kind of fault that only the running backends know is set, shown and refused from another terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from brownout_faults.registry import MODULES_VARIABLE
from brownout_panel.panel_address import FOLDER_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE
from brownout_terms.exits import Exit
from tests.backend.test_new_kind import STALL
from tests.commands.cli import ONE_EACH, run, started


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the backend of a running `brownout up`, which alone is told of the module."""
    folder = tmp_path_factory.mktemp("up")
    (folder / "shop_faults.py").write_text(STALL)
    with pytest.MonkeyPatch.context() as environment, ExitStack() as running:
        environment.setenv(FOLDER_VARIABLE, str(tmp_path_factory.mktemp("state")))
        for name in (TOKEN_VARIABLE, URL_VARIABLE):
            environment.delenv(name, raising=False)
        with pytest.MonkeyPatch.context() as of_backend:
            of_backend.setenv(MODULES_VARIABLE, "shop_faults")
            of_backend.setenv("PYTHONPATH", str(folder))
            command = running.enter_context(started("up", *ONE_EACH, "--web-port", "0", cwd=folder))
        command.await_text("Control panel: ")
        yield dict(re.findall(r"^ (\S+) .* (http://\S+)", command.output, re.MULTILINE))["backend-0"]
        command.interrupt()
        assert command.wait() == 0


def test_it_is_set_and_shown_in_its_own_words(backend: str, tmp_path: Path) -> None:
    said = run("faults", "set", "stall=25%,pause=20ms", cwd=tmp_path)
    assert said == (0, "25 % stalls of 20 ms\non 1 of 1 replicas\n")
    faults = requests.get(f"{backend}/faults", timeout=5).json()["faults"]
    assert faults == [{"kind": "stall", "rate": 0.25, "pause_ms": 20}]
    assert run("faults", "show", cwd=tmp_path) == said


def test_a_value_out_of_its_bounds_is_refused_by_the_backend(backend: str, tmp_path: Path) -> None:
    code, said = run("faults", "set", "stall=25%,pause=6s", cwd=tmp_path)
    assert code == Exit.UNABLE
    assert "pause_ms is 6000; allowed: a whole number from 0 to 5000" in said
    code, said = run("faults", "set", "stale=25%", cwd=tmp_path)
    assert code == 2
    assert '"stale" is no kind of fault; allowed: bandwidth, corrupt, cut, error, hang, latency, ' in said
    assert ", stall, " in said
