"""Figures with their intervals, and verdicts, as Python and notebooks get them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from brownout.notebook_tables import frame, html_table
from brownout_terms.numbers import amount, percent

ALL = "total"
"""What a verdict on all requests is of."""


@dataclass(frozen=True, kw_only=True)
class FigureValue:
    """A figure: `value`, and the ends of its 95 % interval, in `unit`. Shares are of 1."""

    value: float
    low: float | None = None
    """None: nothing tells how sure the value is; see `why`."""

    high: float | None = None
    unit: str = ""
    meaning: str = ""
    why: str = ""
    """Why there is no interval."""

    def __float__(self) -> float:
        """Return the value."""
        return self.value

    def __str__(self) -> str:
        """Return the value with its unit, and the interval."""
        return f"{amount(self.value, self.unit)}{f' ({self.interval})' if self.interval else ''}"

    @property
    def interval(self) -> str:
        """The interval in words; empty if there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{amount(self.low, self.unit)} to {amount(self.high, self.unit)}"


class Figures(Mapping[str, FigureValue]):
    """The figures of a run or a part of one, by name."""

    def __init__(self, values: Mapping[str, FigureValue], of: str) -> None:
        """`of`: whose figures they are."""
        self._values = dict(values)
        self.of = of

    def __getitem__(self, name: str) -> FigureValue:
        """Return the figure of this name."""
        try:
            return self._values[name]
        except KeyError:
            known = ", ".join(self._values)
            raise KeyError(f'"{name}" is no figure of {self.of}. It has: {known}') from None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the report."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._values)

    def __repr__(self) -> str:
        """Return a line for each figure."""
        return "\n".join(f"{name:22}{one}" for name, one in self.items())

    @property
    def table(self) -> Any:
        """The figures as a table: name, value, low, high, unit, why; a row each."""
        fields = ("value", "low", "high", "unit", "why")
        columns = {name: [getattr(one, name) for one in self.values()] for name in fields}
        return frame({"figure": list(self), **columns})

    def _repr_html_(self) -> str:
        rows = [
            (name, amount(one.value, one.unit), one.interval or one.why, one.meaning)
            for name, one in self.items()
        ]
        return html_table(("figure", "value", "95 % interval", "meaning"), rows, self.of)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A figure of a run against the baseline's."""

    of: str
    """total, phase or endpoint."""

    name: str
    """Of the phase or endpoint; empty for all requests."""

    figure: str
    run: str
    before: float | None
    after: float | None
    absolute: float | None
    relative: float | None
    low: float | None
    """Ends of the 95 % interval: of the relative difference if `is_relative`, else of the absolute one."""

    high: float | None
    is_relative: bool
    p: float | None
    """Probability that chance alone makes a difference this large."""

    verdict: str
    unit: str
    why: str = ""

    def __str__(self) -> str:
        """Return the verdict with both values."""
        values = f"{amount(self.before, self.unit)} → {amount(self.after, self.unit)}"
        return f"{self.figure}: {values}, {self.verdict or self.why}"

    @property
    def interval(self) -> str:
        """The interval of the difference in words; empty if there is none."""
        if self.low is None or self.high is None:
            return ""
        if self.is_relative:
            return f"{percent(self.low)} to {percent(self.high)}"
        return f"{amount(self.low, self.unit, signed=True)} to {amount(self.high, self.unit, signed=True)}"


class Verdicts(Sequence[Verdict]):
    """All verdicts of a comparison; by a figure's name, that on all requests of the first run compared."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        """Keep their order: all requests, phases, endpoints."""
        self._verdicts = list(verdicts)

    @overload
    def __getitem__(self, at: int | str) -> Verdict: ...

    @overload
    def __getitem__(self, at: slice) -> Verdicts: ...

    def __getitem__(self, at: int | str | slice) -> Verdict | Verdicts:
        """Return a verdict by its place or its figure's name."""
        if isinstance(at, slice):
            return Verdicts(self._verdicts[at])
        if isinstance(at, int):
            return self._verdicts[at]
        for one in self._verdicts:
            if one.of == ALL and one.figure == at:
                return one
        raise KeyError(f'"{at}" is no figure of both runs. There are: {", ".join(self._figures())}')

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._verdicts)

    def __repr__(self) -> str:
        """Return a line for each verdict on all requests."""
        return "\n".join(str(one) for one in self if one.of == ALL)

    def of(self, name: str) -> Verdicts:
        """Return those of a phase or an endpoint."""
        return Verdicts([one for one in self if one.name == name])

    @property
    def table(self) -> Any:
        """The verdicts as a table, a row each."""
        fields = ("of", "name", "figure", "run", "before", "after", "absolute", "relative", "low", "high")
        more = ("is_relative", "p", "verdict", "unit", "why")
        return frame({name: [getattr(one, name) for one in self] for name in fields + more})

    def _figures(self) -> list[str]:
        return list(dict.fromkeys(one.figure for one in self if one.of == ALL))

    def _repr_html_(self) -> str:
        rows = [
            (
                one.name or "all requests",
                one.figure,
                amount(one.before, one.unit),
                amount(one.after, one.unit),
                one.interval,
                one.verdict,
                one.why,
            )
            for one in self
        ]
        return html_table(("of", "figure", "before", "after", "95 % interval", "verdict", "why"), rows)
