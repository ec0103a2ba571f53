"""Samples of the replicas' counters each second, whatever the replicas do."""

import json
import subprocess
import sys
from collections import defaultdict
from typing import Any

import pytest

from brownout_fleet.free_port import free_port
from brownout_results.record.table_rows import HEALTH
from tests.loadtest.runs import ROOT
from tests.servers import serve

SAMPLES = 2
KINDS = ("backend", "failing", "foreign", "mistyped", "hanging", "dripping", "missing")

Samples = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told() -> dict[str, list[Any]]:
    """What a sampler told of replicas of all kinds a while: samples, transitions, states."""
    command = [sys.executable, "-m", "tests.recorder.replica", "{fd}"]
    with serve(command, ready="/backend/status") as server:
        replicas = [f"backend={kind}={server.url}/{kind}" for kind in KINDS]
        replicas += [f"client=client={server.url}/client", f"backend=gone=http://127.0.0.1:{free_port()}"]
        run = subprocess.run(
            [sys.executable, "-m", "tests.recorder.sampling", str(SAMPLES), *replicas],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    told = defaultdict(list)
    for line in run.stdout.splitlines():
        for kind, content in json.loads(line).items():
            told[kind].append(content)
    return told


@pytest.fixture(scope="module")
def samples(told: dict[str, list[Any]]) -> Samples:
    """The samples of each replica."""
    by_replica = defaultdict(list)
    for sample in told["sample"]:
        by_replica[sample["replica"]].append(sample)
    return by_replica


def test_every_replica_has_a_row_each_second_however_slow_one_is(samples: Samples) -> None:
    assert set(samples) == {*KINDS, "client", "gone"}
    seconds = [sample["second"] for sample in samples["backend"]]
    assert len(seconds) == SAMPLES
    assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
    for rows in samples.values():
        assert [row["second"] for row in rows] == seconds


def test_a_clients_counters_and_a_backends_have_their_columns(samples: Samples) -> None:
    client, backend = samples["client"][1], samples["backend"][0]

    assert {**client, "took_ms": None, "second": 0} == {
        "second": 0,
        "service": "client",
        "replica": "client",
        "problem": "",
        "took_ms": None,
        "boot_id": "boot-c",
        "policy": "full",
        "circuit_state": "open",
        "requests": 100,
        "attempts": 130,
        "retries": 30,
        "short_circuits": 4,
        "fallbacks": 5,
        "budget_denied": 6,
        "in_flight": None,
        "outcomes": {"ok": 95, "fallback": 5},
        "causes": {"http-503": 5},
        "injected": {},
        **dict.fromkeys(HEALTH),
        "stalled_ms": 0.0,
        "cpu_ms": 0.0,
        "descriptors_free": 90.0,
    }
    assert (backend["requests"], backend["in_flight"], backend["injected"]) == (7, 2, {"error": 3})
    assert (backend["boot_id"], backend["problem"], backend["attempts"]) == ("boot-b", "", None)


@pytest.mark.parametrize(
    ("replica", "problem"),
    [
        ("failing", "http 500"),
        ("missing", "http 404"),
        ("foreign", "not the JSON expected"),
        ("mistyped", "not the JSON expected"),
        ("hanging", "timeout"),
        ("dripping", "timeout"),
        ("gone", "connection refused"),
    ],
)
def test_a_replica_without_counters_has_a_row_that_says_why(
    replica: str, problem: str, samples: Samples
) -> None:
    for sample in samples[replica]:
        assert sample["problem"] == problem
        assert sample["requests"] is sample["took_ms"] is None


def test_each_transition_of_a_breaker_during_the_run_is_told_once(told: dict[str, list[Any]]) -> None:
    transitions = told["transition"]
    numbers = [transition["seq"] for transition in transitions]

    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] > 1, "number 1 was before the run"
    assert {**transitions[0], "at": "", "seq": 0} == {
        "replica": "client",
        "boot_id": "boot-c",
        "seq": 0,
        "at": "",
        "from": "closed",
        "to": "open",
        "cause": "3 failures",
    }
    assert told["states"] == [{"client": "open"}]
