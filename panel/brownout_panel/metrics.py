"""The load's and the harness's metrics as Prometheus reads them, at /panel/metrics.

No label takes a value that a request brings along: an endpoint's name may be different each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from brownout_panel.totals import BUCKETS_S, LoadTotals
from brownout_terms.breakers import STYLES

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from brownout_panel.panel import Panel

BREAKER_STATES = tuple(STYLES)
LATENESS = (("0.5", "lateness_p50_ms"), ("0.99", "lateness_p99_ms"), ("1", "lateness_max_ms"))


def exposition(panel: Panel, accept: str) -> tuple[bytes, str]:
    """Return the metrics in the format that a scraper accepts, and the format's content type."""
    from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry()
    registry.register(_Collector(panel))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Collector:
    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def collect(self) -> Iterator[Metric]:
        """Make them of what the panel knows now."""
        yield from load_metrics(self._panel.totals)
        yield from self._run()
        yield from self._replicas()
        yield from self._faults()
        yield from harness_metrics(self._panel.totals)

    def _run(self) -> Iterator[Metric]:
        run = self._panel.run
        is_on = run.folder is not None and run.ended_at is None
        on = _gauge("brownout_run_in_progress", "Whether a run is being recorded.")
        on.add_metric([], float(is_on))
        yield on
        info = _gauge("brownout_run_info", "The run that is being recorded, or the last one.", "run")
        if run.folder is not None:
            info.add_metric([run.folder], 1.0)
        yield info

    def _replicas(self) -> Iterator[Metric]:
        views = self._panel.control.views()
        ready = _gauge("brownout_replica_ready", "Whether a replica takes traffic.", "replica", "service")
        restarts = _counter(
            "brownout_replica_restarts", "Lives of a replica before this one.", "replica", "service"
        )
        breaker = _gauge(
            "brownout_breaker_state", "1 for the state that a breaker is in.", "replica", "breaker", "state"
        )
        for view in views:
            labels = [view.replica.name, view.replica.service]
            ready.add_metric(labels, float(view.replica.phase == "ready"))
            restarts.add_metric(labels, view.replica.restarts)
            for circuit in [*([view.circuit] if view.circuit else []), *view.breakers]:
                for state in BREAKER_STATES:
                    labels = [view.replica.name, circuit.name, state]
                    breaker.add_metric(labels, float(circuit.state == state))
        yield from (ready, restarts, breaker)
        changes = _counter("brownout_breaker_transitions", "Changes of the state of any breaker.")
        changes.add_metric([], self._panel.control.transition_count)
        yield changes

    def _faults(self) -> Iterator[Metric]:
        wanted = _gauge(
            "brownout_fault_rate", "Share of the requests that a kind of fault is to hit.", "kind"
        )
        missed: dict[str, float] = {}
        for fault in self._panel.control.faults.faults:
            kind = str(fault.get("kind"))
            missed[kind] = missed.get(kind, 1.0) * (1.0 - float(fault.get("rate", 1.0)))
        for kind, share in missed.items():
            wanted.add_metric([kind], 1.0 - share)
        yield wanted


def load_metrics(totals: LoadTotals) -> Iterator[Metric]:
    """Yield what the load sent, and what came of it."""
    from prometheus_client.core import HistogramMetricFamily

    requests = _counter("brownout_requests", "Requests of the load that ended.", "outcome")
    for outcome, count in totals.requests.items():
        requests.add_metric([outcome], count)
    yield requests
    total = totals.buckets.cumsum().tolist()
    bounds = [*(str(float(bound)) for bound in BUCKETS_S), "+Inf"]
    latency = HistogramMetricFamily(
        "brownout_request_duration_seconds", "From the intended start of a request to its end."
    )
    latency.add_metric([], list(zip(bounds, total, strict=True)), totals.latency_s)
    yield latency
    for name, value, text in (
        ("offered", totals.offered, "Requests that the load meant to start."),
        ("started", totals.started, "Requests that it started."),
        ("dropped", totals.dropped, "Requests that were due and given up, since every user was busy."),
    ):
        counter = _counter(f"brownout_{name}_requests", text)
        counter.add_metric([], value)
        yield counter
    users = _gauge("brownout_users", "Users that run.")
    users.add_metric([], totals.users)
    yield users
    late = _gauge(
        "brownout_lateness_seconds", "Lateness of starts in the last second; 1 is the latest.", "share"
    )
    for share, field in LATENESS:
        if (late_ms := getattr(totals.load, field, None)) is not None:
            late.add_metric([share], late_ms / 1000)
    yield late


def harness_metrics(totals: LoadTotals) -> Iterator[Metric]:
    """Yield what the harness did, and what it suffered."""
    by_process = (
        (_counter("brownout_stalls", "Stalls of brownout's own processes.", "process"), totals.stalls),
        (_counter("brownout_stall_seconds", "Time in such stalls.", "process"), totals.stalled_s),
        (_counter("brownout_kills", "Replicas that were killed on purpose.", "service"), totals.kills),
    )
    for family, counts in by_process:
        for label, count in counts.items():
            family.add_metric([label], count)
        yield family
    calls = (
        ("brownout_service_requests", "Requests that reached the service.", totals.calls.requests),
        ("brownout_dependency_attempts", "Attempts that reached its dependencies.", totals.calls.attempts),
    )
    for name, text, value in calls:
        counter = _counter(name, text)
        counter.add_metric([], value)
        yield counter


def _counter(name: str, text: str, *labels: str) -> Any:
    from prometheus_client.core import CounterMetricFamily

    return CounterMetricFamily(name, text, labels=labels)


def _gauge(name: str, text: str, *labels: str) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, text, labels=labels)
