"""A fault is proven by what it did: a run whose faults have hit no request has not passed."""

import json
from pathlib import Path

import pytest

from brownout_terms.exits import Exit
from tests.commands.cli import ONE_EACH, run

pytestmark = pytest.mark.slow
SHORT = ("--arrival-rate", "20", "--baseline", "2s", "--during", "4s", "--recovery", "2s", "--policy", "full")
CLEAR = {
    "type": "action",
    "name": "clear",
    "provider": {"type": "python", "module": "brownout.actions", "func": "clear_faults"},
}
CLEARED_AT_ONCE = {
    "title": "cleared at once",
    "description": "a fault that no request can meet",
    "steady-state-hypothesis": {
        "title": "there is a backend",
        "probes": [
            {
                "type": "probe",
                "name": "ready",
                "tolerance": True,
                "provider": {"type": "python", "module": "brownout.probes", "func": "all_replicas_ready"},
            }
        ],
    },
    "method": [
        {
            "type": "action",
            "name": "set",
            "provider": {
                "type": "python",
                "module": "brownout.actions",
                "func": "set_faults",
                "arguments": {"faults": [{"kind": "error", "rate": 0.00001, "status": 503}]},
            },
        },
        CLEAR,
    ],
    "rollbacks": [CLEAR],
}


def verdict_in(out: Path) -> dict[str, str]:
    (path,) = out.glob("results/runs/*/verdict.json")
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("fault", "word"),
    [("error=0%,status=503", "invalid"), ("error=100%,status=503", "passed")],
)
def test_a_fault_that_hits_no_request_proves_nothing(tmp_path: Path, fault: str, word: str) -> None:
    code, output = run("run", *ONE_EACH, *SHORT, "--fault", fault, cwd=tmp_path)
    assert verdict_in(tmp_path)["word"] == word, output
    assert f"experiment {word}" in output
    assert (code == Exit.INVALID) is (word == "invalid"), output
    if word == "invalid":
        assert "nothing was injected while these faults were set" in output


def test_a_fault_that_is_cleared_at_once_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "at-once.json"
    path.write_text(json.dumps(CLEARED_AT_ONCE))
    code, output = run("run", *ONE_EACH, "--arrival-rate", "20", "--experiment", str(path), cwd=tmp_path)
    assert (code, verdict_in(tmp_path)["word"]) == (Exit.INVALID, "invalid"), output
