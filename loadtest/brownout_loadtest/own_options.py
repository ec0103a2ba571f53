"""Our options among others' in Locust's command line: where two have the same name, the other one keeps it.

Each of ours has two names, `--port` and `--brownout-port`; where a locustfile, a plugin or a newer Locust has
a `--port`, only the second is left. Its value has an attribute of its own, `brownout_port`, which no other
option sets. The plugin adds ours after those of every listener: which module was imported first is the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

PREFIX = "--brownout-"
FIELD_PREFIX = "brownout_"

_warned: set[str] = set()


def field_of(name: str) -> str:
    """Return the attribute, and the start form's field, of the option with this name: `brownout_port`."""
    return FIELD_PREFIX + name.removeprefix("--").replace("-", "_")


def prefixed(flag: str) -> str:
    """Return the name that an option always has: `--brownout-port`."""
    return PREFIX + flag.removeprefix("--")


def ours(options: argparse.Namespace | None) -> Any:
    """Return the values of our own options alone, without the prefix: `ours(options).port`."""
    own = {
        name.removeprefix(FIELD_PREFIX): value
        for name, value in vars(options or argparse.Namespace()).items()
        if name.startswith(FIELD_PREFIX)
    }
    return argparse.Namespace(**own)


def warn_once(taken: Sequence[str]) -> None:
    """Say which of our names belong to others here, and what to use instead; Locust makes several parsers."""
    new = [flag for flag in taken if flag not in _warned]
    if new:
        _warned.update(new)
        sys.stderr.write(f"locust: warning: {warning_about(new)}\n")


def warning_about(taken: Sequence[str]) -> str:
    """Return the warning for names of ours that others have."""
    instead = ", ".join(map(prefixed, taken))
    whose = "is an option" if len(taken) == 1 else "are options"
    return f"{', '.join(taken)} {whose} of your locustfile or of Locust here; for brownout use {instead}"


def checked(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser for argparse, which shows the message of this one exception alone."""

    def checked(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked


class OptionGroup:
    """A group of our options in --help. Locust's start form shows those that are marked for it."""

    def __init__(self, parser: argparse.ArgumentParser, title: str, description: str) -> None:
        # Told to resolve clashes, as some locustfiles tell the parser, argparse would drop the other option.
        self._group = parser.add_argument_group(title, description, conflict_handler="error")
        self._parser = parser
        self.taken: list[str] = []
        """Names that others have."""

    def add(self, flag: str, *, in_form: bool = True, **settings: Any) -> None:
        """Add an option under `flag`, unless that is taken, and under its name with the prefix."""
        settings["dest"] = field_of(flag)
        try:
            self._add(flag, in_form, settings)
        except argparse.ArgumentError:
            self.taken.append(flag)
            self._add_prefixed(flag, in_form, settings)
        else:
            hidden = {"help": argparse.SUPPRESS, "default": argparse.SUPPRESS}
            self._add_prefixed(flag, False, settings | hidden)

    def _add_prefixed(self, flag: str, in_form: bool, settings: dict[str, Any]) -> None:
        name = prefixed(flag)
        try:
            self._add(name, in_form, settings)
        except argparse.ArgumentError:
            self._parser.error(
                f"{name} is an option of your locustfile, but names that begin with {PREFIX} are brownout's: "
                "rename yours"
            )

    def _add(self, name: str, in_form: bool, settings: dict[str, Any]) -> None:
        action: Any = self._group.add_argument(name, **settings)
        action.include_in_web_ui = in_form
