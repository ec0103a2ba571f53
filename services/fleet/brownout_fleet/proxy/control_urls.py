"""The control URLs of a proxy: what a backend's injector has, and the state of the way to the dependency."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Any

import msgspec

from brownout_faults import ability
from brownout_faults.control import control
from brownout_fleet.api import problem
from brownout_fleet.http import Request, Response
from brownout_fleet.proxy.front import HTTP_1, Front

METRICS = (
    ("requests", "Requests of the service, or turns of a TCP connection.", "requests_total"),
    ("connections_accepted", "Connections of the service.", "connections_total"),
    ("upstream_failed", "Connections that the dependency did not take.", "upstream_failed_total"),
    ("looped", "Requests that came back to this proxy.", "looped_total"),
)
"""Counters of /status, what they count, and their names in /metrics."""


class ControlURLs:
    """Answers the requests to one proxy's control port."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        match request.path:
            case "/faults":
                return self._control("faults", request)
            case "/faults/kinds":
                return self._control("kinds", request)
            case "/status":
                return _json(self.status())
            case "/healthz" | "/readyz":
                return _json({"status": "ok"})
            case "/upstream":
                return await self._upstream()
            case "/metrics":
                return self._metrics()
        return problem(
            HTTPStatus.NOT_FOUND,
            f'there is no "{request.path}"; there are: /faults, /faults/kinds, /status, /upstream, /healthz, '
            "/readyz, /metrics",
        )

    def status(self) -> dict[str, Any]:
        """What a backend answers, and the proxy's own counters."""
        front = self._front
        return {
            "service": "backend",
            "boot_id": front.state.boot_id,
            **front.state.counters(),
            "dependency": front.config.dependency,
            "upstream": front.config.upstream,
            "upstream_failed": front.upstream_failed,
            "upstream_error": front.upstream_error,
            "looped": front.looped,
            "connections": len(front.connections),
            "connections_accepted": front.accepted,
        }

    def _control(self, endpoint: str, request: Request) -> Response:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }
        can = ability.without_wsgi if self._front.address.is_http else ability.without_http
        answer = control(endpoint, self._front.state, environ, can)
        return Response(answer.get_data(), HTTPStatus(answer.status_code), answer.content_type or "")

    async def _upstream(self) -> Response:
        """Try to connect to the dependency, and close again."""
        front = self._front
        reason = await front.try_upstream(HTTP_1)
        if reason is None:
            return _json({"upstream": front.config.upstream, "status": "ok"})
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f'"{front.config.dependency}" can\'t be reached at {front.config.upstream}: {reason}',
        )

    def _metrics(self) -> Response:
        status, lines = self.status(), []
        for key, text, name in METRICS:
            lines += [f"# HELP brownout_proxy_{name} {text}", f"# TYPE brownout_proxy_{name} counter"]
            lines.append(f"brownout_proxy_{name} {status[key]}")
        lines += ["# HELP faults_injected_total Faults injected.", "# TYPE faults_injected_total counter"]
        lines += [f'faults_injected_total{{kind="{kind}"}} {n}' for kind, n in status["injected"].items()]
        return Response(
            "\n".join([*lines, ""]).encode(), content_type="text/plain; version=0.0.4; charset=utf-8"
        )


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value) + b"\n")
