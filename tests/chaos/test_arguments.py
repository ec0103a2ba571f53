"""Faults and policies that no service would take are refused before any load is sent."""

from typing import Any

import pytest

from brownout.experiment_arguments import complaint
from brownout_chaos import files
from tests.chaos.experiments import FAULTS, activity, experiment


def faults(**arguments: Any) -> dict[str, Any]:
    return experiment(activity("set_faults", **arguments))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (faults(), 'the body has no "faults"'),
        (faults(faults=[{"kind": "eror"}]), '"eror"; allowed: '),
        (faults(faults=[{"kind": "error", "rate": 30}]), "faults[0].rate is 30; allowed: a number from 0"),
        (faults(faults=[{"kind": "latency", "millis": 3}]), 'unknown field "millis"; allowed: '),
        (faults(faults=FAULTS, seed=-1), "seed is -1"),
        (
            experiment(activity("set_policy", preset="ful")),
            'preset is "ful"; allowed: none, retry, breaker, full, lab',
        ),
    ],
)
def test_what_no_service_takes_is_refused_with_its_place(document: dict[str, Any], words: str) -> None:
    found = complaint(document)
    assert found is not None
    assert found.startswith('method[0] "action set_')
    assert words in found


def test_what_services_take_or_the_configuration_has_is_not() -> None:
    assert complaint(faults(faults=FAULTS, seed=3, lease_s=5, within_s=2)) is None
    assert complaint(faults(faults="${mine}")) is None
    assert complaint(experiment(activity("set_policy", preset="full"))) is None
    for path in files.FOLDER.glob("*.json"):
        assert complaint(files.read(path)) is None
