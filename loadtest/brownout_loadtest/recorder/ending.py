"""What Locust makes of a run when it quits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust.env import Environment


def ending(environment: Environment, exit_code: object) -> dict[str, Any]:
    """Entry for run.json: Locust's exit code, what it does not tell apart, and its count of exceptions."""
    from locust import log  # importing Locust patches the whole process

    raised = environment.runner.exceptions.values() if environment.runner else ()

    return {
        "exit_code": exit_code,
        "process_exit_code": environment.process_exit_code,
        "exceptions": sum(int(one["count"]) for one in raised),
        "listener_failed": bool(log.unhandled_greenlet_exception),
    }
