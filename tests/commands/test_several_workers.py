"""A service of one's own with several processes at one address: its faults are no faults of the service's."""

import os
import sys
from pathlib import Path

import pytest

from brownout_fleet.model import ReplicaPhase
from brownout_panel.reconcile import ObservedReplica, add_boot
from brownout_terms.exits import Exit
from tests.commands.cli import run
from tests.servers import serve

APP = """
from flask import Flask
from brownout import FaultInjector

app = Flask(__name__)
app.wsgi_app = FaultInjector(app.wsgi_app)

@app.get("/fetch")
def fetch():
    return {"status": "ok", "data": {}}
"""
pytestmark = pytest.mark.slow
LOAD = ("--arrival-rate", "20", "--baseline", "2s", "--during", "4s", "--recovery", "2s")


@pytest.mark.parametrize(
    ("answers", "several"),
    [
        ("a", False),
        ("aaa", False),
        ("abc", False),  # two restarts
        ("aba", True),
        ("abca", True),
        ("abaaa", True),
    ],
)
def test_a_life_that_answers_again_after_another_one_means_several(answers: str, several: bool) -> None:
    observed = ObservedReplica(ReplicaPhase.READY)
    for boot in answers:
        boots, found = add_boot(observed, boot)
        observed = ObservedReplica(ReplicaPhase.READY, boots=boots, several=found)
    assert observed.several is several


@pytest.mark.parametrize("threads", [1, 4], ids=["closed connections", "kept connections"])
@pytest.mark.parametrize(("workers", "word"), [(1, "deviated"), (3, "failed")])
def test_faults_of_several_processes_at_one_address_are_refused_with_what_to_do(
    tmp_path: Path, workers: int, word: str, threads: int
) -> None:
    (tmp_path / "several.py").write_text(APP)
    command = [sys.executable, "-m", "gunicorn", "-w", str(workers), "--threads", str(threads)]
    command += ["--bind", "fd://{fd}", "several:app"]
    with serve(command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, ready="/fetch") as server:
        fault = ("--fault", "error=100%,status=503", "--injector", server.url, "--target", server.url)
        code, output = run("run", *LOAD, *fault, cwd=tmp_path)
    assert f"experiment {word}" in output, output
    assert ("several processes answer at its address" in output) is (workers > 1)
    assert code == (Exit.DEVIATED if workers == 1 else Exit.FAILED), output
