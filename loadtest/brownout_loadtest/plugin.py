"""Wires brownout into Locust's events. `install()` once, from a locustfile; everything else follows.

Listeners go to Locust's own event hooks, so that Locust stays in charge: its web UI, headless runs,
--processes, master and workers, its statistics and its exit code are what they always are.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import WorkerRunner

from brownout_fleet.model import FleetError
from brownout_loadtest import geventhttpclient_seam, lifeline, locust_seam, otel
from brownout_loadtest.abort_watch import watch_for_aborts
from brownout_loadtest.controller import Controller
from brownout_loadtest.coordinator import MESSAGE
from brownout_loadtest.driver import Driver
from brownout_loadtest.fleet import FleetLink, open_link
from brownout_loadtest.form import check_form
from brownout_loadtest.judging_options import add_judging_arguments
from brownout_loadtest.locust_seam import EVENTS
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.options import add_load_arguments, load_of
from brownout_loadtest.outcome_rules import OWN
from brownout_loadtest.own_options import ours, warn_once
from brownout_loadtest.recorder import Recorder, RunClock, RunFolderError, WorkerRecorder
from brownout_loadtest.worker import OpenLoopWorker
from brownout_terms import variables
from brownout_terms.exits import Exit

logger = logging.getLogger(__name__)

"""Exit code for a wrong command line; argparse's, so Locust's."""

INIT_S = 10.0
"""How long Locust may take from the connection to its master to the `init` event."""

HEAD_START_S = 3.0
"""How long a worker that is to end waits for its master to end it, so that its last report arrives."""

_installed: list[bool] = []
_sources: list[Callable[[argparse.ArgumentParser], list[str]]] = []
_initialised = Event()


def install() -> None:
    """Give this Locust process brownout's arguments, open loop, shapes, and recorder. Idempotent."""
    if not _installed:
        _installed.append(True)
        try:
            locust_seam.check()
            geventhttpclient_seam.check()
        except ImportError as error:
            _refuse(str(error))
        locust_seam.after_parser_listeners(_add_options)
        add_options(add_load_arguments)
        add_options(add_judging_arguments)
        EVENTS.init.add_listener(_on_init)
        EVENTS.test_start.add_listener(_hold_back_early_start)


def add_options(source: Callable[[argparse.ArgumentParser], list[str]]) -> None:
    """Have `source` add options of ours to each parser of Locust's; it returns the names that others have."""
    _sources.append(source)


def _add_options(parser: argparse.ArgumentParser) -> None:
    warn_once([flag for source in _sources for flag in source(parser)])


def _on_init(environment: Environment, runner: Any, web_ui: Any, **_: Any) -> None:
    """Locust is about to start, in this process; with --processes after the fork."""
    if runner is None or environment.parsed_options is None:
        logger.warning(
            "Locust is not run by its own command, as under run_single_user: brownout records nothing"
        )
        return
    _take_outcomes(environment)
    EVENTS.test_start.add_listener(lambda **_: _take_outcomes(environment))
    clock, meter = RunClock(), LoadMeter()
    loop = OpenLoop(meter)
    if isinstance(runner, WorkerRunner):
        lifeline.hold(os.environ, HEAD_START_S)
        _set_up_worker(environment, runner, loop, meter, clock)
    else:
        lifeline.hold(os.environ)
        _set_up_controller(environment, web_ui, loop, meter, clock)
    # gevent's loop tells the time of its last round, which was before the imports: Locust's --run-time
    # would be shorter by what they took.
    gevent.get_hub().loop.update_now()
    _initialised.set()


def _take_outcomes(environment: Environment) -> None:
    """Take the rules of outcomes from the options; those of a worker come from its master."""
    OWN.configure(ours(_options(environment)).outcome)


def _hold_back_early_start(environment: Environment, **_: Any) -> None:
    """Keep a worker that joins a running test from starting it before it is ready to.

    The master sends such a worker its users as soon as it is connected, and Locust starts the test before
    `init`. Whoever signs up at `init`, as we and others do, would miss the start: we call them after it.
    """
    if _initialised.is_set() or not getattr(environment.parsed_options, "worker", False):
        return
    told = locust_seam.listeners(EVENTS.test_start)
    _initialised.wait(INIT_S)
    for handler in locust_seam.listeners(EVENTS.test_start):
        if handler not in told:
            handler(environment=environment)


def _set_up_worker(
    environment: Environment, runner: WorkerRunner, loop: OpenLoop, meter: LoadMeter, clock: RunClock
) -> None:
    locust_seam.make_default_options_once()
    worker = OpenLoopWorker(environment, loop, clock)
    if _options(environment).processes:
        _leave_interrupt_to_master()
    if not ours(_options(environment)).no_record:
        WorkerRecorder(environment, meter, clock=clock)
    otel.set_up(environment, None, clock)
    runner.register_message(MESSAGE, lambda msg, **_: worker.shared(msg.data))
    EVENTS.heartbeat_received.add_listener(lambda **_: loop.heard())
    EVENTS.test_start.add_listener(lambda **_: worker.test_start())
    EVENTS.test_stopping.add_listener(lambda **_: worker.test_stopping())
    EVENTS.test_stop.add_listener(lambda **_: worker.test_stop())


def _set_up_controller(
    environment: Environment, web_ui: Any, loop: OpenLoop, meter: LoadMeter, clock: RunClock
) -> None:
    options = _options(environment)
    fleet = _fleet(options)
    if fleet and fleet.target and not environment.host:
        environment.host = fleet.target
    recorder = _recorder(environment, meter, clock, fleet)
    if fleet and recorder:
        fleet.follow(recorder, clock.at)
    otel.set_up(environment, recorder, clock)
    controller = Controller(environment, loop, recorder, clock)
    if ours(options).abort and recorder is None:
        _refuse("--abort needs the record of each second: leave --no-record out", Exit.USAGE)
    watch_for_aborts(ours(options).abort, controller, recorder)
    controller.is_forwarded = fleet is not None and fleet.forwarded
    _arm_from_command_line(controller, options)
    if web_ui is not None:
        check_form(web_ui, environment, controller.arm)
    if web_ui is not None or ours(options).panel_port is not None or ours(options).breaker:
        _add_panel(environment, controller, recorder, fleet, web_ui, clock)
    EVENTS.test_start.add_listener(lambda **_: controller.test_start())
    EVENTS.spawning_complete.add_listener(lambda **_: controller.spawning_complete())
    EVENTS.test_stopping.add_listener(lambda **_: controller.test_stopping())
    EVENTS.test_stop.add_listener(lambda **_: controller.test_stop())
    EVENTS.quitting.add_listener(lambda **_: controller.quitting())
    _note_interrupts(controller)
    if options.headless:
        _translate_sigterm(environment, controller)
    _mute_spawn_rate_warning(environment)


def _options(environment: Environment) -> Any:
    return environment.parsed_options


def _fleet(options: Any) -> FleetLink | None:
    try:
        return open_link(options)
    except FleetError as error:
        _refuse(str(error))


def _recorder(
    environment: Environment, meter: LoadMeter, clock: RunClock, fleet: FleetLink | None
) -> Recorder | None:
    own = ours(_options(environment))
    if own.no_record:
        return None
    progress = os.environ.get(variables.PROGRESS)
    try:
        return Recorder(
            environment,
            Path(own.out),
            own.label,
            meter,
            fleet.replicas if fleet else None,
            answers=(lambda timeout_s: fleet.answers(environment.host, timeout_s)) if fleet else None,
            clock=clock,
            progress_fd=int(progress) if progress else None,
        )
    except RunFolderError as error:
        _refuse(str(error))


def _add_panel(
    environment: Environment,
    controller: Controller,
    recorder: Recorder | None,
    fleet: FleetLink | None,
    web_ui: Any,
    clock: RunClock,
) -> None:
    # Imported here: workers, and headless runs without a panel, start faster.
    from brownout_loadtest.panel_link import PanelLink

    try:
        panel = PanelLink(environment, controller, recorder, fleet, web_ui, clock)
    except OSError as error:
        _refuse(f"--panel-port {ours(_options(environment)).panel_port}: {error.strerror}")
    EVENTS.quitting.add_listener(lambda **_: panel.stop())


def _arm_from_command_line(controller: Controller, options: Any) -> None:
    """Check the command line's load, and get ready for it; the start form may change it later."""
    if complaint := controller.arm(options):
        _refuse(complaint, Exit.USAGE)
    load = load_of(options)
    if load.is_open:
        options.num_users = load.peak_users  # Locust's own default, one user, would carry next to nothing


def _refuse(complaint: str, code: Exit = Exit.UNABLE) -> NoReturn:
    sys.stderr.write(f"locust: error: {complaint}\n")
    sys.exit(code)


def _note_interrupts(controller: Controller) -> None:
    """Tell the controller of Ctrl-C, and interrupt the main greenlet, where Locust awaits it.

    Python would interrupt whichever greenlet runs: the one that counts a request, which then would be in
    Locust's figures and not in ours, or one whose end by an exception gives Locust's exit code 2.
    """
    previous = signal.getsignal(signal.SIGINT)
    main = gevent.get_hub().parent

    is_repeated = variables.PROGRESS in os.environ  # `brownout` asks each second until we have ended

    def handle(number: int, frame: FrameType | None) -> None:
        if is_repeated and controller.is_told_to_end:
            return
        controller.is_told_to_end = True
        controller.is_interrupted = True
        if previous is signal.default_int_handler and gevent.getcurrent() is not main:
            gevent.kill(main, KeyboardInterrupt())
        elif callable(previous):
            previous(number, frame)

    if previous is not signal.SIG_IGN:  # as in a shell's background job, which Ctrl-C is not meant for
        signal.signal(signal.SIGINT, handle)


def _leave_interrupt_to_master() -> None:
    """Let the master end a worker that it forked.

    Ctrl-C reaches all processes of a terminal. A worker that ended by itself would sign off before its last
    report, and the requests of the last second would be in nobody's count. A second Ctrl-C is not waited for.
    """
    asked: list[bool] = []

    def handle() -> None:
        if not asked:
            asked.append(True)
            gevent.sleep(HEAD_START_S)
        os.kill(os.getpid(), signal.SIGTERM)

    gevent.signal_handler(signal.SIGINT, handle)


def _translate_sigterm(environment: Environment, controller: Controller) -> None:
    """Let SIGTERM end a headless, driven load gently, as Ctrl-C does where that is not ignored.

    Locust installs its own SIGTERM handler only after the shape of a headless run has ended: until then the
    signal would end the process on the spot.
    """
    runner: Any = environment.runner

    def handle() -> None:
        if isinstance(environment.shape_class, Driver) and runner.shape_greenlet is not None:
            controller.is_interrupted = True
            gevent.kill(gevent.get_hub().parent, KeyboardInterrupt())

    gevent.signal_handler(signal.SIGTERM, handle)


def _mute_spawn_rate_warning(environment: Environment) -> None:
    """Suppress Locust's warning about a high spawn rate where a Driver has to spawn all users at once."""

    def filter_record(record: logging.LogRecord) -> bool:
        doubts = str(record.msg).startswith("Your selected spawn rate is very high")
        return not (doubts and isinstance(environment.shape_class, Driver))

    logging.getLogger("locust.runners").addFilter(filter_record)
