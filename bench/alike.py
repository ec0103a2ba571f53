"""`python -m bench.alike`: pairs of real runs between which nothing was changed, and how many alarm.

A pair is two runs in a row, of 50 requests a second to a local fleet. Takes over ten minutes, so that
`python -m bench` leaves it out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from bench.figures import Figures, report
from brownout_results.judge.comparison.sections import Side, sections
from brownout_results.measure.period import Period
from brownout_results.measure.resampling.sources import RunSource
from brownout_results.measure.validity import why_invalid
from brownout_results.read import run_folder
from brownout_terms.exits import Exit

BARS = {"false_alarms": "≤ 1 of 10 pairs"}
RATE = 50
MARGIN_S = 120
TRIES = 5


def measure(pairs: int, seconds: int, out: Path) -> Figures:
    """Pairs of runs without a change, of which any figure is called better or worse."""
    for number in range(2 * pairs):
        command = [sys.executable, "-m", "brownout", "run", "--arrival-rate", str(RATE)]
        command += ["--run-time", str(seconds), "--client-port", "0", "--backend-port", "0"]
        command += ["--label", f"{number:02d}", "--out", str(out), "--log-dir", str(out / f"log-{number}")]
        _valid_run(command, seconds + MARGIN_S)
    folders = sorted(
        folder
        for folder in out.iterdir()
        if (folder / "run.json").is_file() and why_invalid(run_folder.read(folder)) is None
    )
    twos = list(zip(folders[::2], folders[1::2], strict=True))
    alarms = [alarm(*two) for two in twos]
    for two, found in zip(twos, alarms, strict=True):
        print(f"{two[0].name} {two[1].name}: {', '.join(found) or 'no alarm'}", file=sys.stderr)
    return {"false_alarms": sum(map(bool, alarms)), "pairs": len(alarms)}


def _valid_run(command: list[str], within_s: float) -> None:
    """A run, again if it is invalid because the machine could not hold the rate."""
    for _ in range(TRIES):
        ended = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=within_s)
        if ended.returncode != Exit.INVALID:
            break
    ended.check_returncode()


def alarm(before: Path, after: Path) -> list[str]:
    """The figures of all requests that are called better or worse."""
    sides = [Side(folder.name, [RunSource(Period.of(run_folder.read(folder)))]) for folder in (before, after)]
    total = sections(sides)[0]
    return [
        f"{name} {verdict}, {total.differences[0][name].drawn:+.4g}"
        for name, verdict in total.verdicts[0].items()
        if verdict in ("better", "worse")
    ]


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--pairs", default=10, show_default=True)
@click.option("--seconds", default=30, show_default=True, help="Of each run.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the runs here.")
def main(as_json: bool, pairs: int, seconds: int, out: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report(partial(measure, pairs, seconds)(out or Path(folder)), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
