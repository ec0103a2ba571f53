"""The panel of a harness that runs, as the command line uses it."""

from __future__ import annotations

from typing import Any

from brownout.errors import BrownoutError, PanelLostError, PanelRefusedError
from brownout_terms.headers import BY

TIMEOUT_S = 15.0


class PanelClient:
    """Calls a panel's API; a refusal is a PanelRefusedError with the panel's message."""

    def __init__(self, url: str, token: str) -> None:
        """`url` ends in /panel."""
        self.url = url.rstrip("/")
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}", BY: "cli"}

    def ask(self, method: str, path: str, body: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        """Return the answer's document. Raises PanelRefusedError, PanelLostError or BrownoutError."""
        import requests  # as slow to import as the rest of the command line together

        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy would not find loopback
                response = session.request(
                    method, f"{self.url}/api/{path}", json=body, headers=self._headers, timeout=timeout_s
                )
                document = response.json()
        except requests.JSONDecodeError:
            raise BrownoutError(f"{self.url} is no control panel: its answer is not JSON") from None
        except requests.RequestException as error:
            raise PanelLostError(f"the control panel at {self.url} doesn't answer: {error}") from error
        if not response.ok:
            raise PanelRefusedError(_sentence(document), document.get("code"))
        return document


def _sentence(problem: dict[str, Any]) -> str:
    lines = [str(problem.get("detail", problem))]
    lines += [f"  {name}: {reason}" for name, reason in problem.get("replicas", {}).items()]
    return "\n".join(lines)
