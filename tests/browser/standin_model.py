"""What the stand-in panel knows: a small model of the services, advanced by a clock.

Failures of the backend become failures of the users at once, and breakers open while half or more fail.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

import msgspec

from brownout_client.policy import PRESETS
from brownout_client.policy_fields import FIELDS
from brownout_faults import described_kinds, write_fault
from brownout_panel.fault_kinds import preset_of


class Model:
    """What the panel would know. All of it under one lock."""

    def __init__(self, age_s: int = 40, backends: int = 4, clients: int = 2) -> None:
        self.lock = threading.RLock()
        self.started_at = time.time() - age_s
        self.number = 0
        self.boot = f"boot{time.time_ns()}"
        self.told: list[tuple[int, str, Any]] = []
        self.readers: list[queue.Queue[tuple[int, str, Any]]] = []
        self.requests: list[tuple[str, str, Any, float]] = []
        self.blocked = False
        self.kinds = described_kinds()
        self.faults = self._fault_set([], 0)
        self.presets = {name: msgspec.to_builtins(preset) for name, preset in PRESETS.items()}
        self.policy_fields = [msgspec.to_builtins(field) for field in FIELDS]
        self.policy = {"name": "full", "policy": self.presets["full"], "revision": 1}
        self.phase = "baseline"
        self.load: dict[str, Any] = {
            "state": "running",
            "host": "http://127.0.0.1:5001",
            "users": 20,
            "settings": {"users": 20, "spawn_rate": 20, "shape": "steady", "arrival_rate": None},
        }
        self.replicas = [self._replica("backend", index) for index in range(backends)]
        self.replicas += [self._replica("client", index) for index in range(clients)]
        self.transitions: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = [
            {"t": self.started_at, "mono": 0.0, "kind": "run-started"},
            {"t": self.started_at + 1, "mono": 1.0, "kind": "phase", "name": "baseline"},
        ]
        self.seconds = [self._second(int(self.started_at) + index, 0.0, 0.0) for index in range(age_s)]

    def _fault_set(self, faults: list[dict[str, Any]], revision: int) -> dict[str, Any]:
        texts = [write_fault(fault, self.kinds) for fault in faults]
        return {
            "faults": faults,
            "seed": None,
            "revision": revision,
            "lease_s": 30.0,
            "texts": texts,
            "preset": preset_of(texts),
            "words": ", ".join(texts),
        }

    def _replica(self, service: str, index: int) -> dict[str, Any]:
        name = f"{service}-{index}"
        circuit = {"state": "closed", "as_of": time.time(), "boot_id": f"{name}/0", "fail_counter": 0}
        return {
            "replica": {
                "name": name,
                "service": service,
                "url": f"http://127.0.0.1:{40000 + index}",
                "phase": "ready",
                "uid": f"{name}/0",
                "started_at": self.started_at - 60,
                "restarts": 0,
                "reason": None,
            },
            "status": {"state": "applied", "since": self.started_at, "reason": None, "revision": 1},
            "rate": 50.0,
            "circuit": circuit | {"fail_max": 5, "seconds_until_half_open": None}
            if service == "client"
            else None,
            "restart_gap_ms": None,
            "capacity": None,
        }

    def _second(self, t: int, failing: float, late_ms: float) -> dict[str, Any]:
        wave = 6 * ((t * 7919) % 13) / 13
        offered = 200 + wave
        is_open = any(view["circuit"] and view["circuit"]["state"] == "open" for view in self.replicas)
        fallback = int(offered * (0.9 if is_open else failing**3))
        error = int(offered * failing * 0.06)
        ok = int(offered) - fallback - error
        base = 11 + wave / 3 + late_ms
        return {
            "t": t,
            "users": self.load["users"],
            "offered": offered,
            "throughput": ok + fallback + error,
            "goodput": ok,
            "ok": ok,
            "fallback": fallback,
            "error": error,
            "tunnel": 0,
            "p50_ms": base,
            "p95_ms": base * (1.6 + 2 * failing),
            "p99_ms": base * (2.4 + 8 * failing),
            "amplification": (1 - failing**5) / (1 - failing) if failing < 1 else 5.0,
            "dropped": 0,
        }

    def state(self) -> dict[str, Any]:
        return {
            "now": time.time(),
            "event_id": f"{self.boot}-{self.number}",
            "blocked": self.blocked,
            "run": self.run(),
            "load": self.load,
            "faults": self.faults,
            "policy": self.policy,
            "presets": self.presets,
            "replicas": self.replicas,
            "second": self.seconds[-1] if self.seconds else None,
            "experiment": None,
            "has_locust_page": True,
        }

    def run(self) -> dict[str, Any]:
        return {
            "label": "brownout-01",
            "folder": "results/runs/20261124-brownout-01",
            "started_at": self.started_at,
            "ended_at": None,
            "phase": self.phase,
        }

    def history(self) -> dict[str, Any]:
        columns = {field: [second[field] for second in self.seconds] for field in self.seconds[0]}
        return {"seconds": columns, "transitions": self.transitions, "events": self.events}

    def tell(self, kind: str, data: Any) -> None:
        with self.lock:
            self.number += 1
            self.told.append((self.number, kind, data))
            for reader in self.readers:
                reader.put(self.told[-1])

    def note(self, kind: str, **fields: Any) -> dict[str, Any]:
        event = {"t": time.time(), "mono": time.monotonic(), "kind": kind, **fields}
        self.events.append(event)
        self.tell("timeline", event)
        return event

    def set_faults(self, faults: list[dict[str, Any]], action: str) -> None:
        revision = self.faults["revision"] + 1
        self.faults = self._fault_set(faults, revision)
        backends = [view for view in self.replicas if view["replica"]["service"] == "backend"]
        for view in backends:
            view["status"] = {"state": "applied", "since": time.time(), "reason": None, "revision": revision}
        self.tell("faults", self.faults)
        self.tell("replicas", self.replicas)
        self.note(
            "fault",
            action=action,
            faults=faults,
            words=self.faults["words"],
            revision=revision,
            by="page",
            applied=len(backends),
            of=len(backends),
            took_ms=21.0,
            code="ok",
            outcome="applied",
        )

    def failing(self) -> tuple[float, float]:
        """Share of the backend's answers that fail, and its delay."""
        rate = next((fault["rate"] for fault in self.faults["faults"] if fault["kind"] == "error"), 0.0)
        late = next((fault["ms"] for fault in self.faults["faults"] if fault["kind"] == "latency"), 0)
        return rate, late

    def tick(self) -> None:
        with self.lock:
            failing, late = self.failing()
            self._breakers(failing)
            second = self._second(int(time.time()) - 1, failing, late)
            if self.load["state"] == "running":
                self.seconds.append(second)
                self.tell("second", second)

    def _breakers(self, failing: float) -> None:
        changed = False
        for view in self.replicas:
            circuit = view["circuit"]
            wanted = "open" if failing >= 0.5 else "closed"
            if circuit is None or circuit["state"] == wanted:
                continue
            self._transition(view, wanted, "5 failures in a row" if wanted == "open" else "trial succeeded")
            changed = True
        if changed:
            self.tell("replicas", self.replicas)

    def _transition(self, view: dict[str, Any], to: str, cause: str) -> None:
        circuit = view["circuit"]
        transition = {
            "replica": view["replica"]["name"],
            "boot_id": circuit["boot_id"],
            "seq": len(self.transitions) + 1,
            "at": time.time(),
            "from": circuit["state"],
            "to": to,
            "cause": cause,
            "missed": 0,
        }
        view["circuit"] = circuit | {
            "state": to,
            "as_of": time.time(),
            "seconds_until_half_open": 5.0 if to == "open" else None,
        }
        self.transitions.append(transition)
        self.tell("transition", transition)

    def kill(self, name: str, even_last: bool) -> dict[str, Any] | None:
        """The replica's view; None if it is the last ready one."""
        view = next(view for view in self.replicas if view["replica"]["name"] == name)
        same = [other for other in self.replicas if other["replica"]["service"] == view["replica"]["service"]]
        if not even_last and [o for o in same if o["replica"]["phase"] == "ready"] == [view]:
            return None
        view["replica"] |= {"phase": "gone", "reason": "ended by SIGKILL"}
        view["status"] = {"state": "pending", "since": time.time(), "reason": None, "revision": None}
        self.tell("replicas", self.replicas)
        self.note("kill", replica=name, uid=view["replica"]["uid"], by="page", outcome="killed")
        return view
