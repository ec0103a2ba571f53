"""What the fixture `brownout` does: faults, loads and kills, and what came of a load."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brownout.errors import BrownoutError, UsageError
from brownout.notebook import RunResult, read
from brownout.pytest_plugin.harness_process import HarnessProcess
from brownout.test_session.order import VisitOrder

if TYPE_CHECKING:
    from brownout.notebook_values import FigureValue

LOOK_S = 0.1
PATIENCE_S = 60.0
"""How long a load may take besides its seconds: requests under way, and a busy machine."""

IDLE = ("ready", "stopped")
"""States of Locust in which it takes the next load: a run is recorded to its end a little before."""

SHOWN = (
    "availability",
    "degraded availability",
    "goodput",
    "p50",
    "p95",
    "p99",
    "retry amplification",
    "requests",
)


class InvalidRunError(BrownoutError):
    """A run that says nothing about the service."""


class LoadRun:
    """A load that is over. Figures are attributes: `run.availability`, `run.p95`, `run.error_ratio`."""

    def __init__(self, folder: Path, words: str, harness: HarnessProcess) -> None:
        self.folder = folder
        self.words = words
        """What was loaded, and under which faults."""
        self._harness = harness

    @cached_property
    def result(self) -> RunResult:
        """All that `brownout.read` gives of a run: figures with intervals, seconds, events, charts."""
        return read(self.folder)

    @property
    def figures(self) -> Mapping[str, FigureValue]:
        """The figures by name, each with its 95 % interval."""
        return self.result.figures

    def __getattr__(self, name: str) -> float:
        """Return a figure by the name that thresholds have for it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.figure(name)

    def figure(self, name: str) -> float:
        """Return a metric of thresholds, such as `p99.9`: shares of 1, durations in ms, rates per second.

        Raises AttributeError if there is no such metric, or the run does not tell it.
        """
        from brownout_results.judge.thresholds import ThresholdError, parse
        from brownout_results.judge.thresholds.evaluation import UntoldError

        try:
            threshold = parse(f"{name} > baseline")
            return self.result.source.figures().value(threshold)
        except ThresholdError:
            from brownout_results.measure.figures import METRICS

            known = ", ".join(METRICS)
            raise AttributeError(f'"{name}" is no figure of a run; there are: {known}, p50, p95, …') from None
        except UntoldError as untold:
            raise AttributeError(f'the run does not tell "{name}": {untold}') from None

    @property
    def invalid(self) -> str | None:
        """Why the run says nothing about the service; None if it does."""
        return self.result.source.invalid

    @property
    def report(self) -> Path:
        """The page of the report; it is made if it is not there yet."""
        page = self.folder / "report.html"
        if not page.exists():
            with suppress(BrownoutError):
                self._harness.panel.ask("POST", "reports", {"run": self.folder.name}, PATIENCE_S)
        return page

    def told(self) -> str:
        """The run in lines of text."""
        figures = [f"  {name:22}{self.figures[name]}" for name in SHOWN if name in self.figures]
        notes = [f"  invalid: {self.invalid}"] if self.invalid else []
        return "\n".join([self.words, *figures, *notes, f"  report                {self.report}"])

    def __repr__(self) -> str:
        return f"<run of {self.words}: {self.folder}>"


class Bench:
    """The service under test, and everything that may be done to it."""

    def __init__(self, harness: HarnessProcess, name: str) -> None:
        self.runs: list[LoadRun] = []
        """The loads of this test."""
        self._harness = harness
        self._ask = harness.panel.ask
        self._name = name
        self._faults: list[dict[str, Any]] = []

    @contextmanager
    def faults(self, dependency: str | None = None, *texts: str, **kinds: float | str) -> Iterator[None]:
        """Break a dependency, or all of them, while the block runs.

        Kinds and values are those of `--fault`: `error=0.3`, `latency="200ms"`, or whole texts as in
        `faults("prices", "error=30%,status=503")`. Raises UsageError.
        """
        typed = [*texts, *(f"{kind}={value}" for kind, value in kinds.items())]
        wanted = [self._parsed(text, dependency) for text in typed]
        if not wanted:
            raise UsageError('no fault is named; write for example brownout.faults("prices", error=0.3)')
        before = self._faults
        self._set([*before, *wanted])
        try:
            yield
        finally:
            self._set(before)

    def load(
        self,
        path: str = "/",
        *,
        rate: float | None = None,
        users: int | None = None,
        seconds: float = 10.0,
        allow_invalid: bool = False,
        **request: Any,
    ) -> LoadRun:
        """Load the service, and return what came of it.

        `rate`: requests a second, however slow the service is (open loop), `users` at once at most; without a
        rate `users` ask one after the other. `request` may have method, headers, json, think_time_s and
        timeout_s. Raises InvalidRunError if the run says nothing about the service, unless that is allowed.
        """
        if rate is None and users is None:
            raise UsageError("a load needs a rate or users; write for example brownout.load(path, rate=50)")
        self._harness.order.write_text(json.dumps(asdict(VisitOrder(path=path, **request))), "utf-8")
        last = self._ask("GET", "state")["run"]["folder"]
        wanted = {"arrival_rate": rate, "users": users, "run_time": math.ceil(seconds)}
        if rate is None:
            wanted["spawn_rate"] = users
        self._ask("PUT", "load", {name: value for name, value in wanted.items() if value is not None})
        self._ask("POST", "marks", {"note": self._name})
        name = self._await_end(last, seconds)
        pace = f"{rate:g} requests/s" if rate else f"{users} users"
        words = f"{path}, {pace} for {seconds:g} s{self._under()}"
        run = LoadRun(self._harness.out / name, words, self._harness)
        self.runs.append(run)
        if (why := run.invalid) and not allow_invalid:
            raise InvalidRunError(f"the run says nothing about the service: {why}")
        return run

    def kill(self, name: str, *, even_last: bool = False) -> None:
        """Kill a replica by its name, or the first ready one of a service or role of this name."""
        replicas = [one["replica"] for one in self._ask("GET", "replicas")]
        ready = [one for one in replicas if one["phase"] == "ready"]
        fitting = [
            one["name"] for one in ready if name in (one["name"], one["service"], _service_of(one["name"]))
        ]
        if not fitting:
            known = ", ".join(one["name"] for one in ready)
            raise UsageError(f'"{name}" is no ready replica; there are: {known or "none"}')
        self._ask("POST", f"replicas/{fitting[0]}/kill", {"even_last": even_last})

    def clear(self) -> None:
        """Take back all faults."""
        if self._faults:
            self._set([])

    def _parsed(self, text: str, dependency: str | None) -> dict[str, Any]:
        from brownout.fault_text import FaultTextError, parse_fault

        known = self._ask("GET", "faults/kinds")["kinds"]
        try:
            return parse_fault(f"{text},on={dependency}" if dependency else text, known)
        except FaultTextError as error:
            raise UsageError(str(error)) from error

    def _set(self, faults: list[dict[str, Any]]) -> None:
        if faults:
            self._ask("PUT", "faults", {"faults": faults})
        else:
            self._ask("DELETE", "faults")
        self._faults = faults

    def _under(self) -> str:
        words = self._ask("GET", "faults")["faults"].get("words") if self._faults else ""
        return f", under {words}" if words else ""

    def _await_end(self, last: str | None, seconds: float) -> str:
        deadline = time.monotonic() + seconds + PATIENCE_S
        while time.monotonic() < deadline:
            state = self._ask("GET", "state")
            run, is_idle = state["run"], state["load"]["state"] in IDLE
            if run["folder"] not in (None, last) and run["ended_at"] is not None and is_idle:
                return str(run["folder"])
            time.sleep(LOOK_S)
        raise BrownoutError(f"the load did not end in time; the harness said:\n\n{self._harness.output()}")


def _service_of(name: str) -> str:
    """Return the service of a replica called `shop-0`."""
    before, _, number = name.rpartition("-")
    return before if number.isdigit() else name
