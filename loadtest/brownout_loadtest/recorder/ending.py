"""What Locust makes of a run when it quits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust.env import Environment


def ending(environment: Environment, exit_code: object) -> dict[str, Any]:
    """For run.json: Locust's exit code, and what it does not tell apart."""
    from locust import log  # importing Locust patches the whole process

    return {
        "exit_code": exit_code,
        "process_exit_code": environment.process_exit_code,
        "listener_failed": bool(log.unhandled_greenlet_exception),
    }
