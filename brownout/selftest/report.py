"""The rounds of a selftest, shown as they end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from brownout.selftest.findings import SelftestFinding, findings
from brownout.selftest.rounds import Plan, RoundResult, perform
from brownout_terms.exits import Exit

KINDS = ("blamed", "lost", "silent", "unread", "false alarm")


def selftest(rounds: Sequence[Plan], out: Path, for_s: float, console: Console) -> Exit:
    """Perform these rounds until the time is over, and print a table; PASSED if nothing is wrong."""
    deadline = time.monotonic() + for_s
    outcomes: list[RoundResult] = []
    for plan in rounds:
        if outcomes and time.monotonic() > deadline:
            break
        name = plan.disturbance.name if plan.disturbance else "undisturbed"
        with console.status(f"round {plan.number}: {name}"):
            outcomes.append(perform(plan, out))
        console.print(line_of(outcomes[-1]), highlight=False, soft_wrap=True)
    found = findings(outcomes)
    console.print(table_of(outcomes, found))
    for one in found:
        console.print(f"round {one.round}, {one.disturbance}: {one.kind}: {one.detail}", soft_wrap=True)
    return Exit.FAILED if found else Exit.PASSED


def line_of(outcome: RoundResult) -> str:
    """Write a round in a line."""
    plan = outcome.plan
    what = f"{plan.disturbance.name}, {plan.seconds:.1f} s" if plan.disturbance else "undisturbed"
    said = outcome.invalid or "; ".join([*outcome.notices, *sorted(set(outcome.told))]) or "no word of it"
    return f"round {plan.number}  {what}: {'invalid: ' if outcome.invalid else ''}{said}"


def table_of(outcomes: Sequence[RoundResult], found: Sequence[SelftestFinding]) -> Table:
    """Return the table: a row a disturbance, a column a kind of finding."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("disturbance", "rounds", "invalid", *KINDS):
        table.add_column(heading, justify="left" if heading == "disturbance" else "right")
    names = Counter(one.plan.disturbance.name if one.plan.disturbance else "none" for one in outcomes)
    for name, count in names.items():
        of_it = [
            one for one in outcomes if (one.plan.disturbance.name if one.plan.disturbance else "none") == name
        ]
        wrong = Counter(
            kind for _, kind in {(one.round, one.kind) for one in found if one.disturbance == name}
        )
        invalid = sum(bool(one.invalid) for one in of_it)
        table.add_row(name, str(count), str(invalid), *(str(wrong[kind]) for kind in KINDS))
    return table
