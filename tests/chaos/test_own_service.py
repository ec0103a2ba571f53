"""The example of a service that is not ours, as its README says to run it."""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from brownout_fleet.model import ReplicaPhase
from brownout_loadtest.injectors import injector, replicas_of
from brownout_results.read import run_folder
from tests.chaos.experiments import verdict
from tests.commands.cli import run
from tests.commands.test_run import folder_in
from tests.servers import ROOT

EXAMPLE = ROOT / "examples" / "own-service"


@contextmanager
def service(*arguments: str) -> Iterator[str]:
    """One of the example's services on a free port: its URL."""
    with subprocess.Popen(
        [sys.executable, str(EXAMPLE / "shop.py"), arguments[0], "0", *arguments[1:]],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def command(shop: str, prices: str) -> list[str]:
    """The README's one command, with this test's ports."""
    text = (EXAMPLE / "README.md").read_text().partition("$ brownout ")[2].partition("```")[0]
    words = shlex.split(text.replace("\\\n", " "))
    urls = {"http://127.0.0.1:8001": shop, "http://127.0.0.1:8002": prices}
    return [urls.get(word, str(EXAMPLE / word) if "." in word else word) for word in words]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_one_command_runs_load_faults_and_verdict_against_it(tmp_path: Path) -> None:
    with service("prices") as prices, service("shop", prices) as shop:
        code, output = run(*command(shop, prices), cwd=tmp_path, deadline_s=150)
        assert code == 0, output
        assert requests.get(f"{prices}/faults", timeout=5).json()["faults"] == []
    result = run_folder.read(folder_in(tmp_path))
    assert verdict(result.folder)[0] == "passed"
    journal = json.loads((result.folder / "journal.json").read_text())
    (during,) = [one["output"] for one in journal["run"] if one["activity"]["type"] == "probe"]
    assert 0.2 < during < 0.8  # visitors have seen it


@pytest.mark.parametrize("text", ["8002", "ftp://127.0.0.1:8002", "http://", "http://a:1/path?query", ""])
def test_what_is_no_url_of_a_service_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not the URL of a service, such as"):
        injector(text)


def test_services_of_ones_own_are_backends_to_the_panel_each_once() -> None:
    found = replicas_of(["http://a:1", "http://b:2", "http://a:1"])
    assert [(one.name, one.service, one.url, one.phase) for one in found] == [
        ("own-0", "backend", "http://a:1", ReplicaPhase.READY),
        ("own-1", "backend", "http://b:2", ReplicaPhase.READY),
    ]
