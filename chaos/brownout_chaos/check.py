"""Check, before any load is sent, that an experiment can be run. A complaint names file, place and remedy."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid

from brownout_chaos import structure, tolerances
from brownout_chaos.files import ExperimentFile, InvalidExperimentError, load
from brownout_chaos.kill_targets import NoTargetError, Replica, targets
from brownout_chaos.namespaces import elsewhere
from brownout_chaos.needs import needs_of
from brownout_chaos.verdict import is_idle

PACKAGES = {
    "chaosaddons": "chaostoolkit-addons",
    "chaosaws": "chaostoolkit-aws",
    "chaosazure": "chaostoolkit-azure",
    "chaosgcp": "chaostoolkit-google-cloud-platform",
    "chaosk8s": "'brownout[k8s]'",
    "chaosprometheus": "chaostoolkit-prometheus",
}
"""The distribution of each Chaos Toolkit extension, by its import name.

No other name is recommended: in a package index it may belong to anybody."""

PLENTY = 64
"""Replicas assumed of a fleet that is not known yet: as many as a fleet can have."""

Ready = Mapping[str, int]
"""Ready replicas by service."""


def check(path: Path, ready: Ready | None = None, namespace: str | None = None) -> dict[str, Any]:
    """Read an experiment's file and check it; see `check_file`. Raises InvalidExperimentError."""
    file = load(path)
    check_file(file, ready, namespace)
    return file.document


def check_file(file: ExperimentFile, ready: Ready | None = None, namespace: str | None = None) -> None:
    """Check that an experiment can be run. Raises InvalidExperimentError.

    `ready` is how many replicas the fleet has, if that is known; `namespace` the fleet's, if it has one.
    """
    experiment = file.document
    complaint = (
        next(structure.complaints(experiment), None)
        or next(_complaints(experiment, ready), None)
        or next(elsewhere(experiment, namespace), None)
        or _engines_complaint(experiment)
    )
    if complaint:
        raise InvalidExperimentError(f"{file.path}: {complaint}")


def check_targets(file: ExperimentFile, ready: Ready | None) -> None:
    """Check the kills of a checked experiment against the ready replicas. Raises InvalidExperimentError."""
    for place, activities in structure.activities_of(file.document).items():
        for index, activity in enumerate(activities):
            for complaint in _of_kill(activity, ready):
                raise InvalidExperimentError(f"{file.path}: {_place(place, index, activity)}: {complaint}")


def _place(place: str, index: int, activity: Mapping[str, Any]) -> str:
    return f'{place}[{index}] "{structure.name_of(activity)}"'


def _complaints(experiment: dict[str, Any], ready: Ready | None) -> Iterator[str]:
    if not experiment.get("title"):
        yield 'it has no title. Add "title": the hypothesis in a sentence.'
    if not (experiment.get("steady-state-hypothesis") or {}).get("probes"):
        yield (
            "steady-state-hypothesis: it has no probe, so any outcome would pass. Add one, such as "
            "success_ratio of brownout.probes."
        )
    try:
        needs_of(experiment)
    except InvalidExperimentError as error:
        yield str(error)
    if experiment.get("dry"):
        yield 'dry: a dry run does nothing and proves nothing. Remove "dry".'
    parts = structure.activities_of(experiment)
    for place, activities in parts.items():
        for index, activity in enumerate(activities):
            for complaint in _of_activity(activity, ready):
                yield f"{_place(place, index, activity)}: {complaint}"
    for index, activity in enumerate(parts["method"]):
        if activity.get("type") == "probe" and (unjudged := tolerances.complaint(activity)):
            yield f"{_place('method', index, activity)}: {unjudged}"
    yield from _of_method(parts["method"], parts["rollbacks"])


def _of_method(method: list[Any], rollbacks: list[Any]) -> Iterator[str]:
    acting = [one for one in method if one.get("type") == "action"]
    if all(is_idle(one) for one in acting):
        yield "method: it changes nothing. Add an action, such as kill_replica of brownout.actions."
    sets = any(_is_ours(one) and _func(one) == "set_faults" for one in method)
    clears = any(_is_ours(one) and _func(one) == "clear_faults" for one in rollbacks)
    if sets and not clears:
        yield "rollbacks: nothing clears the method's faults. Add clear_faults of brownout.actions."


def _of_activity(activity: Any, ready: Ready | None) -> Iterator[str]:
    provider = activity.get("provider") or {}
    if activity.get("dry"):
        yield 'a dry activity does nothing. Remove "dry".'
    if provider.get("type") != "python":
        return
    yield from _of_function(str(provider.get("module")), str(provider.get("func")))
    arguments = provider.get("arguments") or {}
    yield from _of_kill(activity, ready)
    if provider.get("func") == "terminate_pods" and not (
        arguments.get("label_selector") or arguments.get("name_pattern")
    ):
        yield "without a label_selector it would terminate every pod of the namespace. Name the pods."


def _of_function(module: str, function: str) -> Iterator[str]:
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        package = PACKAGES.get(module.partition(".")[0])
        remedy = (
            f"Install it: pip install {package}"
            if package
            else "Correct the name, install what has it, or put its folder on PYTHONPATH"
        )
        yield f'the module "{module}" can\'t be imported ({error}). {remedy}'
        return
    except Exception as error:  # noqa: BLE001 - a module of the user's may raise anything
        yield f'the module "{module}" can\'t be imported: {type(error).__name__}: {error}'
        return
    if not hasattr(found, function):
        known = ", ".join(getattr(found, "__all__", [])) or "none"
        yield f'"{module}" has no "{function}"; there are: {known}'


ROLES = ("backend", "client")
"""Services that every fleet has; others are named in brownout.toml."""


def _of_kill(activity: Mapping[str, Any], ready: Ready | None) -> Iterator[str]:
    """Complain about a kill of no replica, of more than there are, or of the last one."""
    if not _is_ours(activity) or _func(activity) != "kill_replica":
        return
    arguments = activity["provider"].get("arguments") or {}
    name, service = arguments.get("name"), str(arguments.get("service", "backend"))
    if name:
        service, _, number = str(name).rpartition("-")
        if ready and ready.get(service) and number.isdigit() and int(number) > ready[service]:
            yield f'there is no replica "{name}": of "{service}" there are {ready[service]}'
    else:
        try:
            targets(_pretended(service, ready), service, None, **_choice(arguments))
        except NoTargetError as error:
            yield str(error)
        except TypeError:
            yield "count must be a whole number, and percentage a number"
    if ready and ready.get(service) == 1 and not arguments.get("even_last"):
        more = f"--{service}s 2" if service in ROLES else "replicas = 2 in brownout.toml"
        yield (
            f'it would kill the last ready replica of "{service}". Start more ({more}), or set '
            '"even_last": true.'
        )


def _choice(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("pick", "seed", "count", "percentage") if name in arguments}


def _pretended(service: str, ready: Ready | None) -> list[Replica]:
    """Make up the known replicas; of an unknown fleet, plenty of the service."""
    return [
        {"name": f"{one}-{number}", "service": one, "phase": "ready", "uid": "", "started_at": 0.0}
        for one, count in ({service: PLENTY} if ready is None else ready).items()
        for number in range(count)
    ]


def _engines_complaint(experiment: dict[str, Any]) -> str | None:
    """Return what Chaos Toolkit itself complains about."""
    logger = logging.getLogger("chaostoolkit")
    silent, logger.disabled = logger.disabled, True
    try:
        ensure_experiment_is_valid(experiment)
    except (ChaosException, TypeError, AttributeError, KeyError) as error:
        return f"{error}"
    finally:
        logger.disabled = silent
    return None


def _is_ours(activity: Mapping[str, Any]) -> bool:
    return (activity.get("provider") or {}).get("module") == "brownout.actions"


def _func(activity: Mapping[str, Any]) -> str | None:
    return (activity.get("provider") or {}).get("func")
