"""What a report holds, in words and numbers, before it is a page, a Markdown file or anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from brownout_terms.verdicts import COMPARISON, OVERALL

if TYPE_CHECKING:
    import plotly.graph_objects as go

VERDICT_SIGNS: dict[str, str] = {word: style.sign for word, style in COMPARISON.items()}
OVERALL_SIGNS: dict[str, str] = {word: style.sign for word, style in OVERALL.items()}


Unjudged = Literal["gain", "loss", ""]


@dataclass(frozen=True, kw_only=True)
class RunCard:
    """A run as it is named at the top."""

    name: str
    is_baseline: bool
    facts: Sequence[tuple[str, str]]
    """Name and value: when it was, how long, how many requests, its policy."""

    path: str
    """Where its files are, as the command was told."""


@dataclass(frozen=True, kw_only=True)
class ShownDifference:
    """A run's figure against the baseline's; texts have units, numbers are for the interval's drawing."""

    value: str
    absolute: str
    relative: str
    interval: str
    """The 95 % interval of the difference, in words: "−3 ms to +8 ms"."""

    verdict: str
    """A word of COMPARISON; empty if there is nothing to compare."""

    drawn: tuple[float, float, float] | None
    """Low end, middle and high end of the relative difference (of shares: of the difference)."""

    is_good_up: bool | None
    """Whether more is better; None: neither is."""

    why: str = ""
    """What is missing, or why the verdict is no other though the interval suggests one."""

    unjudged: Unjudged = ""
    """What a large change seems to be that nothing judges; empty if it was judged, or is small."""


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A figure of the baseline and of every other run."""

    figure: str
    title: str
    """What the figure means, in a sentence."""

    baseline: str
    others: Sequence[ShownDifference]


@dataclass(frozen=True, kw_only=True)
class FigureTable:
    """The figures of all requests, of an endpoint, or of a phase."""

    title: str
    columns: Sequence[str]
    """The baseline's name, then the others'."""

    rows: Sequence[FigureRow]
    note: str = ""
    is_open: bool = True
    """Whether it is shown before someone asks for it."""

    @property
    def has_intervals(self) -> bool:
        """Whether any difference has one, or a verdict that the note does not give the reason for."""
        return any(
            other.interval or (other.verdict and not self.note) for row in self.rows for other in row.others
        )

    @property
    def has_unjudged_loss(self) -> bool:
        """Whether a figure is much worse and nothing judges it: then nothing beside it is shown as a gain."""
        return any(other.unjudged == "loss" for row in self.rows for other in row.others)


@dataclass(frozen=True, kw_only=True)
class MatrixCell:
    """A figure of one phase: the baseline's, the run's, and what came of it."""

    before: str
    after: str
    change: str
    verdict: str
    """A word of COMPARISON; empty if there is nothing to compare."""

    why: str
    """What is missing, else the interval."""

    unjudged: Unjudged = ""


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """A figure in each phase; None where the phase does not have it."""

    figure: str
    title: str
    cells: Sequence[MatrixCell | None]


@dataclass(frozen=True, kw_only=True)
class PhaseMatrix:
    """A run's phases side by side, each against the same of the baseline."""

    run: str
    baseline: str
    columns: Sequence[str]
    rows: Sequence[MatrixRow]
    more: int
    """How many phases are not shown; 0 or less: none."""

    @property
    def has_unjudged_loss(self) -> bool:
        """Whether a figure is much worse and nothing judges it: then nothing beside it is shown as a gain."""
        return any(cell is not None and cell.unjudged == "loss" for row in self.rows for cell in row.cells)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A plain table: its first column names the rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    keys: int = 1
    """How many columns name what a row is about."""

    is_detail: bool = False
    """Whether it is on the page only, and not in summary.md."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart: a figure of Plotly's for each part that it shows. Its colours are those of `themes`."""

    key: str
    """An identifier of letters and dashes."""

    title: str
    summary: str
    """What is seen, in a sentence, for those who can't."""

    note: str
    is_first: bool = False
    """Whether it stands before the tables."""

    views: Mapping[str, go.Figure]
    """Figures of one layout, by the name of the part that they show; the first is shown first."""

    data: tuple[str, str] | None = None
    """What x and y are called in a download of the traces; None: another chart has the same data. An x in
    `seconds` is drawn as a date."""

    @property
    def figure(self) -> go.Figure:
        """The view that is shown first."""
        return next(iter(self.views.values()))


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What went wrong, and how often in each run."""

    cause: str
    where: str
    counts: Sequence[str]
    shares: Sequence[str]
    """Shares of all requests of the run."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of the runs."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Download:
    """A table to save as CSV: numbers as they are, texts guarded against being read as formulas."""

    name: str
    """The file's."""

    title: str
    header: Sequence[str]
    columns: Sequence[Sequence[str | float | None]]
    """A column each, as a screen's worth of them compresses better than rows."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report."""

    title: str
    sentences: Sequence[str]
    """The verdict, in two."""

    tone: str
    """The verdict: a word of OVERALL; empty for one run or if a run is invalid."""

    made: str
    """Version and time."""

    fails: bool = False
    """Whether someone asked that a comparison of this tone fails."""

    runs: Sequence[RunCard]
    notices: Sequence[str] = ()
    """What a reader has to know before believing a figure."""

    thresholds: Sequence[tuple[str, str, str]] = ()
    """Entry of each threshold: the verdict with its sign, its text, and its value or why there is none."""

    meanings: Sequence[tuple[str, str]] = ()
    """What each of its figures means."""

    matrices: Sequence[PhaseMatrix] = ()
    """Phases side by side: a table for each run that is compared."""

    tables: Sequence[FigureTable] = ()
    grids: Sequence[Grid] = ()
    charts: Sequence[Chart] = ()
    causes: Sequence[Cause] = ()
    causes_note: str = ""
    differing: Sequence[Setting] = ()
    shared: Sequence[Setting] = ()
    methods: Sequence[str] = ()
    limits: Sequence[str] = ()
    downloads: Sequence[Download] = field(default_factory=list)
    differences: Sequence[Mapping[str, str | float | None]] = ()
    """Every figure and difference of a comparison, unrounded, for programs."""
