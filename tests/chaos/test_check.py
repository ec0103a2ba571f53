"""What can't be run is refused before any load is sent: file, place, remedy."""

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from brownout_chaos import files
from brownout_chaos.check import check
from brownout_chaos.files import InvalidExperimentError, path_of
from tests.chaos.experiments import activity, experiment, steady, write
from tests.servers import ROOT

OURS = sorted(files.FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_every_experiment_of_ours_can_be_run_has_three_phases_and_rolls_back(path: Path) -> None:
    document = check(path, {"backend": 2, "client": 2})
    assert files.phases(document) == ["baseline", "fault", "recovery"]
    assert [one["provider"]["func"] for one in document["rollbacks"]] == ["clear_faults"]
    assert {"brownout.probes"} == {
        one["provider"]["module"] for one in document["steady-state-hypothesis"]["probes"]
    }


PROBE = activity("goodput", "brownout.probes", "probe")

BAD: list[tuple[Any, str]] = [
    ('{"title": "x",\n  oops}', ":2:3: not JSON"),
    ("[]", "an experiment is an object"),
    ({"description": "x"}, "it has no title"),
    (experiment(**{"steady-state-hypothesis": None}), "steady-state-hypothesis: it has no probe"),
    (experiment(**{"steady-state-hypothesis": {"title": "x", "probes": []}}), "it has no probe"),
    (experiment(dry="actions"), "dry: a dry run does nothing"),
    (experiment({**activity("clear_faults"), "dry": "actions"}), 'method[0] "action clear_faults": a dry'),
    (
        experiment(activity("set_fautls")),
        '"brownout.actions" has no "set_fautls"; there are: clear_faults, kill',
    ),
    (
        experiment(activity("terminate_pods", "chaosk9s.pod.actions")),
        'method[0] "action terminate_pods": the module "chaosk9s.pod.actions" can\'t be imported',
    ),
    (experiment(activity("f", "chaosaws.ec2")), "Install it: pip install chaostoolkit-aws"),
    (
        experiment(activity("f", "chaosk9s.pods")),
        "Correct the name, install what has it, or put its folder on",
    ),
    (experiment(activity("f", "tests.chaos.broken")), "can't be imported: RuntimeError: half written"),
    (
        experiment(activity("terminate_pods", "chaosk8s.pod.actions")),
        "without a label_selector it would terminate every pod of the namespace",
    ),
    (experiment(activity("mark_phase", phase="x")), "method: it changes nothing"),
    (experiment(method=[]), "method: it changes nothing"),
    (experiment(rollbacks=[]), "rollbacks: nothing clears the method's faults"),
    (experiment(activity("set_faults", faults=[], colour="red")), "colour"),
    (experiment(method=["x"]), 'method[0] "?": an activity is an object'),
    (experiment(rollbacks=[None]), 'rollbacks[0] "?": an activity is an object'),
    (experiment(method={}), "method: it must be a list"),
    (experiment(title=3), "title: it must be a text"),
    (experiment(**{"steady-state-hypothesis": "x"}), "steady-state-hypothesis: it must be an object"),
    (
        experiment(**{"steady-state-hypothesis": {"title": "x", "probes": [PROBE]}}),
        'steady-state-hypothesis.probes[0] "probe goodput": it has no tolerance',
    ),
    (experiment(controls=[1]), 'controls[0]: it must be an object with a "name"'),
    (experiment(extensions="x"), "extensions: it must be a list"),
    (experiment(configuration=[]), "configuration: it must be an object"),
    (experiment({"type": "action", "name": "a"}), 'method[0] "a": it has no provider'),
    (experiment({**PROBE, "type": "axion"}), 'its type is "axion"; allowed: action, probe'),
    (experiment(activity("x", "")), 'method[0] "action x".provider.module: "" is not a name'),
    (experiment(activity("x", ".y")), '.provider.module: ".y" is not a name'),
    (
        experiment({**PROBE, "provider": {"type": "python", "arguments": []}}),
        "arguments: it must be an object",
    ),
    (experiment(activity("clear_faults", pause=-5)), ".pauses.after: -5 s is not a duration"),
    (experiment({**PROBE, "type": "action"}), "method: it changes nothing"),
    (experiment({**PROBE, "tolerance": {"type": "range"}}), 'method[0] "probe goodput": hypothesis range'),
    (experiment({**PROBE, "tolerance": PROBE}), "its tolerance is a probe, which is only run in the steady"),
    (experiment(description=""), "description"),
]


@pytest.mark.parametrize(("document", "words"), BAD, ids=[words for _, words in BAD])
def test_refused_with_file_place_and_remedy(document: Any, words: str, tmp_path: Path) -> None:
    path = write(tmp_path, document)
    with pytest.raises(InvalidExperimentError) as raised:
        check(path)
    assert str(raised.value).startswith(str(path))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "ready", "words"),
    [
        ({"service": "db"}, {"backend": 1}, 'no replica of "db" is ready; there are: "backend-0" (ready)'),
        ({}, {"backend": 1}, 'the last ready replica of "backend". Start more (--backends 2)'),
        ({}, {"client": 1}, 'no replica of "backend" is ready'),
        ({"name": "client-0"}, {"client": 1, "backend": 2}, 'the last ready replica of "client"'),
    ],
)
def test_a_kill_of_nobody_or_of_the_last_one_is_refused(
    arguments: dict[str, Any], ready: dict[str, int], words: str, tmp_path: Path
) -> None:
    path = write(tmp_path, experiment(activity("kill_replica", **arguments)))
    with pytest.raises(InvalidExperimentError) as raised:
        check(path, ready)
    assert words in str(raised.value)
    check(path, {"backend": 3, "client": 3, "db": 2})


@pytest.mark.parametrize(
    ("where", "meant"),
    [({}, "default"), ({"ns": "prod"}, "prod"), ({"ns": "${mine}"}, "theirs"), ({"ns": "${no}"}, "None")],
)
def test_pods_of_another_namespace_than_the_fleet_s_are_none_of_the_experiment_s(
    where: dict[str, Any], meant: str, tmp_path: Path
) -> None:
    kill = activity("terminate_pods", "chaosk8s.pod.actions", label_selector="app=x", **where)
    path = write(tmp_path, experiment(kill, configuration={"mine": "theirs"}))
    with pytest.raises(InvalidExperimentError, match=f'namespace "{meant}", and the fleet is in "lab"'):
        check(path, namespace="lab")


def test_the_lab_s_file_ends_pods_in_the_fleet_s_namespace() -> None:
    check(path_of("pod-kill-lab"), namespace="lab")
    check(path_of("pod-kill-lab"), namespace="default")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"count": 0}, '0 of 2 ready replicas of "backend" can\'t be killed; allowed: 1 to 2'),
        ({"count": 3}, "3 of 2 ready replicas"),
        ({"percentage": 0}, "0 of 2 ready replicas"),
        ({"count": "two"}, "count must be a whole number"),
        ({"pick": "youngest"}, 'pick is "youngest"; allowed: random, oldest'),
        ({"name": "backend-9"}, 'there is no replica "backend-9": of "backend" there are 2'),
    ],
)
def test_a_choice_that_nobody_could_make_is_refused(
    arguments: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidExperimentError) as raised:
        check(write(tmp_path, experiment(activity("kill_replica", **arguments))), {"backend": 2})
    assert words in str(raised.value)


@pytest.mark.parametrize("arguments", [{"count": 0}, {"percentage": -1}, {"pick": "youngest"}])
def test_a_kill_of_nobody_is_refused_before_the_fleet_is_known(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(InvalidExperimentError, match=r"can't be killed|allowed"):
        check(write(tmp_path, experiment(activity("kill_replica", **arguments))))


def test_even_the_last_one_may_be_killed_if_it_is_said(tmp_path: Path) -> None:
    check(write(tmp_path, experiment(activity("kill_replica", even_last=True))), {"backend": 1})


def test_the_program_lists_ours_and_those_that_are_named(tmp_path: Path) -> None:
    path = write(
        tmp_path, experiment(activity("mark_phase", phase="a"), **{"steady-state-hypothesis": steady()})
    )
    listed = {one["file"]: one for one in files.listed({"BROWNOUT_EXPERIMENTS": str(path)})}
    assert listed.keys() == {*(one.stem for one in OURS), str(path)}
    assert listed[str(path)]["phases"] == ["a"]
    assert path_of("pod-kill") == files.FOLDER / "pod-kill.json"
    with pytest.raises(InvalidExperimentError, match='"nothing" is neither a file nor an experiment'):
        path_of("nothing")


def test_the_lab_s_file_calls_chaosk8s_as_it_is() -> None:
    (kill,) = [one for one in files.read(path_of("pod-kill-lab"))["method"] if "terminate" in json.dumps(one)]
    function = getattr(importlib.import_module(kill["provider"]["module"]), kill["provider"]["func"])
    inspect.signature(function).bind(**kill["provider"]["arguments"])
    assert kill["provider"]["arguments"]["label_selector"] == "app=backend"


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_every_activity_of_ours_has_arguments_that_its_function_takes(path: Path) -> None:
    document = files.read(path)
    for one in [*document["steady-state-hypothesis"]["probes"], *document["method"], *document["rollbacks"]]:
        provider = one["provider"]
        function = getattr(importlib.import_module(provider["module"]), provider["func"])
        inspect.signature(function).bind(**provider.get("arguments", {}))


def test_the_program_answers_as_the_panel_asks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "brownout_chaos"]
    listed = subprocess.run([*command, "--list"], cwd=ROOT, capture_output=True, timeout=40, check=True)
    assert "pod-kill" in {one["file"] for one in json.loads(listed.stdout)}
    discovered = subprocess.run(
        [*command, "--discover"], cwd=ROOT, capture_output=True, timeout=40, check=True
    )
    assert "kill_replica" in {one["name"] for one in json.loads(discovered.stdout)["activities"]}
    path = str(write(tmp_path, "{"))
    refused = subprocess.run(
        [*command, path, "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        timeout=40,
        check=False,
        text=True,
    )
    assert (refused.returncode, refused.stderr.startswith(f"{path}:1:2: not JSON")) == (2, True)
