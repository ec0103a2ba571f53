"""A service whose breaker opens, and the settings of its server."""

import pybreaker
from flask import Flask

from brownout_faults import watch

accesslog = "-"
"""Gunicorn's: each request is a line of its output."""

app = Flask("shop")


@app.get("/html")
def html() -> str:
    """A page."""
    return "<html>a shop</html>"


@app.get("/metrics")
def metrics() -> str:
    """Metrics of something else."""
    return "# TYPE sold_total counter\nsold_total 3\n"


breaker = watch(pybreaker.CircuitBreaker(name="prices"), app=app)


def post_worker_init(_: object) -> None:
    """Gunicorn's: called in each worker, which it forks from a process that has these settings."""
    breaker.open()
