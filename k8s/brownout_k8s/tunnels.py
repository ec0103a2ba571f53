"""All tunnels to pods: opens them, keeps them alive, counts them, and reports their failures."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar, cast

from brownout_fleet.model import TunnelError
from brownout_k8s.access import Access, Credentials
from brownout_k8s.api import refusal as refusal_text
from brownout_k8s.backoff import RetryGate
from brownout_k8s.dial import dial
from brownout_k8s.handshake import HandshakeRefusedError, request
from brownout_k8s.tunnel import Tunnel

HANDSHAKE_S = 10.0
"""Time to connect, and to be upgraded."""

PING_S = 20.0
"""A silent tunnel is pinged after this, and given up when the ping stays unanswered as long. Load balancers
forget connections that are silent for a minute or more."""

TICK_S = 1.0
"""Seconds between two checks of the tunnels; breaks within it are reported together."""

P = TypeVar("P", bound=asyncio.Protocol)

Report = Callable[[str, str], None]
"""Called with a pod's name and a change of the tunnel to it, such as "works again after 2 s"."""


class Tunnels:
    """Tunnels to the pods of one namespace."""

    def __init__(
        self,
        credentials: Credentials,
        namespace: str,
        report: Report,
        leaving: Callable[[str], bool] = lambda _pod: False,
    ) -> None:
        """`leaving` says whether a pod is known to be on its way out."""
        self.open: set[Tunnel] = set()
        self._credentials = credentials
        self._namespace = namespace
        self._report = report
        self._leaving = leaving
        self._way = RetryGate()
        """Connection to the API server; the others go to each pod from there."""
        self._gates: dict[str, RetryGate] = {}
        self._broken: Counter[tuple[str, str]] = Counter()
        self._carer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task that checks the tunnels."""
        self._carer = asyncio.create_task(self._care())

    async def stop(self) -> None:
        """Close every tunnel."""
        if self._carer:
            self._carer.cancel()
            await asyncio.gather(self._carer, return_exceptions=True)
        for tunnel in list(self.open):
            tunnel.abort()
        await asyncio.sleep(0)

    def forget(self, pod: str) -> None:
        """Forget what is known about the way to a pod that is gone."""
        self._gates.pop(pod, None)

    async def connect(self, factory: Callable[[], P], pod: str, port: int) -> P:
        """Connect a protocol to a pod's port, as loop.create_connection would.

        Raises TunnelError when the way there is down, ConnectionRefusedError when the pod is gone.
        """
        gate = self._gates.setdefault(pod, RetryGate())
        await self._way.enter()
        await gate.enter()
        try:
            protocol = await self._connect(factory, pod, port)
        except TunnelError as error:
            if (self._way if error.everywhere else gate).failed(error):
                self._report(pod, f"failed: {str(error).partition(chr(10))[0]}")
            raise
        for passed in (self._way, gate):
            if text := passed.passed():
                self._report(pod, text)
        return protocol

    async def _connect(self, factory: Callable[[], P], pod: str, port: int) -> P:
        for last in (False, True):
            header = await self._credentials.authorization()
            access = self._credentials.access
            try:
                async with asyncio.timeout(HANDSHAKE_S):
                    return await self._open(access, header, factory, pod, port)
            except HandshakeRefusedError as refused:
                if refused.status == HTTPStatus.NOT_FOUND:
                    raise ConnectionRefusedError(refused.message) from None
                renewable = refused.status == HTTPStatus.UNAUTHORIZED and not last
                if not (renewable and await self._credentials.renew(header)):
                    text = refusal_text(access, refused.status, refused.message)
                    everywhere = refused.status == HTTPStatus.UNAUTHORIZED
                    raise TunnelError(text, everywhere) from None
            except TunnelError:
                raise
            except TimeoutError:
                raise TunnelError(f"{access.where} did not answer for {HANDSHAKE_S:g} s", True) from None
            except OSError as error:
                text = f"{access.where} can't be reached: {error.strerror or error}"
                raise TunnelError(text, everywhere=True) from None
        raise AssertionError("unreachable")

    async def _open(
        self, access: Access, header: str | None, factory: Callable[[], P], pod: str, port: int
    ) -> P:
        path = f"{access.server.path}/api/v1/namespaces/{self._namespace}/pods/{pod}/portforward?ports={port}"

        def upgrade(key: bytes) -> bytes:
            return request(access.server.netloc.rpartition("@")[2], path, key, header)

        tunnel = Tunnel(
            port, upgrade, factory, lambda ended: self._ended(pod, ended), lambda: self._leaving(pod)
        )
        self.open.add(tunnel)
        try:
            await dial(access, tunnel)
            return cast(P, await tunnel.opened)
        except BaseException:
            self._drop(tunnel)
            raise

    def _drop(self, tunnel: Tunnel) -> None:
        """Leave nothing of a tunnel that did not open."""
        if tunnel.opened.done() and not tunnel.opened.cancelled():
            tunnel.opened.exception()  # it has been told; else it would be logged as never looked at
        tunnel.opened.cancel()
        if hasattr(tunnel, "transport"):
            tunnel.abort()
        else:
            self.open.discard(tunnel)

    def _ended(self, pod: str, tunnel: Tunnel) -> None:
        self.open.discard(tunnel)
        if isinstance(tunnel.error, TunnelError) and not tunnel.opened.cancelled() and tunnel.upgraded:
            self._broken[pod, str(tunnel.error)] += 1

    async def _care(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            for tunnel in list(self.open):
                tunnel.tick(now, PING_S)
            broken, self._broken = self._broken, Counter()
            for (pod, error), count in broken.items():
                connections = "a connection" if count == 1 else f"{count} connections"
                self._report(pod, f"lost {connections}: {error}")
