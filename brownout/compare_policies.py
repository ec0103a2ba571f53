"""The same experiment under one policy after the other, into run folders that can be compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from brownout.run import Settings, recorded
from brownout_results import run_folder
from brownout_results.summary import summarise
from brownout_terms.exits import Exit

TELLING = (Exit.PASSED, Exit.DEVIATED)
"""An experiment that deviated under a policy has shown something of it; any other end has not."""


@dataclass(frozen=True)
class Turn:
    """A policy's turn in a round."""

    policy: str
    round: int


@dataclass(frozen=True)
class Done:
    """A turn's run."""

    turn: Turn
    code: Exit
    folder: Path


def order(policies: Sequence[str], repeat: int, seed: int) -> list[Turn]:
    """Each policy once a round, each round in an order of its own: what drifts meanwhile hits all alike.

    A single round is in the order that was typed. Pure: the same seed, the same order.
    """
    if repeat == 1:
        return [Turn(policy, 1) for policy in policies]
    chance = random.Random(seed)
    return [
        Turn(policy, number + 1)
        for number in range(repeat)
        for policy in chance.sample(list(policies), len(policies))
    ]


def run_all(turns: Sequence[Turn], settings: Callable[[Turn], Settings], console: Console) -> list[Done]:
    """Run one after the other; the first that shows nothing is the last."""
    done: list[Done] = []
    for number, turn in enumerate(turns, start=1):
        console.rule(f"{number} of {len(turns)}: policy {turn.policy}")
        code, folder = recorded(settings(turn), console)
        if folder is None:
            raise KeyboardInterrupt
        done.append(Done(turn, code, folder))
        if code not in TELLING:
            break
    return done


def exit_of(done: Sequence[Done]) -> Exit:
    """Passed if every run has shown something of its policy; else what came instead."""
    return next((one.code for one in done if one.code not in TELLING), Exit.PASSED)


def in_order(done: Sequence[Done], policies: Sequence[str]) -> list[Done]:
    """The runs as the policies were typed: the first one is the baseline of a comparison."""
    return sorted(done, key=lambda one: (policies.index(one.turn.policy), one.turn.round))


def compare(done: Sequence[Done], repeat: int, console: Console) -> None:
    """Write the comparison's report, and show its sentences and where it is; a full disk costs no verdict."""
    from brownout.commands.compare import MOST, default_out
    from brownout.comparison import write_all

    folders = [one.folder for one in done]
    if not 2 <= len({one.turn.policy for one in done}) <= MOST:
        return
    try:
        page, sentences = write_all(folders, default_out(folders), repeats=repeat > 1)
    except OSError as error:
        console.print(f"the comparison could not be written: {error}", highlight=False, markup=False)
        return
    for sentence in sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    console.print(f"comparison  {page}", highlight=False, markup=False, soft_wrap=True)


def table(done: Sequence[Done]) -> Table:
    """What users saw under each policy, over the whole run."""
    shown = Table("policy", "experiment", "ok", "ok or fallback", "p95", "attempts a request")
    for one in done:
        figures = summarise(run_folder.read(one.folder))
        shown.add_row(
            one.turn.policy,
            one.code.name.lower(),
            _share(figures.availability),
            _share(figures.degraded_availability),
            "–" if figures.p95_ms is None else f"{figures.p95_ms:,.0f} ms",
            "–" if figures.retry_amplification is None else f"{figures.retry_amplification:.2f}",
        )
    return shown


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
