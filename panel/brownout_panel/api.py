"""The panel's blueprint: its page, its API, its live events. What each answers is in openapi.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec
from flask import Blueprint, Flask, Response, request, send_from_directory
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

import brownout_terms
from brownout_faults.presets import PRESETS
from brownout_fleet.model import FleetError
from brownout_panel import bodies, metrics, openapi, problem, session, shared_terms
from brownout_panel.bodies import BodyError
from brownout_panel.errors import PanelError
from brownout_panel.guard import BY, HAS_TOKEN
from brownout_panel.measures import LONGEST_S
from brownout_panel.model import Activity, By, Faults
from brownout_panel.panel import HISTORY, Panel
from brownout_panel.report_routes import add_reports
from brownout_results.vendor import FOLDER as VENDOR
from brownout_terms.codes import Code

PAGE = Path(__file__).with_name("page")

LARGEST = 2**53 - 1


def add_panel(
    app: Flask, panel: Panel, base_path: str = "", log_in: Callable[[], AnyResponse | None] | None = None
) -> None:
    """Serve the panel under `<base_path>/panel`. `log_in` answers who has to log in first."""
    blueprint = Blueprint("panel", __name__, url_prefix=f"{base_path}/panel")
    _add_page(blueprint)
    _add_reading(blueprint, panel)
    _add_holding(blueprint, panel)
    _add_running(blueprint, panel)
    _add_experiments(blueprint, panel)
    add_reports(blueprint, panel)
    _add_errors(blueprint, f"{base_path}/panel/")

    @blueprint.before_request
    def before() -> AnyResponse | None:
        return None if log_in is None or request.environ.get(HAS_TOKEN) else log_in()

    app.register_blueprint(blueprint)


def _add_page(blueprint: Blueprint) -> None:
    @blueprint.get("/")
    def page() -> Response:
        return send_from_directory(PAGE / "templates", "panel.html", max_age=0)

    @blueprint.get("/static/<path:path>")
    def static(path: str) -> Response:
        return send_from_directory(PAGE / "static", path, max_age=0)

    @blueprint.get("/static/vendor/<path:path>")
    def vendor(path: str) -> Response:
        return send_from_directory(VENDOR, path, max_age=0)

    @blueprint.get("/static/terms.js")
    def terms_module() -> Response:
        return Response(shared_terms.module(), content_type="text/javascript; charset=utf-8")

    @blueprint.get("/static/terms.css")
    def terms_style() -> Response:
        return Response(shared_terms.style(), content_type="text/css; charset=utf-8")


def _add_reading(blueprint: Blueprint, panel: Panel) -> None:
    @blueprint.get("/openapi.json")
    def described() -> Response:
        server = request.script_root + (blueprint.url_prefix or "")
        return _json(openapi.document(server, panel.control.fault_kinds.known()))

    @blueprint.get("/metrics")
    def scraped() -> Response:
        text, content_type = metrics.exposition(panel, request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)

    @blueprint.get("/api/terms")
    def terms() -> Response:
        return _json(brownout_terms.document())

    @blueprint.get("/api/state")
    def state() -> Response:
        return _json(panel.state())

    @blueprint.get("/api/history")
    def history() -> Response:
        return _json(panel.history(bodies.number("seconds", 7200, HISTORY)))

    @blueprint.get("/api/measures")
    def measures() -> Response:
        window_s = bodies.number("window_s", 10, LONGEST_S, least=1)
        return _json(panel.measures(window_s, bodies.percentiles()))

    @blueprint.get("/api/replicas")
    def replicas() -> Response:
        return _json(panel.control.views())

    @blueprint.get("/api/transitions")
    def transitions() -> Response:
        since = bodies.number("since", 0, LARGEST)
        return _json(
            {"next": panel.control.transition_count, "transitions": panel.control.transitions(since)}
        )

    @blueprint.get("/api/stream")
    def stream() -> Response:
        if panel.stream.is_full:
            raise BodyError(
                503, Code.TOO_MANY_STREAMS, "too many event streams are open; close a page and try again"
            )
        last = request.headers.get("Last-Event-ID") or request.args.get("last")
        return Response(
            panel.stream.read(last),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def _add_holding(blueprint: Blueprint, panel: Panel) -> None:
    def statuses(service: str) -> dict[str, Any]:
        views = [one for one in panel.control.views() if one.replica.service == service]
        known = {one.replica.name: one.status for one in views if one.status}
        applied = sum(1 for one in known.values() if one.state == "applied")
        return {"replicas": known, "applied": applied, "of": len(views)}

    def faults_answer(faults: Faults) -> Response:
        injected = panel.control.injections()
        return _json({"faults": faults, "injected": injected, **statuses("backend")})

    @blueprint.get("/api/faults")
    def faults() -> Response:
        return faults_answer(panel.control.faults)

    @blueprint.get("/api/faults/kinds")
    def fault_kinds() -> Response:
        return _json({"kinds": panel.control.fault_kinds.known(), "presets": PRESETS})

    @blueprint.put("/api/faults")
    def set_faults() -> Response:
        body = bodies.read(bodies.FaultsBody)
        made = panel.set_faults(msgspec.to_builtins(body), _by(), _session())
        return faults_answer(made)

    @blueprint.delete("/api/faults")
    def clear_faults() -> Response:
        return faults_answer(panel.clear_faults(_by()))

    @blueprint.get("/api/policy")
    def policy() -> Response:
        return _json({"policy": panel.control.policy, **statuses("client")})

    @blueprint.get("/api/policy/fields")
    def policy_fields() -> Response:
        return _json({"fields": panel.control.policy_fields, "presets": panel.control.presets})

    @blueprint.put("/api/policy")
    def set_policy() -> Response:
        made = panel.set_policy(bodies.read(dict[str, Any]), _by())
        return _json({"policy": made, **statuses("client")})

    @blueprint.post("/api/replicas/<name>/kill")
    def kill(name: str) -> Response:
        body = bodies.read(bodies.KillBody, bodies.KillBody())
        return _json(panel.kill(name, _by(), body.even_last), 202)


def _add_running(blueprint: Blueprint, panel: Panel) -> None:
    @blueprint.get("/api/load")
    def load() -> Response:
        return _json(panel.load())

    @blueprint.get("/api/load/shapes")
    def load_shapes() -> Response:
        return _json({"shapes": panel.load_shapes()})

    @blueprint.put("/api/load")
    def start_load() -> Response:
        return _json(panel.start_load(bodies.read(dict[str, bodies.Setting]), _by()))

    @blueprint.delete("/api/load")
    def stop_load() -> Response:
        return _json(panel.stop_load(_by()))

    @blueprint.post("/api/marks")
    def mark() -> Response:
        body = bodies.read(bodies.MarkBody)
        if (body.phase is None) == (body.note is None):
            raise BodyError(400, Code.BAD_BODY, 'a mark needs either a "phase" or a "note"')
        return _json(panel.mark(body.phase, body.note, _by()))

    @blueprint.post("/api/stop-everything")
    def stop_everything() -> Response:
        return _json({"steps": panel.stop_everything(_by())})

    @blueprint.post("/api/release")
    def release() -> Response:
        panel.release(_by())
        return _json({"blocked": panel.blocked})


def _add_experiments(blueprint: Blueprint, panel: Panel) -> None:
    @blueprint.get("/api/experiments")
    def experiments() -> Response:
        return _json(bodies.ExperimentsAnswer(panel.experiments.available(), panel.experiments.current))

    @blueprint.post("/api/experiments")
    def start_experiment() -> Response:
        return _json(panel.start_experiment(bodies.read(bodies.ExperimentBody).file, _by()), 202)

    @blueprint.delete("/api/experiments")
    def stop_experiment() -> Response:
        return _json({"current": panel.experiments.stop(_by())})

    @blueprint.post("/api/activities")
    def activity() -> Response:
        return _json(panel.activity(bodies.read(Activity), _by(), _session()))

    @blueprint.post("/api/stalls")
    def stall() -> Response:
        body = bodies.read(bodies.StallBody)
        return _json(panel.stalled(body.process, body.ago_s, body.seconds))

    @blueprint.post("/api/session")
    def beat() -> Response:
        return _json({"holds": panel.session.renew(_session())})


def _add_errors(blueprint: Blueprint, below: str) -> None:
    @blueprint.errorhandler(BodyError)
    def unreadable(error: BodyError) -> Response:
        return problem.answer(problem.problem(error.status, error.code, str(error)))

    @blueprint.errorhandler(PanelError)
    @blueprint.errorhandler(FleetError)
    def undone(error: PanelError | FleetError) -> Response:
        return problem.answer(problem.problem_of(error))

    @blueprint.app_errorhandler(HTTPException)
    def http(error: HTTPException) -> AnyResponse:
        original = error.get_response()
        if not request.path.startswith(below) or original.status_code < 400:
            return original
        code = problem.HTTP.get(original.status_code, Code.HTTP)
        document = problem.problem(original.status_code, code, error.description or "")
        if isinstance(error, MethodNotAllowed):
            document.allowed = ", ".join(sorted(error.valid_methods or ()))
        response = problem.answer(document)
        if "Allow" in original.headers:
            response.headers["Allow"] = original.headers["Allow"]
        return response


def _by() -> By:
    return cast(By, request.environ.get(BY, "api"))


def _session() -> str | None:
    return request.headers.get(session.HEADER)


def _json(document: Any, status: int = 200) -> Response:
    body = msgspec.json.encode(document)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})
