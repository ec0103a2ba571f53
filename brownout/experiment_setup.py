"""The experiment that the options name or describe, read once, and what it asks of the run around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout.errors import UsageError
from brownout_chaos.files import ExperimentFile, InvalidExperimentError, load, path_of

MADE = Path("faults.json")
"""Name of an experiment that is made of faults; there is no such file."""

CAPACITY = ("backend_concurrency", "backend_service_time", "backend_queue")
"""Options of a backend's capacity, in the order of the extension's members."""


@dataclass(frozen=True)
class SelectedExperiment:
    """An experiment that was read, and the option that it comes from."""

    file: ExperimentFile
    option: str = "--experiment"


def selected_experiment(
    name: str | None, faults: Sequence[dict[str, Any]], kill: str | None, times: Mapping[str, Any]
) -> SelectedExperiment | None:
    """Read the experiment of this name, or make the one of these faults; None if there is neither.

    `times` are baseline, during, recovery, and the seed. The run folder keeps a copy. Raises UsageError.
    """
    if not faults and not kill:
        _refuse_times(times)
        return SelectedExperiment(read_experiment(name)) if name else None
    if name:
        raise UsageError(
            "--experiment names an experiment, and --fault or --kill make one: use one of the two."
        )
    return SelectedExperiment(made_experiment(faults, kill, times), "--fault" if faults else "--kill")


def made_experiment(
    faults: Sequence[dict[str, Any]], kill: str | None, times: Mapping[str, Any]
) -> ExperimentFile:
    """Make the experiment of these faults."""
    from brownout.fault_experiment import FaultScenario, experiment_document

    names = {"baseline": "baseline_s", "during": "during_s", "recovery": "recovery_s", "seed": "seed"}
    given = {names[name]: value for name, value in times.items() if value is not None}
    return ExperimentFile(MADE, experiment_document(FaultScenario(faults=faults, kill=kill, **given)))


def read_experiment(name: str) -> ExperimentFile:
    """Read an experiment by its path, or by its name if it comes with brownout. Raises UsageError."""
    try:
        return load(path_of(name).resolve())
    except InvalidExperimentError as error:
        raise UsageError(str(error), "--experiment") from None


def add_needs(
    experiment: ExperimentFile, options: dict[str, Any], fleet: dict[str, Any], *, starts_backends: bool
) -> str | None:
    """Add what the experiment needs, and the options don't say, to the options of the load and the fleet.

    Returns it for the user; None if there is nothing. Backends that run already keep their capacity. An
    extension that is wrong adds nothing: `experiment.check_experiment` refuses it.
    """
    from brownout_chaos.needs import needs_of

    try:
        needs = needs_of(experiment.document)
    except InvalidExperimentError:
        return None
    added = []
    if str(needs.load) and (options["users"], options["arrival_rate"]) == (None, None):
        options |= {"users": needs.load.users, "arrival_rate": needs.load.arrival_rate}
        added.append(str(needs.load))
    if needs.backend and starts_backends and all(fleet[name] is None for name in CAPACITY):
        limits = needs.backend
        values = (limits.concurrency, limits.service_time_ms, limits.queue_limit)
        fleet |= zip(CAPACITY, values, strict=True)
        added.append(f"backends that serve {limits}")
    return "; ".join(added) or None


def _refuse_times(times: Mapping[str, Any]) -> None:
    """Raises UsageError for a phase of faults that there are not."""
    for name, value in times.items():
        if value is not None:
            raise UsageError(
                f"--{name} needs --fault or --kill, and neither is given; as in: --fault error=30%,status=503"
            )
