"""What the panel knows of the breakers and retries of services of the user's, for the recorder."""

from __future__ import annotations

from collections.abc import Callable

from brownout_panel.own_breakers.poller import BreakerPoller


class OwnBreakers:
    """The pollers' latest readings: nobody is asked again."""

    def __init__(self, pollers: Callable[[], list[BreakerPoller]]) -> None:
        self._pollers = pollers

    def states(self) -> dict[str, str]:
        """Return the states, by replica and breaker."""
        return {
            f"{poller.replica.name} {one.name}": one.state
            for poller in self._pollers()
            for one in poller.circuits
        }

    def calls(self) -> dict[str, tuple[str, int, int]]:
        """Return life, requests and attempts by replica, where they are told."""
        return {
            poller.replica.name: (poller.replica.uid, *told)
            for poller in self._pollers()
            if (told := poller.calls) is not None
        }
