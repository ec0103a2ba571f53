"""The harness of a test session: `brownout up` in a process of its own, which ends with pytest."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from brownout.errors import UsageError
from brownout.panel_client import PanelClient
from brownout.test_session import order
from brownout_panel.panel_address import TOKEN_VARIABLE, find

START_S = 120.0
"""How long everything may take to start; a service says itself how long it takes (`start_timeout_s`)."""

END_S = 40.0
NO_PROJECT = """there is no brownout.toml here or above, so it is not known which service the tests are for.

Write one: brownout init. Or name a service that runs: pytest --brownout-target http://127.0.0.1:8000"""


@dataclass(frozen=True)
class HarnessSettings:
    """What a session needs."""

    config: Path
    """The file that describes the service."""
    out: Path
    """Where run folders go."""
    folder: Path
    """Where the harness may leave files of its own."""
    variables: dict[str, str]


def settings_of(config: pytest.Config, folder: Path) -> HarnessSettings:
    """Return what pytest's options and brownout.toml say. Raises UsageError."""
    from brownout.project.read import read_project

    out = Path(config.getoption("--brownout-out") or config.rootpath / "results" / "runs")
    target, named = config.getoption("--brownout-target"), config.getoption("--brownout-config")
    if target:
        file = folder / "brownout.toml"
        file.write_text(f'[service]\nurl = "{target}"\n', "utf-8")
        return HarnessSettings(file, out.absolute(), folder, {})
    from brownout.commands.fleet_options import fleet_option_names

    project = read_project(
        Path(named) if named else None, config.rootpath, fleet_options=fleet_option_names()
    )
    if project is None:
        raise UsageError(NO_PROJECT)
    started = project.file.service and project.file.service.command
    # Any free port: sessions side by side, as pytest-xdist makes them, have a service each.
    ports = {"BROWNOUT_SERVICE_PORT": "0"} if started else {}
    return HarnessSettings(Path(named or project.folder / "brownout.toml"), out.absolute(), folder, ports)


class HarnessProcess:
    """A running harness; a context manager that ends it, and all that it has started."""

    def __init__(self, settings: HarnessSettings) -> None:
        self.out = settings.out
        self.order = settings.folder / "order.json"
        self._log = settings.folder / "harness.log"
        self._token = secrets.token_hex(16)
        arguments = ["up", "--config", str(settings.config), "--web-port", "0", "--"]
        arguments += ["--brownout-out", str(settings.out), "--brownout-label", "pytest"]
        variables = {
            TOKEN_VARIABLE: self._token,
            order.VARIABLE: str(self.order),
            "BROWNOUT_LOAD_LOCUSTFILE": str(order.USERS),
            **settings.variables,
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "brownout.test_session.harness", *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **variables},
                start_new_session=True,  # a Ctrl-C is pytest's, which then ends this
            )
        self.panel = PanelClient("", "")

    def __enter__(self) -> Self:
        try:
            self.panel = PanelClient(self._await_address(), self._token)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace")

    def _await_address(self) -> str:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if url := next((one.url for one in find() if one.token == self._token), None):
                return url
            if self._process.poll() is not None:
                pytest.fail(f"brownout could not start:\n\n{self.output()}", pytrace=False)
            time.sleep(0.05)
        pytest.fail(f"brownout was not ready within {START_S:g} s:\n\n{self.output()}", pytrace=False)

    def _end(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
