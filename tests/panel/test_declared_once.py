"""A preset of faults is one entry of one file, and so is a preset or a setting of policies: the panel's API,
and with it the page, follows."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import brownout_client
import brownout_faults
from tests.panel.test_api import ask, stand
from tests.servers import until

CALM = "_shared(retry=False, breaker=True, budget=False, fallback=False)"


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, dict[str, str]], None]:
    """Change one file of a package for the processes that this test starts."""

    def change(package: Any, name: str, replacements: dict[str, str]) -> None:
        source = Path(package.__file__).parent
        shutil.copytree(source, tmp_path / source.name)
        text = (source / name).read_text()
        for old, new in replacements.items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / source.name / name).write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return change


def test_a_new_preset_of_faults_is_one_entry(changed: Callable[[Any, str, dict[str, str]], None]) -> None:
    flaky = [{"kind": "reset", "rate": 0.05}]
    changed(brownout_faults, "presets.py", {'    "outage":': f'    "flaky": {flaky},\n    "outage":'})
    with stand("--replicas") as url:
        presets = ask(url, "GET", "/api/faults/kinds").document["presets"]
        assert list(presets) == ["healthy", "30 % errors", "slow", "brownout", "flaky", "outage"]
        made = ask(url, "PUT", "/api/faults", {"faults": presets["flaky"]}).document["faults"]
        assert (made["preset"], made["words"]) == ("flaky", "5 % resets")


def test_a_new_setting_and_preset_of_policies_are_one_file(
    changed: Callable[[Any, str, dict[str, str]], None],
) -> None:
    field = 'pause_s: Annotated[Seconds, Meta(title="pause")]\n    '
    replacements = {
        "fail_max: Annotated": f"{field}fail_max: Annotated",
        "            fail_max=": "            pause_s=1.5,\n            fail_max=",
        '    "lab": Policy(': f'    "calm": {CALM},\n    "lab": Policy(',
    }
    changed(brownout_client, "policy.py", replacements)
    with stand("--replicas") as url:
        until(lambda: ask(url, "GET", "/api/policy/fields").document["fields"], "the client's answer")
        answer = ask(url, "GET", "/api/policy/fields").document
        (pause,) = [one for one in answer["fields"] if one["path"] == "breaker.pause_s"]
        assert (pause["label"], pause["unit"], pause["type"], pause["max"]) == ("pause", "s", "number", 300)
        assert answer["presets"]["calm"]["breaker"]["pause_s"] == 1.5
        assert ask(url, "PUT", "/api/policy", {"preset": "calm"}).document["policy"]["name"] == "calm"
