"""What brownout adds to Locust's own pages: tabs for replicas and breakers, links to the run's files."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, request, send_from_directory
from locust.web import WebUI

from brownout_loadtest.recorder import Recorder
from brownout_panel.panel import Panel

REPLICAS = {
    "name": "Replica",
    "phase": "Phase",
    "restarts": "Restarts",
    "status": "Faults or policy",
    "rate": "Requests/s",
}
BREAKERS = {"name": "Replica", "state": "Breaker", "failures": "Failures", "until": "Half-open in"}
FILES = ("run.json", "events.jsonl", "samples.csv", "load.csv", "latency.hlog")


def add_tabs(web_ui: WebUI, panel: Panel, recorder: Recorder | None, base: str) -> None:
    """Add them, by Locust's own means of extension."""
    app: Any = web_ui.app
    web_ui.template_args |= {
        "extended_tabs": [{"title": "Replicas", "key": "replicas"}, {"title": "Breakers", "key": "breakers"}],
        "extended_tables": [_table("replicas", REPLICAS), _table("breakers", BREAKERS)],
        "extended_csv_files": [
            {"href": f"{base}/panel/", "title": "brownout control panel"},
            *({"href": f"{base}/panel/run/{name}", "title": f"Run folder: {name}"} for name in FILES),
        ],
    }

    def add_rows(response: Response) -> Response:
        if request.endpoint == "locust.request_stats" and response.is_json:
            report = response.get_json()
            report["extended_stats"] = [
                {"key": "replicas", "data": _replicas(panel)},
                {"key": "breakers", "data": _breakers(panel)},
            ]
            response.set_data(msgspec.json.encode(report))
        return response

    def run_file(name: str) -> Response:
        folder = recorder.last_folder if recorder else None
        if folder is None or name not in FILES:
            return Response("There is no such file: no run has begun yet.", 404, content_type="text/plain")
        return send_from_directory(folder.resolve(), name, as_attachment=True, max_age=0)

    app.after_request(add_rows)
    app.add_url_rule(f"{base}/panel/run/<name>", "run_file", web_ui.auth_required_if_enabled(run_file))


def _table(key: str, columns: dict[str, str]) -> dict[str, Any]:
    return {"key": key, "structure": [{"key": name, "title": title} for name, title in columns.items()]}


def _replicas(panel: Panel) -> list[dict[str, Any]]:
    return [
        {
            "name": one.replica.name,
            "phase": str(one.replica.phase),
            "restarts": one.replica.restarts,
            "status": str(one.status.state) if one.status else "–",
            "rate": "–" if one.rate is None else round(one.rate, 1),
        }
        for one in panel.control.views()
    ]


def _breakers(panel: Panel) -> list[dict[str, Any]]:
    rows = []
    for view in panel.control.views():
        if (one := view.circuit) is not None:
            failures = (
                str(one.fail_counter) if one.fail_max is None else f"{one.fail_counter} of {one.fail_max}"
            )
            until = one.seconds_until_half_open
            rows.append(
                {
                    "name": view.replica.name,
                    "state": one.state,
                    "failures": failures,
                    "until": "–" if until is None else f"{until:.0f} s",
                }
            )
    return rows
