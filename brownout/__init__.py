"""The public face of brownout: what a user's own code imports.

`FaultInjector` makes the faults of the backend under test available to any WSGI application; `Capacity` and
`Limits` are for its limit of what is served at once.
`brownout.locust` gives any locustfile open-loop load, the recorder, and run folders; it is imported by name,
since importing Locust patches the process. `discover` is for Chaos Toolkit's command of that name.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brownout_faults import Capacity, FaultInjector, Limits

__all__ = ["Capacity", "FaultInjector", "Limits", "discover"]


def discover(discover_system: bool = True) -> Any:
    """What `chaos discover brownout` asks for: the actions and probes, see chaos/."""
    import brownout_chaos

    return brownout_chaos.discover(discover_system)


def __getattr__(name: str) -> Any:
    # The command line starts in half the time when Flask's parts are loaded by those who use them alone.
    if name in ("Capacity", "FaultInjector", "Limits"):
        import brownout_faults as faults

        return getattr(faults, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
