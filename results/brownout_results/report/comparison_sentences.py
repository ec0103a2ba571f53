"""A comparison in words: its verdict in two sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.comparison.sections import Section
from brownout_results.judge.comparison.verdicts import BETTER, NONE_SEEN, TOO_LITTLE, WORSE, overall
from brownout_results.measure.figures import FIGURES
from brownout_terms.numbers import amount, percent
from brownout_terms.texts import listed

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
"""Figures that got better, and as many that got worse, in a sentence of one run."""

SEVERAL = 4
"""Runs in a sentence of several."""

TOLD_OF_SEVERAL = 2

UNITS = {figure.name: figure.unit for figure in FIGURES}


def tone(found: Sequence[Section]) -> str:
    """What the verdicts on all requests come to, over all runs."""
    return overall([verdict for verdicts in found[0].verdicts for verdict in verdicts.values()])


def sentences(found: Sequence[Section], names: Sequence[str], faults: str, invalid: str = "") -> list[str]:
    """What changed, and how sure that is; two sentences. `faults` is what to say where there was none,
    `invalid` what makes the comparison say nothing."""
    total = found[0]
    judged = list(zip(names[1:], total.differences, total.verdicts, strict=True))
    first = _one(names[0], *judged[0]) if len(judged) == 1 else _several(names[0], judged)
    return [invalid, f"{first}."] if invalid else [f"{first}.", _also(total, names, faults)]


Differences = Mapping[str, Difference]
Verdicts = Mapping[str, str]


def _one(usual: str, name: str, differences: Differences, verdicts: Verdicts) -> str:
    if changed := _changed(differences, verdicts, TOLD):
        return f"Compared with {usual}, {name} is {changed}"
    if overall(list(verdicts.values())) == NONE_SEEN:
        return f"No difference larger than chance was seen between {usual} and {name}"
    return f"There is too little data to tell whether {name} differs from {usual}"


def _several(usual: str, judged: Sequence[tuple[str, Differences, Verdicts]]) -> str:
    told = []
    for name, differences, verdicts in judged[:SEVERAL]:
        if changed := _changed(differences, verdicts, TOLD_OF_SEVERAL):
            told.append(f"{name} is {changed}")
        elif overall(list(verdicts.values())) == NONE_SEEN:
            told.append(f"{name} shows no difference larger than chance")
        else:
            told.append(f"there is too little data for {name}")
    more = f"; and {len(judged) - SEVERAL} more runs" if len(judged) > SEVERAL else ""
    return f"Compared with {usual}, {'; '.join(told)}{more}"


def _changed(differences: Differences, verdicts: Verdicts, shown: int) -> str:
    """What is better, and what is worse; empty if nothing is."""
    better, worse = ([one for one in _ordered(verdicts) if verdicts[one] == kind] for kind in (BETTER, WORSE))
    parts = [
        f"{kind} in {listed([_told(one, differences[one]) for one in those], shown)}"
        for kind, those in ((BETTER, better), (WORSE, worse))
        if those
    ]
    return ", and ".join(parts)


def _ordered(verdicts: Mapping[str, str]) -> list[str]:
    return [
        *(one for one in HEADLINES if one in verdicts),
        *(one for one in verdicts if one not in HEADLINES),
    ]


def _told(name: str, one: Difference) -> str:
    unit = UNITS[name]
    change = amount(one.absolute, unit, signed=True) if unit == "%" else percent(one.relative)
    return f"{name} ({amount(one.before, unit)} → {amount(one.after, unit)}, {change})"


def _also(total: Section, names: Sequence[str], faults: str) -> str:
    """Recovery, if there was a fault; else how much could not be told."""
    recovered = [figures.get("recovery time") for figures in total.figures]
    times = [None if one is None else one.value for one in recovered]
    if None not in times:
        return f"{_recovered(names, [_recovery(one) for one in times])}."
    return f"{_counted(total)}{f'; {faults}' if faults else ''}."


def _counted(total: Section) -> str:
    """How many figures show no difference, and of how many there is too little data."""
    known = [verdict for verdicts in total.verdicts for verdict in verdicts.values() if verdict]
    same, unknown = known.count(NONE_SEEN), known.count(TOO_LITTLE)
    if not known:
        return "No overall figure could be compared"
    if same == len(known):
        return f"This holds for all {same} overall figures"
    if unknown == len(known):
        return f"This holds for all {unknown} overall figures: {_reason(total)}"
    if not same and not unknown:
        return f"All {len(known)} overall figures differ by more than chance"
    if not same:
        return f"For {unknown} of the {len(known)} overall figures there is too little data"
    some = f", and for {unknown} there is too little data" if unknown else ""
    return f"Of the {len(known)} overall figures, {same} show{'s' * (same == 1)} no difference{some}"


def _reason(total: Section) -> str:
    """Why there is too little data, of most figures."""
    reasons = [one.why for differences in total.differences for one in differences.values() if one.why]
    return Counter(reasons).most_common(1)[0][0] if reasons else "one of the runs has no completed request"


def _recovered(names: Sequence[str], told: Sequence[str]) -> str:
    if len(set(told)) == 1:
        return f"{'Both' if len(names) == 2 else f'All {len(names)}'} {told[0]}"
    return listed([f"{name} {how}" for name, how in zip(names, told, strict=True)], 4)


def _recovery(seconds: float | None) -> str:
    if seconds == math.inf:
        return "did not recover within the run"
    return (
        f"recovered {amount(seconds, 's')} after the fault"
        if seconds
        else "recovered as soon as the fault ended"
    )
