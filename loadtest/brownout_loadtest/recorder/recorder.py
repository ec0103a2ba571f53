"""The recorder's half where runs are controlled: in Locust's only process, or on the master."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import gevent

from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.stall_events import BUSY, EVENT, LOAD_GENERATOR, MACHINE, busy_fields
from brownout_results.record import RunFolderError, check_out, event_log, make_folder, printable
from brownout_results.record.timestamps import seconds_of
from brownout_terms.health import Readings

from .attach import attach
from .clock import RunClock
from .ending import ending
from .heartbeat import LoopWatch
from .interrupts import interrupts_held
from .load_rows import LoadSize
from .machine import MachineWatch
from .observer import Observers
from .origin import origin
from .own_breakers import OwnBreakers
from .progress import ProgressPipe
from .recording import Recording
from .report import KEY, WorkerReport
from .sampler import ForwardersAnswers, Replica, Sampler
from .tally import Tally

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.runners import LocalRunner, MasterRunner

logger = logging.getLogger(__name__)

TICK_AFTER_S = 0.25
"""Past the whole second: the workers' reports, sent at 0.05, are in by then unless the machine is
overloaded."""

LAST_REPORTS_S = 5.0
"""How long after the end of a test the master waits for the workers' last reports, besides the time that
users get to finish. Locust itself reads them for half a second, which a busy machine exceeds."""


class Recorder:
    """Made once a process; makes a run folder for each test that is started."""

    def __init__(
        self,
        environment: Environment,
        out: Path,
        label: str | None,
        meter: LoadMeter,
        replicas: Callable[[], list[Replica]] | None = None,
        *,
        answers: ForwardersAnswers | None = None,
        clock: RunClock | None = None,
        progress_fd: int | None = None,
    ) -> None:
        """Adds its listeners to Locust's events; `label` is for runs whose settings have none.

        `replicas` lists the fleet, and must not raise; it may take its time. `answers` asks its forwarders.
        Raises `RunFolderError` if no folder can be made in `out`.
        """
        check_out(out)
        self._environment = environment
        self._out = out
        self._label = label or "run"
        self._meter = meter
        self._replicas = replicas
        self._answers = answers
        self._clock = clock or RunClock()
        self._pipe = None if progress_fd is None else ProgressPipe(progress_fd)
        self._tally = Tally(self._clock, meter)
        self._loop = LoopWatch(self._clock, meter.oldest_wait_s)
        self._machine = MachineWatch(self._clock)
        self._recording: Recording | None = None
        self._sampler: Sampler | None = None
        self._greenlets: list[gevent.Greenlet] = []
        self._how_ended = "interrupted"
        self._last_folder: Path | None = None
        self._ended: Recording | None = None
        self._closing: gevent.Greenlet | None = None
        self.observers = Observers()
        """Hear of runs that begin after they were added, and of every event."""
        self.samples_breakers = True
        """Whether the sampler asks for the breakers' transitions; False where a panel follows them."""
        self.own_breakers: OwnBreakers | None = None
        """What is known of the breakers and retries of services of the user's; set before a run begins."""
        self._listen()

    def _listen(self) -> None:
        events = self._environment.events
        attach(self._environment, self._tally)
        events.worker_report.add_listener(self._on_worker_report)
        events.worker_connect.add_listener(self._on_worker_connect)
        events.quitting.add_listener(lambda **_: self._receive_last_reports())
        events.quit.add_listener(lambda exit_code, **_: self._quit(exit_code))
        atexit.register(self.close)

    @property
    def last_folder(self) -> Path | None:
        """The folder of the run that is being recorded, or of the last one."""
        return self._last_folder

    @property
    def folder(self) -> Path | None:
        """The folder of the run that is being recorded; None between runs."""
        return self._recording.folder if self._recording else None

    def start(self, settings: Mapping[str, Any]) -> Path:
        """Begin a new run folder, and return it; `settings` go into its run.json.

        Raises `RunFolderError`; no greenlet runs then, and nothing is recorded.
        """
        self.close()
        self._clock.anchor()
        self._tally.clear()
        self._meter.drain()
        self._how_ended = "interrupted"
        label = printable(settings.get("label") or self._label)
        started = self._clock.now()
        folder = make_folder(self._out, started, label)
        manifest = {**settings, "label": label, **origin()}
        tables = self._locust_tables(folder)
        recording = Recording(
            folder,
            started,
            self._clock,
            manifest,
            self._load_size,
            tables,
            self._pipe,
            self.observers,
            self._tally.failures,
        )
        self._recording, self._last_folder = recording, folder
        for worker in getattr(self._environment.runner, "clients", ()):
            recording.workers.expect(worker, started)
        self._loop.begin()
        self._machine.begin()
        self._spawn(self._loop.watch)
        self._spawn(self._machine.watch)
        self._spawn(self._tick, recording)
        self._spawn(self._write_tables, recording)
        if self._replicas or self.own_breakers:
            self._sample(recording, self._replicas or list)
        return folder

    def event(self, kind: str, **fields: Any) -> None:
        """Note an event on the run's timeline; between runs the observer alone hears of it."""
        if self._recording:
            self._recording.event(kind, fields)
        elif self.observers:
            now, monotonic = self._clock.now(), self._clock.monotonic()
            self.observers.event(event_log.event(kind, now, monotonic, fields))

    def stalls(self, process: str, found: Sequence[tuple[float, float]]) -> None:
        """Note stalls of another process; between runs nobody wants to know."""
        if self._recording:
            self._recording.stalls(process, found)

    def write_stall(self, fields: Mapping[str, Any]) -> None:
        """Add the samples of a stall of which there is an event."""
        if self._recording:
            self._recording.write_stall(fields["process"], seconds_of(fields["since"]), fields["seconds"])

    def health(self, part: str, at: float, told: Readings, took_ms: float | None = None) -> None:
        """Note what a part of brownout tells of itself, `at` seconds since the epoch; as with stalls."""
        if self._recording:
            self._recording.health.add(part, at, told, took_ms)

    @property
    def rates(self) -> Mapping[str, float]:
        """Requests per second by replica, of the last whole second; empty between runs."""
        return self._recording.rates.requests if self._recording else {}

    def stop(self, how_ended: str, because: str | None = None) -> None:
        """The test has ended: `completed`, `interrupted`, `stopped` or `failed`; `because` of what, if it
        should not have.

        On a master the folder stays open for the workers' last reports.
        """
        self._how_ended = how_ended
        if self._recording:
            self._recording.ended_because = because
            self._recording.workers.ending()
        if self._recording and not self._recording.workers.all_finished:
            self._spawn(self._close_when_reported, self._recording)
        else:
            self.close()

    def close(self) -> None:
        """Write what there is, and end the recording; nothing happens between runs."""
        recording, self._recording = self._recording, None
        sampler, self._sampler = self._sampler, None
        if recording is not None:
            # Not in this greenlet: one that ends the load may be a user's, and is itself ended meanwhile.
            self._closing = gevent.spawn(self._finish, recording, sampler)
        if self._closing is not None:
            self._closing.join()

    def _finish(self, recording: Recording, sampler: Sampler | None) -> None:
        gevent.killall([one for one in self._greenlets if one is not gevent.getcurrent()])
        self._greenlets.clear()
        with interrupts_held():
            if sampler and not self._load_size().users:  # else what they still do is in no last sample
                with self._tally.failures.guarded("the last samples"):
                    sampler.finish()
            with self._tally.failures.guarded("the last second's record"):
                self._drain(recording, everything=True)
            recording.finish(self._how_ended)
        self._ended = recording

    def _quit(self, exit_code: object) -> None:
        """Locust has decided on its exit code: the last run's folder keeps it."""
        self.close()
        if self._ended is not None:
            self._ended.note({"locust": ending(self._environment, exit_code)})

    def _receive_last_reports(self) -> None:
        """When Locust quits: read what workers report after Locust has ceased to, so that its totals have it
        too."""
        from locust.runners import MasterRunner

        runner, recording = self._environment.runner, self._recording
        if recording is None or not isinstance(runner, MasterRunner) or recording.workers.all_finished:
            return
        runner.quit()  # Locust would do so next; what it has done already, it does not do again
        with gevent.Timeout(self._patience_s, False):
            while not recording.workers.all_finished:
                _, message = runner.server.recv_from_client()
                # After the record is closed, what comes is in neither: Locust's totals would have more.
                if message.type == "stats" and recording is self._recording:
                    self._environment.events.worker_report.fire(client_id=message.node_id, data=message.data)

    @property
    def _patience_s(self) -> float:
        return LAST_REPORTS_S + (self._environment.stop_timeout or 0.0)

    def _close_when_reported(self, recording: Recording) -> None:
        with gevent.Timeout(self._patience_s, False):
            while not recording.workers.all_finished:
                gevent.sleep(0.05)
        if recording is self._recording:
            self.close()

    def _tick(self, recording: Recording) -> NoReturn:
        while True:
            gevent.sleep(self._clock.until_next_second(TICK_AFTER_S))
            with interrupts_held(), self._tally.failures.guarded("a second's record"):
                self._drain(recording)
                own = self.own_breakers.states() if self.own_breakers else {}
                recording.tick({**self._sampler.circuit_states, **own} if self._sampler else own)

    def _write_tables(self, recording: Recording) -> NoReturn:
        while True:
            gevent.sleep(self._clock.until_next_second(TICK_AFTER_S))
            recording.write_tables()

    def _drain(self, recording: Recording, *, everything: bool = False) -> None:
        before = None if everything else int(self._clock.now())
        recording.stalls(LOAD_GENERATOR, self._loop.take())
        for part, watch in ((LOAD_GENERATOR, self._loop), (MACHINE, self._machine)):
            for at, told in watch.take_readings():
                recording.health.add(part, at, told)
        for spell in self._machine.take(last=everything):
            recording.event(BUSY, busy_fields(self._clock.at(spell.start), spell.seconds))
        parts = self._tally.drain(before)
        recording.add(parts, self._meter.drain(), self._tally.take_unrecorded())

    def _sample(self, recording: Recording, replicas: Callable[[], list[Replica]]) -> None:
        def note(transition: Mapping[str, Any]) -> None:
            recording.event("breaker", transition)

        def note_stall(stall: Mapping[str, Any]) -> None:
            recording.event(EVENT, stall)

        noted = note if self.samples_breakers else None
        calls = self.own_breakers.calls if self.own_breakers else dict
        self._sampler = Sampler(
            replicas, self._clock, recording.samples, noted, self._answers, note_stall, calls
        )
        self._spawn(self._sampler.list_replicas)
        self._spawn(self._sampler.sample)

    def _on_worker_report(self, client_id: str, data: Mapping[str, Any]) -> None:
        if self._recording and KEY in data:
            with self._tally.failures.guarded("a worker's report"):
                self._recording.add_report(client_id, WorkerReport.unpacked(data[KEY]))

    def _on_worker_connect(self, client_id: str, **_: object) -> None:
        if self._recording:
            self._recording.workers.expect(client_id, self._clock.now())

    def _load_size(self) -> LoadSize:
        runner = cast("LocalRunner | MasterRunner", self._environment.runner)
        asked = runner.target_user_count if runner.state == "running" else None
        return LoadSize(runner.user_count, runner.worker_count, asked)

    def _locust_tables(self, folder: Path) -> Any:
        from .locust_tables import LocustTables  # importing Locust patches the whole process

        try:
            return LocustTables(self._environment, folder)
        except OSError as error:
            raise RunFolderError(f'the run folder "{folder}" can\'t be written: {error.strerror}.') from error

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        from locust.log import greenlet_exception_logger

        greenlet = gevent.spawn(work, *arguments)
        greenlet.link_exception(greenlet_exception_logger(logger))
        self._greenlets.append(greenlet)
