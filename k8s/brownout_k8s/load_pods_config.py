"""Input and output of the load-pod process: one JSON document each way."""

from __future__ import annotations

import msgspec


class LoadPodsConfig(msgspec.Struct, frozen=True):
    """A master and workers to start for one run. `run` is in the name and a label of every pod of it."""

    run: str
    key: str
    """SHA-256 of the run's token, in hex; the token itself reaches the cluster with the first request."""
    workers: int
    lifetime_s: int
    """The cluster ends the pods after this, whether or not the harness still runs."""
    namespace: str | None = None
    context: str | None = None
    image: str | None = None
    """The harness's image; None: the one that the overlay names."""
    locustfile_from_master: bool = False
    """Whether workers ask the master for the locustfile, or use this project's."""
    start_timeout_s: float = 120.0
    """Seconds until pods must run; an image may have to be pulled first."""


class LoadPodsUp(msgspec.Struct, frozen=True, tag="up"):
    """All pods run, and these loopback URLs lead to the master's agent and panel."""

    agent: str
    panel: str
    namespace: str
    master: str
    workers: list[str]
    """Names of the pods."""


class PodEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A pod of the run ended, or was deleted by somebody, after all of them ran."""

    pod: str
    why: str
    log_end: str = ""
    """The end of its log, where the cluster provides it."""

    @property
    def sentence(self) -> str:
        """Return a sentence for the user."""
        text = f"the pod {self.pod} ended: {self.why}"
        return f"{text}. The end of its log:\n\n{self.log_end}" if self.log_end else text
