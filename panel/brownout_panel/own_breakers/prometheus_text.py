"""Prometheus text of what exports breakers and retries. A new exporter is one function in EXPORTERS."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from brownout_panel.own_breakers.report import Report, ReportedBreaker, StateCounts
from brownout_terms.breakers import BreakerState

WORDS: dict[str, BreakerState] = {
    "closed": "closed",
    "open": "open",
    "opened": "open",
    "half-open": "half-open",
    "half-opened": "half-open",
    "halfopen": "half-open",
    "forced-open": "open",
    "isolated": "open",
    "disabled": "closed",  # it lets everything through
    "metrics-only": "closed",
}
"""The state that each exporter's word stands for."""

OURS = re.compile(
    r"(?:# (?:TYPE|HELP) )?(?:resilience4j_(?:circuitbreaker|retry)_|resilience_polly_"
    r"|process_start_time_seconds|envoy_cluster_(?:circuit_breakers_|upstream_rq_(?:retry|total)\b|outlier_detection_|membership_total)"
    r"|\w*circuit_?breaker_state\b)"
)
"""Lines worth reading: Envoy writes megabytes, and reading all of them would take seconds of the load."""


METRIC = re.compile(r"# (?:TYPE|HELP) |[a-zA-Z_:][\w:]*(?:\{.*\})? +[-+\dNI]")
"""A line of Prometheus text."""


class Sampled(NamedTuple):
    """One line: the metric's full name, its labels and its value."""

    name: str
    labels: Mapping[str, str]
    value: float


Samples = Mapping[str, list[Sampled]]
"""Lines by the metric's name."""


class FromExporter(NamedTuple):
    """What one exporter's metrics say."""

    breakers: list[ReportedBreaker]
    requests: float | None = None
    attempts: float | None = None


def read(text: str) -> Report:
    """Return what the metrics say: nothing where no exporter is known. Raises ValueError for other text."""
    samples = _samples(text)
    found = [one for exporter in EXPORTERS if (one := exporter(samples)) is not None]
    counted = [one for one in found if one.requests is not None and one.attempts is not None]
    started = samples.get("process_start_time_seconds")
    return Report(
        f"{started[0].value:.3f}" if started else "",
        [breaker for one in found for breaker in one.breakers],
        int(sum(one.requests or 0 for one in counted)) if counted else None,
        int(sum(one.attempts or 0 for one in counted)) if counted else None,
    )


def _samples(text: str) -> Samples:
    from prometheus_client.parser import text_string_to_metric_families

    lines = text.splitlines()
    if not any(
        line.startswith("# ") or re.match(r"[a-zA-Z_:][\w:]*(?:\{.*\})? [-+\dNI]", line) for line in lines
    ):
        raise ValueError("there is no metric in it")
    wanted = "\n".join(line for line in lines if OURS.match(line)) + "\n"
    found: dict[str, list[Sampled]] = defaultdict(list)
    for family in text_string_to_metric_families(wanted):
        for one in family.samples:
            found[one.name].append(Sampled(one.name, one.labels, float(one.value)))
    return found


def _counter(samples: Samples, name: str) -> list[Sampled]:
    """Return a counter's lines: the parser, as OpenMetrics, lets each counter's name end in _total."""
    return samples.get(f"{name}_total") or samples.get(name, [])


def _resilience4j(samples: Samples) -> FromExporter | None:
    """Read what resilience4j-micrometer exports: a gauge of 0 or 1 for each state."""
    states = samples.get("resilience4j_circuitbreaker_state", [])
    retried = _counter(samples, "resilience4j_retry_calls")
    if not states and not retried:
        return None
    breakers = _one_hot(states, lambda labels: labels.get("name", ""))
    return FromExporter(breakers, *_resilience4j_attempts(samples, retried))


def _resilience4j_attempts(
    samples: Samples, retried: Iterable[Sampled]
) -> tuple[float, float] | tuple[None, None]:
    """Return requests and attempts of the retries whose attempts a breaker of the same name counts.

    A retry tells how many calls needed one, not how many it made. A breaker inside it, as Spring arranges
    them, sees each attempt; one around it sees fewer than there must have been, and is of no help.
    """
    asked: dict[str, float] = defaultdict(float)
    least: dict[str, float] = defaultdict(float)
    for one in retried:
        name, kind = one.labels.get("name", ""), one.labels.get("kind", "")
        asked[name] += one.value
        least[name] += one.value * (2 if kind.endswith("with_retry") else 1)
    made: dict[str, float] = defaultdict(float)
    refused: dict[str, float] = defaultdict(float)
    for one in samples.get("resilience4j_circuitbreaker_calls_seconds_count", []):
        made[one.labels.get("name", "")] += one.value
    for one in samples.get("resilience4j_circuitbreaker_not_permitted_calls_total", []):
        refused[one.labels.get("name", "")] += one.value
    told = [name for name in asked if name in made and made[name] + refused[name] >= least[name]]
    if not told or len(told) < len(asked):
        return None, None
    return sum(asked[name] for name in told), sum(made[name] for name in told)


def _polly(samples: Samples) -> FromExporter | None:
    """Read Polly's meter as OpenTelemetry's Prometheus exporter writes it: counters of events only."""
    events = _counter(samples, "resilience_polly_strategy_events")
    attempted = [
        one
        for name, ones in samples.items()
        if re.fullmatch(r"resilience_polly_strategy_attempt_duration(?:_milliseconds|_ms)?_count", name)
        for one in ones
    ]
    if not events and not attempted:
        return None
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in events:
        event = one.labels.get("event_name", "")
        if event.startswith("OnCircuit"):
            counts[_polly_name(one.labels)][event] += int(one.value)
    breakers = [
        ReportedBreaker(
            name,
            None,
            steps=StateCounts(told["OnCircuitOpened"], told["OnCircuitHalfOpened"], told["OnCircuitClosed"]),
        )
        for name, told in counts.items()
    ]
    if not attempted:
        return FromExporter(breakers)
    requests = sum(one.value for one in attempted if one.labels.get("attempt_number") == "0")
    return FromExporter(breakers, requests, sum(one.value for one in attempted))


def _polly_name(labels: Mapping[str, str]) -> str:
    parts = (labels.get(key, "") for key in ("pipeline_name", "pipeline_instance", "strategy_name"))
    return "/".join(part for part in parts if part) or "circuit breaker"


LIMITS = re.compile(r"envoy_cluster_circuit_breakers_(default|high)_(cx|cx_pool|rq|rq_pending|rq_retry)_open")
LIMIT_WORDS = {
    "cx": "connections",
    "cx_pool": "connection pools",
    "rq": "requests",
    "rq_pending": "pending requests",
    "rq_retry": "retries",
}


def _envoy(samples: Samples) -> FromExporter | None:
    """Read /stats/prometheus: a cluster's limits are one breaker, its ejected hosts another."""
    reached: dict[str, list[str]] = {}
    for name, ones in samples.items():
        if match := LIMITS.fullmatch(name):
            for one in ones:
                full = reached.setdefault(_cluster(one), [])
                full += [LIMIT_WORDS[match[2]]] if one.value else []
    ejected = samples.get("envoy_cluster_outlier_detection_ejections_active", [])
    sent = samples.get("envoy_cluster_upstream_rq_total", [])
    if not reached and not ejected:
        return None
    breakers = [
        ReportedBreaker(
            cluster, "open" if full else "closed", cause=f"limit of {', '.join(full)}" if full else ""
        )
        for cluster, full in reached.items()
    ]
    hosts = {_cluster(one): int(one.value) for one in samples.get("envoy_cluster_membership_total", [])}
    for one in ejected:
        of = f" of {hosts[_cluster(one)]}" if _cluster(one) in hosts else ""
        cause = f"{int(one.value)}{of} hosts ejected" if one.value else ""
        breakers.append(
            ReportedBreaker(f"{_cluster(one)} outliers", "open" if one.value else "closed", cause=cause)
        )
    if not sent:
        return FromExporter(breakers)
    attempts = sum(one.value for one in sent)
    retries = sum(one.value for one in _counter(samples, "envoy_cluster_upstream_rq_retry"))
    return FromExporter(breakers, attempts - retries, attempts)


def _cluster(one: Sampled) -> str:
    return one.labels.get("envoy_cluster_name") or one.labels.get("cluster_name") or "cluster"


STATE_NUMBERS: dict[float, BreakerState] = {0.0: "closed", 1.0: "open", 2.0: "half-open"}
"""The numbers of failsafe-go's states."""


def _gauges(samples: Samples) -> FromExporter | None:
    """Read any other gauge named …circuit_breaker_state: 0 or 1 for each `state`.

    failsafe-go exports nothing by itself; this is the form that its users write, and its own numbers
    where the name begins with "failsafe".
    """
    breakers: list[ReportedBreaker] = []
    for name, ones in samples.items():
        if name.startswith("resilience4j") or not re.search(r"circuit_?breaker_state$", name):
            continue
        breakers += _one_hot([one for one in ones if "state" in one.labels], _other_labels)
        if name.startswith("failsafe"):
            breakers += [
                ReportedBreaker(_other_labels(one.labels), STATE_NUMBERS.get(one.value, "unknown"))
                for one in ones
                if "state" not in one.labels
            ]
    return FromExporter(breakers) if breakers else None


def _other_labels(labels: Mapping[str, str]) -> str:
    if name := labels.get("name"):
        return name
    return " ".join(value for key, value in sorted(labels.items()) if key != "state") or "circuit breaker"


def _one_hot(states: Iterable[Sampled], name_of: Callable[[Mapping[str, str]], str]) -> list[ReportedBreaker]:
    """Return breakers of which each state has a gauge, and one of these is 1."""
    found: dict[str, BreakerState] = {}
    for one in states:
        if word := one.labels.get("state"):
            name = name_of(one.labels)
            found.setdefault(name, "unknown")
            if one.value:
                found[name] = WORDS.get(word.lower().replace("_", "-"), "unknown")
    return [ReportedBreaker(name, state) for name, state in found.items()]


EXPORTERS: tuple[Callable[[Samples], FromExporter | None], ...] = (_resilience4j, _polly, _envoy, _gauges)
