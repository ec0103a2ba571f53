"""How a comparison was made, in sentences: what was really done with these data."""

from __future__ import annotations

from collections.abc import Sequence

from brownout_results.judge.comparison.difference import FEW_EVENTS
from brownout_results.judge.comparison.sections import Section, Side, has_repeats
from brownout_results.measure.resampling.bootstrap import RESAMPLES
from brownout_results.measure.resampling.counts import MOST_BINS
from brownout_terms.numbers import count
from brownout_terms.texts import listed, short

RUNS = (
    "The run is the unit: {counts}. Intervals are Welch's, of the runs' figures (of rates and durations "
    "on a logarithmic scale); a figure is the mean of the runs, of recovery and detection their median. "
    "If all runs of one had fewer than {few} failures, the interval of a share is Newcombe's where that is "
    "wider."
)
BLOCKS = (
    "Seconds resemble those before them, so they are resampled in blocks: a circular block bootstrap with "
    "{resamples} resamples. Blocks of {lengths} were chosen from the data by Politis and White's rule, "
    "and what blocks cut off at their ends is put back (flat-top correction). Seconds are drawn only "
    "within their phase, within times of the same faults, and, if the load was meant to change, within a "
    "tenth of the run. Of runs of over {bins} s, bins of several seconds are resampled."
)
STUDENT = (
    "The 95 % interval of a difference is Student's t around it; each run has as many degrees of freedom "
    "as blocks, less one for each phase and fault, and both are joined as Welch does. Of a percentile, the "
    "share of slower requests is resampled and read back on the histogram (Woodruff). If a run had fewer "
    "than {few} failures, the interval of a share is Newcombe's where that is wider."
)
NO_SECONDS = "No interval could be told from these data: the reasons are beside the figures."
JUDGED = (
    "A difference is called better or worse if it is more than chance, with Holm's correction for all "
    "figures that are judged together (of all requests; of all phases; of all endpoints), and larger than "
    "2 % of a rate, a duration or the retry amplification, 0.1 percentage points of a share, or 1 s of a "
    "recovery. Where half as much may be chance, and double too, there is too little data."
)
RATIO = (
    "The interval of a rate or a duration is one of its relative difference; in its own unit it is that "
    "times the baseline's figure."
)
FOLDER_FIGURES = (
    "Rates are over the whole seconds of load; counts, ratios and percentiles are over everything "
    "recorded. Percentiles come from histograms that were added up, never averaged."
)
LOCUST_FIGURES = (
    "Of Locust's own files, rates are differences of its totals, over the rows of the history without the "
    "first and the last; percentiles are Locust's own, of the whole run and rounded to two digits, never "
    "averaged."
)
RECOVERY = (
    "Runs are drawn from their first request on. Recovered is: goodput back at 95 % of what it was before "
    "the first fault, for 5 s, told to the second."
)


def methods(found: Sequence[Section], sides: Sequence[Side], of_sources: Sequence[str]) -> list[str]:
    """Return the sentences; `of_sources` says how figures are taken from each source."""
    if has_repeats(sides):
        counts = listed([f"{len(side.sources)} of {short(side.name)}" for side in sides], 10)
        return [RUNS.format(counts=counts, few=FEW_EVENTS), JUDGED, RATIO, *of_sources, RECOVERY]
    return [*_within_runs(found), JUDGED, RATIO, *of_sources, RECOVERY]


def _within_runs(found: Sequence[Section]) -> list[str]:
    figures = [one for section in found for side in section.figures for one in side.values()]
    blocks = [one.block_s for one in figures if one.error is not None]
    if not blocks:
        return [NO_SECONDS]
    lengths = f"{min(blocks)} s" if min(blocks) == max(blocks) else f"{min(blocks)} to {max(blocks)} s"
    return [
        BLOCKS.format(resamples=RESAMPLES, lengths=lengths, bins=count(MOST_BINS)),
        STUDENT.format(few=FEW_EVENTS),
    ]
