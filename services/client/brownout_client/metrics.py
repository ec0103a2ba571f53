"""The client's counters, for /metrics."""

from collections.abc import Iterator
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .caller import Caller
from .transitions import State


class ClientMetrics(Collector):
    """The same numbers as `GET /status` has, read when they are asked for."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def collect(self) -> Iterator[Metric]:
        counters = self._caller.counters.snapshot()
        yield _counter("client_requests", "Requests for the backend's data.", counters["requests"])
        yield _counter("client_attempts", "Calls of the backend.", counters["attempts"])
        yield _counter("client_retries", "Calls beyond a request's first.", counters["retries"])
        yield _counter(
            "client_short_circuits", "Requests that the breaker ended.", counters["short_circuits"]
        )
        yield _counter(
            "client_retry_budget_denied",
            "Retries for which the budget had no token.",
            counters["budget_denied"],
        )
        yield _labelled("client_outcomes", "Requests by how they ended.", "outcome", counters["outcomes"])
        yield _labelled("client_failures", "Requests without data, by cause.", "cause", counters["causes"])
        yield _counter("circuit_breaker_transitions", "Changes of its state.", self._caller.log.seq)
        yield self._state()

    def _state(self) -> Metric:
        current = self._caller.breaker_view().state
        family = GaugeMetricFamily("circuit_breaker_state", "1 for the state it is in.", labels=["state"])
        for state in get_args(State):
            family.add_metric([state], state == current)
        return family


def _counter(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
