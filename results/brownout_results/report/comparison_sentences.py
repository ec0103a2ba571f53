"""A comparison in words: the largest gain and the largest loss, judged or not, and how much is not known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from brownout_results.judge.comparison.changes import MIXED, Change, changes, kind_of, overall, told_first
from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.comparison.failures import OtherFailures
from brownout_results.judge.comparison.local_changes import local_changes, word_of
from brownout_results.judge.comparison.sections import Section
from brownout_results.judge.comparison.verdicts import (
    BETTER,
    EQUAL,
    JUDGED,
    NOT_IN_FILES,
    TOO_FEW,
    TOO_WIDE,
    WORSE,
)
from brownout_results.measure.figures import FIGURES
from brownout_terms.numbers import amount, percent
from brownout_terms.shares import measured_share
from brownout_terms.texts import listed, short

from .difference_tables import bounds, needs, why

TOLD = 2
"""Figures in a sentence about one run, where all changes are of one kind; else one of each kind."""

SEVERAL = 3
"""Runs that a sentence tells of one by one; of more it tells how many are what, and what changed most."""

TIMES = 2.0
"""From this relative difference on a change is told as a factor."""

LONGEST = 80
"""Letters of a reason why requests fail."""

NO_REQUEST = "one of the runs has no completed request"

UNITS = {figure.name: figure.unit for figure in FIGURES}

Differences = Mapping[str, Difference]
Verdicts = Mapping[str, str]


def tone(found: Sequence[Section], others: Sequence[OtherFailures | None] = ()) -> str:
    """Return what the verdicts come to, over all runs: a word of OVERALL."""
    return word_of(found, has_other_failures=any(others))


def sentences(
    found: Sequence[Section],
    names: Sequence[str],
    faults: str,
    invalid: str = "",
    others: Sequence[OtherFailures | None] = (),
) -> list[str]:
    """Write what changed, and how sure that is; two sentences.

    `faults` is what to say where there was none, `invalid` what makes the comparison say nothing, `others`
    what fails in each run instead of what failed in the baseline.
    """
    total = found[0]
    changed = [*others, *[None] * (len(names) - 1 - len(others))]
    judged = list(zip(names[1:], total.differences, total.verdicts, changed, strict=True))
    is_one = len(judged) == 1
    local = [f"{_local(found, side)}{_gone(found, side)}" for side in range(len(judged))]
    first = f"{_one(names[0], *judged[0])}{local[0]}" if is_one else _several(names[0], judged, local)
    return [invalid, f"{first}."] if invalid else [f"{first}.", _also(total, names, faults)]


def _one(
    usual: str, name: str, differences: Differences, verdicts: Verdicts, other: OtherFailures | None
) -> str:
    if changed := _changed(differences, verdicts, other):
        return f"Compared with {usual}, {name} {changed}"
    if overall([(differences, verdicts)]) == EQUAL:
        return f"{name} is equal to {usual}: {_equal(verdicts)}"
    return f"Whether {name} differs from {usual} can't be told: {_unknown(differences, verdicts)}"


def _gone(found: Sequence[Section], side: int) -> str:
    """Write which busy endpoint has no request any more; empty if all have."""
    gone = found[0].gone[side] if found[0].gone else []
    if not gone:
        return ""
    more = f", and none of {len(gone) - 1} more" if len(gone) > 1 else ""
    share = measured_share(gone[0].share)
    return f"; it has no request of endpoint {short(gone[0].name)} ({share} of the baseline's){more}"


def _local(found: Sequence[Section], side: int) -> str:
    """Write what changed most in a part and is hidden in all requests; empty if nothing is."""
    return "".join(
        f"; {short(one.part)} {'is' if one.change.is_judged else 'seems'} "
        f"{'better' if one.change.is_gain else 'worse'} in {_told(one.change)}"
        for one in local_changes(found, side)
    )


def _several(
    usual: str,
    judged: Sequence[tuple[str, Differences, Verdicts, OtherFailures | None]],
    local: Sequence[str],
) -> str:
    """Write what each run differs by. `local`: of each, what only a part of it shows."""
    if len(judged) > SEVERAL:
        named = [f"{judged[place][0]}{text[1:]}" for place, text in enumerate(local) if text]
        return "; in ".join([f"Compared with {usual}, {_most(judged)}", *named[:1]])
    told = []
    for (name, differences, verdicts, other), part in zip(judged, local, strict=True):
        if changed := _changed(differences, verdicts, other):
            told.append(f"{name} {changed}{part}")
        elif overall([(differences, verdicts)]) == EQUAL:
            told.append(f"{name} is equal{part}")
        else:
            told.append(f"whether {name} differs can't be told: {_unknown(differences, verdicts)}{part}")
    return f"Compared with {usual}, {'; '.join(told)}"


def _most(judged: Sequence[tuple[str, Differences, Verdicts, OtherFailures | None]]) -> str:
    """Write how many of many runs are better, worse or else, and the largest loss and gain of them all."""
    words = Counter(
        overall([(differences, verdicts)], has_other_failures=other is not None)
        for _, differences, verdicts, other in judged
    )
    told = [
        f"{words[word]} {'is' if words[word] == 1 else 'are'} {word}"
        for word in (WORSE, BETTER, MIXED, EQUAL)
    ]
    known = [text for text in told if not text.startswith("0 ")]
    unknown = len(judged) - sum(words[word] for word in (WORSE, BETTER, MIXED, EQUAL))
    known += [f"of {unknown} this can't be told"] if unknown else []
    text = f"of {len(judged)} runs {listed(known, len(known))}"
    found = [
        (name, change)
        for name, differences, verdicts, _ in judged
        for change in told_first(changes(differences, verdicts))
    ]
    for is_gain, what in ((False, "loss"), (True, "gain")):
        if those := [one for one in found if one[1].is_gain == is_gain]:
            name, change = max(those, key=lambda one: one[1].size)
            text += f"; the largest {what} is {name}'s in {_told(change)}"
    return text


def _changed(differences: Differences, verdicts: Verdicts, other: OtherFailures | None) -> str:
    """Write what is better and worse, or seems so, the largest first; empty if nothing is."""
    found = changes(differences, verdicts)
    groups: dict[bool, dict[bool, list[Change]]] = {}
    for one in told_first(found):
        groups.setdefault(one.is_gain, {}).setdefault(one.is_judged, []).append(one)
    shown = TOLD if sum(map(len, groups.values())) == 1 else 1
    parts = [
        (max(map(_largest, those.values())), _direction(is_gain, those, shown))
        for is_gain, those in groups.items()
    ]
    told = [text for _, text in sorted(parts, key=lambda part: -part[0])]
    if other:
        told.append(f"fails for other reasons: {_reasons(other)}")
    return "; it ".join(told)


def _direction(is_gain: bool, those: Mapping[bool, Sequence[Change]], shown: int) -> str:
    """Write what is better, or worse, and what seems so; what has the largest change comes first."""
    word = "better" if is_gain else "worse"
    order = sorted(those, key=lambda is_judged: -_largest(those[is_judged]))
    return ", and ".join(
        f"{'is' if is_judged else 'seems'} {word} in {_listed(those[is_judged], shown)}"
        for is_judged in order
    )


def _largest(those: Sequence[Change]) -> float:
    return max(one.size for one in those)


def _listed(those: Sequence[Change], shown: int) -> str:
    """List one change of each kind, and count the rest."""
    kinds: dict[str, Change] = {}
    for one in those:
        kinds.setdefault(kind_of(one.figure), one)
    first = list(kinds.values())
    unsure = {_why_unsure(one) for one in first[:shown]}
    is_shared = len(unsure) == 1 and len(first) > 1  # one reason is said once, behind all
    told = [_told(one, is_why_left_out=is_shared) for one in first]
    more = len(those) - min(len(told), shown)
    text = f"{', '.join(told[:shown])} and {more} more" if more else listed(told, shown)
    shared = unsure.pop().replace("how it varies", "how they vary") if is_shared and all(unsure) else ""
    return f"{text} ({shared})" if shared else text


def _told(change: Change, *, is_why_left_out: bool = False) -> str:
    one, unit = change.difference, UNITS[change.figure]
    by = amount(one.absolute, unit, signed=True) if unit == "%" else _factor(one)
    why_unsure = "" if is_why_left_out else _why_unsure(change)
    end = "".join([f", {by}" if by else "", f"; {why_unsure}" if why_unsure else ""])
    return f"{change.figure} ({amount(one.before, unit)} → {amount(one.after, unit)}{end})"


def _factor(one: Difference) -> str:
    if one.relative is None:
        return ""
    return f"{amount(1 + one.relative, '×')}" if one.relative >= TIMES else percent(one.relative)


def _why_unsure(change: Change) -> str:
    """Write why a change was not judged; empty if it was."""
    one, verdict = change.difference, change.verdict
    if change.is_judged:
        return ""
    if verdict == TOO_WIDE:
        return f"{TOO_WIDE}: {bounds(one)}"
    if verdict == TOO_FEW:
        return f"{verdict}: {needed} would do" if (needed := needs(one.more)) else verdict
    return "how it varies is not in the files"


def _reasons(other: OtherFailures) -> str:
    came, gone = (
        f"{short(text, LONGEST)} ({measured_share(before)} → {measured_share(after)} of the requests)"
        for text, (before, after) in ((other.come, other.come_shares), (other.gone, other.gone_shares))
    )
    return f"{came} instead of {gone}"


def _equal(verdicts: Verdicts) -> str:
    same = [name for name, verdict in verdicts.items() if verdict == EQUAL]
    return f"the intervals of {listed(same, 4)} leave no room for a difference that matters"


def _unknown(differences: Differences, verdicts: Verdicts) -> str:
    """Write why nothing can be told: what most figures lack."""
    wide = [name for name, verdict in verdicts.items() if verdict == TOO_WIDE]
    lacking = [
        f"{verdict}{f' ({reason})' if (reason := why(differences[name], verdict)) else ''}"
        for name, verdict in verdicts.items()
        if verdict in (TOO_FEW, NOT_IN_FILES) and not differences[name].withheld
    ]
    lacking_kinds = {kind_of(name) for name, word in verdicts.items() if word in (TOO_FEW, NOT_IN_FILES)}
    if wide and len({kind_of(name) for name in wide}) >= len(lacking_kinds):
        name = wide[0]
        return f"the intervals are too wide, such as {name} {bounds(differences[name])}"
    if lacking:
        return Counter(lacking).most_common(1)[0][0]
    return next((one.withheld for one in differences.values() if one.withheld), NO_REQUEST)


def _also(total: Section, names: Sequence[str], faults: str) -> str:
    """Write recovery, if there was a fault; else how much could not be told."""
    recovered = [figures.get("recovery time") for figures in total.figures]
    times = [None if one is None else one.value for one in recovered]
    if None not in times:
        return f"{_recovered(names, [_recovery(one) for one in times])}.{_no_gain(total)}"
    return f"{_counted(total)}{f'; {faults}' if faults else ''}.{_no_gain(total)}"


def _no_gain(total: Section) -> str:
    """Say why a shorter duration or a higher rate is no gain, where one seems to be."""
    for differences in total.differences:
        those = [name for name, one in differences.items() if one.withheld]
        if those:
            name = next((one for one in ("p95", "p50", *those) if one in those), those[0])
            one, unit = differences[name], UNITS[name]
            change = f"{amount(one.before, unit)} → {amount(one.after, unit)}"
            return f" {name} ({change}) is no gain: {one.withheld}."
    return ""


def _counted(total: Section) -> str:
    """Count the figures by what is known of them."""
    known = [verdict for verdicts in total.verdicts for verdict in verdicts.values() if verdict]
    if not known:
        return "No overall figure could be compared"
    words = [
        (verdict, known.count(verdict))
        for verdict in (*JUDGED, TOO_WIDE, TOO_FEW, NOT_IN_FILES)
        if verdict in known
    ]
    if len(words) == 1:
        return (
            f"{'Both' if len(known) == 2 else f'All {len(known)}'} overall figures are {_phrase(words[0][0])}"
        )
    told = [f"{times} {'is' if times == 1 else 'are'} {_phrase(verdict)}" for verdict, times in words]
    return f"Of the {len(known)} overall figures, {listed(told, len(told))}"


def _phrase(verdict: str) -> str:
    return {str(TOO_WIDE): "too wide to tell", TOO_FEW: "from too few data to tell"}.get(verdict, verdict)


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
