"""The runs' reports and their index, as pages below the panel's own; and the making of a report."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from flask import Blueprint, Response, redirect, send_from_directory, url_for
from werkzeug.wrappers import Response as AnyResponse

from brownout_panel import bodies
from brownout_panel.panel import Panel
from brownout_panel.reports import INDEX, REPORT, SANDBOX

NO_INDEX = 'No report was made yet. Choose "Report" on the panel after a run, or: brownout report FOLDER'
NO_REPORT = "This run has no report yet. Make it: brownout report {folder}"


def add_reports(blueprint: Blueprint, panel: Panel) -> None:
    """The routes."""

    @blueprint.get("/runs/")
    def runs() -> Response:
        folder = panel.reports.runs
        if not (folder / INDEX).is_file():
            return _words(NO_INDEX)
        return _sandboxed(send_from_directory(folder, INDEX, max_age=0))

    @blueprint.get("/runs/<run>/")
    def run(run: str) -> AnyResponse:
        folder = panel.reports.folder(run)
        if not (folder / REPORT).is_file():
            return _words(NO_REPORT.format(folder=folder))
        return redirect(url_for(".report", run=run))

    @blueprint.get(f"/runs/<run>/{REPORT}")
    def report(run: str) -> Response:
        return _sandboxed(send_from_directory(panel.reports.folder(run), REPORT, max_age=0))

    @blueprint.post("/api/reports")
    def make() -> Response:
        name = panel.make_report(bodies.read(bodies.ReportBody, bodies.ReportBody()).run)
        made = bodies.ReportAnswer(name, f"runs/{quote(name)}/{REPORT}")
        return Response(msgspec.json.encode(made), 201, content_type="application/json")


def _sandboxed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _words(text: str) -> Response:
    return Response(text + "\n", 404, content_type="text/plain; charset=utf-8")
