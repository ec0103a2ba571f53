"""The load's settings: as Locust arguments, as fields of its start form, and checked.

The form hands every value on as text or as the type of the default, so all of them are parsed here, again
and again, wherever they come from.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict, dataclass
from typing import Any, cast

from brownout_fleet import fleet_kinds
from brownout_fleet.kind import flags
from brownout_loadtest.arrivals import PROCESSES, Process, Schedule
from brownout_loadtest.injectors import injector
from brownout_loadtest.own_options import OptionGroup, checked, ours
from brownout_loadtest.own_services import breaker
from brownout_loadtest.shapes import SHAPES, Shape, parameters_of
from brownout_loadtest.shapes.polyline import Polyline
from brownout_loadtest.shapes.steady import Steady
from brownout_terms.bounds import Bounds
from brownout_terms.outcomes import FAILURES, Outcome

LIMIT_OF_USERS = 1000
"""Requests at once in open loop, unless --users says otherwise. Idle users cost next to nothing; too few of
them drop arrivals, and 1,000 carry 200 arrivals a second through a stall of 5 s."""

LENGTH_S = 120.0
"""How long a shape takes when no run time is given; its last level stays from then on."""

DRAIN_S = 5
"""Seconds that requests under way get to finish at the end of an open-loop load, unless --stop-timeout says
otherwise. Locust's default, none, would lose the slowest ones unseen."""

RATE = Bounds(0, math.inf, 50, "per second", above=True)
USERS = Bounds(1, math.inf, 10, whole=True)
SEED = Bounds(0, 2**63 - 1, 1, whole=True)
TIMEOUT = Bounds(0, math.inf, 10, "s", above=True)
PAUSE = Bounds(0, math.inf, 0.1, "s")

ALSO = "Each of brownout's options also has a name that begins with --brownout-, as in --brownout-shape."


class LoadError(ValueError):
    """An invalid setting; the message names the option, quotes the value, says what is allowed."""


@dataclass(frozen=True)
class LoadOptions:
    """What load to make. `users` is the concurrency limit in open loop; None in either: the default."""

    users: int | None
    run_time_s: float | None
    arrival_rate: float | None
    """Arrivals per second at the peak; None: closed loop."""
    process: Process
    seed: int
    shape: Shape

    @property
    def is_open(self) -> bool:
        """Whether arrivals come by the clock and not by the users' answers."""
        return self.arrival_rate is not None

    @property
    def is_driven(self) -> bool:
        """Whether brownout, and not Locust, says how many users there are and when the load ends."""
        return self.is_open or not isinstance(self.shape, Steady)

    @property
    def peak_users(self) -> int:
        """How many users there are at level 1."""
        return self.users or (LIMIT_OF_USERS if self.is_open else 1)

    @property
    def line(self) -> Polyline:
        """The shape over this run."""
        return self.shape.line(self.run_time_s or LENGTH_S)

    @property
    def schedule(self) -> Schedule:
        """The arrivals of an open-loop load."""
        return Schedule(cast(float, self.arrival_rate), self.line, self.process, self.seed, self.run_time_s)

    def settings(self) -> dict[str, Any]:
        """Settings for the run's record."""
        return {
            "users": self.peak_users,
            "run_time_s": self.run_time_s,
            "arrival_rate": self.arrival_rate,
            "arrivals": self.process if self.is_open else None,
            "arrival_seed": self.seed if self.is_open else None,
            "shape": self.shape.name,
            "shape_parameters": asdict(self.shape),
            "polyline": [list(point) for point in self.line],
        }


@dataclass(frozen=True)
class ClientOptions:
    """Settings of the users in loadtest/locustfile.py."""

    failures: frozenset[Outcome]
    request_timeout_s: float
    think_time_s: float


def add_load_arguments(parser: argparse.ArgumentParser) -> list[str]:
    """Add the options for every locustfile; returns the names that others have."""
    load = _Group(parser, "brownout: load", "Open-loop arrivals and load shapes. " + ALSO)
    load.number(
        "--arrival-rate",
        RATE,
        None,
        "Open loop: requests (task executions) per second at the peak, however slow the service is. "
        f"--users then limits the requests at once, {LIMIT_OF_USERS} by default. Empty: closed loop",
    )
    load.choice("--arrivals", PROCESSES, "Open loop: evenly spaced arrivals, or a Poisson process")
    load.number("--arrival-seed", SEED, 1, "Open loop: the same seed gives the same Poisson arrivals")
    load.choice("--shape", tuple(SHAPES), "How users or arrival rate change over time; see docs/shapes.md")
    for shape in SHAPES.values():
        for parameter in parameters_of(shape):
            flag = "--" + parameter.name.replace("_", "-")
            load.number(flag, parameter.bounds, parameter.default, parameter.help)
    taken = [*load.taken, *_add_fleet_arguments(parser)]
    return [*taken, *_add_panel_arguments(parser), *_add_record_arguments(parser)]


def _add_panel_arguments(parser: argparse.ArgumentParser) -> list[str]:
    panel = _Group(parser, "brownout: panel", "The control panel, at /panel of Locust's page.")
    panel.add(
        "--panel-port",
        in_form=False,
        type=int,
        metavar="<port>",
        help="Headless runs: serve the control panel on this port of 127.0.0.1; 0 takes any free one",
    )
    panel.add(
        "--panel-allow-host",
        in_form=False,
        action="append",
        default=[],
        metavar="<name>",
        help="Another host name under which the panel answers, besides localhost and --web-host; repeatable",
    )
    return panel.taken


def _add_record_arguments(parser: argparse.ArgumentParser) -> list[str]:
    record = _Group(parser, "brownout: record", "Each test writes a run folder.")
    record.add("--label", metavar="<text>", help="Name of the run; its folder's name ends with it")
    record.add(
        "--out",
        in_form=False,
        metavar="<dir>",
        default="results/runs",
        help="Folder for run folders",
    )
    record.add("--no-record", in_form=False, action="store_true", help="Write no run folder")
    return record.taken


def _add_fleet_arguments(parser: argparse.ArgumentParser) -> list[str]:
    fleet = _Group(parser, "brownout: fleet", "The services under test.")
    fleet.add(
        "--fleet",
        in_form=False,
        choices=("none", *fleet_kinds.FLEET_KINDS),
        default="none",
        help="Start client and backend beside the load and end them with it, or reach those that run: "
        + ", ".join(f"{kind.name} ({kind.replicas})" for kind in fleet_kinds.FLEET_KINDS.values())
        + ". Default: none",
    )
    fleet.add(
        "--injector",
        in_form=False,
        action="append",
        default=[],
        type=injector,
        metavar="<url>",
        help="URL of a service of your own with the FaultInjector: faults are set there too; repeatable",
    )
    fleet.add(
        "--breaker",
        in_form=False,
        action="append",
        default=[],
        type=breaker,
        metavar="<url>",
        help="Where the breakers of a service of your own are read: its path, such as /metrics, or a URL; "
        "repeatable",
    )
    for option, kinds in fleet_kinds.options().values():
        if option.in_locust:
            shown = option.default_help if option.default is None else option.default
            fleet.add(
                option.flag,
                in_form=False,
                metavar=f"<{option.metavar.lower()}>",
                default=option.default,
                type=int if option.type == "integer" else str,
                help=f"With {flags(kinds)}: {option.help}. Default: {shown}",
            )
    return fleet.taken


def add_client_arguments(parser: argparse.ArgumentParser) -> list[str]:
    """Add the options for loadtest/locustfile.py alone; returns the names that others have."""
    client = _Group(parser, "brownout: users", "What a user of the client service does.")
    client.add(
        "--count-as-failure",
        metavar="<outcomes>",
        type=checked(_failures_text),
        default=",".join(FAILURES),
        help="Outcomes that Locust counts as failures, of fallback,error,tunnel; or none",
    )
    client.number(
        "--request-timeout", TIMEOUT, 60.0, "Seconds without an answer after which a request has timed out"
    )
    client.number("--think-time", PAUSE, 0.1, "Closed loop: seconds from an answer to the next request")
    return client.taken


def load_of(options: argparse.Namespace) -> LoadOptions:
    """The load that the options ask for. Raises LoadError."""
    own = ours(options)
    shape_name = _one_of("--shape", own.shape, tuple(SHAPES))
    process = _one_of("--arrivals", own.arrivals, PROCESSES)
    users = _number("--users", options.num_users, USERS)
    seed = _number("--arrival-seed", own.arrival_seed, SEED)
    return LoadOptions(
        users=None if users is None else int(users),
        run_time_s=options.run_time or None,
        arrival_rate=_number("--arrival-rate", own.arrival_rate, RATE),
        process=cast(Process, process),
        seed=int(seed or 0),
        shape=_shape(SHAPES[shape_name], own),
    )


def client_options(options: Any) -> ClientOptions:
    """The users' settings. Raises LoadError."""
    own = ours(options)
    return ClientOptions(
        failures=_failures(own.count_as_failure),
        request_timeout_s=_number("--request-timeout", own.request_timeout, TIMEOUT) or 60.0,
        think_time_s=_number("--think-time", own.think_time, PAUSE) or 0.0,
    )


def _shape(shape: type[Shape], own: Any) -> Shape:
    values: dict[str, Any] = {}
    for parameter in parameters_of(shape):
        flag = "--" + parameter.name.replace("_", "-")
        value = _number(flag, getattr(own, parameter.name), parameter.bounds)
        values[parameter.name] = parameter.default if value is None else value
    return shape(**values)


def _number(flag: str, value: object, bounds: Bounds) -> float | None:
    """The number that an option holds; None where it is empty."""
    if value is None or value == "":
        return None
    try:
        return bounds.parse(value)
    except ValueError as error:
        raise LoadError(f"{flag}: {error}") from None


def _one_of(flag: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise LoadError(f'{flag}: "{value}" is not one of {", ".join(allowed)}')
    return value


def _failures(text: str) -> frozenset[Outcome]:
    names = [] if text.strip() in ("", "none") else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in FAILURES:
            raise LoadError(f'--count-as-failure: "{name}" is not one of {", ".join(FAILURES)}, none')
    return frozenset(cast(list[Outcome], names))


def _failures_text(text: str) -> str:
    _failures(text)
    return text


class _Group(OptionGroup):
    """A group of options with numbers and choices."""

    def number(self, flag: str, bounds: Bounds, default: float | None, help_text: str) -> None:
        shown = "" if default is None else f". Default: {default:g}"
        text = help_text + shown
        self.add(flag, type=checked(bounds.parse), default=default, metavar="<number>", help=text)

    def choice(self, flag: str, choices: tuple[str, ...], help_text: str) -> None:
        self.add(flag, choices=choices, default=choices[0], help=f"{help_text}. Default: {choices[0]}")
