"""Real servers for tests: a subprocess each, on a free loopback port, ended with the test.

The listening socket is made here and inherited by the server, so that its port is known before the server
runs and nobody can take it in between.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.reaper import reaped

ROOT = Path(__file__).parents[1]

START_S = 20.0
"""How long a server may take to answer its first request; generous, since tests share their cores."""

STOP_S = 6.0
"""How long a server may take to end after SIGTERM: the services' 5 s, and one for the machine."""


@dataclass(frozen=True)
class Server:
    """A running server process."""

    process: subprocess.Popen[bytes]
    port: int
    log: IO[bytes]
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def output(self) -> str:
        """Everything that the server has written to stdout and stderr so far."""
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode(errors="replace")

    def stop(self, timeout_s: float = STOP_S) -> int:
        """SIGTERM, then wait. Returns the exit code; raises `subprocess.TimeoutExpired`."""
        self.process.terminate()
        return self.process.wait(timeout_s)


@contextmanager
def gunicorn(
    app: str,
    *options: str,
    config: str | None = None,
    env: Mapping[str, str] | None = None,
    ready: str | None = "/readyz",
) -> Iterator[Server]:
    """Run `app` ("package.module:callable") as a replica runs.

    `config` is the module with the gunicorn settings; by default `server`, beside the app's own module.
    `ready` is the path that answers 200 when the server is up; None means: any answer will do.
    """
    settings = config or f"{app.partition(':')[0].rpartition('.')[0]}.server"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        f"python:{settings}",
        "--bind",
        "fd://{fd}",
        *options,
        app,
    ]
    with serve(command, env=env, ready=ready) as server:
        yield server


@contextmanager
def serve(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, ready: str | None = "/"
) -> Iterator[Server]:
    """Run `command`, in which `{fd}` stands for the inherited listening socket's descriptor.

    Raises RuntimeError with the server's output if it doesn't answer `ready` within START_S.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, tempfile.TemporaryFile() as log:
        port = listener.getsockname()[1]
        fd = listener.fileno()
        process = subprocess.Popen(
            [part.replace("{fd}", str(fd)) for part in command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # Only the server may hold the socket: when it dies, callers must be refused, not left waiting.
        listener.close()
        server = Server(process, port, log)
        with reaped(process.pid, group=True):
            try:
                _await_ready(server, ready)
                yield server
            finally:
                _end(server)


def until(
    condition: Callable[[], object],
    what: str,
    timeout_s: float = 10.0,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Poll until `condition()` is true; raises TimeoutError that says `what` was awaited."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s} s in vain for: {what}")
        pause(0.01)


def _await_ready(server: Server, path: str | None) -> None:
    def is_ready() -> bool:
        if server.process.poll() is not None:
            raise RuntimeError(
                f"the server ended with exit code {server.process.returncode}:\n{server.output()}"
            )
        return _answers(server, path)

    try:
        until(is_ready, f"{server.url}{path or '/'}", START_S)
    except TimeoutError as error:
        raise RuntimeError(f"{error}\n{server.output()}") from error


def _answers(server: Server, path: str | None) -> bool:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=START_S)
    try:
        connection.request("GET", path or "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return path is None or status == 200


def _end(server: Server) -> None:
    if server.process.poll() is None:
        server.process.terminate()
    try:
        server.process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        print(f"{server.url} did not end within {STOP_S} s of SIGTERM:\n{server.output()}", file=sys.stderr)
    finally:
        # The workers of a server that was killed, if there are any: they share its process group.
        with suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(STOP_S)
