"""The program that runs experiments: what there are, and one at a time in a process of its own.

What an experiment is, and how it is judged, its own program knows: `COMMAND --list` prints a JSON list of
{file, title, phases}, `COMMAND --check FILE` exits with 2 and a sentence for one that can't be run, and
`COMMAND FILE --folder RUN` runs it. That one finds the panel by BROWNOUT_PANEL and BROWNOUT_PANEL_TOKEN,
reports what it does to `/api/activities`, ends on SIGTERM when it has put everything back, and should do the
same when the pipe whose number is in BROWNOUT_LIFELINE_FD comes to its end: then the panel is gone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
import msgspec
from gevent import subprocess

from brownout_panel.errors import ExperimentBusyError, ExperimentError, ExperimentsMissingError
from brownout_panel.model import ExperimentFile

ANSWER_S = 30.0
"""For the program to list or check: it imports Chaos Toolkit, which takes seconds on a busy machine."""

STOP_S = 20.0
"""For an experiment to put everything back after SIGTERM; then it is killed."""

LOG = "experiment.log"
"""In the run folder: what the program printed."""

LIFELINE_VARIABLE = "BROWNOUT_LIFELINE_FD"


class Program:
    """Asked for what there is, and started for the one that runs."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Callable[[], Path | None],
        environ: Callable[[], Mapping[str, str]],
    ) -> None:
        """`folder` is that of the run that is recorded now; `environ` says where the panel is."""
        self._command = list(command)
        self._folder = folder
        self._environ = environ
        self._process: Any = None
        self._lifeline = -1
        self._file = ""
        self._ending: Any = None

    @property
    def runs(self) -> bool:
        """Whether one that was started here has not ended."""
        return self._process is not None

    def available(self) -> list[ExperimentFile]:
        """What the program lists. Raises ExperimentsMissingError."""
        code, printed, complaint = self._ask("--list")
        try:
            if code == 0:
                return msgspec.json.decode(printed, type=list[ExperimentFile])
        except msgspec.DecodeError as error:
            complaint = str(error)
        raise ExperimentsMissingError(f"experiments can't be listed: {complaint or f'exit code {code}'}")

    def start(self, file: str, ended: Callable[[str], None]) -> None:
        """Start one of those that are listed; `ended` is called with how it ended.

        Raises ExperimentError, ExperimentBusyError or ExperimentsMissingError; nothing was started then.
        """
        self._refuse_if_busy()
        known = [one.file for one in self.available()]
        if file not in known:
            names = ", ".join(f'"{one}"' for one in known) or "there is none"
            raise ExperimentError(f'"{file}" is no experiment that is known here; there are: {names}')
        code, printed, complaint = self._ask("--check", file)
        if code:
            raise ExperimentError(complaint or printed or f'"{file}" can\'t be run: exit code {code}')
        folder = self._refuse_if_busy()  # again: asking took a while
        self._spawn(file, folder, ended)

    def stop(self) -> None:
        """End the one that runs: it puts everything back. Killed after STOP_S. Returns when it is gone."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _kill(process)
        self._ending.join()

    def _refuse_if_busy(self) -> Path:
        if self._process is not None:
            raise ExperimentBusyError(
                f'"{self._file}" runs already; one experiment at a time. Stop it, or wait for its end.'
            )
        folder = self._folder()
        if folder is None:
            raise ExperimentBusyError(
                "no load runs, so there is nothing that an experiment could be judged by. Start a load first."
            )
        return folder

    def _ask(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, and the texts on standard output and standard error."""
        asked = subprocess.Popen(
            [*self._command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            printed, complaint = asked.communicate(timeout=ANSWER_S)
        except subprocess.TimeoutExpired:
            _kill(asked)
            asked.communicate()
            return -1, "", f"no answer within {ANSWER_S:g} s"
        return asked.returncode, printed.decode(errors="replace"), complaint.decode(errors="replace").strip()

    def _spawn(self, file: str, folder: Path, ended: Callable[[str], None]) -> None:
        read_end, self._lifeline = os.pipe()
        try:
            with (folder / LOG).open("ab") as log:
                self._process = subprocess.Popen(
                    [*self._command, file, "--folder", str(folder)],
                    env={**os.environ, **self._environ(), LIFELINE_VARIABLE: str(read_end)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[read_end],
                    start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
                )
        except OSError as error:
            os.close(self._lifeline)
            raise ExperimentsMissingError(f'"{file}" can\'t be started: {error.strerror}') from error
        finally:
            os.close(read_end)
        self._file = file
        self._ending = gevent.spawn(self._await_end, self._process, folder, ended)

    def _await_end(self, process: Any, folder: Path, ended: Callable[[str], None]) -> None:
        code = process.wait()
        os.close(self._lifeline)
        self._process = None
        ended(f"it ended with exit code {code} and without a verdict. {_last_line(folder / LOG)}")


def _kill(process: Any) -> None:
    """End it with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"Its last words: {lines[-1]}" if lines else "It said nothing."
