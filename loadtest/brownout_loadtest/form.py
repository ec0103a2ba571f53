"""Checks what Locust's start form sends, before Locust takes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from locust.env import Environment
from locust.util.timespan import parse_timespan
from locust.web import WebUI

FIELDS = {"user_count": "num_users"}
"""Fields of the form that go by another name among the options."""


def check_form(
    web_ui: WebUI, environment: Environment, prepare: Callable[[argparse.Namespace], str | None]
) -> None:
    """Call `prepare` with the options as the form sets them; what it complains of is the form's answer."""
    app: Any = web_ui.app
    parsed: Any = environment.parsed_options

    def before_request() -> Response | None:
        if request.endpoint != "locust.swarm":
            return None
        options = as_options(request.form, parsed)
        if not request.form.get("run_time"):
            # Locust leaves a run time of the last test where the field is empty now.
            parsed.run_time = None
        problem = prepare(options)
        if problem is None:
            return None
        return jsonify({"success": False, "message": problem, "host": environment.host})

    app.before_request(before_request)


def as_options(form: Any, options: argparse.Namespace | None) -> argparse.Namespace:
    """The options with the form's values in place of their own."""
    merged = argparse.Namespace(**vars(options or argparse.Namespace()))
    for field, value in form.items():
        setattr(merged, FIELDS.get(field, field), value)
    try:
        merged.run_time = parse_timespan(form["run_time"]) if form.get("run_time") else None
    except ValueError:
        merged.run_time = None  # Locust complains of it
    return merged
