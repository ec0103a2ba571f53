"""The panel beside the load: in Locust's page, or on a port of its own in headless runs."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.web import WebUI

from brownout_fleet.launch import new_token
from brownout_fleet.model import FleetError, Replica
from brownout_loadtest import stall_events
from brownout_loadtest.controller import Controller
from brownout_loadtest.fleet import FleetLink
from brownout_loadtest.injectors import replicas_of
from brownout_loadtest.load_control import LocustLoad
from brownout_loadtest.own_options import ours
from brownout_loadtest.own_services import services_of
from brownout_loadtest.page_requests import note_page_requests
from brownout_loadtest.recorder import Recorder, RunClock
from brownout_loadtest.recorder.own_breakers import OwnBreakers
from brownout_loadtest.tabs import add_tabs
from brownout_panel import breaker_log
from brownout_panel.api import add_panel
from brownout_panel.control import Control
from brownout_panel.errors import PanelError
from brownout_panel.guard import Guard, Rules
from brownout_panel.measures import RecordedSecond
from brownout_panel.panel import Panel
from brownout_panel.panel_address import TOKEN_VARIABLE, URL_VARIABLE, announce
from brownout_panel.program import Program
from brownout_panel.reports import Reports
from brownout_panel.serve import PanelServer, set_no_delay
from brownout_results.record import event_log

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
EXPERIMENTS = (sys.executable, "-P", "-m", "brownout_chaos")
"""The program that runs experiments; see panel.program."""

REPORTS = (sys.executable, "-P", "-m", "brownout", "report")
"""The program that makes the report of a run folder; see panel.reports."""

LOOK_S = 0.5
"""How often to look whether somebody changed the load on Locust's page."""


class PanelLink:
    """A panel for this process: wired to Locust, the recorder and the fleet; found by other terminals."""

    def __init__(
        self,
        environment: Environment,
        controller: Controller,
        recorder: Recorder | None,
        fleet: FleetLink | None,
        web_ui: WebUI | None,
        clock: RunClock,
    ) -> None:
        """Raises OSError if --panel-port is taken."""
        self._options: Any = environment.parsed_options
        own = ours(self._options)
        self._port: int = own.panel_port or 0  # None beside --breaker alone
        self._allowed_hosts = tuple(own.panel_allow_host)
        self._recorder = recorder
        self._token = os.environ.get(TOKEN_VARIABLE) or new_token()
        strangers = [*replicas_of(own.injector), *services_of(own.breaker, environment.host)]
        self._control = _control(fleet, strangers, self._note, lambda: recorder.rates if recorder else {})
        self._control.changed.append(self._note_transition)
        load = LocustLoad(environment, web_ui, controller)
        program = Program(EXPERIMENTS, lambda: recorder.folder if recorder else None, self._address)
        reports = Reports(Path(own.out), lambda: recorder.last_folder if recorder else None, REPORTS)
        self._url = ""
        self._panel = Panel(self._control, load, self._note, program, reports, clock.now)
        self._server: PanelServer | None = None
        self._file: Path | None = None
        if recorder is not None:
            recorder.observers.append(self)
            recorder.samples_breakers = fleet is None
            recorder.own_breakers = OwnBreakers(self._control.breaker_pollers)
        if web_ui is not None:
            self._join_page(web_ui)
            note_page_requests(web_ui, self._note, load.await_start)
            self._panel.has_locust_page = True
        else:
            self._serve()
        self._control.start()
        self._watcher = gevent.spawn(self._watch_load)

    @property
    def readers(self) -> int:
        """Event streams that are open."""
        return self._panel.stream.readers

    def stop(self) -> None:
        """The harness ends: so does its experiment, faults are cleared, and nobody finds the panel now."""
        with suppress(PanelError):
            self._panel.experiments.stop("harness")
        if self._file:
            self._file.unlink(missing_ok=True)
        self._panel.reports.stop()
        self._watcher.kill()
        self._control.stop()
        if self._server:
            self._server.stop()

    def event(self, event: dict[str, Any]) -> None:
        """A timeline event of the recorder's."""
        self._panel.add_event(event)

    def second(self, second: RecordedSecond) -> None:
        """A second of the run is over."""
        self._panel.add_second(second)

    def run_started(self, folder: Path, label: str, at: float) -> None:
        """A run begins."""
        self._panel.run_started(label, folder.name, at)
        gevent.spawn(self._panel.note_found)  # when the recorder has begun, which goes on after this

    def run_ended(self, at: float) -> None:
        """The run is over."""
        self._panel.run_changed(ended_at=at)
        if self._panel.has_locust_page:  # a headless run ends the panel too; `brownout run` closes its book
            gevent.spawn(self._close_book, self._panel.run.folder)

    def _close_book(self, run: str | None) -> None:
        """Make the report of the run that has ended, which closes its book, for the page to show."""
        try:
            self._panel.make_report(run)
        except PanelError as error:
            logger.warning("%s", error)

    def _note(self, kind: str, **fields: Any) -> None:
        if self._recorder is not None:
            self._recorder.event(kind, **fields)
            if kind == stall_events.EVENT:
                self._recorder.write_stall(fields)
        else:
            self._panel.add_event(event_log.event(kind, time.time(), time.monotonic(), fields))

    def _note_transition(self, what: str, value: Any) -> None:
        if what == "transition" and self._recorder is not None:
            self._recorder.event("breaker", **breaker_log.event(value))

    def _join_page(self, web_ui: WebUI) -> None:
        if self._options.web_host == "":
            web_ui.host = LOOPBACK  # Locust would listen on every interface
        base = (self._options.web_base_path or "").rstrip("/")
        app: Any = web_ui.app
        log_in = web_ui.auth_required_if_enabled(lambda: None) if self._options.web_login else None
        add_panel(app, self._panel, base, log_in)
        add_tabs(web_ui, self._panel, self._recorder, base)
        rules = Rules(
            token=self._token,
            bound_to=web_ui.host,
            prefix=f"{base}/panel",
            base_path=base,
            allowed_hosts=self._allowed_hosts,
        )
        app.wsgi_app = Guard(app.wsgi_app, rules)
        gevent.spawn(self._await_page, web_ui, rules)

    def _await_page(self, web_ui: WebUI, rules: Rules) -> None:
        """Locust makes its server after this; only then is its port known."""
        server: Any = None
        while server is None or not server.started:
            gevent.sleep(0.01)
            server = getattr(web_ui, "server", None)
        set_no_delay(server)
        scheme = "https" if self._options.tls_cert else "http"
        host = web_ui.host if rules.is_loopback else LOOPBACK
        self._announce(f"{scheme}://{host}:{server.server_port}{rules.prefix}")

    def _serve(self) -> None:
        self._server = PanelServer(self._panel, LOOPBACK, self._port, self._token, self._allowed_hosts)
        self._announce(f"http://{LOOPBACK}:{self._server.port}/panel")

    def _announce(self, url: str) -> None:
        logger.info("Control panel: %s/", url)
        self._url = url
        try:
            self._file = announce(url, self._token)
        except OSError as error:
            logger.warning("other terminals won't find the panel: %s", error)

    def _address(self) -> dict[str, str]:
        """Variables for an experiment's environment."""
        return {URL_VARIABLE: self._url, TOKEN_VARIABLE: self._token}

    def _watch_load(self) -> None:
        while True:
            self._panel.check_load()
            gevent.sleep(LOOK_S)


def _control(
    fleet: FleetLink | None, own: list[Replica], note: Callable[..., None], rates: Callable[[], Any]
) -> Control:
    if fleet is None:
        return Control(lambda: own, None, _no_fleet, note, rates=rates)
    client = fleet.client
    return Control(lambda: [*client.replicas(), *own], client.watch, client.kill, note, rates=rates)


def _no_fleet(name: str) -> Replica:
    raise FleetError(f'there is no fleet beside this load, so nothing to kill by the name "{name}"')
