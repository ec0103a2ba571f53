"""A comparison in words: its verdict in two sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from results.compare.difference import Difference
from results.compare.sections import Section
from results.compare.verdicts import BETTER, NONE_SEEN, TOO_LITTLE, WORSE, overall
from results.figures import FIGURES

from .track import Track
from .words import amount, listed, percent

HEADLINES = (
    "availability",
    "p95",
    "goodput",
    "p99",
    "degraded availability",
    "recovery time",
    "retry amplification",
    "p50",
)
"""What is told first."""

TOLD = 3
"""Figures in a sentence."""

UNITS = {figure.name: figure.unit for figure in FIGURES}


def tone(found: Sequence[Section]) -> str:
    """What the verdicts on all requests come to, over all runs."""
    return overall([verdict for verdicts in found[0].verdicts for verdict in verdicts.values()])


def sentences(found: Sequence[Section], names: Sequence[str], tracks: Sequence[Track]) -> list[str]:
    """What changed, and how sure that is; two sentences."""
    total = found[0]
    told = [
        _changed(names[0], name, differences, verdicts)
        for name, differences, verdicts in zip(names[1:], total.differences, total.verdicts, strict=True)
    ]
    if len(told) == 1:
        return [f"{told[0]}.", _also(total, names, tracks)]
    first = "; ".join(told[:3]) + (f"; and {len(told) - 3} more runs" if len(told) > 3 else "")
    return [f"{first}.", _also(total, names, tracks)]


def _changed(
    usual: str, name: str, differences: Mapping[str, Difference], verdicts: Mapping[str, str]
) -> str:
    better, worse = ([one for one in _ordered(verdicts) if verdicts[one] == kind] for kind in (BETTER, WORSE))
    if not better and not worse:
        if NONE_SEEN in verdicts.values():
            return f"Between {usual} and {name} no difference was seen that is larger than chance"
        return f"There is too little data to tell {name} from {usual}"
    parts = [
        f"{kind} in {listed([_told(one, differences[one]) for one in those], TOLD)}"
        for kind, those in ((BETTER, better), (WORSE, worse))
        if those
    ]
    return f"Against {usual}, {name} is {', and '.join(parts)}"


def _ordered(verdicts: Mapping[str, str]) -> list[str]:
    return [
        *(one for one in HEADLINES if one in verdicts),
        *(one for one in verdicts if one not in HEADLINES),
    ]


def _told(name: str, one: Difference) -> str:
    unit = UNITS[name]
    change = amount(one.absolute, unit, signed=True) if unit == "%" else percent(one.relative)
    return f"{name} ({amount(one.before, unit)} → {amount(one.after, unit)}, {change})"


def _also(total: Section, names: Sequence[str], tracks: Sequence[Track]) -> str:
    """Recovery, if there was a fault; else how much could not be told."""
    recovered = [figures.get("recovery time") for figures in total.figures]
    if all(one is not None and one.value is not None for one in recovered):
        told = [
            f"{name} {_recovery(one.value if one else None)}"
            for name, one in zip(names, recovered, strict=True)
        ]
        return f"{listed(told, 4)}."
    known = [verdict for verdicts in total.verdicts for verdict in verdicts.values() if verdict]
    same, unknown = known.count(NONE_SEEN), known.count(TOO_LITTLE)
    faults = "" if any(track.bands for track in tracks) else "; no fault was set in the runs"
    return (
        f"Of {len(known)} figures of all requests, {same} show no difference, and of {unknown} there is too "
        f"little data{faults}."
    )


def _recovery(seconds: float | None) -> str:
    if seconds == math.inf:
        return "did not recover within the run"
    return (
        f"recovered {amount(seconds, 's')} after the fault" if seconds else "recovered with the fault's end"
    )
