"""Experiment files that name our modules as they were called before go on to work, with one notice."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from brownout_chaos.check import check
from brownout_chaos.files import FOLDER, load
from tests.chaos.experiments import experiment

OLD = {"brownout.actions": "chaos.actions", "brownout.probes": "chaos.probes"}


def old_pod_kill() -> dict[str, Any]:
    """Our own experiment, as it was written before; with the control, which some have declared."""
    text = (FOLDER / "pod-kill.json").read_text(encoding="utf-8")
    for new, old in OLD.items():
        text = text.replace(new, old)
    control = {"name": "timeline", "provider": {"type": "python", "module": "chaos.control"}}
    document: dict[str, Any] = json.loads(text)
    return {**document, "controls": [control]}


@pytest.fixture(params=["json", "yaml"])
def old_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    document = old_pod_kill()
    path = tmp_path / f"old.{request.param}"
    path.write_text(json.dumps(document) if request.param == "json" else yaml.safe_dump(document))
    return path


def test_an_old_file_is_read_as_if_it_had_the_new_names(old_file: Path) -> None:
    made = json.dumps(check(old_file, {"backend": 2, "client": 2}))
    assert "brownout.actions" in made
    assert "brownout_chaos.control" in made
    assert '"chaos.' not in made


def test_one_notice_names_the_file_and_what_to_write_instead(old_file: Path) -> None:
    notice = load(old_file).notice
    assert notice is not None
    assert str(old_file) in notice
    assert 'write "brownout.actions" instead of "chaos.actions"' in notice
    assert notice.count("chaos.actions") == 1


def test_a_file_of_today_has_no_notice_and_strangers_modules_keep_their_names(tmp_path: Path) -> None:
    assert load(FOLDER / "pod-kill.json").notice is None
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(experiment(configuration={"chaos.actions": {"module": "chaos.probes"}})))
    file = load(path)
    assert file.notice is None
    assert file.document["configuration"] == {"chaos.actions": {"module": "chaos.probes"}}


def test_a_probe_in_a_tolerance_is_renamed_too(tmp_path: Path) -> None:
    inner = {
        "type": "probe",
        "name": "x",
        "provider": {"type": "python", "module": "chaos.probes", "func": "f"},
    }
    path = tmp_path / "nested.json"
    path.write_text(json.dumps({"steady-state-hypothesis": {"probes": [{"tolerance": inner}]}}))
    probe = load(path).document["steady-state-hypothesis"]["probes"][0]
    assert probe["tolerance"]["provider"]["module"] == "brownout.probes"


def test_the_program_says_the_notice_once(old_file: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "brownout_chaos", str(old_file), "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stderr.count("modules have new names") == 1
    assert "BROWNOUT_PANEL is not set" in done.stderr  # it was checked, and there is no panel here
