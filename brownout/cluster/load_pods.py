"""The process (brownout_k8s.load_pods) that makes the pods of a run, and deletes them when this one ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Self, cast

import msgspec

from brownout_fleet.config import FleetFailed
from brownout_fleet.model import FleetError
from brownout_k8s.load_pods_config import LoadPodsConfig, LoadPodsUp, PodEnded

STOP_S = 50.0
"""Time for the pods to be deleted and gone; longer than that process itself takes for it."""


class LoadPodsProcess:
    """The pods of one run; a context manager that has them deleted.

    Raises FleetError when they can't be brought up; none is left then.
    """

    def __init__(self, config: LoadPodsConfig, log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "brownout_k8s.load_pods"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
            )
        self._answers: SimpleQueue[LoadPodsUp | FleetFailed | None] = SimpleQueue()
        self.ended: list[PodEnded] = []
        """Pods that have ended before they were told to; it grows while they run."""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:
            self.up = self._handshake(config, log)
        except BaseException:
            self.stop()
            raise

    def _handshake(self, config: LoadPodsConfig, log: Path) -> LoadPodsUp:
        stdin = cast(IO[bytes], self._process.stdin)
        stdin.write(msgspec.json.encode(config) + b"\n")
        stdin.flush()
        answer = self._answers.get()
        if answer is None:
            raise FleetError(f"the process that starts the pods ended before they ran; see {log}")
        if isinstance(answer, FleetFailed):
            raise FleetError(answer.message)
        return answer

    def _listen(self) -> None:
        for line in cast(IO[bytes], self._process.stdout):
            said = msgspec.json.decode(line, type=LoadPodsUp | PodEnded | FleetFailed)
            if isinstance(said, PodEnded):
                self.ended.append(said)
            else:
                self._answers.put(said)
        self._answers.put(None)

    def stop(self) -> None:
        """Delete the pods and wait for it. When interrupted, the deletion goes on without us.

        Raises FleetError if they can't be.
        """
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(STOP_S)
        self._listener.join(STOP_S)
        if self._process.stdout:
            self._process.stdout.close()
        while not self._answers.empty():
            if isinstance(left := self._answers.get(), FleetFailed):
                raise FleetError(f"pods of this run may be left: {left.message}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
