"""Real Locust processes for tests: started with a deadline, against a real target, ended with the test."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Self

from brownout_fleet.free_port import free_port
from brownout_results.read.run_folder import Run, read
from tests.reaper import reaped
from tests.servers import Server, serve, until

ROOT = Path(__file__).parents[2]
LOCUSTFILE = ROOT / "loadtest" / "locustfile.py"

IGNORE_INTERRUPTS = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""In front of a command: as a shell starts it in the background."""

DEADLINE_S = 40.0
"""How long a Locust process may take in all; generous, since tests share their cores."""


@contextmanager
def target(*options: str) -> Iterator[Server]:
    """A running tests/loadtest/target.py."""
    with serve([sys.executable, "-m", "tests.loadtest.target", "{fd}", *options], ready="/log") as server:
        yield server


def ask(server: Server, method: str, path: str, form: str | None = None) -> str:
    """The body of one request's answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        headers = {"Sec-Fetch-Site": "same-origin"}  # as a browser sends it from the page itself
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, form, headers)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


STOP = "POST" if tuple(map(int, version("locust").split(".")[:2])) >= (2, 47) else "GET"
"""The method with which Locust's page asks for /stop."""


def log_of(server: Server) -> dict[str, Any]:
    """What a target was asked: `asked` (monotonic seconds), `paths`, `given`."""
    log: dict[str, Any] = json.loads(ask(server, "GET", "/log"))
    return log


def processes(count: int) -> list[str]:
    """Options for a master and its workers, forked, that find each other on a port of their own."""
    port = free_port()
    return [f"--processes={count}", f"--master-bind-port={port}", f"--master-port={port}"]


@dataclass
class Locust:
    """A Locust process, and what came of it."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    out: Path
    deadline: float = field(default_factory=lambda: time.monotonic() + DEADLINE_S)

    def output(self) -> str:
        """Everything that it has written to stdout and stderr so far."""
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode(errors="replace")

    def finish(self) -> int:
        """Wait for its end; returns the exit code."""
        return self.process.wait(self.deadline - time.monotonic())

    def says(self, text: str) -> None:
        """Wait until its output has a text."""
        self.awaits(lambda: text in self.output(), f'"{text}"')

    def awaits(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something that it is to bring about; raises TimeoutError with its output."""
        try:
            until(condition, what, self.deadline - time.monotonic())
        except TimeoutError as error:
            raise TimeoutError(f"{error}; Locust's output:\n{self.output()}") from None

    def folders(self) -> list[Path]:
        """Its run folders, oldest first."""
        return sorted(path for path in self.out.glob("*") if path.is_dir())

    def run(self) -> Run:
        """What its only run folder holds."""
        (folder,) = self.folders()
        return read(folder)


@contextmanager
def locust(
    out: Path,
    *options: str,
    locustfile: Path = LOCUSTFILE,
    environ: Mapping[str, str] | None = None,
    pass_fds: tuple[int, ...] = (),
    ignores_interrupts: bool = False,
) -> Iterator[Locust]:
    """Start Locust in a foreign working directory, with run folders below `out`; kill what is left of it."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(locustfile),
        "--brownout-out",
        str(out / "runs"),
        *options,
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*IGNORE_INTERRUPTS, *command] if ignores_interrupts else command,
            cwd=out,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
        )
        with reaped(process.pid, group=True):
            try:
                yield Locust(process, log, out / "runs")
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def group_is_empty(leader: int) -> bool:
    """Whether no process of a Locust's session is left, forked workers included."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


@dataclass
class Result:
    """A finished headless run: its exit code and output, its target's log, its run folder's content."""

    code: int
    output: str
    log: dict[str, Any]
    run: Run


class Batch:
    """Headless runs side by side, each with a target of its own: they mostly wait, so it saves time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._started: dict[str, tuple[Server, Locust]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(
        self, name: str, *options: str, stall: tuple[str, str] | None = None, answers: str = "ok", **more: Any
    ) -> None:
        """Begin a run; `stall` is (second at which it begins, seconds it takes)."""
        stalls = ["--stall-at", stall[0], "--stall-for", stall[1]] if stall else []
        server = self._stack.enter_context(target(*stalls))
        ask(server, "PUT", f"/answers/{answers}")
        out = self._folder / name
        out.mkdir()
        run = self._stack.enter_context(
            locust(out, "--headless", "--only-summary", "--host", server.url, *options, **more)
        )
        self._started[name] = server, run

    def result(self, name: str) -> Result:
        """Wait for the end of a run."""
        server, run = self._started[name]
        return Result(run.finish(), run.output(), log_of(server), run.run())

    def asked(self, name: str) -> list[float]:
        """Wait for the end of a run, recorded or not; when its target was asked, in monotonic seconds."""
        server, run = self._started[name]
        run.finish()
        return sorted(log_of(server)["asked"])

    def results(self) -> dict[str, Result]:
        """Wait for all of them."""
        return {name: self.result(name) for name in self._started}
