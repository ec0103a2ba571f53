"""The public face of brownout: what a user's own code imports.

`FaultInjector` makes the faults of the backend under test available to any WSGI application; `Capacity` and
`Limits` bound how many requests it serves at once. `watch` shows a service's own breakers and retries.
`outcome` says in a locustfile what came of a request, or makes a rule of a function.
`read` makes a `RunResult` of a run folder or Locust's own files; `compare` makes a `Comparison` of runs.
`brownout.locust` gives any locustfile open-loop load, the recorder, and run folders; it is imported by name,
since importing Locust patches the process. `discover` is for Chaos Toolkit's command of that name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brownout.notebook import Comparison, RunResult, compare, read
    from brownout_faults import Capacity, FaultInjector, Limits, watch
    from brownout_loadtest.outcome_rules import outcome

__all__ = [
    "Capacity",
    "Comparison",
    "FaultInjector",
    "Limits",
    "RunResult",
    "compare",
    "discover",
    "outcome",
    "read",
    "watch",
]

_MODULES = {
    "Capacity": "brownout_faults",
    "FaultInjector": "brownout_faults",
    "Limits": "brownout_faults",
    "watch": "brownout_faults",
    "Comparison": "brownout.notebook",
    "RunResult": "brownout.notebook",
    "compare": "brownout.notebook",
    "outcome": "brownout_loadtest.outcome_rules",
    "read": "brownout.notebook",
}
"""Where the names are; loaded when they are used, so that the command line starts in half the time."""


def discover(discover_system: bool = True) -> Any:
    """Return the actions and probes in chaos/, for `chaos discover brownout`."""
    import brownout_chaos

    return brownout_chaos.discover(discover_system)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
