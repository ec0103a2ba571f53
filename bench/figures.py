"""The command line that all benchmarks share: a readable table, or one JSON object with `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable

import click
from rich import box
from rich.console import Console
from rich.table import Table

Figures = dict[str, float | int | None]
Bars = dict[str, str]
"""What a figure must reach, as a condition in words: "≥ 0.90"."""


def main(measure: Callable[[], Figures], bars: Bars) -> None:
    """Run `measure` and print its figures beside their bars."""

    @click.command(help=measure.__doc__)
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    def command(as_json: bool) -> None:
        report(measure(), bars, as_json=as_json)

    command()


def report(figures: Figures, bars: Bars, *, as_json: bool) -> None:
    """Print figures beside their bars."""
    if as_json:
        print(json.dumps(figures))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("figure", "value", "bar"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for name, value in figures.items():
        table.add_row(name, "-" if value is None else f"{value:,.4g}", bars.get(name, ""))
    Console().print(table)
