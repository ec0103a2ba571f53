"""Follows the pods that a selector matches: one list, then a watch that resumes where it broke off.

The API server ends every watch after a while, forgets old versions (410 Gone), restarts, and can't be reached
at times. Each time the watch goes on from the last version that was seen, and only after a 410 is everything
listed again; what is gone by then is found by comparing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from http import HTTPStatus

import msgspec

from brownout_k8s.api import Api, ApiError
from brownout_k8s.backoff import backoff_s
from brownout_k8s.pods import ErrorStatus, Pod, PodList, WatchEvent

logger = logging.getLogger(__name__)

WATCH_S = (240, 300)
"""A watch is asked for as long as this, drawn anew each time, so that many don't end at once."""

SPACING_S = 1.0
"""Least time between the starts of two requests, unless one failed: an API server (or a proxy) that ends
every watch at once is not asked more than once a second."""

LONGEST_S = 10.0
"""Seconds between two tries while the API server can't be reached."""


class PodWatch:
    """Follows the pods that a query matches (`labelSelector`, `fieldSelector`).

    `seen` gets each pod's new state, `gone` one that was deleted.
    """

    def __init__(
        self,
        api: Api,
        namespace: str,
        query: Mapping[str, str],
        seen: Callable[[Pod], None],
        gone: Callable[[Pod], None],
    ) -> None:
        self.pods: dict[str, Pod] = {}
        """The pods by UID, as known last."""
        self._api = api
        self._path = f"/api/v1/namespaces/{namespace}/pods"
        self._query = dict(query)
        self._seen = seen
        self._gone = gone
        self._version: str | None = None
        self._heard = False

    async def list(self) -> list[Pod]:
        """List everything once. Raises ApiError."""
        answer = await self._api.get(self._path, **self._query)
        listed = msgspec.convert(answer, PodList)
        self._version = listed.metadata.resource_version
        present = {pod.metadata.uid: pod for pod in listed.items}
        for uid in [uid for uid in self.pods if uid not in present]:
            self._gone(self.pods.pop(uid))
        for uid, pod in present.items():
            self.pods[uid] = pod
            self._seen(pod)
        return listed.items

    async def run(self) -> None:
        """Follow until cancelled; call `list` first."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            self._heard = False
            try:
                await self._follow()
                failures = 0
            except ApiError as error:
                failures = 1 if self._heard else failures + 1
                if error.status == HTTPStatus.GONE:
                    self._version = None
                logger.warning("watch on %s, failure %d in a row: %s", self._query, failures, error)
            wait_s = backoff_s(failures, random.random(), LONGEST_S) if failures else 0.0
            spacing_s = began + SPACING_S - loop.time() if not failures else 0.0
            await asyncio.sleep(max(wait_s, spacing_s, 0.0))

    async def _follow(self) -> None:
        """One watch, after a list where that is needed, until it ends. Raises ApiError."""
        if self._version is None:
            await self.list()
        lines: AsyncGenerator[bytes, None] = self._api.stream(
            self._path,
            random.randint(*WATCH_S),
            **self._query,
            resourceVersion=self._version or "",
            allowWatchBookmarks="true",
        )
        async with contextlib.aclosing(lines):
            async for line in lines:
                self._take(line)
                self._heard = True

    def _take(self, line: bytes) -> None:
        try:
            change = msgspec.json.decode(line, type=WatchEvent)
            if change.type == "ERROR":
                trouble = msgspec.json.decode(change.object, type=ErrorStatus)
                raise ApiError(trouble.code, trouble.message)
            pod = msgspec.json.decode(change.object, type=Pod)
        except msgspec.DecodeError as error:
            raise ApiError(0, f"the watch was cut in the middle of an event ({error})") from None
        self._version = pod.metadata.resource_version
        if change.type == "DELETED":
            self.pods.pop(pod.metadata.uid, None)
            self._gone(pod)
        elif change.type in ("ADDED", "MODIFIED"):
            self.pods[pod.metadata.uid] = pod
            self._seen(pod)
