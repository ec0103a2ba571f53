"""The HTTP upgrade that opens a websocket, as text in and out. Pure."""

from __future__ import annotations

import base64
import hashlib
import os
import re

import msgspec

PROTOCOL = "v4.channel.k8s.io"
"""One websocket for one forwarded connection. kubectl's newer SPDY/3.1+portforward.k8s.io carries many on one
connection without flow control: one reader that pauses stops them all, which is how kubectl wedges."""

ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer's head, and of a refusal's body, that are read."""

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_ACCEPT = re.compile(rb"\r\nsec-websocket-accept: *(\S+)\r\n", re.IGNORECASE)
_SUBPROTOCOL = re.compile(rb"\r\nsec-websocket-protocol: *(\S+)\r\n", re.IGNORECASE)


class HandshakeRefusedError(Exception):
    """The server answered with something else than an upgrade; `status` is 0 where it was no HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


def new_key() -> bytes:
    """A fresh Sec-WebSocket-Key."""
    return base64.b64encode(os.urandom(16))


def request(host: str, path: str, key: bytes, authorization: str | None) -> bytes:
    """The upgrade request."""
    secret = f"Authorization: {authorization}\r\n" if authorization else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: brownout\r\n{secret}"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {PROTOCOL}\r\nSec-WebSocket-Key: {key.decode()}\r\n\r\n"
    ).encode()


def answer(data: bytes, key: bytes, ended: bool = False) -> bytes | None:
    """What follows a complete upgrade; None while bytes are missing. Raises HandshakeRefusedError.

    `ended` says that no more will come.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        if ended or len(data) > ANSWER_LIMIT:
            raise HandshakeRefusedError(
                0, "the connection ended before an answer" if ended else "an answer without end"
            )
        return None
    head, body = data[: end + 4], data[end + 4 :]
    status = _status(head)
    if status == 101:
        _check(head, key)
        return body
    length = _LENGTH.search(head)
    if not ended and len(body) < (int(length[1]) if length else ANSWER_LIMIT):
        return None
    raise HandshakeRefusedError(status, _message(head, body))


def accept(key: bytes) -> bytes:
    """The Sec-WebSocket-Accept that proves that the server has read the key."""
    return base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - the RFC's choice, not a secret


def _status(head: bytes) -> int:
    parts = head.split(b" ", 2)
    if len(parts) < 3 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise HandshakeRefusedError(0, "an answer that is no HTTP/1.1")
    return int(parts[1])


def _check(head: bytes, key: bytes) -> None:
    proof, protocol = _ACCEPT.search(head), _SUBPROTOCOL.search(head)
    if not proof or proof[1] != accept(key):
        raise HandshakeRefusedError(101, "an upgrade without the right Sec-WebSocket-Accept")
    if not protocol or protocol[1].decode(errors="replace") != PROTOCOL:
        raise HandshakeRefusedError(101, f"the server does not speak {PROTOCOL}")


def _message(head: bytes, body: bytes) -> str:
    """The API's own sentence, if the body is its Status; else the body, else the reason phrase."""
    try:
        return str(msgspec.json.decode(body)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        text = body.decode(errors="replace").strip()
        return text[:300] or head.split(b"\r\n", 1)[0].decode(errors="replace")
