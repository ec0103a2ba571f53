"""The documents that replicas should have, and their answers: the backends' faults, the clients' policy.

Both are one document at one path, which a replica answers with when it is read and when it is put. Every
document that is wanted gets a revision of its own, so that a replica's answer tells which one it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from brownout_panel.model import ReplicaCapacity

LEASE_S = 30.0
"""Seconds after which faults end by themselves when the panel no longer renews them."""


class ReplicaFaults(msgspec.Struct, frozen=True):
    """A backend's answer to `/faults`."""

    revision: int
    boot_id: str
    faults: list[dict[str, Any]]
    words: str = ""
    """The faults in words, which the backend makes, since it knows its kinds of fault."""
    capacity: ReplicaCapacity | None = None
    """How it was started; nothing that is wanted of it."""
    injected: dict[str, int] | None = None
    """Faults that it has injected since its start, by kind."""
    dependency: str | None = None
    """The name by which faults may ask for it."""

    @property
    def content(self) -> object:
        """What must stay as it was put."""
        return self.faults


class ReplicaPolicy(msgspec.Struct, frozen=True):
    """A client's answer to `/policy`."""

    revision: int
    boot_id: str
    name: str
    policy: dict[str, Any]
    presets: dict[str, dict[str, Any]] = {}
    fields: list[dict[str, Any]] = []
    """The settings of a policy, each described by the client."""

    @property
    def content(self) -> object:
        """What must stay as it was put."""
        return self.policy


Answer = ReplicaFaults | ReplicaPolicy


class Subject(msgspec.Struct, frozen=True):
    """A kind of document that a service's replicas should have: its path, and the type of the answers."""

    service: str
    path: str
    answer: type[ReplicaFaults | ReplicaPolicy]


FAULTS = Subject("backend", "/faults", ReplicaFaults)
POLICY = Subject("client", "/policy", ReplicaPolicy)


class DesiredDocument(msgspec.Struct, frozen=True):
    """A document that every replica of a service should have."""

    document: dict[str, Any]
    """What is put, `revision` included."""
    revision: int
    lease_s: float | None = None
    """It is put again before this time is over; None: it stays by itself."""
    read_back: bool = False
    """Whether it must also be read back, over new connections: the answer to the PUT is one process's."""


def faults(document: Mapping[str, Any], revision: int) -> DesiredDocument:
    """The fault set that `document` (`faults`, and perhaps `seed` and `lease_s`) asks for.

    Faults always get a lease; an empty set needs none. Both are read back: it must be certain that they are
    there, or gone, whoever answers at the address.
    """
    empty = document.get("faults") == []
    sent = document.get("lease_s")
    lease_s = None if empty else LEASE_S if sent is None else sent
    rest = {key: value for key, value in document.items() if key != "lease_s"}
    put = {**rest, "revision": revision} | ({} if lease_s is None else {"lease_s": lease_s})
    return DesiredDocument(put, revision, lease_s=lease_s, read_back=True)


def no_faults(revision: int) -> DesiredDocument:
    """Return the document that clears all faults."""
    return faults({"faults": []}, revision)


def policy(document: Mapping[str, Any], revision: int) -> DesiredDocument:
    """The policy that `document` asks for: {"preset": name}, the whole policy, or both laid together."""
    return DesiredDocument({**document, "revision": revision}, revision)
