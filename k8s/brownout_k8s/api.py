"""The few API calls that the fleet makes, with errors that a user can act on.

On aiohttp, since the fleet process is asyncio: the `kubernetes` library's own client has a thread for each
watch, and no way to end one that waits.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from brownout_fleet.model import FleetError
from brownout_k8s.access import Access, Credentials

CONNECT_S = 5.0
ANSWER_S = 10.0

SILENCE_S = 90.0
"""A watch that is silent for longer is opened again: the API server sends a bookmark every minute."""

LINE_LIMIT = 8 * 1024 * 1024
"""Bytes of one event; an object in etcd has a fifth of that at most."""


class ApiError(FleetError):
    """The API server said no, or nothing (`status` 0); the message is a sentence for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One cluster's API. `close` ends it."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, socket_factory=_socket),
            headers={"User-Agent": "brownout", "Accept": "application/json"},
            read_bufsize=LINE_LIMIT // 2,  # a line may be twice as long as the buffer
            trust_env=False,  # the kubeconfig's proxy, or the environment's, comes with the access
        )

    @property
    def access(self) -> Access:
        """Where the cluster is."""
        return self._credentials.access

    async def get(self, path: str, **parameters: str) -> Any:
        """The object at `path`. Raises ApiError."""
        return await self._call("GET", path, parameters)

    async def delete(self, path: str, body: Mapping[str, Any]) -> Any:
        """Delete the object at `path`. Raises ApiError."""
        return await self._call("DELETE", path, {}, body)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create an object. Raises ApiError."""
        return await self._call("POST", path, {}, body)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Replace an object. Raises ApiError."""
        return await self._call("PUT", path, {}, body)

    async def stream(self, path: str, timeout_s: int, **parameters: str) -> AsyncGenerator[bytes, None]:
        """The lines of a watch, until the server ends it. Raises ApiError."""
        limits = aiohttp.ClientTimeout(total=timeout_s + 30, sock_connect=CONNECT_S, sock_read=SILENCE_S)
        wanted = {"watch": "1", "timeoutSeconds": str(timeout_s), **parameters}
        response = await self._send("GET", path, wanted, None, limits)
        try:
            async for line in response.content:
                if line := line.strip():
                    yield line
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise ApiError(0, f"the watch on {self.access.where} broke: {_error_text(error)}") from None
        finally:
            response.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
        await self._credentials.close()

    async def _call(
        self, method: str, path: str, parameters: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Any:
        limits = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
        response = await self._send(method, path, parameters, body, limits)
        try:
            return msgspec.json.decode(await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from None
        except msgspec.DecodeError:
            raise ApiError(0, f"{self.access.where} answers what is no Kubernetes API") from None
        finally:
            response.release()

    async def _send(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: Mapping[str, Any] | None,
        limits: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        """A response with a 2xx; after a 401 once more with credentials that are read again."""
        for last in (False, True):
            header = await self._credentials.authorization()
            access = self.access
            try:
                response = await self._session.request(
                    method,
                    access.server.geturl() + path,
                    params=parameters,
                    json=body,
                    headers={"Authorization": header} if header else {},
                    ssl=access.tls or True,
                    server_hostname=access.server_name,
                    proxy=access.proxy.geturl() if access.proxy else None,
                    timeout=limits,
                    allow_redirects=False,
                )
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise self._unreachable(error) from None
            if response.ok:
                return response
            status, message = response.status, await _message(response)
            response.release()
            if last or status != HTTPStatus.UNAUTHORIZED or not await self._credentials.renew(header):
                raise ApiError(status, refusal(access, status, message))
        raise AssertionError("unreachable")

    def _unreachable(self, error: Exception) -> ApiError:
        return ApiError(0, unreachable(self.access, error))


def unreachable(access: Access, error: Exception) -> str:
    """Return the message for a user whose cluster doesn't answer."""
    text = _error_text(error)
    if "CERTIFICATE" in text:
        return (
            f"the certificate of {access.where} can't be trusted: {text}\n\n"
            f"Compare: {access.kubectl} cluster-info"
        )
    return (
        f"no cluster answers at {access.where}: {text}\n\nIs it running? Try: {access.kubectl} cluster-info"
    )


def refusal(access: Access, status: int, message: str) -> str:
    """Return the message for a user whom the API server refuses."""
    if status == HTTPStatus.UNAUTHORIZED:
        return (
            f"the cluster at {access.where} does not accept these credentials, or no longer ({message}).\n\n"
            f"Log in again, then try: {access.kubectl} auth whoami"
        )
    if status == HTTPStatus.FORBIDDEN:
        return f"{message}\n\nSee what you may do: {access.kubectl} auth can-i --list"
    return f"the API server answers {status}: {message}"


async def _message(response: aiohttp.ClientResponse) -> str:
    """The API's own sentence, from its Status object."""
    try:
        body = await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return _error_text(error)
    try:
        return str(msgspec.json.decode(body)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return body.decode(errors="replace").strip()[:300] or str(response.reason)


def _error_text(error: BaseException) -> str:
    """Return an error as text, the operating system's where there is one."""
    if isinstance(error, aiohttp.ClientConnectorError):
        inner = error.os_error
        return inner.strerror or str(inner) or str(error)
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return str(error) or type(error).__name__


def _socket(address: Any) -> socket.socket:
    """A socket on which the kernel notices in a minute that nobody is at the other end."""
    family, kind, protocol, _, _ = address
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    for option, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):  # macOS knows the first by another name
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock
