"""Fault bands, kills and marks: shapes in the rows of a timeline, labels above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brownout_results.measure.recovery import Recovery
from brownout_results.report.themes import colour
from brownout_terms.texts import listed, short

from .data import ChartData
from .style import date, plain
from .timeline_row import ShownRuns

SAME_S = 2.0
"""Faults of two runs that begin and end so near are drawn as one in the rows that runs share."""

MOST_MARKS = 60
NEAR = 40
"""Faults or marks before one that are looked through for the same of another run."""

MOST_RECOVERIES = 3
"""Recoveries of a run that are labelled; of more only the last one."""

SHORT = 32
"""Letters of a run's name in such a label."""

LETTER = 1 / 170
"""The width of a letter, as a share of the time that is shown."""


LABELLED = 4
"""Runs whose recoveries are labelled; those of more are told when pointed at."""

LINE = 15
"""Pixels from one label of a recovery to the next."""

FIRST_LINE, LABEL_LINE = 17, 14
"""Pixels from the first row to the first line of labels above it, and from each to the next."""

FAULT = "fault"
ORDER = (FAULT, "kill", "phase", "mark", "proposed")
TEXTS = {FAULT: "fault-text", "kill": "error-text"}


def recovery_text(one: Recovery) -> str:
    """How long it took."""
    if one.seconds is None:
        return "not recovered"
    return f"recovered after {one.seconds:g} s" if one.seconds else "recovered at once"


def recovered(shown: ShownRuns, domain: Sequence[float]) -> list[dict[str, Any]]:
    """Texts at the foot of the first row, where its lines seldom are: each run's recoveries, a line a run."""
    if len(shown) > LABELLED:
        return []
    end = max(float(track.seconds[-1]) for _, track in shown) + 1
    labels = []
    for line, (run_style, track) in enumerate(shown):
        for one in track.recoveries[-1:] if len(track.recoveries) > MOST_RECOVERIES else track.recoveries:
            whose = "" if run_style.is_alone else f"{short(track.name, SHORT)} "
            text = f"{'✕' if one.seconds is None else '◆'} {whose}{recovery_text(one)}"
            at = one.fault_end + (one.seconds or 0.0)
            labels.append(
                {
                    "x": date(at),
                    "xref": "x",
                    "y": domain[0],
                    "yref": "paper",
                    "yanchor": "bottom",
                    "yshift": 3 + LINE * (len(shown) - 1 - line),
                    "xanchor": "left" if at + len(text) * end * LETTER < end else "right",
                    "text": plain(text),
                    "bgcolor": colour("card"),
                    "borderpad": 1,
                }
            )
    return labels


LINES = 5
"""Lines of labels above the first row, at most."""

NAME = 24
"""Letters of a run's name in a label."""


@dataclass
class Labelled:
    """A fault, a kill or a mark, and the runs that had it at nearly the same time."""

    start: float
    end: float
    kind: str
    label: str
    runs: list[str]


class Marks:
    """Fault bands, kills and marks: as shapes in a run's rows, as labels on top."""

    def __init__(self, tracks: Sequence[ChartData], end: float) -> None:
        self._tracks = tracks
        self._end = end

    def shapes(self, tracks: Sequence[ChartData], domain: Sequence[float]) -> list[dict[str, Any]]:
        """What is drawn in a row that shows these runs."""
        place = {"xref": "x", "yref": "paper", "y0": domain[0], "y1": domain[1]}
        bands = [
            {
                **place,
                "type": "rect",
                "layer": "below",
                "x0": date(band.start),
                "x1": date(band.end),
                "fillcolor": colour("fault"),
                "opacity": 0.12,
                "line": {"width": 0},
            }
            for band in _bands(tracks)
        ]
        lines = []
        for moment in _moments(tracks):
            kill = moment.kind == "kill"
            style = {
                "width": 1.4 if kill else 1,
                "color": colour("error" if kill else "text"),
                "dash": "solid" if kill else "dot",
            }
            at = date(moment.start)
            lines.append(
                {**place, "type": "line", "x0": at, "x1": at, "line": style, "opacity": 1 if kill else 0.6}
            )
        return bands + lines

    def labels(self) -> list[dict[str, Any]]:
        """Texts over the first row: faults, then kills, then marks, each on the first line that has room for
        it, and left out if none has; what it stands for is drawn all the same."""
        shown = sorted(_bands(self._tracks) + _moments(self._tracks), key=lambda one: ORDER.index(one.kind))
        labels: list[dict[str, Any]] = []
        taken: list[list[tuple[float, float]]] = [[] for _ in range(LINES)]
        for one in shown:
            text = self._text(one)
            length = len(text) * self._end * LETTER
            is_right = one.start + length > self._end
            begin = one.start - length if is_right else one.start
            line = next((n for n in range(LINES) if _is_free(taken[n], begin, begin + length)), None)
            if line is None:
                continue
            taken[line].append((begin, begin + length))
            labels.append(
                {
                    "x": date(one.start),
                    "xref": "x",
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": plain(text),
                    "xanchor": "right" if is_right else "left",
                    "yshift": FIRST_LINE + LABEL_LINE * line,
                    "font": {"color": colour(TEXTS.get(one.kind, "text"))},
                }
            )
        return labels

    def _text(self, one: Labelled) -> str:
        """Return the label, with the names of its runs unless all have it."""
        if len(one.runs) == len(self._tracks):
            return short(one.label)
        whose = listed([short(name, NAME) for name in one.runs], 2)
        return f"{whose}: {short(one.label)}"


def _is_free(taken: Sequence[tuple[float, float]], begin: float, end: float) -> bool:
    return all(end <= start or begin >= stop for start, stop in taken)


def _bands(tracks: Sequence[ChartData]) -> list[Labelled]:
    """Return the runs' faults; those of several runs that lie on each other are one."""
    every = [(one.start, one.end, FAULT, one.label, track.name) for track in tracks for one in track.bands]
    return _joined(every)


def _moments(tracks: Sequence[ChartData]) -> list[Labelled]:
    """Return the runs' kills and marks; the same of several runs at nearly the same time are one."""
    every = [(one.at, one.at, one.kind, one.label, track.name) for track in tracks for one in track.moments]
    return _joined(every)[:MOST_MARKS]


def _joined(every: Sequence[tuple[float, float, str, str, str]]) -> list[Labelled]:
    found: list[Labelled] = []
    for start, end, kind, label, run in sorted(every):
        same = (
            one
            for one in found[-NEAR:]
            if (one.label, one.kind) == (label, kind)
            and start - one.start <= SAME_S
            and abs(end - one.end) <= SAME_S
        )
        if (one := next(same, None)) is None:
            found.append(Labelled(start, end, kind, label, [run]))
        elif run not in one.runs:
            one.runs.append(run)
    return found
