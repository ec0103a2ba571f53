"""Locust in the cluster, as `brownout run` uses it: the same face as LocustProcess, over the agent's HTTP
API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import msgspec
import requests

from brownout.cluster.fetch import unpack
from brownout.cluster.order import Order, RunProgress
from brownout.panel_client import PanelClient
from brownout_fleet.model import FleetError
from brownout_k8s.load_pods_config import LoadPodsUp, PodEnded

ASK_S = 0.5
"""Seconds between two requests; progress comes once a second."""

TIMEOUT_S = 10.0
SILENCE_S = 45.0
"""An agent that could not be reached for this long is lost: its pod or the way to it is gone. It ends
the load itself after its lease."""

LAST_WORD_S = 3.0
"""How long Locust's master has to end by itself, in its own words, after a worker's pod has ended before the
load began: workers end as well when it tells them to."""

TRIES = 3
"""Time for the run folder: a port-forward may break in the middle of it."""


class RemoteLocust:
    """A run that the agent carries out."""

    def __init__(
        self, up: LoadPodsUp, token: str, ended: Sequence[PodEnded], last_word_s: float = LAST_WORD_S
    ) -> None:
        """`ended` grows with the pods that end."""
        self._last_word_s = last_word_s
        self._up = up
        self._ended = ended
        self._panel = PanelClient(f"{up.panel}/panel", token)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._progress = RunProgress("waiting", [])
        self._wanted: list[str] = []
        self._stopping = False
        self._worker_ended_at: float | None = None
        self.lost = ""
        """Why the agent is not asked any more, as a sentence; empty while it is."""

    def order(self, order: Order) -> str | None:
        """Send the order, wait until the run starts, and return the experiment's name on the panel there.

        Raises FleetError.
        """
        deadline = time.monotonic() + SILENCE_S
        while True:
            try:
                self._call("POST", "/order", data=msgspec.json.encode(order))
                break
            except requests.ConnectionError as error:
                # The container runs, and Python in it takes a moment until it listens.
                if ended := self._master_ended:
                    raise FleetError(ended.sentence) from None
                if time.monotonic() > deadline:
                    raise FleetError(f"the agent in the master's pod can't be reached: {error}") from None
                time.sleep(ASK_S)
        while self._state in ("waiting", "starting") and not self.lost:
            time.sleep(ASK_S)
            self._ask(0)
        if self.lost:
            raise FleetError(self.lost)
        return self._progress.experiment

    def progress(self) -> Iterator[dict[str, Any]]:
        """The recorder's progress lines, one a second, until the run ends or is lost."""
        seen = 0
        while not self.lost:
            self._pass_on_wishes()
            self._ask(seen)
            for line in self._progress.lines:
                seen += 1
                yield json.loads(bytes(line))
            if self._state in ("ended", "failed"):
                return
            time.sleep(ASK_S)

    @property
    def panel(self) -> PanelClient | None:
        """Its control panel; None until that is up."""
        return self._panel if self._progress.panel else None

    def stop_gently(self) -> None:
        """Have it end; asked for from the loop, since this may be a signal's handler."""
        self._stopping = True
        self._wanted.append("/stop")

    def kill(self) -> None:
        """Give up at once. The pods are deleted, and with them the run folder."""
        raise KeyboardInterrupt

    def wait(self) -> int:
        """Locust's exit code. Raises FleetError if the run is lost or never began."""
        if self.lost:
            raise FleetError(self.lost)
        if self._state == "failed":
            raise FleetError(f"in the cluster: {self._progress.output}")
        return self._progress.code

    def output(self) -> str:
        """Return the output, or the end of it."""
        return self._progress.output

    def fetch(self, out: Path) -> Path | None:
        """Fetch the run folder; None if there is none. Raises FleetError."""
        if self._progress.folder is None:
            return None
        error: Exception | None = None
        for _ in range(TRIES):
            try:
                with self._request("GET", "/folder", stream=True) as response:
                    return unpack(cast(IO[bytes], response.raw), out)
            except (requests.RequestException, OSError, EOFError) as broken:
                error = broken
        raise FleetError(f"the run folder could not be fetched from the cluster: {error}")

    def _pass_on_wishes(self) -> None:
        with suppress(requests.RequestException):  # then in the next round
            while self._wanted:
                self._call("POST", self._wanted[0])
                self._wanted.pop(0)

    @property
    def _state(self) -> str:
        return self._progress.state

    def _ask(self, since: int) -> None:
        deadline = time.monotonic() + SILENCE_S
        while True:
            try:
                answer = self._call("GET", f"/news?since={since}")
                self._progress = msgspec.json.decode(answer, type=RunProgress)
            except (requests.RequestException, msgspec.DecodeError) as error:
                ended = self._master_ended
                if ended or time.monotonic() > deadline:
                    self.lost = f"the run in the cluster is lost: {ended.sentence if ended else error}"
                    self._progress = msgspec.structs.replace(self._progress, lines=[])
                    return
                time.sleep(ASK_S)
            else:
                self._check_workers()
                return

    @property
    def _master_ended(self) -> PodEnded | None:
        return next((one for one in self._ended if one.pod == self._up.master), None)

    def _check_workers(self) -> None:
        """Whether a worker ended before the load began, so that Locust's master waits for it in vain."""
        ended = next((one for one in self._ended if one.pod != self._up.master), None)
        began = self._progress.folder is not None
        if ended is None or began or self._stopping or self._state in ("ended", "failed"):
            return
        now = time.monotonic()
        self._worker_ended_at = self._worker_ended_at or now
        if now - self._worker_ended_at > self._last_word_s:
            self.lost = f"the load could not begin: {ended.sentence}"

    def _call(self, method: str, path: str, data: bytes = b"") -> bytes:
        with self._request(method, path, data) as response:
            return response.content

    def _request(
        self, method: str, path: str, data: bytes = b"", *, stream: bool = False
    ) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # a proxy would not find loopback
            response = session.request(
                method,
                self._up.agent + path,
                data=data,
                headers=self._headers,
                timeout=TIMEOUT_S,
                stream=stream,
            )
        response.raise_for_status()
        return response
