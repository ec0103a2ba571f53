"""The connections to the fake API server: port-forwards are answered here, all else is aiohttp's."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.k8s.documents import status
from tests.k8s.kubelet import PROTOCOL, Pipe, upgrade_answer

if TYPE_CHECKING:
    from tests.k8s.cluster import Cluster


@dataclass
class Forwarding:
    """How port-forward behaves: `mode` is "ok", "stall", or the status to refuse with."""

    mode: str | int = "ok"
    text: str = "refused by the test"
    opened: int = 0
    pipes: set[Pipe] = field(default_factory=set)


class FirstRequest(asyncio.Protocol):
    """Looks at a connection's first request: port-forward is ours, all else goes to aiohttp."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" not in self._head:
            return
        line = self._head.split(b"\r\n", 1)[0]
        if b"/portforward?" in line:
            forward(self._cluster, self._transport, self._head.decode())
            return
        protocol = self._cluster.web_protocol()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._head)


def forward(cluster: Cluster, transport: asyncio.Transport, head: str) -> None:
    """An upgrade request for a port-forward, answered as the rules say."""
    path = head.split(" ", 2)[1]
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    rules, name = cluster.forwarding, path.split("/")[6]
    refused = cluster.judge("get", path, headers.get("Authorization"))
    if rules.mode == "stall":
        return
    if not refused and isinstance(rules.mode, int):
        refused = status(rules.mode, "Refused", rules.text)
    if not refused and name not in cluster.pods:
        refused = status(404, "NotFound", f'pods "{name}" not found')
    if refused:
        body = json.dumps(refused)
        transport.write(
            f"HTTP/1.1 {refused['code']} No\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        transport.close()
        return
    assert headers["Upgrade"].lower() == "websocket"
    assert headers["Sec-WebSocket-Protocol"] == PROTOCOL
    rules.opened += 1
    port = int(path.rpartition("ports=")[2])
    pipe = Pipe(transport, port, rules.pipes.discard)
    rules.pipes.add(pipe)
    transport.set_protocol(pipe)
    transport.write(upgrade_answer(headers["Sec-WebSocket-Key"]))
    pipe.begin()
    cluster.spawn(pipe.connect(cluster.address(name, port)))
