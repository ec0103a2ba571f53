"""Facts about a run that would explain a difference in its figures: target, load, length, fleet. Pure.

A fact that a source does not tell is left out: Locust's CSV files have no target, for example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from brownout_results.read.locust_csv import GENERATIONS, Lack, LocustRun
from brownout_results.read.run_folder import Run, SampleTable

from .phases import load_seconds

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
OWN_FOLDER = "a brownout run folder"

EXPORTS = (".html", ".json")
"""Suffixes of Locust's exports, whose percentiles are their own, whatever the columns of its tables."""

PAGE_ROW_S = 5.0
"""Locust's page has a row of its history every five seconds."""

WRITERS = {
    "G3": frozenset({"G3", "G4"}),  # G4's without the table of exceptions
    "G3 to G5": frozenset({"G3", "G4", "G5"}),
    "G2 to G5": frozenset({"G2", "G3", "G4", "G5"}),
}
"""Which generations may have written files that are called so; all others are one."""

FIELDS = (
    "source",
    "target",
    "load",
    "users",
    "shape",
    "duration",
    "percentile columns",
    "outcomes",
    "fleet",
    "backend capacity",
)
"""What is looked at, in the order in which it is told."""


@dataclass(frozen=True)
class Facts:
    """What about a run must be the same; a field that is missing is not known."""

    texts: Mapping[str, str]
    duration_s: float | None = None
    generations: frozenset[str] = frozenset()
    """Of Locust's files: the generations that may have written them, of which not all files tell as much."""

    duration_off_s: float = 0.0
    """How far the duration may be from the true one."""


def locust_facts(run: LocustRun) -> Facts:
    """Return the facts that Locust's own files tell."""
    peak = np.nanmax(run.users) if np.isfinite(run.users).any() else None
    has_tables = any(path.suffix not in EXPORTS for path in run.files)
    texts = {
        "source": f"files of {GENERATIONS[run.generation]}",
        "target": run.target,
        "users": None if peak is None else f"{peak:g} at most",
        "percentile columns": ", ".join(f"{percent:g} %" for percent in run.percents) if has_tables else "",
    }
    known = {field: text for field, text in texts.items() if text}
    off_s = PAGE_ROW_S if Lack.RATES_SMOOTHED in run.lacks else 0.0
    return Facts(known, run.duration_s, WRITERS.get(run.generation, frozenset({run.generation})), off_s)


def folder_facts(run: Run) -> Facts:
    """Return the facts that a run folder tells."""
    load: Mapping[str, Any] = run.manifest.get("load") or {}
    rate = load.get("arrival_rate")
    texts = {
        "source": OWN_FOLDER,
        "target": _target(str(run.manifest.get("target") or ""), has_fleet=bool(run.samples)),
        "load": _load(load),
        "users": None if rate or load.get("users") is None else str(load["users"]),
        "shape": _shape(load),
        "outcomes": "; ".join(map(str, run.manifest.get("outcomes") or ())),
        "fleet": fleet_of(run.samples),
        "backend capacity": _capacity(run.events) if run.samples else "",
    }
    seconds = len(load_seconds(run))
    return Facts({field: text for field, text in texts.items() if text}, float(seconds) if seconds else None)


def _target(url: str, *, has_fleet: bool) -> str:
    """A fleet's client is the same target on any port of this machine."""
    is_here = urlsplit(url).hostname in LOOPBACK
    return "the fleet's client" if has_fleet and is_here else url


def _load(load: Mapping[str, Any]) -> str:
    rate = load.get("arrival_rate")
    if rate:
        return f"{rate:g} requests/s, {load.get('arrivals') or 'constant'} arrivals"
    return "closed loop" if load else ""


def _shape(load: Mapping[str, Any]) -> str:
    parameters = load.get("shape_parameters") or {}
    told = ", ".join(f"{name} {value}" for name, value in sorted(parameters.items()))
    return " ".join(part for part in (str(load.get("shape") or ""), f"({told})" if told else "") if part)


def _capacity(events: Sequence[Mapping[str, Any]]) -> str:
    """What each backend could do at once, by the timeline."""
    limits = {
        f"{one.get('concurrency')} at once of {one.get('service_time_ms')} ms, "
        f"{one.get('queue_limit')} may wait"
        for one in events
        if one.get("kind") == "capacity"
    }
    return " and ".join(sorted(limits)) or "no limit"


def fleet_of(samples: SampleTable) -> str:
    """Replicas by service, as most seconds had them: "2 backend, 2 client"; empty if none was sampled."""
    if not samples:
        return ""
    service = samples.text("service")
    _, second = np.unique(samples.ints("second"), return_inverse=True)
    width = len(service.names)
    seen = np.bincount(second * width + service.codes, minlength=width * (int(second.max()) + 1))
    fleets, first, seconds = np.unique(seen.reshape(-1, width), axis=0, return_index=True, return_counts=True)
    usual = fleets[min(range(len(fleets)), key=lambda one: (-seconds[one], first[one]))].tolist()
    counts = sorted(zip(service.names, usual, strict=True))
    return ", ".join(f"{count} {name}" for name, count in counts if count)
