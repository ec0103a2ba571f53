"""Paths of an application that an injector knows: its own, and those that are never faulted."""

from collections.abc import Iterable

EXEMPT = ("/healthz", "/readyz", "/metrics")
"""Paths that are never faulted unless told otherwise: those that orchestrators and monitoring ask."""

CONTROL_PATH = "/faults"


class Paths:
    """Tells the injector's own paths and the exempt ones, of which "/*" at the end stands for all below."""

    def __init__(self, control_path: str, exempt: Iterable[str]) -> None:
        paths = tuple(exempt)
        self._control = {control_path: "faults", f"{control_path}/kinds": "kinds"}
        self._exempt = frozenset(path for path in paths if not path.endswith("/*"))
        self._exempt_below = tuple(path.removesuffix("*") for path in paths if path.endswith("/*"))

    def is_exempt(self, path: str) -> bool:
        """Whether requests for this path are never faulted."""
        return path in self._exempt or path.startswith(self._exempt_below)

    def control(self, path: str) -> str | None:
        """The control endpoint that is at this path, `faults` or `kinds`; None: it is the application's."""
        return self._control.get(path)
