"""Makes states and transitions of answer after answer, of one process or several behind one port. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from brownout_panel.breaker_log import BreakerLogEntry
from brownout_panel.model import Circuit, Transition
from brownout_panel.own_breakers.report import Report, ReportedBreaker, StateCounts
from brownout_terms.breakers import BreakerState

GONE_S = 60.0
"""A process that has not answered for so long has ended."""

DERIVED = "seen by polling"

AFTER: dict[BreakerState, tuple[BreakerState, ...]] = {
    "closed": ("open",),
    "open": ("half-open", "closed"),
    "half-open": ("closed", "open"),
    "unknown": ("open", "half-open", "closed"),
}
"""What may follow each state, the usual way first."""


class _KnownBreaker(msgspec.Struct):
    """One breaker of one process as it was last told."""

    state: BreakerState
    at: float
    """When that was, in seconds since the epoch."""
    seq: int = 0
    """Number of its last transition that was taken."""
    steps: StateCounts | None = None


class _Process(msgspec.Struct):
    """One process: its number among those of the replica, from 1 on."""

    number: int
    at: float
    report: Report
    breakers: dict[str, _KnownBreaker] = {}
    requests: int = 0
    attempts: int = 0
    """What was counted since it was first seen."""


class Following:
    """Follows one life of a replica."""

    def __init__(self, replica: str, uid: str) -> None:
        self._replica = replica
        self._uid = uid
        self._processes: dict[str, _Process] = {}
        self._ended: dict[str, _Process] = {}
        self._several = False
        """Whether one that seemed to have ended has answered again: several run at once."""

    def knows(self, report: Report) -> bool:
        """Whether this answer's process has answered before."""
        return report.boot_id in self._processes

    def meet(self, reports: list[Report]) -> None:
        """Take in who answered over several connections: one process alone has replaced any other."""
        answered = {one.boot_id for one in reports}
        if len(answered) == 1 and not self._several:
            for boot_id in self._processes.keys() - answered:
                self._end(boot_id)

    def take(self, report: Report, at: float) -> list[Transition]:
        """Take in an answer; returns the transitions that are new, in their order."""
        for boot_id, one in list(self._processes.items()):
            if boot_id != report.boot_id and at - one.at > GONE_S:
                self._end(boot_id)
        process = self._processes.get(report.boot_id)
        if process and _fell(process.report, report):  # its counts began anew: it is another one
            self._end(report.boot_id)
            process = None
        if process is None:
            taken = {one.number for one in self._processes.values()}
            number = next(one for one in range(1, len(taken) + 2) if one not in taken)
            process = self._again(report, number) or _Process(number, at, report)
            self._processes[report.boot_id] = process
        process.requests += (report.requests or 0) - (process.report.requests or 0)
        process.attempts += (report.attempts or 0) - (process.report.attempts or 0)
        before, process.report, process.at = process.at, report, at
        return sorted(self._transitions(process, before, at), key=lambda one: one.at)

    @property
    def has_any(self) -> bool:
        """Whether any breaker is known."""
        return any(one.breakers for one in self._processes.values())

    def circuits(self, now: float, stale_s: float) -> list[Circuit]:
        """Return the breakers as they were last told; unknown if that was longer ago than `stale_s`.

        Of several processes behind one port each answers only in its turn.
        """
        oldest = now - stale_s * len(self._processes)
        return [
            Circuit(
                state=process.breakers[one.name].state if process.at >= oldest else "unknown",
                as_of=process.at,
                boot_id=self._boot(process),
                fail_counter=one.fail_counter,
                fail_max=one.fail_max,
                seconds_until_half_open=one.seconds_until_half_open,
                name=_name(process, one),
                cause=one.cause,
            )
            for process in sorted(self._processes.values(), key=lambda one: one.number)
            for one in process.report.breakers
        ]

    def calls(self) -> tuple[int, int] | None:
        """Return requests and attempts since the beginning, of all processes; None where nobody tells."""
        if all(one.report.requests is None for one in self._processes.values()):
            return None
        everyone = [*self._processes.values(), *self._ended.values()]
        return sum(one.requests for one in everyone), sum(one.attempts for one in everyone)

    def _end(self, boot_id: str) -> None:
        one = self._processes.pop(boot_id)
        if boot_id in self._ended:  # the process of that name has begun anew before
            one.requests += self._ended[boot_id].requests
            one.attempts += self._ended[boot_id].attempts
        self._ended[boot_id] = one

    def _again(self, report: Report, number: int) -> _Process | None:
        """Return a process that was thought to have ended, unless its counts began anew."""
        one = self._ended.get(report.boot_id)
        if one is None or _fell(one.report, report):
            return None
        self._several = True
        one.number = number
        return self._ended.pop(report.boot_id)

    def _boot(self, process: _Process) -> str:
        return f"{self._uid}/{process.report.boot_id}"

    def _transitions(self, process: _Process, before: float, at: float) -> Iterator[Transition]:
        for one in process.report.breakers:
            known = process.breakers.get(one.name)
            is_first = known is None
            if known is None:
                # One that the answer before did not have was closed: it is told with its first change.
                state = "closed" if before < at else one.state or _first_state(one.steps or StateCounts())
                steps = one.steps if before == at else None
                known = process.breakers[one.name] = _KnownBreaker(state, before, steps=steps)
            if one.transitions is not None:
                yield from self._logged(process, one, known, is_first)
            elif before < at:
                yield from self._derived(process, one, known, at)
            known.state, known.at, known.steps = one.state or known.state, at, one.steps

    def _logged(
        self, process: _Process, one: ReportedBreaker, known: _KnownBreaker, is_first: bool
    ) -> Iterator[Transition]:
        """Yield what the service has written down itself; what was before the first answer is not missed."""
        for entry in sorted(one.transitions or [], key=lambda each: each.seq):
            if entry.seq > known.seq:
                missed = 0 if is_first else entry.seq - known.seq - 1
                is_first, known.seq = False, entry.seq
                yield self._transition(process, one, entry, missed)

    def _derived(
        self, process: _Process, one: ReportedBreaker, known: _KnownBreaker, at: float
    ) -> Iterator[Transition]:
        """Yield what must have happened since the last answer, spread evenly over that time."""
        path = (
            [one.state]
            if one.state
            else _path(known.state, known.steps or StateCounts(), one.steps or StateCounts())
        )
        if path == [known.state]:
            return
        share = (at - known.at) / len(path)
        for number, to in enumerate(path):
            known.seq += 1
            moment = known.at + share * (number + 0.5)
            entry = BreakerLogEntry(known.seq, moment, known.state, to, one.cause or DERIVED)
            known.state = to
            yield self._transition(process, one, entry, uncertain_s=round((at - known.at) / 2, 3))

    def _transition(
        self,
        process: _Process,
        one: ReportedBreaker,
        entry: BreakerLogEntry,
        missed: int = 0,
        uncertain_s: float | None = None,
    ) -> Transition:
        return Transition(
            replica=self._replica,
            boot_id=self._boot(process),
            seq=entry.seq,
            at=entry.at,
            from_=entry.from_,
            to=entry.to,
            cause=entry.cause,
            missed=missed,
            breaker=_name(process, one),
            uncertain_s=uncertain_s,
        )


def _name(process: _Process, one: ReportedBreaker) -> str:
    return one.name if process.number == 1 else f"{one.name} #{process.number}"


def _fell(before: Report, after: Report) -> bool:
    """Return whether a count is less than before."""
    if (after.requests or 0) < (before.requests or 0) or (after.attempts or 0) < (before.attempts or 0):
        return True
    steps = {one.name: one.steps for one in before.breakers if one.steps}
    return any(
        one.steps is not None and (then := steps.get(one.name)) is not None and one.steps.opened < then.opened
        for one in after.breakers
    )


def _first_state(steps: StateCounts) -> BreakerState:
    """Return the state that these counts leave; a trial is short, so closed after one."""
    if steps.opened > steps.half_opened + (0 if steps.half_opened else steps.closed):
        return "open"
    return "half-open" if steps.half_opened and not steps.closed else "closed"


def _path(state: BreakerState, before: StateCounts, now: StateCounts) -> list[BreakerState]:
    """Return the states that a breaker went through by these counts; [state] if none."""
    left: dict[BreakerState, int] = {
        "open": now.opened - before.opened,
        "half-open": now.half_opened - before.half_opened,
        "closed": now.closed - before.closed,
    }
    path: list[BreakerState] = []
    while True:
        usual = AFTER[path[-1] if path else state]
        # Where both ways are open, back to open while there are trials left: all counts must be walked.
        ways = [one for one in usual if left[one] > 0]
        if not ways:
            break
        step: BreakerState = (
            "open" if ways[0] == "closed" and "open" in ways and left["half-open"] > 0 else ways[0]
        )
        left[step] -= 1
        path.append(step)
    return path or [state]
