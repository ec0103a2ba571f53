"""The panel's data model: the documents of its API, and the records that its modules exchange.

Times are seconds since the epoch unless a name says otherwise. None means "not known".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from brownout_fleet.model import Replica
from brownout_terms.breakers import BreakerState

Service = Literal["client", "backend"]

By = Literal["page", "cli", "experiment", "api"]
"""Who asked for a change."""

Harness = Literal["harness"]
"""The actor that clears the faults and ends the experiment when the harness itself ends."""


class ApplyState(StrEnum):
    """Whether a replica has the wanted faults or policy."""

    APPLIED = "applied"  # the wanted document was read back from it
    PENDING = "pending"  # it has not confirmed yet
    UNREACHABLE = "unreachable"  # its control URL fails, or is silent
    REFUSED = "refused"  # it rejected the wanted document
    FOREIGN = "foreign"  # it answers, but has no such control URL: not a service of ours


class ApplyStatus(msgspec.Struct, frozen=True):
    """One replica's state, since when it has it, and the reason unless it is applied."""

    state: ApplyState
    since: float
    reason: str | None = None
    revision: int | None = None
    """Revision of the faults or the policy that it had when last read."""


class Faults(msgspec.Struct, frozen=True):
    """The fault set that every backend replica should have; the documents are in the backend's own format."""

    faults: list[dict[str, Any]] = []
    seed: int | None = None
    revision: int = 0
    lease_s: float = 30.0
    texts: list[str] = []
    """Each fault in words."""
    preset: str | None = "healthy"
    """Name of the preset that equals this set; None if there is none."""
    words: str = ""
    """The whole set in words, the same in events, the report and the command line; "" without faults."""


class Policy(msgspec.Struct, frozen=True):
    """The policy that every client replica should have. `name` is a preset's, or "custom"."""

    name: str
    policy: dict[str, Any]
    revision: int


class Circuit(msgspec.Struct, frozen=True):
    """A client replica's breaker as last reported."""

    state: BreakerState
    as_of: float
    boot_id: str
    fail_counter: int | None
    fail_max: int | None
    seconds_until_half_open: float | None
    name: str = ""
    """A replica of a service of the user's may have several; the lab's client has one without a name."""
    cause: str = ""
    """Why it is in this state, if it says so."""


class Transition(msgspec.Struct, frozen=True):
    """One change of a breaker's state, from the replica's numbered log.

    `missed` is the number of earlier transitions that are lost. One that follows from two answers of a
    service that keeps no log took place within `uncertain_s` of `at`; None: the service itself said when.
    """

    replica: str
    boot_id: str
    seq: int
    at: float
    from_: str = msgspec.field(name="from")
    to: str
    cause: str
    missed: int = 0
    breaker: str = ""
    uncertain_s: float | None = None


class ReplicaCapacity(msgspec.Struct, frozen=True):
    """A backend replica's capacity: concurrent requests, milliseconds for each, and queue length."""

    concurrency: int
    service_time_ms: int
    queue_limit: int


class ReplicaView(msgspec.Struct, frozen=True):
    """A replica, and whether it has the wanted faults (backend) or policy (client)."""

    replica: Replica
    status: ApplyStatus | None
    """None if nothing was ever wanted of it, unless it has no control URL (foreign)."""
    rate: float | None = None
    """Requests per second in the last whole second."""
    circuit: Circuit | None = None
    """Of the lab's client."""
    breakers: list[Circuit] = []
    """Of a service of the user's."""
    breakers_reason: str | None = None
    """Why there are none, if they can't be read."""
    restart_gap_ms: float | None = None
    """Time from ready after its last restart until it had the wanted document again."""
    capacity: ReplicaCapacity | None = None
    """Only for a backend that has a limit."""


class Second(msgspec.Struct, frozen=True):
    """One second of the run as users saw it, for the charts. Latencies are from the intended start."""

    t: int
    users: int
    offered: float | None
    throughput: float
    goodput: float
    ok: int
    fallback: int
    error: int
    tunnel: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    amplification: float | None
    dropped: int = 0


class Measures(msgspec.Struct, frozen=True):
    """What users saw over the last `window_s` whole seconds, taken together. None means "not known"."""

    window_s: int
    seconds: int
    """Number of recorded seconds in the window; rates are averages over them."""
    requests: int
    outcomes: dict[str, int]
    """`ok`, `fallback`, `error`, `tunnel`."""
    throughput: float | None
    """Per second; None without a recorded second."""
    goodput: float | None
    availability: float | None
    """ok / all; None without a request."""
    degraded_availability: float | None
    """(ok + fallback) / all."""
    latency_ms: dict[str, float | None]
    """Latency by requested percentile, over all requests in the window, from their intended start."""
    retry_amplification: float | None
    """Attempts that reached the backend per request that reached a client, from the replicas' counters."""
    users: int | None
    """Moment at the end of the window."""
    offered: float | None
    """Requests per second that the load intended to send; in closed loop, that it sent."""


class AvailableExperiment(msgspec.Struct, frozen=True):
    """An experiment that can be started."""

    file: str
    title: str
    phases: list[str] = []


Part = Literal["hypothesis-before", "method", "hypothesis-after", "rollbacks", "experiment"]
StepState = Literal["started", "succeeded", "failed", "aborted", "skipped"]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Activity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Progress that an experiment reports. The last one of part "experiment" has the verdict in `detail`."""

    experiment: Text
    part: Part
    activity: Text
    state: StepState
    detail: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None


class Step(msgspec.Struct, frozen=True):
    """An activity of an experiment: when it started, and its state."""

    part: Part
    activity: str
    state: StepState
    detail: str | None
    at: float


class Experiment(msgspec.Struct, frozen=True):
    """The experiment that runs, or the last one."""

    file: str | None
    """None if it was not started from the panel."""
    title: str
    state: Literal["running", "stopping", "succeeded", "failed", "aborted", "skipped"]
    started_at: float
    ended_at: float | None
    verdict: str | None
    steps: list[Step]


class Load(msgspec.Struct, frozen=True):
    """State of Locust's runner, and the settings it was last started with."""

    state: Literal["ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing"]
    host: str | None
    users: int
    settings: dict[str, Any]
    """`users`, `spawn_rate`, `arrival_rate`, `arrivals`, `shape` and the shape's parameters, `run_time_s`."""


class ShapeParameter(msgspec.Struct, frozen=True):
    """A parameter of a load shape: a number, which may be left out."""

    name: str
    label: str
    default: str
    """What applies if it is left out: a number, or how it follows from the run."""
    min: float | None
    max: float | None
    whole: bool
    """Whether only whole numbers are allowed."""


class LoadShape(msgspec.Struct, frozen=True):
    """A load shape that can be chosen, and its parameters."""

    name: str
    parameters: list[ShapeParameter]


class BookResult(msgspec.Struct, frozen=True):
    """The result of a run's book: whether its figures balance, in one sentence."""

    balances: bool
    sentence: str


class RunView(msgspec.Struct, frozen=True):
    """The run that is being recorded, or the last one."""

    label: str | None
    folder: str | None
    started_at: float | None
    ended_at: float | None
    phase: str | None
    book: BookResult | None = None
    """None until the run has ended and its report is made."""


class State(msgspec.Struct, frozen=True):
    """Everything that the page needs to draw itself, as of `now`."""

    now: float
    event_id: str
    """Id of the last stream event that this state includes; resume the stream from here."""
    blocked: bool
    """True after "stop everything" until released: no load, fault, policy or experiment can start."""
    run: RunView
    load: Load
    faults: Faults
    policy: Policy | None
    presets: dict[str, dict[str, Any]]
    """Policies by name."""
    replicas: list[ReplicaView]
    second: Second | None
    experiment: Experiment | None
    has_locust_page: bool
    """Whether Locust's own page is served above the panel; false in headless runs."""
