"""The public face of brownout: what a user's own code imports.

`FaultInjector` makes the faults of the backend under test available to any WSGI application.
`brownout.locust` gives any locustfile open-loop load, the recorder, and run folders; it is imported by name,
since importing Locust patches the process. `discover` is for Chaos Toolkit's command of that name.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.backend.faults import FaultInjector

__all__ = ["FaultInjector", "discover"]


def discover(discover_system: bool = True) -> Any:
    """What `chaos discover brownout` asks for: the actions and probes, see chaos/."""
    import chaos

    return chaos.discover(discover_system)


def __getattr__(name: str) -> Any:
    # The command line starts in half the time when Flask's parts are loaded by those who use them alone.
    if name == "FaultInjector":
        from services.backend.faults import FaultInjector

        return FaultInjector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
