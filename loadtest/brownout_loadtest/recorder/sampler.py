"""Asks every replica for its counters each second, all at once: a slow one delays no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import gevent
import msgspec

from brownout_fleet.model import AnswerTotals, FleetError
from brownout_panel import breaker_log
from brownout_results.record import Sample
from brownout_results.record.table_rows import forwarder_sample

from .clock import RunClock
from .replica_health import Growth, ReplicaHealths

ANSWER_S = 0.8
"""A replica that has not answered by then gets a row without counters; less than the second between
samples."""

CLIENT = "client"
"""The service whose replicas have a circuit breaker."""

BACKEND = "backend"
"""The service whose replicas stand for dependencies."""

Replica = tuple[str, str, str]
"""Service, name and URL of a replica."""

ForwardersAnswers = Callable[[float], Mapping[str, AnswerTotals]]
"""Asks, for so many seconds at most, what the forwarder of each service has counted. Raises FleetError."""

OwnCalls = Callable[[], Mapping[str, tuple[str, int, int]]]
"""Life, requests and attempts by replica, of services of the user's that tell of their retries."""

FAILURES = (OSError, HTTPException, msgspec.DecodeError)

T = TypeVar("T")


class Counters(msgspec.Struct):
    """What a replica counts from its start on; clients and backends have some of these each."""

    requests: int | None = None
    attempts: int | None = None
    retries: int | None = None
    short_circuits: int | None = None
    fallbacks: int | None = None
    budget_denied: int | None = None
    in_flight: int | None = None
    outcomes: dict[str, int] = {}
    causes: dict[str, int] = {}
    injected: dict[str, int] = {}


class Status(Counters):
    """The answer to `/status`: a client keeps its counters in an object of their own."""

    boot_id: str = ""
    policy: str = ""
    circuit_state: str = ""
    counters: Counters | None = None
    health: object = None
    """See replica_health."""


class BreakerAnswer(msgspec.Struct):
    """The answer to `/breaker`."""

    transitions: list[breaker_log.BreakerLogEntry]


class Sampler:
    """Samples the replicas of a fleet for one run."""

    def __init__(
        self,
        replicas: Callable[[], list[Replica]],
        clock: RunClock,
        write: Callable[[list[Sample]], None],
        note: Callable[[Mapping[str, Any]], None] | None,
        answers: ForwardersAnswers | None = None,
        note_stall: Callable[[Mapping[str, Any]], None] = lambda _: None,
        own_calls: OwnCalls = dict,
    ) -> None:
        """`write` gets the samples of each second, `note` the breakers' transitions since the sampler was
        made; without it they are not asked for. `answers` asks the forwarders. `note_stall` gets the fields
        of each long stall of a replica."""
        self.circuit_states: dict[str, str] = {}
        """Counters by replica, of the clients that answered last time."""
        self._replicas = replicas
        self._clock = clock
        self._since = clock.now()
        self._write = write
        self._note = note
        self._answers = answers
        self._health = ReplicaHealths(self._since, note_stall)
        self._own_calls = own_calls
        self._known: list[Replica] = []
        self._has_proxies = False
        self._seen: dict[tuple[str, str], int] = {}
        """Number of the last transition noted, by replica and boot."""

    def list_replicas(self) -> NoReturn:
        """Keep the list of replicas; apart from the samples, since asking for it may take long."""
        while True:
            self._known = self._replicas()
            gevent.sleep(self._clock.until_next_second(0.5))

    def sample(self) -> NoReturn:
        """A row a replica and second."""
        while True:
            gevent.sleep(self._clock.until_next_second(0.0))
            self._take(int(self._clock.now()))

    def finish(self) -> None:
        """Take the last samples: of all that was counted before the second that begins next."""
        self._take(int(self._clock.now()) + 1)

    def _take(self, second: int) -> None:
        asked = [gevent.spawn(self._ask, second, *replica) for replica in self._known]
        forwarders = gevent.spawn(self._ask_forwarders, second)
        gevent.joinall([*asked, forwarders])
        samples: list[Sample] = [*(greenlet.get() for greenlet in asked), *forwarders.get()]
        self._has_proxies |= any(service == BACKEND for service, *_ in self._known)
        if not self._has_proxies:  # else these count the attempts
            samples += [_own_sample(second, name, *told) for name, told in self._own_calls().items()]
        self.circuit_states = {one.replica: one.circuit_state for one in samples if one.circuit_state}
        if samples:
            self._write(samples)

    def _ask(self, second: int, service: str, name: str, url: str) -> Sample:
        status, problem, took_ms = Status(), "", None
        growth: Growth = {}
        connection, base = _connection(url)
        started = time.perf_counter()
        try:
            with gevent.Timeout(ANSWER_S, TimeoutError()):
                status = _get(connection, f"{base}/status", Status)
                took_ms = (time.perf_counter() - started) * 1000
                growth = self._health.take(service, name, status.boot_id, status.health)
                if service == CLIENT and self._note:
                    self._note_transitions(connection, base, name, status.boot_id, self._note)
        except FAILURES as error:
            if took_ms is None:  # else only the breaker's log is missing: the next second asks again
                problem = _name(error)
        finally:
            connection.close()
        return _sample(second, service, name, problem, took_ms, status, growth)

    def _ask_forwarders(self, second: int) -> list[Sample]:
        """Return a sample of each forwarder; none where they do not answer, or there are none."""
        if self._answers is None:
            return []
        try:
            with gevent.Timeout(ANSWER_S, TimeoutError()):
                found = self._answers(ANSWER_S)
        except (FleetError, *FAILURES):
            return []
        return [
            forwarder_sample(second, service, totals.counted, totals.redirects, totals.unreadable)
            for service, totals in found.items()
        ]

    def _note_transitions(
        self,
        connection: HTTPConnection,
        base: str,
        name: str,
        boot_id: str,
        note: Callable[[Mapping[str, Any]], None],
    ) -> None:
        seen = self._seen.get((name, boot_id), 0)
        for entry in _get(connection, f"{base}/breaker?since={seen}", BreakerAnswer).transitions:
            missed = entry.seq - seen - 1 if seen else 0
            seen = self._seen[name, boot_id] = entry.seq
            if entry.at >= self._since:
                note(breaker_log.event(breaker_log.transition(entry, boot_id, name, missed)))


def _own_sample(second: int, name: str, boot_id: str, requests: int, attempts: int) -> Sample:
    counters = Counters(requests=requests, attempts=attempts)
    return _sample(second, CLIENT, name, "", None, Status(boot_id=boot_id, counters=counters))


def _connection(url: str) -> tuple[HTTPConnection, str]:
    """An HTTP connection, not open yet, and what its paths begin with."""
    address = urlsplit(url)
    return HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S), address.path.rstrip("/")


def _get(connection: HTTPConnection, path: str, kind: type[T]) -> T:
    """The JSON document at this path. Raises one of `FAILURES`."""
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise HTTPException(f"http {response.status}")
    return msgspec.json.decode(body, type=kind)


def _name(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "connection reset"
    if isinstance(error, msgspec.DecodeError):
        return "not the JSON expected"
    return str(error) or type(error).__name__


def _sample(
    second: int,
    service: str,
    name: str,
    problem: str,
    took_ms: float | None,
    status: Status,
    growth: Growth | None = None,
) -> Sample:
    counters = status.counters or status
    return Sample(
        second=second,
        service=service,
        replica=name,
        problem=problem,
        took_ms=took_ms,
        boot_id=status.boot_id,
        policy=status.policy,
        circuit_state=status.circuit_state,
        **{field: getattr(counters, field) for field in Counters.__struct_fields__},
        **(growth or {}),
    )
