"""What is asked for on Locust's own page goes to the timeline too, with who asked and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
from flask import Response, request
from locust.web import WebUI

from brownout_panel.guard import BY
from brownout_terms.codes import Code

PAGE = "Locust's page"


def note_page_requests(web_ui: WebUI, note: Callable[..., None], await_start: Callable[[], None]) -> None:
    """Note each start, change and stop of the load. `await_start` waits for the run that a start begins."""
    app: Any = web_ui.app

    def before() -> None:
        if request.endpoint == "locust.stop":  # before: it ends the run that records it
            note("load", action="asked to stop", by=_by(), on=PAGE)

    def after(response: Response) -> Response:
        if request.endpoint == "locust.swarm":
            settings = {name: value for name, value in request.form.items() if value}
            answer = response.get_json(silent=True) or {}
            asked = {"action": "asked to start", "by": _by(), "on": PAGE, "settings": settings}
            gevent.spawn(_note_start, note, await_start, asked, answer)
        return response

    app.before_request(before)
    app.after_request(after)


def _note_start(
    note: Callable[..., None], await_start: Callable[[], None], asked: dict[str, Any], answer: dict[str, Any]
) -> None:
    if not answer.get("success"):
        note("load", **asked, code=Code.LOAD_REFUSED, outcome=f"refused: {answer.get('message')}")
        return
    await_start()
    note("load", **asked, code=Code.OK, outcome="started")


def _by() -> str:
    return str(request.environ.get(BY, "page"))
