"""Shows a service's own breakers and retries to brownout, in one line:

    brownout.watch(breaker, app=app)

`breaker` is a `CircuitBreaker` of pybreaker, a circuit breaker factory of purgatory, or a `Retrying` or a
decorated function of tenacity. `app` is a Flask, FastAPI or Starlette application, which then answers at
`/breaker`. The document there is described in brownout's `docs/breakers.md`.
"""

from .watch import Watch, watch

__all__ = ["Watch", "watch"]
