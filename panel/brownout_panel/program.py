"""The program that runs experiments: what there are, and one at a time in a process of its own.

What an experiment is, and how it is judged, its own program knows. `COMMAND --list` prints a JSON list of
{file, title, phases}. `COMMAND FILE --folder RUN --answer FD` reads one of these once, checks it, writes
{"refusal": a sentence, or null} as a line to the file descriptor, and runs it unless it refused. It finds
the panel by BROWNOUT_PANEL and BROWNOUT_PANEL_TOKEN, reports what it does to `/api/activities`, ends on
SIGTERM when it has put everything back, and should do the same when the pipe whose number is in
BROWNOUT_LIFELINE_FD comes to its end: then the panel is gone.
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
from gevent.fileobject import FileObject

from brownout_panel.errors import ExperimentBusyError, ExperimentRefusedError, ExperimentsMissingError
from brownout_panel.model import AvailableExperiment

ANSWER_S = 30.0
"""Time to list them, or to check one: importing Chaos Toolkit takes seconds on a busy machine."""

STOP_S = 20.0
"""Time for an experiment to put everything back after SIGTERM; then it is killed."""

LOG = "experiment.log"
"""File in the run folder: what the program printed."""

LIFELINE_VARIABLE = "BROWNOUT_LIFELINE_FD"


class Answer(msgspec.Struct):
    """What the program says of an experiment that it was asked to run."""

    refusal: str | None


class Program:
    """Lists the experiments, and runs one at a time."""

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

    def available(self) -> list[AvailableExperiment]:
        """Return what the program lists. Raises ExperimentsMissingError."""
        code, printed, complaint = self._ask("--list")
        try:
            if code == 0:
                return msgspec.json.decode(printed, type=list[AvailableExperiment])
        except msgspec.DecodeError as error:
            complaint = str(error)
        raise ExperimentsMissingError(f"experiments can't be listed: {complaint or f'exit code {code}'}")

    def start(self, file: str, ended: Callable[[str], None]) -> None:
        """Start one of those that are listed; `ended` is called with how it ended.

        Raises ExperimentRefusedError, ExperimentBusyError or ExperimentsMissingError; nothing was done then.
        """
        folder = self._refuse_if_busy()
        process, answer = self._spawn(file, folder)
        if refusal := self._refusal(process, answer, file, folder):
            self._gone()
            raise ExperimentRefusedError(refusal)
        self._ending = gevent.spawn(self._await_end, process, folder, ended)
        if self._folder() is None:  # the load has ended meanwhile
            self.stop()
            self._refuse_if_busy()

    def stop(self) -> None:
        """Stop the running experiment, with its rollbacks; kill it after STOP_S. Returns when it is gone."""
        process = self._process
        if process is None:
            return
        process.terminate()
        _await_exit(process)
        if self._ending is not None:
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

    def _spawn(self, file: str, folder: Path) -> tuple[Any, int]:
        """Start the process; return it and the end of the pipe on which it answers."""
        read_end, self._lifeline = os.pipe()
        answer, answer_end = os.pipe()
        try:
            with (folder / LOG).open("ab") as log:
                self._process = subprocess.Popen(
                    [*self._command, file, "--folder", str(folder), "--answer", str(answer_end)],
                    env={**os.environ, **self._environ(), LIFELINE_VARIABLE: str(read_end)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[read_end, answer_end],
                    start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
                )
        except OSError as error:
            os.close(self._lifeline)
            os.close(answer)
            raise ExperimentsMissingError(f'"{file}" can\'t be started: {error.strerror}') from error
        finally:
            os.close(read_end)
            os.close(answer_end)
        self._file = file
        return self._process, answer

    def _refusal(self, process: Any, answer: int, file: str, folder: Path) -> str | None:
        """Return why the program refuses the experiment; None if it runs it."""
        line: bytes | None = None
        with gevent.Timeout(ANSWER_S, False), FileObject(answer, "rb") as pipe:
            line = pipe.readline()
        if line:
            return msgspec.json.decode(line, type=Answer).refusal
        if line is None:
            _kill(process)
        code = _await_exit(process)
        if line is None:
            return f"no answer within {ANSWER_S:g} s"
        return f'"{file}" can\'t be run: exit code {code}. {_last_line(folder / LOG)}'

    def _gone(self) -> None:
        os.close(self._lifeline)
        self._process = None

    def _await_end(self, process: Any, folder: Path, ended: Callable[[str], None]) -> None:
        code = process.wait()
        self._gone()
        ended(f"it ended with exit code {code} and without a verdict. {_last_line(folder / LOG)}")


def _await_exit(process: Any) -> int:
    """Wait for the exit code. Kills the process after STOP_S."""
    try:
        code: int = process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        _kill(process)
        code = process.wait()
    return code


def _kill(process: Any) -> None:
    """Kill it with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"Its last words: {lines[-1]}" if lines else "It said nothing."
