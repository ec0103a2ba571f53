"""The kinds of fault that the backends can inject, as they describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import msgspec

from brownout_faults import described_kinds, write_fault
from brownout_faults.presets import PRESETS
from brownout_fleet.model import Replica
from brownout_panel.desired import FAULTS
from brownout_panel.links import link_to
from brownout_panel.reconcile import SERVING
from brownout_panel.replica_http import ForeignError, RefusalError, UnansweredError

ANSWER_S = 1.0
"""How long a backend may take to describe its kinds."""


class KindsAnswer(msgspec.Struct):
    """An injector's answer to `GET /faults/kinds`."""

    kinds: list[dict[str, Any]]


class FaultKinds:
    """Descriptions of the kinds of fault: the lab's, and those that only a backend knows."""

    def __init__(self, replicas: Callable[[], list[Replica]]) -> None:
        """`replicas` are all of the fleet."""
        self._replicas = replicas
        self._by_uid: dict[str, list[dict[str, Any]]] = {}

    def known(self) -> list[dict[str, Any]]:
        """Return the descriptions. Backends that were never asked are asked now, all at once."""
        backends = [one for one in self._replicas() if one.service == FAULTS.service and one.phase in SERVING]
        present = {one.uid for one in backends}
        self._by_uid = {uid: kinds for uid, kinds in self._by_uid.items() if uid in present}
        gevent.joinall([gevent.spawn(self._ask, one) for one in backends if one.uid not in self._by_uid])
        merged = {kind["kind"]: kind for kind in described_kinds()}
        for kinds in self._by_uid.values():
            merged |= {kind["kind"]: kind for kind in kinds if kind["kind"] not in merged}
        return list(merged.values())

    def texts(self, faults: list[dict[str, Any]]) -> list[str]:
        """Return each fault in words. Backends are asked only about a kind that the lab does not know."""
        lab = described_kinds()
        is_strange = {fault.get("kind") for fault in faults} - {kind["kind"] for kind in lab}
        descriptions = self.known() if is_strange else lab
        return [write_fault(fault, descriptions) for fault in faults]

    def _ask(self, backend: Replica) -> None:
        try:
            with link_to(backend.url) as link:
                self._by_uid[backend.uid] = link.get(f"{FAULTS.path}/kinds", KindsAnswer, ANSWER_S).kinds
        except (ForeignError, RefusalError):
            self._by_uid[backend.uid] = []
        except UnansweredError:
            return  # it is asked again


def preset_of(texts: list[str]) -> str | None:
    """Return the name of the preset that a fault set is, given its texts."""
    written = ((name, [write_fault(fault) for fault in faults]) for name, faults in PRESETS.items())
    return next((name for name, one in written if one == texts), None)
