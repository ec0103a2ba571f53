"""The proxy process: its sockets, its lifeline, and what it says when it can't start."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from functools import partial

import msgspec
import uvloop

from brownout_fleet.http import Server
from brownout_fleet.proxy.config import ProxyConfig, ProxyFailed, ProxyUp, UpstreamError
from brownout_fleet.proxy.connection import ServiceSide
from brownout_fleet.proxy.control_urls import ControlURLs
from brownout_fleet.proxy.front import Front

LOOPBACK = "127.0.0.1"
BACKLOG = 1024


def main() -> int:
    """Run one proxy until its standard input ends; returns the exit code."""
    try:
        config = msgspec.json.decode(sys.stdin.buffer.readline(), type=ProxyConfig)
        data = _listening(config.data_fd, config.host, config.port)
        control = _listening(config.control_fd, LOOPBACK, config.control_port)
        front = Front(config)
        _refuse_itself(front, [data, control])
    except (msgspec.DecodeError, UpstreamError, OSError) as error:
        _say(ProxyFailed(str(error)))
        return 1
    uvloop.run(serve(front, data, control))
    return 0


async def serve(front: Front, data: socket.socket, control: socket.socket) -> None:
    """Serve both sockets until the standard input ends."""
    loop = asyncio.get_running_loop()
    urls = Server(ControlURLs(front).answer)
    await urls.start(control)
    await loop.create_server(partial(ServiceSide, front), sock=data)
    host, port = data.getsockname()[:2]
    scheme = "http" if front.address.is_http else "tcp"
    _say(ProxyUp(f"{scheme}://{host}:{port}", f"http://{LOOPBACK}:{control.getsockname()[1]}"))
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), _watch, ended)
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())


def _watch(ended: asyncio.Event) -> None:
    """The starter holds the other end of the standard input, which closes however the starter ends."""
    if not os.read(sys.stdin.fileno(), 4096):
        ended.set()


def _listening(descriptor: int | None, host: str, port: int) -> socket.socket:
    """A listening socket: the one that was handed over, or a new one."""
    if descriptor is not None:
        sock = socket.socket(fileno=descriptor)
        sock.listen(BACKLOG)
        return sock
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise OSError(
            f"{host}:{port} can't be listened on: {error.strerror or error}; choose another port, 0 for any"
        ) from None


def _refuse_itself(front: Front, ours: list[socket.socket]) -> None:
    """Refuse a dependency that is this proxy itself. Raises UpstreamError."""
    address = front.address
    ports = {sock.getsockname()[1] for sock in ours}
    if address.port not in ports:
        return
    try:
        found = {info[4][0] for info in socket.getaddrinfo(address.host, address.port)}
    except OSError:
        return
    if any(_is_this_machine(host) for host in found):
        raise UpstreamError(
            f'"{front.config.dependency}" is at {front.config.upstream}, which is its own proxy: requests '
            "would go round for ever. Write the dependency's own URL, or another port for the proxy"
        )


def _is_this_machine(host: str | int) -> bool:
    """Whether an address can be bound here."""
    family = socket.AF_INET6 if ":" in str(host) else socket.AF_INET
    try:
        with socket.socket(family) as sock:
            sock.bind((str(host), 0))
    except OSError:
        return False
    return True


def _say(line: msgspec.Struct) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()
