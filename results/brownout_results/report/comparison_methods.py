"""How a comparison was made, in sentences: what was really done with these data."""

from __future__ import annotations

from collections.abc import Sequence

from brownout_results.judge.comparison.sections import Section, Side, has_repeats
from brownout_results.measure.resampling.bootstrap import RESAMPLES
from brownout_results.measure.resampling.counts import MOST_BINS
from brownout_results.measure.resampling.dispersion import FEW_EVENTS
from brownout_results.measure.resampling.estimates import SHORT_S
from brownout_terms.numbers import count
from brownout_terms.texts import listed, short

RUNS = (
    "The run is the unit: {counts}. Intervals are Welch's, computed from the figures of the runs (for "
    "rates and durations on a logarithmic scale). Each figure is the mean over the runs; for recovery and "
    "detection it is the median. Shares are judged by Newcombe's method from counts divided by their "
    "dispersion; runs with fewer than {few} failures take it from the other side."
)
BLOCKS = (
    "Consecutive seconds resemble each other, so they are resampled in blocks: a circular block bootstrap "
    "with {resamples} resamples. Politis and White's rule chose blocks of {lengths} from the data, and the "
    "dependence that is lost at the ends of blocks is added back (flat-top correction). Seconds are drawn "
    "only from the same phase, from times with the same faults and a like number of users and, if the load "
    "was meant to change, from the same tenth of the run. In runs of more than {bins} s, bins of several "
    "seconds are resampled."
)
STUDENT = (
    "The 95 % interval of a difference uses Student's t; each run has as many degrees of freedom as "
    "blocks, less one for each phase and fault, and Welch's formula combines both. For a percentile, the "
    "share of slower requests is resampled and read back on the histogram (Woodruff). Shares are "
    "judged by Newcombe's method from counts divided by their dispersion; a run with fewer than {few} "
    "failures takes it from the other. In parts of less than {short} s, rates and shares are overdispersed "
    "counts: the dispersion is that of the part or of the worst other part, whichever is larger."
)
NO_SECONDS = "These data allow no intervals; the reasons are beside the figures."
JUDGED = (
    "A difference is called better or worse if it is larger than chance, with Holm's correction for all "
    "figures that are judged together (of all requests; of all phases; of all endpoints), and also larger "
    "than 2 % for a rate, a duration or the retry amplification, 0.1 percentage points for a share, or 1 s "
    "for a recovery. It is called equal only if the whole interval is within these margins. All else is not "
    "known: too wide is an interval that leaves more than one of these possible, too few means that no "
    "interval can be told, and not in the files that the source has nothing to tell it from."
)
RATIO = (
    "The interval of a rate or a duration is that of its relative difference; in the figure's own unit it "
    "is multiplied by the baseline's figure."
)
FOLDER_FIGURES = (
    "Rates cover the whole seconds of load; counts, ratios and percentiles cover everything that was "
    "recorded. Percentiles come from merged histograms and are never averaged."
)
LOCUST_FIGURES = (
    "For Locust's own files, rates are differences of Locust's totals over the rows of the history, "
    "without the first and the last; percentiles are Locust's own for the whole run, rounded to two "
    "digits, and never averaged; where there are only those of moments, they are estimated from these."
)
RECOVERY = (
    "Charts start at the first request of each run. A run has recovered when goodput has stayed for 5 s at "
    "95 % or more of its value before the first fault; recovery is measured to the second."
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
        STUDENT.format(few=FEW_EVENTS, short=SHORT_S),
    ]
