"""What the panel knows and shows: the documents of its API, and what its rooms hand to each other.

Times are seconds since the epoch unless a name says otherwise. None means "not known".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from brownout_fleet.model import Replica

Service = Literal["client", "backend"]

By = Literal["page", "cli", "experiment", "api"]
"""Who asked for a change."""

Harness = Literal["harness"]
"""Who clears the faults and ends the experiment when the harness itself ends."""


class Standing(StrEnum):
    """How a replica stands to what is wanted of it."""

    APPLIED = "applied"  # it was read back, and has what is wanted
    PENDING = "pending"  # it has not confirmed yet
    UNREACHABLE = "unreachable"  # its control URL fails, or is silent
    REFUSED = "refused"  # it answered that it can't take what is wanted
    FOREIGN = "foreign"  # it answers, but has no such control URL: not a service of ours


class Held(msgspec.Struct, frozen=True):
    """One replica's standing: since when, and why if it isn't applied."""

    standing: Standing
    since: float
    reason: str | None = None
    revision: int | None = None
    """Of the faults or the policy that it was last seen to have."""


class Faults(msgspec.Struct, frozen=True):
    """The fault set that every backend replica is held to; the documents are the backend's own."""

    faults: list[dict[str, Any]] = []
    seed: int | None = None
    revision: int = 0
    lease_s: float = 30.0
    texts: list[str] = []
    """Each fault in words."""
    preset: str | None = "healthy"
    """The name of the preset that this set is; None: of none."""
    words: str = ""
    """The whole set in words, the same in events, the report and the command line; "" without faults."""


class Policy(msgspec.Struct, frozen=True):
    """The policy that every client replica is held to. `name` is a preset's, or "custom"."""

    name: str
    policy: dict[str, Any]
    revision: int


class Circuit(msgspec.Struct, frozen=True):
    """A client replica's breaker when it was last heard."""

    state: Literal["closed", "open", "half-open"]
    as_of: float
    boot_id: str
    fail_counter: int
    fail_max: int | None
    seconds_until_half_open: float | None


class Transition(msgspec.Struct, frozen=True):
    """One change of a breaker's state, from the replica's numbered log.

    `missed` counts the transitions before it that nobody can know any more.
    """

    replica: str
    boot_id: str
    seq: int
    at: float
    from_: str = msgspec.field(name="from")
    to: str
    cause: str
    missed: int = 0


class ReplicaCapacity(msgspec.Struct, frozen=True):
    """What a backend replica can do at once: so many requests of so many milliseconds each, others queue."""

    concurrency: int
    service_time_ms: int
    queue_limit: int


class ReplicaView(msgspec.Struct, frozen=True):
    """A replica, and how it stands to the faults (backend) or the policy (client) that are wanted."""

    replica: Replica
    held: Held | None
    """None where nothing was ever wanted of it, unless it could not be held to anything (foreign)."""
    rate: float | None = None
    """Requests per second, of the last whole second."""
    circuit: Circuit | None = None
    restart_gap_ms: float | None = None
    """From becoming ready after its last restart until it had what is wanted again."""
    capacity: ReplicaCapacity | None = None
    """Of a backend that has a limit."""


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
    """Seconds of these that were recorded: what the rates are per second of."""
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
    """By percentile, as it was asked for; of all requests of the window, from their intended start."""
    retry_amplification: float | None
    """Attempts that reached the backend for each request that reached a client, by the replicas' counters."""
    users: int | None
    """At the end of the window."""
    offered: float | None
    """Requests per second that the load meant to send; in closed loop: that it sent."""


class AvailableExperiment(msgspec.Struct, frozen=True):
    """An experiment that can be started."""

    file: str
    title: str
    phases: list[str] = []


Part = Literal["hypothesis-before", "method", "hypothesis-after", "rollbacks", "experiment"]
StepState = Literal["started", "succeeded", "failed", "aborted", "skipped"]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Activity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an experiment reports as it goes. Of part "experiment" the last one's `detail` is the verdict."""

    experiment: Text
    part: Part
    activity: Text
    state: StepState
    detail: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None


class Step(msgspec.Struct, frozen=True):
    """An activity of an experiment: since when it runs or ran, and how it is or was."""

    part: Part
    activity: str
    state: StepState
    detail: str | None
    at: float


class Experiment(msgspec.Struct, frozen=True):
    """The experiment that runs, or the last one."""

    file: str | None
    """None for one that was not started from here."""
    title: str
    state: Literal["running", "stopping", "succeeded", "failed", "aborted", "skipped"]
    started_at: float
    ended_at: float | None
    verdict: str | None
    steps: list[Step]


class Load(msgspec.Struct, frozen=True):
    """What Locust's runner does, and with which settings it was started last."""

    state: Literal["ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing"]
    host: str | None
    users: int
    settings: dict[str, Any]
    """`users`, `spawn_rate`, `arrival_rate`, `arrivals`, `shape` and the shape's parameters, `run_time_s`."""


class RunView(msgspec.Struct, frozen=True):
    """The run that is being recorded, or the last one."""

    label: str | None
    folder: str | None
    started_at: float | None
    ended_at: float | None
    phase: str | None


class State(msgspec.Struct, frozen=True):
    """Everything that the page needs to draw itself, as of `now`."""

    now: float
    event_id: str
    """The stream's last event that this state includes: resume from here."""
    blocked: bool
    """After "stop everything", until released: no new load, fault, policy or experiment starts."""
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
    """Whether the folder above the panel is Locust's own page; not in headless runs."""
