"""Users of the client service: each asks `/fetch`, judges the answer, and asks again.

    locust -f loadtest/locustfile.py --host http://127.0.0.1:5001

works in all of Locust's modes: web UI, headless, --processes, master and workers.
"""

from __future__ import annotations

import itertools
import secrets

from locust import task
from locust.contrib.fasthttp import LocustBadStatusCode
from locust.env import Environment

from brownout_loadtest import plugin
from brownout_loadtest.lean import LeanHttpUser
from brownout_loadtest.options import add_client_arguments, client_options
from brownout_loadtest.outcomes import CAUSE_KEY, CONTEXT_KEY, OutcomeError, classify
from brownout_terms.headers import REQUEST_ID

plugin.install()
plugin.add_options(add_client_arguments)


class Fetcher(LeanHttpUser):
    """Asks the client service's one question."""

    def __init__(self, environment: Environment) -> None:
        options = client_options(environment.parsed_options)
        self.network_timeout = self.connection_timeout = options.request_timeout_s
        self._think_time_s = options.think_time_s
        self._failures = options.failures
        super().__init__(environment)
        # An id of the user's own and a count: what the services log can be found by what the load sent.
        self._prefix = secrets.token_hex(4)
        self._count = itertools.count(1)

    def wait_time(self) -> float:
        """Pause between an answer and the next request, in closed loop."""
        return self._think_time_s

    @task
    def fetch(self) -> None:
        """One request, and the outcome of it."""
        headers = {REQUEST_ID: f"{self._prefix}-{next(self._count)}"}
        with self.client.get("/fetch", headers=headers, catch_response=True) as response:
            meta = response.request_meta
            broken = meta["exception"]
            if isinstance(broken, LocustBadStatusCode):
                broken = None  # an answer all the same
            body = response.content if broken is None else None
            outcome = classify(response.status_code, response.headers, body, broken)
            meta["context"] |= {CONTEXT_KEY: outcome.kind, CAUSE_KEY: outcome.name}
            if outcome.kind in self._failures:
                response.failure(OutcomeError(outcome))
            else:
                response.success()
