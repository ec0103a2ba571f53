"""The client: gets its data from the backend, with a resilience policy that can be changed as it runs."""

import itertools
import os
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from . import breaker_report, connections, policy, policy_document, policy_fields, problem, request_body
from .backend_client import BackendClient, carry_trace
from .caller import Caller
from .fetch_answers import answer
from .load_loop import LoadLoop
from .loop_health import LOOP
from .metrics import ClientMetrics
from .policy_document import PolicyError
from .problem import Problem
from .telemetry import Telemetry

BACKEND_URL = "http://backendservice:5000"
"""The Kubernetes and Compose name of the backend."""


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Make the client, a Flask application.

    It reads from `environ` BACKEND_URL, and POLICY: a preset or a policy document. Raises ValueError if one
    of them is not allowed, or if a library is not made as it is needed.
    """
    app = Flask("client", static_folder=None)
    app.json = json = DefaultJSONProvider(app)
    json.sort_keys = False
    connections.check()
    caller = _caller(environ)
    load = _load(caller)
    boot_id = secrets.token_hex(8)
    _route_fetch(app, caller)
    _route_load(app, load)
    _route_policy(app, caller, boot_id)
    _route_breaker(app, caller, boot_id)
    _route_status(app, caller, load, boot_id)
    paths = list(dict.fromkeys(rule.rule for rule in app.url_map.iter_rules()))
    _route_errors(app, [*paths, "/healthz", "/readyz", "/metrics"])
    app.wsgi_app = Telemetry(app.wsgi_app, service="client", routes=paths, collectors=[ClientMetrics(caller)])
    return app


def _caller(environ: Mapping[str, str]) -> Caller:
    try:
        backend = BackendClient(environ.get("BACKEND_URL", BACKEND_URL))
    except ValueError as error:
        raise ValueError(f"BACKEND_URL: {error}") from error
    try:
        return Caller(backend, policy_document.from_setting(environ.get("POLICY", "lab")))
    except PolicyError as error:
        raise ValueError(f"POLICY: {error}") from error


def _load(caller: Caller) -> LoadLoop:
    numbers = itertools.count(1)
    return LoadLoop(lambda: caller.fetch(f"load-{next(numbers)}"))


def _route_fetch(app: Flask, caller: Caller) -> None:
    @app.get("/fetch")
    def fetch() -> Response:
        carry_trace(request.environ)
        return answer(caller.fetch(request.environ["HTTP_X_REQUEST_ID"]))


def _route_load(app: Flask, load: LoadLoop) -> None:
    @app.post("/start-load")
    def start_load() -> dict[str, str]:
        request_body.read(request)
        return {"status": "started" if load.start() else "already-running"}

    @app.post("/stop-load")
    def stop_load() -> dict[str, str]:
        request_body.read(request)
        return {"status": "stopped" if load.stop() else "not-running"}


def _route_policy(app: Flask, caller: Caller, boot_id: str) -> None:
    @app.get("/policy")
    def get_policy() -> Response:
        active = caller.active
        return _json(
            {
                "name": policy.name(active.policy),
                "policy": active.policy,
                "revision": active.revision,
                "boot_id": boot_id,
                "presets": policy.PRESETS,
                "fields": policy_fields.FIELDS,
            }
        )

    @app.put("/policy")
    def put_policy() -> Response:
        try:
            new, revision = policy_document.parse(request_body.read_json(request))
        except PolicyError as error:
            raise Problem(400, str(error), sent=error.sent, allowed=error.allowed) from None
        caller.switch(new, revision)
        return get_policy()


def _route_breaker(app: Flask, caller: Caller, boot_id: str) -> None:
    @app.get("/breaker")
    def breaker() -> Response:
        since = breaker_report.since(request.args)
        breaker_report.wait(caller, since, breaker_report.wait_s(request.args), lambda: Telemetry.stopping)
        return _json({"boot_id": boot_id, **breaker_report.report(caller, since)})


def _route_status(app: Flask, caller: Caller, load: LoadLoop, boot_id: str) -> None:
    @app.get("/status")
    def status() -> dict[str, Any]:
        return {
            "circuit_state": caller.breaker_view().state,
            "backend_url": caller.backend.url,
            "service": "client",
            "boot_id": boot_id,
            "policy": policy.name(caller.active.policy),
            "load_running": load.running,
            "counters": caller.counters.snapshot(),
            "health": LOOP.report(),
        }


def _route_errors(app: Flask, paths: list[str]) -> None:
    @app.errorhandler(HTTPException)
    def error(error: HTTPException) -> Response:
        return problem.answer(error)

    @app.errorhandler(NotFound)
    def not_found(_: NotFound) -> Response:
        allowed = ", ".join(paths)
        detail = f'there is no "{request.path}"; there are: {allowed}'
        return problem.answer(Problem(404, detail, sent=request.path, allowed=allowed))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value) + b"\n", mimetype="application/json")
