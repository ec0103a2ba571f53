"""The backend's settings, from its environment."""

from collections.abc import Mapping

from brownout_faults import Capacity, Limits
from brownout_faults.capacity import ALLOWED


def whole_number(environ: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """The value of a variable; None if it is not set, or empty. Raises ValueError."""
    text = environ.get(name, "")
    if text and not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ValueError(f'{name} is "{text}"; allowed: a whole number from {least} to {most}, or nothing')
    return int(text) if text else None


def capacity_of(environ: Mapping[str, str]) -> Capacity | None:
    """How many requests are served at once; None without CONCURRENCY: no limit. Raises ValueError."""
    read = {name: whole_number(environ, name.upper(), *bounds) for name, bounds in ALLOWED.items()}
    given = {name: value for name, value in read.items() if value is not None}
    if "concurrency" in given:
        return Capacity(Limits(**given))
    for name, value in given.items():
        raise ValueError(f'{name.upper()} is "{value}", and CONCURRENCY, to which it belongs, is not set')
    return None
