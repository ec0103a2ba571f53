"""`--fault`: what is typed becomes the backend's document, and an experiment that can be run."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from brownout.cli import cli
from brownout.fault_experiment import FaultScenario, experiment_document
from brownout.fault_text import FaultTextError, parse_fault, write_fault_text
from brownout_chaos.check import check
from brownout_chaos.files import phases
from brownout_faults import described_kinds
from tests.chaos.experiments import write
from tests.commands.cli import run

TYPED: list[tuple[str, dict[str, Any]]] = [
    ("error=30%,status=503", {"kind": "error", "rate": 0.3, "status": 503}),
    ("error=0.3,retry_after=2s", {"kind": "error", "rate": 0.3, "status": 503, "retry_after_s": 2}),
    ("latency=200ms", {"kind": "latency", "ms": 200}),
    ("latency=0.2s,rate=50%", {"kind": "latency", "ms": 200, "rate": 0.5}),
    ("latency=200,jitter=50ms", {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"}),
    (
        "latency=1s,jitter=300ms,distribution=pareto",
        {"kind": "latency", "ms": 1000, "jitter_ms": 300, "distribution": "pareto"},
    ),
    ("hang=10%,limit=500ms", {"kind": "hang", "rate": 0.1, "limit_s": 0.5}),
    ("reset=5%", {"kind": "reset", "rate": 0.05}),
    ("truncate", {"kind": "truncate"}),
    ("corrupt=100%", {"kind": "corrupt", "rate": 1.0}),
    ("noop", {"kind": "noop"}),
    ("cut=10%,after_bytes=1000", {"kind": "cut", "rate": 0.1, "after_bytes": 1000}),
    ("bandwidth=50", {"kind": "bandwidth", "kb_per_second": 50}),
    (
        "error=30%,on=prices,path=/v1/*,method=GET,header=X-Tenant:a*,header=X-B:b",
        {
            "kind": "error",
            "rate": 0.3,
            "status": 503,
            "match": {
                "dependency": "prices",
                "path": "/v1/*",
                "method": "GET",
                "header": {"X-Tenant": "a*", "X-B": "b"},
            },
        },
    ),
]


@pytest.mark.parametrize(("text", "document"), TYPED, ids=[text for text, _ in TYPED])
def test_a_fault_is_typed_with_units(text: str, document: dict[str, Any]) -> None:
    assert parse_fault(text) == document


def test_every_kind_and_every_field_of_the_backend_can_be_typed() -> None:
    known = described_kinds()
    typed = {
        (document["kind"], field)
        for _, document in TYPED
        for field in document
        if field not in ("kind", "match")
    }
    rates = {(kind["kind"], "rate") for kind in known}
    assert typed | rates == {(kind["kind"], field["name"]) for kind in known for field in kind["fields"]}
    assert {document["kind"] for _, document in TYPED} == {kind["kind"] for kind in known}


def test_every_fault_can_be_typed_as_it_is_written() -> None:
    kinds = {kind["kind"]: kind for kind in described_kinds()}
    for document in [*(kind["example"] for kind in kinds.values()), *(document for _, document in TYPED)]:
        assert parse_fault(write_fault_text(document, kinds[document["kind"]])) == document


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "eror=1",
            '"eror" is no kind of fault; allowed: bandwidth, corrupt, cut, error, hang, latency, noop',
        ),
        ("", '"" is no kind'),
        ("error=150%", 'rate: "150%" is not a share; allowed: 0% to 100%'),
        ("error=nan", 'rate: "nan" is not a share; allowed: 0% to 100%, or 0 to 1'),
        ("error=30%,statos=3", '"statos" is no field of error; allowed: rate, retry_after, status'),
        ("error=30%,status=99", "status is 99; allowed: a whole number from 400 to 599"),
        ("error=30%,status", '"status" is no FIELD=VALUE'),
        ("error=30%,rate=2", "says rate twice"),
        ("latency", '"latency" has no ms, or 0; allowed: a value after latency=, as in latency=200ms'),
        ("latency=soon", 'ms: "soon" is not a duration; allowed: 20, 2.5s, 500ms'),
        ("latency=9m,distribution=flat", 'distribution is "flat"; allowed: "constant", "normal"'),
        ("error=30%,path=/a,path=/b", "says path twice"),
        ("error=30%,header=X-Tenant", 'header is "X-Tenant"; allowed: NAME:VALUE'),
        ("latency=11m", "ms is 660000; allowed: a whole number from 0 to 600000"),
        ("latency=9ms,jitter=1ms,distribution=constant", "jitter_ms is 1 and the distribution is constant"),
        ("hang=10%,limit=0", "limit_s is 0; allowed: a number above 0"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(FaultTextError) as raised:
        parse_fault(text)
    assert words in str(raised.value)


FAULTS = [parse_fault("error=30%,status=503"), parse_fault("latency=200ms")]


@pytest.mark.parametrize(
    "plan",
    [
        FaultScenario(FAULTS),
        FaultScenario(FAULTS, kill="backend"),
        FaultScenario(kill="client"),
        FaultScenario(FAULTS, recovery_s=1, during_s=1),
    ],
)
def test_the_experiment_that_is_made_can_be_run(plan: FaultScenario, tmp_path: Path) -> None:
    made = check(write(tmp_path, experiment_document(plan)), {"backend": 2, "client": 2})
    assert phases(made) == ["baseline", "fault", "recovery"]
    assert [one["provider"]["func"] for one in made["rollbacks"]] == ["clear_faults"]


def test_the_phases_are_as_long_as_asked_and_the_kill_comes_while_the_faults_last() -> None:
    made = experiment_document(
        FaultScenario(FAULTS, kill="backend", baseline_s=7, during_s=30, recovery_s=9, seed=5)
    )
    assert made["title"] == (
        "Users are served again soon after 30 % errors 503 and 200 ms latency and a kill of a backend replica"
    )
    pauses = {one["name"]: one["pauses"]["after"] for one in made["method"] if "pauses" in one}
    assert list(pauses.values()) == [7, 10, 20, 9]
    seeds = [one["provider"].get("arguments", {}).get("seed") for one in made["method"]]
    assert seeds.count(5) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "eror=1"], "no kind of fault"),
        (["--during", "3s"], "--during needs --fault or --kill, and neither is given"),
        (["--baseline", "3s"], "--baseline needs --fault or --kill"),
        (["--fault", "reset", "--baseline", "soon"], "neither a file or folder that exists, nor a duration"),
        (["--fault", "reset", "--baseline", "1s", "--baseline", "2s"], "at most one path and one duration"),
        (["--fault", "reset", "--experiment", "pod-kill"], "one of the two"),
        (["--experiment", "no such"], "nor an experiment that comes with brownout"),
        (["--kill", "backend", "--backends", "1"], "it would kill the last ready replica"),
    ],
)
def test_run_refuses_before_any_load(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(cli, ["run", *arguments])
    assert (result.exit_code, words in " ".join(result.output.split())) == (2, True), result.output


@pytest.mark.slow
def test_run_keeps_the_experiment_that_it_makes_in_the_run_folder(tmp_path: Path) -> None:
    faults = ("--fault", "error=50%,status=503", "--fault", "latency=30ms", "--kill", "backend")
    phases_s = ("--baseline", "2s", "--during", "4s", "--recovery", "6s", "--seed", "3")
    fleet = ("--clients", "1", "--client-port", "0", "--backend-port", "0", "--restart-delay", "0")
    code, output = run("run", "--users", "2", "--policy", "full", *fleet, *faults, *phases_s, cwd=tmp_path)
    assert code == 0, output
    assert "1 kill proven, 1 fault set read back" in output
    (kept,) = tmp_path.glob("results/runs/*/experiment.json")
    method = json.loads(kept.read_text())["method"]
    assert [one["provider"]["func"] for one in method if one["type"] == "action"] == [
        "mark_phase",
        "mark_phase",
        "set_faults",
        "kill_replica",
        "mark_phase",
        "clear_faults",
    ]
    check(kept)  # so that it can be run again
