"""Controls the replicas: applies faults and policy, follows breakers, kills replicas."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from brownout_fleet.model import FleetError, Replica, ReplicaEvent, UnknownReplicaError, replicas_meant
from brownout_panel import applying, desired, kills, noted
from brownout_panel.applying import Outcome
from brownout_panel.breaker_followers import BreakerFollowers
from brownout_panel.dependencies import check_dependencies, names_of
from brownout_panel.desired import FAULTS, POLICY, DesiredDocument, ReplicaFaults, ReplicaPolicy
from brownout_panel.errors import KillUnderWayError, PanelError
from brownout_panel.fault_kinds import FaultKinds, preset_of
from brownout_panel.model import By, Faults, Harness, Policy, ReplicaView, Transition
from brownout_panel.own_breakers.poller import BreakerPoller
from brownout_panel.problem import code_of
from brownout_panel.reconciler import Note, Reconciler
from brownout_panel.replica_list import ReplicaList
from brownout_terms.codes import Code

VIEWS_S = 0.1
"""The least time between two notices that the replicas have changed."""

STOP_S = 2.0
"""Time to clear the faults at the end; what is left then ends with its lease."""

OUTCOMES = {Code.OK: "applied", Code.PARTLY: "partly", Code.SUPERSEDED: "superseded"}
"""What came of a change, in a word for people."""

Observer = Callable[[str, Any], None]


class Control:
    """What is wanted of a fleet's replicas, how they stand to it, and what their breakers do.

    Commands wait for the replicas, other greenlets go on. A command that raises has changed nothing, except
    that `clear_faults` is wanted from the moment that it was called.
    """

    def __init__(
        self,
        replicas: Callable[[], list[Replica]],
        events: Callable[[int], Iterator[ReplicaEvent]] | None,
        kill: Callable[[str], Replica],
        note: Note,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        rates: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """`replicas`, `events` and `kill` are the fleet's; without `events` it is listed once a second.

        `note(kind, **fields)` writes to the run's timeline; `rates` says each replica's requests per second.
        """
        self.faults = Faults()
        self.changed: list[Observer] = []
        """Called with ("replicas", list of ReplicaView), ("faults", Faults), ("policy", Policy) or
        ("transition", Transition). They must be quick and may not wait."""
        self._note = note
        self._clock = clock
        self._monotonic = monotonic
        self._rates = rates
        self._kill = kill
        self._last_kill: kills.Kill | None = None
        self._killing = BoundedSemaphore()
        self._policy: Policy | None = None
        self._dirty = Event()
        self._backends = Reconciler(FAULTS, note, self._dirty.set, clock, monotonic)
        self._clients = Reconciler(POLICY, note, self._dirty.set, clock, monotonic)
        self._followers = BreakerFollowers(lambda one: self._tell("transition", one), self._dirty.set, clock)
        self._replica_list = ReplicaList(replicas, events, self._listed)
        self.fault_kinds = FaultKinds(lambda: self._replica_list.replicas)
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin to follow the fleet; it is known when this returns."""
        self._replica_list.start()
        self._greenlets = [gevent.spawn(self._tell_views)]

    def stop(self) -> None:
        """Clear the faults, as far as replicas confirm it within STOP_S, and end every greenlet."""
        if self.faults.faults:
            with suppress(PanelError):
                self._clear("harness", STOP_S)
        gevent.killall(self._greenlets)
        self._replica_list.stop()
        self._followers.stop()
        self._backends.stop()
        self._clients.stop()

    def set_faults(self, document: Mapping[str, Any], by: By, wait_s: float = 2.0) -> Faults:
        """Hold every backend replica to these faults: `faults`, and perhaps `seed` and `lease_s`.

        Returns when every replica has them or is known not to take them, after `wait_s` at most, or when
        something else is wanted meanwhile. Raises RefusedError, or NobodyConfirmedError: what was wanted
        before is then wanted again.
        """
        check_dependencies(document, names_of(self._backends.serving()))
        wanted = desired.faults(document, self._backends.next_revision())
        undo = self._backends.wanted or desired.no_faults(wanted.revision + 1)
        outcome = self._set("fault", wanted, undo, by, wait_s)
        answer = outcome.answer
        faults = answer.faults if isinstance(answer, ReplicaFaults) else document.get("faults", [])
        texts = self.fault_kinds.texts(faults)
        made = Faults(
            faults,
            document.get("seed"),
            wanted.revision,
            wanted.lease_s or desired.LEASE_S,
            texts,
            preset_of(texts),
            ", ".join(texts),
        )
        if not outcome.superseded:
            self.faults = made
            self._tell("faults", made)
        return made

    def clear_faults(self, by: By | Harness, wait_s: float = 5.0) -> Faults:
        """Hold every backend replica to no faults; returns when all that run were read to have none.

        Raises NotClearedError, which names the others; they are asked on and on, and no lease is renewed.
        """
        return self._clear(by, wait_s)

    def injections(self) -> dict[int, int]:
        """Return how often each fault set was injected, by its revision, as far as that can be told."""
        return self._backends.injections.known()

    @property
    def policy(self) -> Policy | None:
        """The policy that is wanted of the clients; if none was ever set, the one that they have."""
        return self._policy or next((noted.policy_of(one) for one in self._policy_answers()), None)

    @property
    def presets(self) -> dict[str, dict[str, Any]]:
        """The clients' policies by name; empty until one has answered."""
        return next((one.presets for one in self._policy_answers()), {})

    @property
    def policy_fields(self) -> list[dict[str, Any]]:
        """The settings of a policy, as the clients describe them; empty until one has answered."""
        return next((one.fields for one in self._policy_answers()), [])

    def set_policy(self, document: Mapping[str, Any], by: By, wait_s: float = 2.0) -> Policy:
        """Hold every client replica to this policy: {"preset": name}, the whole of it, or both laid together.

        Returns and raises as `set_faults` does.
        """
        wanted = desired.policy(document, self._clients.next_revision())
        present = self.policy
        undo = self._clients.wanted or (
            desired.policy(present.policy, wanted.revision + 1) if present else None
        )
        outcome = self._set("policy", wanted, undo, by, wait_s)
        if not isinstance(outcome.answer, ReplicaPolicy):  # another one was wanted before anybody answered
            return Policy("custom", dict(document), wanted.revision)
        policy = noted.policy_of(outcome.answer)
        if not outcome.superseded:
            self._policy = policy
            self._tell("policy", policy)
        return policy

    def kill(self, name: str, by: By, even_last: bool = False) -> Replica:
        """End a replica abruptly; returns the one that ended.

        Raises LastReadyError, KillUnderWayError, or FleetError (UnknownReplicaError, NotRunningError).
        """
        if not self._killing.acquire(blocking=False):
            raise KillUnderWayError("another kill is under way; one at a time. Try again in a second.")
        try:
            replica = self._checked_kill(name, even_last)
        except (PanelError, FleetError) as error:
            refused = {"code": code_of(error), "outcome": f"refused: {error}"}
            self._note("kill", replica=name, uid=None, by=by, **refused)
            raise
        finally:
            self._killing.release()
        killed = {"code": Code.OK, "outcome": "killed"}
        self._note("kill", replica=replica.name, uid=replica.uid, service=replica.service, by=by, **killed)
        return replica

    def views(self) -> list[ReplicaView]:
        """Return every replica, and whether it has what is wanted."""
        rates = self._rates()
        return [self._view(replica, rates.get(replica.name)) for replica in self._replica_list.replicas]

    def breaker_pollers(self) -> list[BreakerPoller]:
        """Return what asks the services of the user's for their breakers and retries."""
        return self._followers.pollers()

    @property
    def transition_count(self) -> int:
        """Number of transitions so far: the index with which `transitions` gives only later ones."""
        return self._followers.count

    def transitions(self, since_index: int = 0) -> list[Transition]:
        """The breakers' transitions after the first `since_index`, in order of arrival; the last 10,000."""
        return self._followers.since(since_index)

    def _set(
        self, kind: str, wanted: DesiredDocument, undo: DesiredDocument | None, by: By, wait_s: float
    ) -> Outcome:
        """Apply it and wait; apply `undo` instead if no replica accepts it."""
        reconciler = self._backends if kind == "fault" else self._clients
        started, replaced = self._monotonic(), self._backends.wanted
        outcome = applying.apply(reconciler, wanted, wait_s)
        error = applying.failure(reconciler, outcome, wait_s)
        if error:
            reconciler.want(undo)
        more = self._injected(replaced) if kind == "fault" else {}
        self._note_change(kind, "set", wanted, outcome, by, started, error, **more)
        if error:
            raise error
        return outcome

    def _clear(self, by: By | Harness, wait_s: float) -> Faults:
        started, replaced = self._monotonic(), self._backends.wanted
        wanted = desired.no_faults(self._backends.next_revision())
        cleared = self.faults = Faults(revision=wanted.revision)
        self._tell("faults", cleared)
        outcome = applying.apply(self._backends, wanted, wait_s, all_must=True)
        error = applying.not_cleared(self._backends, outcome)
        more = self._injected(replaced)
        self._note_change("fault", "cleared", wanted, outcome, by, started, error, **more)
        if error:
            raise error
        return cleared

    def _note_change(
        self,
        kind: str,
        action: str,
        wanted: DesiredDocument,
        outcome: Outcome,
        by: By | Harness,
        started: float,
        error: PanelError | None,
        **more: int,
    ) -> None:
        name = "faults" if kind == "fault" else "policy"
        named = noted.words(outcome) if kind == "fault" else {"name": noted.preset(wanted, outcome)}
        content: Any = (
            outcome.answer.content if outcome.answer else wanted.document.get(name, wanted.document)
        )
        self._note(
            kind,
            action=action,
            **named,
            **{name: content},
            revision=wanted.revision,
            by=by,
            applied=outcome.applied,
            of=outcome.of,
            took_ms=round((self._monotonic() - started) * 1000, 1),
            code=error.code if error else outcome.code,
            outcome=f"failed: {error}" if error else OUTCOMES[outcome.code],
            **more,
        )

    def _injected(self, replaced: DesiredDocument | None) -> dict[str, int]:
        """Return how often the faults that are over were injected, for an event, if that is known."""
        count = self._backends.injections.of(replaced.revision) if replaced else None
        return {} if not replaced or not replaced.document["faults"] or count is None else {"injected": count}

    def _policy_answers(self) -> list[ReplicaPolicy]:
        answers = (one.observed.answer for one in self._clients.reconcilers.values())
        return [one for one in answers if isinstance(one, ReplicaPolicy)]

    def _checked_kill(self, name: str, even_last: bool) -> Replica:
        self._replica_list.list_now()
        replicas = self._replica_list.replicas
        target = next(iter(replicas_meant(replicas, name)), None)
        if target is None:
            known = ", ".join(f'"{one.name}"' for one in replicas)
            raise UnknownReplicaError(f'there is no replica "{name}"; there are: {known}')
        kills.check(target, replicas, self._last_kill, self._monotonic(), even_last)
        ready = kills.ready_count(replicas, target)
        killed = self._kill(target.name)
        self._last_kill = kills.Kill(killed, self._monotonic(), ready)
        return killed

    def _view(self, replica: Replica, rate: float | None) -> ReplicaView:
        reconciler = self._backends if replica.service == FAULTS.service else self._clients
        one = reconciler.reconcilers.get(replica.name)
        answer = one.observed.answer if one else None
        poller = self._followers.poller(replica)
        return ReplicaView(
            replica,
            status=one.status if one else None,
            rate=rate if replica.contract == "lab" else None,  # else its retries are what is counted
            circuit=self._followers.circuit(replica),
            breakers=poller.circuits if poller else [],
            breakers_reason=poller.reason if poller else None,
            restart_gap_ms=one.gap_ms if one else None,
            capacity=answer.capacity if isinstance(answer, ReplicaFaults) else None,
        )

    def _listed(self) -> None:
        replicas, ready_at = self._replica_list.replicas, self._replica_list.ready_at
        self._backends.sync([one for one in replicas if one.service == FAULTS.service], ready_at)
        clients = [one for one in replicas if one.service == POLICY.service]
        self._clients.sync([one for one in clients if one.contract == "lab"], ready_at)
        self._followers.sync(clients)

    def _tell_views(self) -> None:
        while True:
            self._dirty.wait()
            self._dirty.clear()
            self._tell("replicas", self.views())
            gevent.sleep(VIEWS_S)

    def _tell(self, what: str, value: object) -> None:
        for observer in self.changed:
            observer(what, value)
