"""Whether an experiment can be run at all, before any load is sent: file, place and remedy if not."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid

from brownout_chaos import measured, shape
from brownout_chaos.files import ExperimentError, ExperimentFile, load
from brownout_chaos.kills import NoTargetError, Replica, targets
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
"""What installs each of Chaos Toolkit's own extensions, by the name that is imported.

No other name is recommended to be installed: what has it in an index may be anybody's."""

PLENTY = 64
"""Replicas of a fleet that is not known yet: as many as there can be."""

Ready = Mapping[str, int]
"""Ready replicas by service."""


def check(path: Path, ready: Ready | None = None, namespace: str | None = None) -> dict[str, Any]:
    """Read an experiment's file and check it; see `check_file`. Raises ExperimentError."""
    file = load(path)
    check_file(file, ready, namespace)
    return file.document


def check_file(file: ExperimentFile, ready: Ready | None = None, namespace: str | None = None) -> None:
    """Check that an experiment can be run. Raises ExperimentError.

    `ready` is how many replicas the fleet has, if that is known; `namespace` the fleet's, if it has one.
    """
    experiment = file.document
    complaint = (
        next(shape.complaints(experiment), None)
        or next(_complaints(experiment, ready), None)
        or next(elsewhere(experiment, namespace), None)
        or _engines_complaint(experiment)
    )
    if complaint:
        raise ExperimentError(f"{file.path}: {complaint}")


def check_targets(file: ExperimentFile, ready: Ready | None) -> None:
    """Check whom a checked experiment kills, now that the replicas are known. Raises ExperimentError."""
    for place, activities in shape.parts(file.document).items():
        for index, activity in enumerate(activities):
            for complaint in _of_kill(activity, ready):
                raise ExperimentError(f"{file.path}: {_place(place, index, activity)}: {complaint}")


def _place(place: str, index: int, activity: Mapping[str, Any]) -> str:
    return f'{place}[{index}] "{shape.name_of(activity)}"'


def _complaints(experiment: dict[str, Any], ready: Ready | None) -> Iterator[str]:
    if not experiment.get("title"):
        yield 'it has no title. Add "title": the hypothesis in a sentence.'
    if not (experiment.get("steady-state-hypothesis") or {}).get("probes"):
        yield (
            "steady-state-hypothesis: it has no probe, so that any outcome would do. Add one, such as "
            "success_ratio of brownout.probes."
        )
    try:
        needs_of(experiment)
    except ExperimentError as error:
        yield str(error)
    if experiment.get("dry"):
        yield 'dry: a dry run does nothing, and shows nothing. Remove "dry".'
    parts = shape.parts(experiment)
    for place, activities in parts.items():
        for index, activity in enumerate(activities):
            for complaint in _of_activity(activity, ready):
                yield f"{_place(place, index, activity)}: {complaint}"
    for index, activity in enumerate(parts["method"]):
        if activity.get("type") == "probe" and (unjudged := measured.complaint(activity)):
            yield f"{_place('method', index, activity)}: {unjudged}"
    yield from _of_method(parts["method"], parts["rollbacks"])


def _of_method(method: list[Any], rollbacks: list[Any]) -> Iterator[str]:
    acting = [one for one in method if one.get("type") == "action"]
    if all(is_idle(one) for one in acting):
        yield "method: it changes nothing. Add an action, such as kill_replica of brownout.actions."
    sets = any(_is_ours(one) and _func(one) == "set_faults" for one in method)
    clears = any(_is_ours(one) and _func(one) == "clear_faults" for one in rollbacks)
    if sets and not clears:
        yield "rollbacks: the faults that the method sets stay. Add clear_faults of brownout.actions."


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
        yield "without a label_selector every pod of the namespace is meant. Name the pods."


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


def _of_kill(activity: Mapping[str, Any], ready: Ready | None) -> Iterator[str]:
    """Whom it would kill: nobody, more than there are, or the last one."""
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
        yield (
            f'it would kill the last ready replica of "{service}". Start more (--{service}s 2), or say '
            '"even_last": true.'
        )


def _choice(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("pick", "seed", "count", "percentage") if name in arguments}


def _pretended(service: str, ready: Ready | None) -> list[Replica]:
    """Replicas as many as are known; of a fleet that is not, the service that is meant, with plenty."""
    return [
        {"name": f"{one}-{number}", "service": one, "phase": "ready", "uid": "", "started_at": 0.0}
        for one, count in ({service: PLENTY} if ready is None else ready).items()
        for number in range(count)
    ]


def _engines_complaint(experiment: dict[str, Any]) -> str | None:
    """What Chaos Toolkit itself has to say."""
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
