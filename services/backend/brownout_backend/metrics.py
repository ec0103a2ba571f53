"""The injector's counters, for /metrics."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from brownout_faults.state import FaultState


class FaultMetrics(Collector):
    """The same numbers as `GET /status` has, read when they are asked for."""

    def __init__(self, state: FaultState) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        counters = self._state.counters()
        yield CounterMetricFamily(
            "backend_requests", "Requests that faults could hit.", value=counters["requests"]
        )
        injected = CounterMetricFamily("backend_faults_injected", "Faults injected.", labels=["kind"])
        for kind, count in counters["injected"].items():
            injected.add_metric([kind], count)
        yield injected
        yield GaugeMetricFamily(
            "backend_requests_in_flight",
            "Of those requests, the ones under way.",
            value=counters["in_flight"],
        )
        if self._state.capacity is not None:
            yield from _of_capacity(self._state.capacity.report())


def _of_capacity(report: dict[str, int]) -> Iterator[Metric]:
    for name, text, key in (
        ("backend_concurrency_limit", "Requests in service at most.", "concurrency"),
        ("backend_slots_busy", "Requests in service.", "busy"),
        ("backend_queue_length", "Requests that wait for a slot.", "queued"),
    ):
        yield GaugeMetricFamily(name, text, value=report[key])
    yield CounterMetricFamily(
        "backend_requests_shed", "Requests refused because the queue was full.", value=report["shed"]
    )
