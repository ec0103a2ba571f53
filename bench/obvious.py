"""`python -m bench.obvious`: whether the headline of a comparison names what anybody sees.

60 pairs of simulated runs, each with one large change: of the rate, the availability, p50, p95, or why
requests fail; 12 of each, as losses and as gains, written as run folders and as the files of six versions of
Locust, and read and compared as `brownout compare` does. `named` counts the pairs whose first sentence names
the changed figure as better or worse, as it is, judged or not, or both reasons of failures; `contradicted`
counts those whose verdict in one word says the opposite or "equal".
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np

from bench.figures import Figures, report
from bench.written_runs import SOURCES, SimulatedRun, write
from brownout.comparison import document_of
from brownout.reading import read

BARS = {"named": "60", "contradicted": "0"}
PAIRS = 12
"""Of each kind."""

ERROR, OTHER_ERROR = "503 Server Error: Service Unavailable", "Connection refused"


@dataclass(frozen=True)
class World:
    """How a run goes: quick and slow requests, of which some fail."""

    seconds: int = 60
    rate: float = 50.0
    quick_ms: float = 25.0
    slow_ms: float = 250.0
    slow_share: float = 0.3
    failing: float = 0.02
    error: str = ERROR


USUAL = World()

CHANGES = {
    "rate": ("goodput|throughput", USUAL, replace(USUAL, rate=30)),
    "availability": ("availability", USUAL, replace(USUAL, failing=0.3)),
    "p50": ("p50", USUAL, replace(USUAL, slow_share=0.7)),
    "p95": ("p95", replace(USUAL, slow_share=0.03), replace(USUAL, slow_share=0.12)),
    "failures": ("", replace(USUAL, failing=0.1), replace(USUAL, failing=0.1, error=OTHER_ERROR)),
}
"""By kind: the figure that the headline has to name, and the worlds before and after a loss."""


def simulated(world: World, random: np.random.Generator) -> SimulatedRun:
    """Draw a run: Poisson arrivals and log-normal durations, second by second."""
    second = np.repeat(np.arange(world.seconds), random.poisson(world.rate, world.seconds))
    middle = np.where(random.random(len(second)) < world.slow_share, world.slow_ms, world.quick_ms)
    durations_ms = middle * np.exp(random.normal(0, 0.15, len(second)))
    failed = random.random(len(second)) < world.failing
    return SimulatedRun(world.seconds, second, durations_ms, failed, world.error)


def cases() -> Iterator[tuple[str, str, bool]]:
    """Yield kind, source and whether it is a loss, of every pair: each source as a loss, most as a gain."""
    for offset, kind in enumerate(CHANGES):
        gains = [SOURCES[(offset + at) % len(SOURCES)] for at in range(PAIRS - len(SOURCES))]
        yield from ((kind, source, True) for source in SOURCES)
        yield from ((kind, source, False) for source in gains)


def is_named(sentence: str, kind: str, is_loss: bool) -> bool:
    """Whether the sentence says what changed, and which way."""
    if kind == "failures":
        return "fails for other reasons" in sentence and ERROR in sentence and OTHER_ERROR in sentence
    word = "worse" if is_loss else "better"
    clauses = re.findall(r"(?:is|seems) (better|worse) in (.*?)(?=, and (?:is|seems|fails) |$)", sentence)
    figure = re.compile(rf"\b(?:{CHANGES[kind][0]}) \(")
    return any(found == word and figure.search(told) for found, told in clauses)


def is_contradicted(word: str, kind: str, is_loss: bool) -> bool:
    """Whether the one word says the opposite of the change."""
    if kind == "failures":
        return word in ("better", "equal")
    return word in ("equal", "better" if is_loss else "worse")


def measure(seed: int) -> Figures:
    """How many large changes the headlines of comparisons name."""
    named = contradicted = pairs = 0
    by_kind = dict.fromkeys(CHANGES, 0)
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, source, is_loss) in enumerate(cases()):
            random = np.random.default_rng([seed, number])
            worlds = CHANGES[kind][1:] if is_loss else CHANGES[kind][:0:-1]
            paths = [
                write(Path(folder) / f"{number}" / name, source, simulated(world, random))
                for name, world in zip(("before", "after"), worlds, strict=True)
            ]
            document = document_of([read(path) for path in paths], repeats=False)
            pairs += 1
            if is_named(document.sentences[0], kind, is_loss):
                named += 1
                by_kind[kind] += 1
            else:
                click.echo(
                    f"{kind}, {source}, {'loss' if is_loss else 'gain'}: {document.sentences[0]}", err=True
                )
            contradicted += is_contradicted(document.tone, kind, is_loss)
    return {"named": named, "contradicted": contradicted, "pairs": pairs, **by_kind}


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulation.")
def main(as_json: bool, seed: int) -> None:
    report(partial(measure, seed)(), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
