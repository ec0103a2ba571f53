"""What failed requests do to the other figures, and whether requests fail for other reasons. Pure.

Failures are no answers: where many requests fail, a higher throughput or a shorter duration of all requests
may only say that they fail fast.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from brownout_terms.numbers import amount
from brownout_terms.shares import measured_share

from .changes import is_latency
from .difference import Difference
from .verdicts import NOT_IN_FILES, margin_of

MANY = 0.2
"""From this share of failed requests on, the duration of all requests says little of the answered ones."""

MANY_MORE = 0.05
"""Or if the share has grown by this much."""

MOVED = 0.2
"""Failures have other reasons if the reasons of this part of them changed."""

FEWEST = 10
"""Requests that must have changed their reason, in each run."""


def withheld(
    differences: Mapping[str, Difference], verdicts: Mapping[str, str]
) -> tuple[dict[str, Difference], dict[str, str]]:
    """Take back what seems to be a gain and may only be that requests fail: of throughput and of latency.

    Where the source tells the durations of successes apart and these are shorter as well, it is a gain.
    """
    found, told = dict(differences), dict(verdicts)
    failing = _failing(differences.get("degraded availability") or differences.get("availability"))
    if failing is None:
        return found, told
    for name, one in differences.items():
        if name not in verdicts or one.before is None or one.after is None:
            continue
        if name == "throughput" and one.after > one.before:
            found[name] = replace(one, withheld=f"{failing}, and throughput counts them too")
            told[name] = ""
        elif is_latency(name) and one.after < one.before and not _is_gain_apart(one):
            found[name] = replace(one, withheld=f"{failing}, and {_apart(one)}")
            told[name] = "" if one.apart else NOT_IN_FILES
    return found, told


def _failing(availability: Difference | None) -> str | None:
    """Say how many requests fail, if they are many or many more; None otherwise."""
    if availability is None or availability.before is None or availability.after is None:
        return None
    before, after = 1 - availability.before, 1 - availability.after
    if after < MANY and after - before < MANY_MORE:
        return None
    return f"{measured_share(after, 1)} of the requests failed"


def _is_gain_apart(one: Difference) -> bool:
    return one.apart is not None and one.apart[1] < one.apart[0] * (1 - margin_of(one))


def _apart(one: Difference) -> str:
    if one.apart is None:
        return "their durations are in this figure: those of successes alone are not in the files"
    before, after = (amount(value, one.unit) for value in one.apart)
    return f"their durations are in this figure: of successes alone it went from {before} to {after}"


@dataclass(frozen=True)
class OtherFailures:
    """The reasons that lost most and gained most, with their shares of the requests before and after."""

    gone: str
    gone_shares: tuple[float, float]
    come: str
    come_shares: tuple[float, float]


def other_failures(
    before: Mapping[str, int], requests: int, after: Mapping[str, int], more: int
) -> OtherFailures | None:
    """Return what fails now instead of what failed before; None if it is the same, or too few failed.

    `before` and `after` are how often each reason was seen, of so many requests.
    """
    if not (requests and more and before and after):
        return None
    reasons = sorted({*before, *after})
    usual = {one: before.get(one, 0) / requests for one in reasons}
    now = {one: after.get(one, 0) / more for one in reasons}
    grown = {one: now[one] - usual[one] for one in reasons}
    moved = min(sum(max(up, 0) for up in grown.values()), sum(max(-up, 0) for up in grown.values()))
    if moved < MOVED * min(sum(usual.values()), sum(now.values())) or moved * min(requests, more) < FEWEST:
        return None
    come, gone = max(reasons, key=grown.__getitem__), min(reasons, key=grown.__getitem__)
    return OtherFailures(gone, (usual[gone], now[gone]), come, (usual[come], now[come]))


_WRAPPED = re.compile(r"[A-Za-z_][\w.]*\((['\"]+)(.*?)\1,?\)", re.DOTALL)
_WHERE = re.compile(r"\s+for url:.*", re.DOTALL)


def bare_reason(text: str) -> str:
    """Return the reason without what a version of Locust wraps it in, and without the URL.

    HTTPError('503 … for url: /x') and 503 … for url: http://a/x are one.
    """
    wrapped = _WRAPPED.fullmatch(text.strip())
    return _WHERE.sub("", wrapped[2] if wrapped else text.strip())
