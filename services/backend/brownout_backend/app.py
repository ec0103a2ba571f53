"""The backend: one endpoint that callers depend on, and the endpoints that make it faulty."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from msgspec import structs
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from brownout_faults import FaultInjector, problem, validation
from brownout_faults.document import MAX_INTEGER
from brownout_faults.problem import Problem
from brownout_faults.state import FaultState

from . import lab
from .loop_health import LOOP
from .metrics import FaultMetrics
from .settings import capacity_of, whole_number
from .telemetry import Telemetry

DATA = {"message": "OK", "note": "BackendService healthy"}


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Make the backend, a Flask application.

    It reads from `environ` FAULT_SEED, the seed of fault sets that name none, and the limits of its capacity:
    CONCURRENCY, SERVICE_TIME_MS, QUEUE_LIMIT. Raises ValueError unless each is an allowed whole number.
    """
    app = Flask("backend", static_folder=None)
    app.json = json = DefaultJSONProvider(app)
    json.sort_keys = False
    injector = FaultInjector(
        app.wsgi_app,
        exempt=("/healthz", "/readyz", "/metrics", "/status", "/config/*"),
        seed=whole_number(environ, "FAULT_SEED", 0, MAX_INTEGER),
        capacity=capacity_of(environ),
    )
    _route_data(app)
    _route_lab(app, injector.state)
    _route_status(app, injector.state)
    paths = [*(rule.rule for rule in app.url_map.iter_rules()), "/faults", "/faults/kinds"]
    _route_errors(app, [*paths, "/healthz", "/readyz", "/metrics"])
    app.wsgi_app = Telemetry(
        injector, service="backend", routes=paths, collectors=[FaultMetrics(injector.state)]
    )
    return app


def _route_data(app: Flask) -> None:
    @app.get("/data")
    def data() -> dict[str, str]:
        return DATA


def _route_lab(app: Flask, state: FaultState) -> None:
    def change(form: type[lab.LabForm]) -> dict[str, Any]:
        sent = validation.read(request, form)
        if not sent.changes():
            names = " or ".join(f'"{field.encode_name}"' for field in structs.fields(form))
            raise Problem(400, f"the body names nothing to change; allowed: {names}", sent={}, allowed=names)
        faults = state.change(lambda present: lab.edit(present, sent))
        return {"result": "ok", "config": structs.asdict(lab.config(faults))}

    @app.post("/config/failure")
    def failure() -> dict[str, Any]:
        return change(lab.FailureForm)

    @app.post("/config/latency")
    def latency() -> dict[str, Any]:
        return change(lab.LatencyForm)

    @app.get("/config/get")
    def config() -> dict[str, Any]:
        return structs.asdict(lab.config(state.faults()))


def _route_status(app: Flask, state: FaultState) -> None:
    @app.get("/status")
    def status() -> dict[str, Any]:
        limited = {} if state.capacity is None else {"capacity": state.capacity.report()}
        named = {"service": "backend", "boot_id": state.boot_id, "health": LOOP.report()}
        return {**named, **state.counters(), **limited}


def _route_errors(app: Flask, paths: list[str]) -> None:
    @app.errorhandler(HTTPException)
    def error(error: HTTPException) -> Response:
        return problem.answer(error)

    @app.errorhandler(NotFound)
    def not_found(_: NotFound) -> Response:
        allowed = ", ".join(paths)
        return problem.answer(
            Problem(
                404, f'there is no "{request.path}"; there are: {allowed}', sent=request.path, allowed=allowed
            )
        )
