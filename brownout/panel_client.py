"""The panel of a harness that runs, as the command line uses it."""

from __future__ import annotations

from typing import Any

import click

TIMEOUT_S = 15.0


class PanelLostError(click.ClickException):
    """A panel that doesn't answer: its harness has ended, ends just now, or stalls."""


class PanelClient:
    """Calls a panel's API; what it refuses is a click.ClickException in its own words."""

    def __init__(self, url: str, token: str) -> None:
        """`url` ends in /panel."""
        self.url = url.rstrip("/")
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}", "X-Brownout-By": "cli"}

    def ask(self, method: str, path: str, body: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        """The answer's document. Raises click.ClickException, PanelLostError among them."""
        import requests  # as slow to import as the rest of the command line together

        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy would not find loopback
                response = session.request(
                    method, f"{self.url}/api/{path}", json=body, headers=self._headers, timeout=timeout_s
                )
                document = response.json()
        except requests.JSONDecodeError:
            raise click.ClickException(f"{self.url} is no control panel: its answer is not JSON") from None
        except requests.RequestException as error:
            raise PanelLostError(f"the control panel at {self.url} doesn't answer: {error}") from error
        if not response.ok:
            raise click.ClickException(_words(document))
        return document


def _words(problem: dict[str, Any]) -> str:
    lines = [str(problem.get("detail", problem))]
    lines += [f"  {name}: {reason}" for name, reason in problem.get("replicas", {}).items()]
    return "\n".join(lines)
