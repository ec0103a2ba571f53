"""`python -m bench.audit`: whether a run's report tells what brownout's own parts did, and blames nobody.

Rounds of `brownout selftest`, and undisturbed runs between them. `blamed`, `lost`, `silent` and `unread`
count the disturbed rounds in which brownout/selftest/findings.py finds that; `false_alarms` the undisturbed
runs that were called invalid or given a notice; one in which other processes took the machine is none of
them (`not_alone`), and is repeated at the end. `cost` is what a saturated Locust carries with the recorder,
its own watch included, over without, per processor second, as in bench.recorder.

Eight disturbed rounds and four undisturbed runs; with `--full` forty of each.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from bench import load, recorder, views
from bench.figures import Figures, report
from brownout.selftest.findings import findings
from brownout.selftest.report import line_of
from brownout.selftest.rounds import perform, plans
from tests.servers import serve

BARS = {
    "blamed": "0",
    "lost": "0",
    "silent": "0",
    "unread": "0",
    "false_alarms": "≤ 1 of 40",
    "cost": "≥ 0.97",
}
SHORT, FULL = (8, 4), (40, 40)
"""Disturbed and undisturbed runs."""
COST_ROUNDS = {SHORT: 3, FULL: 12}


def measure(full: bool, seed: int, out: Path) -> Figures:
    """Count what is wrong with the reports of disturbed and undisturbed runs, and what the audit costs."""
    size = FULL if full else SHORT
    outcomes = []
    todo = plans(seed, *size)
    repeats = 0
    while todo:
        plan = todo.pop(0)
        outcomes.append(perform(plan, out))
        print(line_of(outcomes[-1]), file=sys.stderr, flush=True)
        if plan.disturbance is None and not outcomes[-1].is_quiet and repeats < size[1]:
            repeats += 1
            todo.append(replace(plan, number=sum(size) + repeats))
    found = findings(outcomes)
    for one in found:
        print(f"round {one.round}, {one.disturbance}: {one.kind}: {one.detail}", file=sys.stderr)

    def rounds(kind: str) -> int:
        return len({one.round for one in found if one.kind == kind})

    with serve(views.UPSTREAM) as upstream:
        load.pin(upstream.process.pid, 1)
        cost = recorder.throughput(upstream.url, out, COST_ROUNDS[size])["rps_ratio"]
    return {
        **{kind: rounds(kind) for kind in ("blamed", "lost", "silent", "unread")},
        "false_alarms": rounds("false alarm"),
        "cost": cost,
        "disturbed": size[0],
        "undisturbed": sum(one.is_quiet for one in outcomes),
        "not_alone": sum(one.plan.disturbance is None and not one.is_quiet for one in outcomes),
    }


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--full", is_flag=True, help="Forty rounds and forty undisturbed runs, in about 20 minutes.")
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Keep the runs here.")
def main(as_json: bool, full: bool, seed: int, out: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report(measure(full, seed, out or Path(folder)), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
