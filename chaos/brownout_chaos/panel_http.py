"""The panel's API, as actions and probes use it. Every call has a time-out; every refusal is a sentence."""

from __future__ import annotations

import os
from typing import Any

import requests
from chaoslib.exceptions import ActivityFailed

from brownout_chaos import session
from brownout_terms import headers
from brownout_terms.variables import PANEL, PANEL_TOKEN

TIMEOUT_S = 15.0
"""Time for an answer: the panel waits up to five seconds for replicas to be read back."""

CONNECT_S = 3.0
"""Time for a connection: the panel is on loopback, and a rollback must not hang on one that is gone."""


class RequestRefusedError(ActivityFailed):  # type: ignore[misc]  # chaoslib has no types
    """The panel has refused a request; the message is the panel's."""

    def __init__(self, message: str, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        """Why, for programs; see brownout_terms.codes."""


class NoAnswerError(ActivityFailed):  # type: ignore[misc]  # chaoslib has no types
    """No panel answers."""


def ask(method: str, path: str, body: object = None) -> Any:
    """Return the document that the panel answers with. Raises RequestRefusedError or NoAnswerError."""
    url = os.environ.get(PANEL, "").rstrip("/")
    if not url:
        raise NoAnswerError(
            f"{PANEL} is not set, so there is no panel to ask. Run the experiment with "
            f"brownout run --experiment FILE, or set {PANEL} and {PANEL_TOKEN}."
        )
    sent = {
        "Authorization": f"Bearer {os.environ.get(PANEL_TOKEN, '')}",
        headers.BY: "experiment",
        headers.SESSION: session.NAME,
    }
    try:
        with requests.Session() as connection:
            connection.trust_env = False  # a proxy would not find loopback
            answer = connection.request(
                method, f"{url}/api/{path}", json=body, headers=sent, timeout=(CONNECT_S, TIMEOUT_S)
            )
            document = answer.json()
    except requests.JSONDecodeError:
        raise NoAnswerError(f"{url} is not a control panel: its answer is not JSON") from None
    except requests.RequestException as error:
        raise NoAnswerError(f"the control panel at {url} doesn't answer: {error}") from error
    if not answer.ok:
        code = document.get("code") if isinstance(document, dict) else None
        raise RequestRefusedError(sentence(document), answer.status_code, code)
    return document


def beat() -> bool:
    """Tell the panel that this process lives; return whether its faults are still wanted."""
    try:
        return bool(ask("POST", "session")["holds"])
    except RequestRefusedError:
        return False
    except NoAnswerError:
        return True


heartbeat = session.FaultLease(beat)


def sentence(problem: Any) -> str:
    """Return a problem document as one line."""
    if not isinstance(problem, dict):
        return str(problem)
    reasons = [f"{name}: {reason}" for name, reason in problem.get("replicas", {}).items()]
    return "; ".join([str(problem.get("detail", problem)), *reasons])


def replicas() -> list[dict[str, Any]]:
    """Return every replica: `name`, `service`, `phase`, `uid`, `started_at`, …"""
    return [view["replica"] for view in ask("GET", "replicas")]
