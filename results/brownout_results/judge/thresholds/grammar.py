"""The text of a threshold: `metric{endpoint="…", phase="…"} operator number unit`.

In place of the number there may be `baseline`, as it is or with `* number`, `+ number unit` or
`- number unit`, and after it `or` and another limit; before it all, `report-only`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from brownout_results.measure.figures import METRICS, Figure
from brownout_results.measure.units import RATIO

from .errors import ThresholdError
from .metrics import find, nearest
from .threshold import BASELINE, OPERATORS, REPORT_ONLY, Limit, Threshold

EXAMPLES = 'p95 < 300ms, ok_ratio >= 99%, goodput{endpoint="GET /fetch", phase="fault"} > 50/s'

LABEL_RULE = 'a label is endpoint="GET /fetch" or phase="fault", each at most once'

_LABEL = "endpoint|phase"
_QUOTED = r'"(?:[^"\\]|\\["\\])*"'
_OPERATOR = "|".join([*OPERATORS, "≤", "≥"])
_ASCII = {"≤": "<=", "≥": ">="}
_OR = rf"or(?=\s+(?:{BASELINE}\b|\d))"
_FACTOR = r"(?P<number>\d{1,15}(?:\.\d{1,15})?)(?!\S)"
_NUMBER = r"(?P<number>\d{1,15}(?:\.\d{1,15})?)\s*(?P<unit>(?!" + _OR + r")\S*)"


def parse(text: str) -> Threshold:
    """The threshold that the text says. Raises ThresholdError."""
    scanner = _Scanner(text)
    report_only = scanner.take(rf"{REPORT_ONLY}(?=\s)") is not None
    name, metric = _metric(scanner)
    labels = _labels(scanner, metric)
    sign = scanner.need(_OPERATOR, "an operator is one of < <= > >= ==")[0].strip()
    limits = [_limit(scanner, metric)]
    while scanner.take(_OR):
        limits.append(_limit(scanner, metric))
    if scanner.take(r"\S"):
        raise scanner.error("nothing may follow here")
    return Threshold(
        name,
        _ASCII.get(sign, sign),
        tuple(limits),
        labels.get("endpoint"),
        labels.get("phase"),
        report_only,
    )


class _Scanner:
    """Takes a text apart from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._begin = self._end = 0

    def take(self, pattern: str) -> re.Match[str] | None:
        """What matches here, with the white space before it; the scanner then stands behind it."""
        found = re.compile(rf"\s*(?:{pattern})").match(self._text, self._end)
        self._begin = self._end
        if found:
            self._end = found.end()
        return found

    def need(self, pattern: str, allowed: str) -> re.Match[str]:
        """What matches here; `allowed` says what may. Raises ThresholdError."""
        found = self.take(pattern)
        if found is None:
            raise self.error(allowed)
        return found

    def error(self, allowed: str) -> ThresholdError:
        """An error about what was taken last, or could not be."""
        rest = self._text[self._begin :].strip()
        where = f'cannot be understood from "{rest}" on' if rest else "ends too early"
        return ThresholdError(f'"{self._text}" {where}: {allowed}.\n\nExamples: {EXAMPLES}')


def _metric(scanner: _Scanner) -> tuple[str, Figure]:
    name = scanner.need(r"[\w.]+", "a threshold begins with a metric")[0].strip()
    try:
        return name, find(name)
    except KeyError:
        guess = nearest(name)
        hint = f'did you mean "{guess}"?' if guess else f'"{name}" is not a metric.'
        known = ", ".join(METRICS)
        raise scanner.error(
            f"{hint} Metrics are {known}, and any percentile, such as p95, p99.9 or service_p95"
        ) from None


def _labels(scanner: _Scanner, metric: Figure) -> dict[str, str]:
    labels: dict[str, str] = {}
    if not scanner.take(r"\{"):
        return labels
    while True:
        label = scanner.need(_LABEL, LABEL_RULE)[0].strip()
        if label in labels:
            raise scanner.error(LABEL_RULE)
        if label == "endpoint" and not metric.has_endpoints:
            raise scanner.error("this metric describes the whole load, not an endpoint")
        scanner.need("=", LABEL_RULE)
        quoted = scanner.need(_QUOTED, "a label's value is in double quotes")[0].lstrip()
        labels[label] = re.sub(r"\\(.)", r"\1", quoted[1:-1])
        if scanner.need("[,}]", "a comma or a closing brace follows a label")[0].strip() == "}":
            return labels


def _limit(scanner: _Scanner, metric: Figure) -> Limit:
    if not scanner.take(rf"{BASELINE}\b"):
        return _number(scanner, metric, None)
    change = scanner.take(r"[*+-]")
    if change is None:
        return Limit(Decimal(1), change="*")
    sign = change[0].strip()
    if sign == "*":
        factor = scanner.need(_FACTOR, "a factor is a number without a unit: baseline * 1.1")
        return Limit(Decimal(factor["number"]), change="*")
    return _number(scanner, metric, sign)


def _number(scanner: _Scanner, metric: Figure, change: str | None) -> Limit:
    rule = metric.unit_kind.rule
    found = scanner.need(_NUMBER, rule)
    number, unit = Decimal(found["number"]), found["unit"]
    if unit not in metric.unit_kind.units or (metric.unit_kind is RATIO and number * RATIO.units[unit] > 1):
        raise scanner.error(rule)
    return Limit(number, unit, change)
