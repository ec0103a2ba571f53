"""A shop that asks another service for prices: it tries again, and a breaker spares a service that fails."""

import os

import pybreaker
import requests
import tenacity
from fastapi import FastAPI

import brownout

PRICES = os.environ["PRICES_URL"]
ATTEMPTS = 1 + int(os.environ.get("RETRIES", "2"))

app = FastAPI()
breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=2, name="prices")
brownout.watch(breaker, app=app)  # the one line that is brownout's: the breaker is told at /breaker


@tenacity.retry(stop=tenacity.stop_after_attempt(ATTEMPTS), reraise=True)
def prices() -> dict[str, int]:
    """Ask for the prices, again if need be."""
    answer = requests.get(f"{PRICES}/prices", timeout=1)
    answer.raise_for_status()
    found: dict[str, int] = answer.json()
    return found


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the shop is open."""
    return {"status": "ok"}


@app.get("/checkout")
def checkout() -> dict[str, object]:
    """Sum up a basket; without prices, say that the sum comes later."""
    try:
        return {"status": "ok", "total": sum(breaker.call(prices).values())}
    except (requests.RequestException, pybreaker.CircuitBreakerError):
        return {"status": "fallback", "total": None}
