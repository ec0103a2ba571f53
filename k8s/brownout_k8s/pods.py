"""A pod as the API describes it, and the replica that it is. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from brownout_fleet.model import Replica, ReplicaPhase

STUCK = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "Unschedulable",
    }
)
"""Reasons for which a pod waits and which seldom pass by themselves."""


class _Object(msgspec.Struct, frozen=True, rename="camel"):
    """An object of the API; other fields than those named here are ignored."""


class Ended(_Object, frozen=True):
    """How a container ended."""

    reason: str = ""
    exit_code: int = 0
    message: str = ""
    """The end of its log, if it failed and its terminationMessagePolicy is FallbackToLogsOnError."""
    finished_at: datetime | None = None


class Waiting(_Object, frozen=True):
    """Why a container does not run."""

    reason: str = ""
    message: str = ""


class Running(_Object, frozen=True):
    """Moment since which a container runs."""

    started_at: datetime | None = None


class ContainerState(_Object, frozen=True):
    """One of the three is set."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Ended | None = None


class ContainerStatus(_Object, frozen=True):
    """One container of a pod."""

    name: str = ""
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class Condition(_Object, frozen=True):
    """Such as Ready, PodScheduled."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class PodStatus(_Object, frozen=True):
    """A pod's state as the kubelet reports it."""

    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    conditions: list[Condition] = []
    container_statuses: list[ContainerStatus] = []
    init_container_statuses: list[ContainerStatus] = []
    start_time: datetime | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")


class Metadata(_Object, frozen=True):
    """A pod's identity."""

    name: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None


class Pod(_Object, frozen=True):
    """A pod."""

    metadata: Metadata
    status: PodStatus = PodStatus()

    @property
    def restarts(self) -> int:
        """Number of times its containers were restarted in place."""
        return sum(one.restart_count for one in self.status.container_statuses)

    @property
    def life(self) -> str:
        """Changes with the pod and with every restart of a container in it."""
        return f"{self.metadata.uid}/{self.restarts}" if self.restarts else self.metadata.uid

    @property
    def terminating(self) -> bool:
        """Whether it was deleted and has not ended yet."""
        return self.metadata.deletion_timestamp is not None

    @property
    def over(self) -> bool:
        """Whether it has ended and remains only as a record, as an evicted pod does."""
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def ready(self) -> bool:
        """Whether it takes traffic, as a Service sees it; never once it is deleted."""
        return not self.terminating and not self.over and self._condition("Ready").status == "True"

    @property
    def started_at(self) -> float:
        """When its container started, else the pod; in seconds since the epoch."""
        moments = [
            one.state.running.started_at
            for one in self.status.container_statuses
            if one.state.running and one.state.running.started_at
        ]
        moment = max(moments, default=self.status.start_time or self.metadata.creation_timestamp)
        return moment.timestamp() if moment else 0.0

    @property
    def stuck(self) -> str | None:
        """Why it can't start; None if it may still become ready."""
        for one in (*self.status.init_container_statuses, *self.status.container_statuses):
            if (waiting := one.state.waiting) and waiting.reason in STUCK:
                return _sentence(waiting.reason, waiting.message)
        scheduled = self._condition("PodScheduled")
        if scheduled.reason in STUCK:
            return _sentence(scheduled.reason, scheduled.message)
        return None

    @property
    def why_not_ready(self) -> str:
        """A short reason."""
        if self.terminating:
            return "terminating"
        return self.stuck or self._condition("Ready").message or self.status.reason or "starting"

    @property
    def why_ended(self) -> str:
        """Why its containers ended last, or why the pod has ended."""
        if self.over and (self.status.reason or self.status.message):
            return _sentence(self.status.reason, self.status.message)
        last = self._last_end
        if last is None:
            return "deleted" if self.terminating else "ended"
        return f"{last.reason or 'ended'} (exit code {last.exit_code})"

    @property
    def log_end(self) -> str:
        """The end of the log of the container that ended last; empty if the cluster has none."""
        return self._last_end.message.strip() if self._last_end else ""

    @property
    def _last_end(self) -> Ended | None:
        ends = [
            end
            for one in self.status.container_statuses
            if (end := one.state.terminated or one.last_state.terminated)
        ]
        return max(
            ends, key=lambda end: end.finished_at.timestamp() if end.finished_at else 0.0, default=None
        )

    def _condition(self, kind: str) -> Condition:
        return next((one for one in self.status.conditions if one.type == kind), Condition(kind, "Unknown"))


class ListMeta(_Object, frozen=True):
    """Metadata of a list; a watch continues from its version."""

    resource_version: str = ""


class PodList(_Object, frozen=True):
    """A list of pods."""

    metadata: ListMeta
    items: list[Pod]


class WatchEvent(_Object, frozen=True):
    """One line of a watch; `object` is a Pod, a bookmark, or for ERROR a Status."""

    type: str
    object: msgspec.Raw


class ErrorStatus(_Object, frozen=True):
    """The Status object of an ERROR."""

    code: int = 0
    message: str = ""


def replica(pod: Pod, service: str, url: str, was_ready: bool) -> Replica:
    """The replica that a pod is. `was_ready` says that it has been, in its present life."""
    if pod.over:
        phase, reason = ReplicaPhase.GONE, pod.why_ended
    elif pod.ready:
        phase, reason = ReplicaPhase.READY, ""
    else:
        phase = ReplicaPhase.UNREADY if was_ready or pod.terminating else ReplicaPhase.STARTING
        reason = pod.why_not_ready
    return Replica(
        name=pod.metadata.name,
        service=service,
        url=url,
        phase=phase,
        uid=pod.life,
        started_at=pod.started_at,
        restarts=pod.restarts,
        reason=reason or None,
    )


def _sentence(reason: str, message: str) -> str:
    return f"{reason}: {message.strip()}" if message.strip() else reason
