"""Fault bands, kills and marks: shapes in the rows of a timeline, labels above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownout_results.measure.recovery import Recovery
from brownout_results.measure.timeline import FaultPeriod, TimelineMark
from brownout_results.report.themes import colour
from brownout_terms.texts import short

from .data import ChartData
from .style import date, plain
from .timeline_row import ShownRuns

SAME_S = 2.0
"""Faults of two runs that begin and end so near are drawn as one in the rows that runs share."""

MOST_MARKS = 60

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
            for band in _distinct(tracks)
        ]
        lines = []
        for moment in self._moments(tracks):
            kill = moment.kind == "kill"
            style = {
                "width": 1.4 if kill else 1,
                "color": colour("error" if kill else "text"),
                "dash": "solid" if kill else "dot",
            }
            at = date(moment.at)
            lines.append(
                {**place, "type": "line", "x0": at, "x1": at, "line": style, "opacity": 1 if kill else 0.6}
            )
        return bands + lines

    def labels(self) -> list[dict[str, Any]]:
        """Texts over the first row: faults, kills, marks, a line each. One that would run into the one before
        it is left out; what it stands for is drawn all the same."""
        texts = [(band.start, band.label, "fault-text", 0) for band in _distinct(self._tracks)]
        seen: set[tuple[str, int]] = set()
        for moment in self._moments(self._tracks):
            key = (moment.label, round(moment.at / SAME_S))
            if key not in seen and (moment.label, key[1] - 1) not in seen:
                kill = moment.kind == "kill"
                drawn = "error-text" if kill else "text"
                texts.append((moment.at, moment.label, drawn, 1 if kill else 2))
            seen.add(key)
        labels, ends = [], [-1.0] * 3
        for at, text, drawn, line in sorted(texts):
            label = plain(short(text))
            length = len(short(text)) * self._end * LETTER
            is_right = at + length > self._end
            begin = at - length if is_right else at
            if begin < ends[line]:
                continue
            ends[line] = begin + length
            labels.append(
                {
                    "x": date(at),
                    "xref": "x",
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": label,
                    "xanchor": "right" if is_right else "left",
                    "yshift": 17 + 14 * line,
                    "font": {"color": colour(drawn)},
                }
            )
        return labels

    @staticmethod
    def _moments(tracks: Sequence[ChartData]) -> list[TimelineMark]:
        """The runs' kills and marks; the same of several runs at nearly the same time are one."""
        found: list[TimelineMark] = []
        for moment in sorted((one for track in tracks for one in track.moments), key=lambda one: one.at):
            if len(found) < MOST_MARKS and not any(
                one.label == moment.label and moment.at - one.at <= SAME_S for one in found
            ):
                found.append(moment)
        return found


def _distinct(tracks: Sequence[ChartData]) -> list[FaultPeriod]:
    """The runs' faults; those of several runs that lie on each other are one."""
    found: list[FaultPeriod] = []
    for band in sorted((band for track in tracks for band in track.bands), key=lambda band: band.start):
        if not any(
            abs(band.start - one.start) <= SAME_S
            and abs(band.end - one.end) <= SAME_S
            and one.label == band.label
            for one in found
        ):
            found.append(band)
    return found
