"""Runs and comparisons for Python and notebooks: `brownout.read` and `brownout.compare`.

Everything is made when it is asked for: the figures, the tables, the charts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brownout.errors import UsageError
from brownout.notebook_tables import frame
from brownout.notebook_values import ALL, Figures, FigureValue, Verdict, Verdicts

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from brownout_results.measure.resampling.estimates import Observation
    from brownout_results.report.charts.data import ChartData
    from brownout_results.report.document import Document
    from brownout_results.report.runs import AnyRun
    from brownout_results.report.themes import Theme

AnyPath = str | Path


def read(path: AnyPath) -> RunResult:
    """Read a run folder, or Locust's own files by their prefix, folder, or one file. Raises NotARunError."""
    from brownout.reading import read as read_any

    return RunResult(read_any(path))


def compare(
    before: AnyPath | RunResult,
    after: AnyPath | RunResult,
    *others: AnyPath | RunResult,
    anyway: bool = False,
) -> Comparison:
    """Compare runs with the first one. A run is a path that `brownout.read` takes, or what it returns.

    Raises NotARunError, and NotComparableError unless `anyway`.
    """
    from brownout.comparison import document_of, incomparable

    runs = [one if isinstance(one, RunResult) else read(one) for one in (before, after, *others)]
    any_runs = [one.source for one in runs]
    document = document_of(any_runs, repeats=False, notices=incomparable(any_runs, anyway=anyway))
    return Comparison(document, runs)


class _Shown:
    """What a run and a comparison have in common: a report, with its charts."""

    @property
    def report(self) -> Document:
        """The report's document."""
        raise NotImplementedError

    @property
    def sentences(self) -> list[str]:
        """What came of it, in a sentence or two."""
        return list(self.report.sentences)

    @cached_property
    def charts(self) -> Mapping[str, go.Figure]:
        """Every chart as a figure of Plotly's, by its key: timeline, percentiles, ecdf."""
        return {chart.key: self.chart(chart.key) for chart in self.report.charts}

    def chart(self, key: str, part: str | None = None, *, theme: Theme = "light") -> go.Figure:
        """Return a chart as a figure of Plotly's, of one `part` of the run where it has several.

        Raises UsageError if there is no such chart or part.
        """
        from brownout_results.report.themes import themed

        charts = {chart.key: chart for chart in self.report.charts}
        if key not in charts:
            raise UsageError(f'There is no chart "{key}" here, but: {", ".join(charts) or "none at all"}.')
        views = charts[key].views
        if part is not None and part not in views:
            raise UsageError(f'The chart "{key}" has no part "{part}", but: {", ".join(views)}.')
        return themed(views[part] if part is not None else charts[key].figure, theme)

    def _save(self, path: AnyPath, runs: Sequence[RunResult]) -> Path:
        from brownout_results.record.files import replace
        from brownout_results.report.html_page import page
        from brownout_results.report.report_files import write

        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            return write(path, self.report, [one.source for one in runs], [])
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, page(self.report))
        return path


class RunResult(_Shown):
    """A run, whatever it was read from."""

    def __init__(self, source: AnyRun) -> None:
        """`source` is what the command line works with."""
        self.source = source

    def __repr__(self) -> str:
        """Return the run's name and what its users saw."""
        return f"<brownout run {self.name}: {self.sentences[0]}>"

    @property
    def name(self) -> str:
        """Its label, or the name of its files."""
        return self.source.name

    @property
    def phases(self) -> list[str]:
        """The names of its phases, in the order of their time."""
        return list(self.source.phases)

    @cached_property
    def figures(self) -> Figures:
        """The figures of all requests, each with its 95 % interval."""
        return self._figures(self.source.source().observed(), self.name)

    def figures_in(self, phase: str) -> Figures:
        """Return the figures of a phase. Raises UsageError if the run has no such phase."""
        if phase not in self.phases:
            raise UsageError(f'{self.name} has no phase "{phase}", but: {", ".join(self.phases) or "none"}.')
        return self._figures(self.source.source().observed_in(phase), f"{self.name}, phase {phase}")

    @cached_property
    def seconds(self) -> Any:
        """The run second by second: rates, latencies, outcomes, users; what is not known is NaN.

        A pandas DataFrame if pandas is installed, else columns by name.
        """
        track = self._track
        columns: dict[str, Any] = {"second": track.seconds, **track.rates}
        if track.users is not None:
            columns["users"] = track.users
        columns |= {f"{name}_ms": values for name, values in track.latencies_ms.items()}
        if track.mean_ms is not None:
            columns["mean_ms"] = track.mean_ms
        if track.bounds_ms:
            columns["p95_low_ms"], columns["p95_high_ms"] = track.bounds_by_second()
        columns |= dict(track.outcomes)
        if track.amplification is not None:
            columns["amplification"] = track.amplification
        return frame(columns)

    @cached_property
    def events(self) -> Any:
        """What happened, in the order of time: start, end, kind and what, in seconds of `seconds`.

        A pandas DataFrame if pandas is installed, else columns by name.
        """
        track = self._track
        rows = [(band.start, band.end, "fault", band.label) for band in track.bands]
        rows += [(one.at, one.at, one.kind, one.label.lstrip("◆✕? ")) for one in track.moments]
        rows += [
            (one.start, one.end, "breaker", f"{replica} {one.state}")
            for replica, lane in track.lanes.items()
            for one in lane
        ]
        rows += [(one.start, one.end, "stall", one.process) for one in track.stalls]
        rows.sort()
        names = ("start", "end", "kind", "what")
        return frame({name: [row[at] for row in rows] for at, name in enumerate(names)})

    @cached_property
    def report(self) -> Document:
        """The report's document."""
        from brownout.reporting import made_by

        return self.source.report(made_by())

    def save(self, path: AnyPath) -> Path:
        """Write the report, and return the page's path.

        A `path` that ends with .html is the page; any other is a folder that gets summary.json, junit.xml and
        summary.md as well.
        """
        return self._save(path, [self])

    @cached_property
    def _track(self) -> ChartData:
        import numpy as np

        from brownout_results.report.charts.data import ChartData

        tracks = self.source.shown(self.name, is_baseline=False).tracks
        return (
            tracks[0]
            if tracks
            else ChartData(name=self.name, seconds=np.empty(0), rates={}, latencies_ms={}, outcomes={})
        )

    @staticmethod
    def _figures(observed: Observation | None, of: str) -> Figures:
        from brownout_results.judge.comparison.single import interval
        from brownout_results.measure.figures import FIGURES
        from brownout_results.measure.resampling.estimates import estimates
        from brownout_results.measure.resampling.repeats import is_ratio

        (found,) = estimates([observed])
        values = {}
        for figure in FIGURES:
            one = found.get(figure.name)
            if one is None or one.value is None:
                continue
            low, high = interval(one, is_log=is_ratio(figure.name)) or (None, None)
            if figure.unit == "%" and low is not None and high is not None:
                low, high = max(low, 0.0), min(high, 1.0)
            values[figure.name] = FigureValue(
                value=one.value,
                low=low,
                high=high,
                unit=figure.unit,
                meaning=figure.meaning,
                why="" if low is not None else one.why,
            )
        return Figures(values, of)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return f"<h4>{escape(self.name)}</h4>{said}{self.figures._repr_html_()}"


class Comparison(_Shown):
    """Runs compared with the first of them."""

    def __init__(self, report: Document, runs: Sequence[RunResult]) -> None:
        """`report` is the document of the comparison."""
        self._report = report
        self.runs = list(runs)

    def __repr__(self) -> str:
        """Return what came of it."""
        return f"<brownout comparison {self.report.title}: {' '.join(self.sentences)}>"

    @property
    def report(self) -> Document:
        """The report's document."""
        return self._report

    @cached_property
    def verdicts(self) -> Verdicts:
        """Each figure of all requests, of each phase and each endpoint against the baseline's."""
        (table,) = (one for one in self.report.downloads if one.name == "brownout-comparison.csv")
        rows = zip(*table.columns, strict=True)
        return Verdicts([_verdict(dict(zip(table.header, row, strict=True))) for row in rows])

    def save(self, path: AnyPath) -> Path:
        """Write the report, and return the page's path.

        A `path` that ends with .html is the page; any other is a folder that gets summary.json, junit.xml and
        summary.md as well.
        """
        return self._save(path, self.runs)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        total = Verdicts([one for one in self.verdicts if one.of == ALL])
        return f"<h4>{escape(self.report.title)}</h4>{said}{total._repr_html_()}"


def _verdict(row: Mapping[str, Any]) -> Verdict:
    return Verdict(
        of=row["of"],
        name=row["name"],
        figure=row["figure"],
        run=row["run"],
        before=row["baseline"],
        after=row["value"],
        absolute=row["absolute difference"],
        relative=row["relative difference"],
        low=row["95 % low"],
        high=row["95 % high"],
        is_relative=row["interval is"] == "relative",
        p=row["p"],
        verdict=row["verdict"] or "",
        unit=row["unit (% is a share of 1)"] or "",
        why=row["why not"] or "",
    )
