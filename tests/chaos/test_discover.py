"""`chaos discover brownout`, by the real command: from a checkout and from a wheel, by no chance."""

import json
import os
import subprocess
import sys
from pathlib import Path

import hatchling
import pytest

from brownout_chaos import actions, probes
from tests.servers import ROOT

EXPECTED = {("action", name) for name in actions.__all__} | {("probe", name) for name in probes.__all__}


def discovered(out: Path, *python: str, **variables: str) -> set[tuple[str, str]]:
    """Type and name of what the command finds."""
    command = [sys.executable, *python, "-m", "chaostoolkit", "discover", "brownout", "--no-install"]
    subprocess.run(
        [*command, "--discovery-path", str(out / "found.json")],
        cwd=out,
        env={**os.environ, "HOME": str(out), **variables},
        check=True,
        timeout=60,
    )
    document = json.loads((out / "found.json").read_text())
    assert document["extension"]["name"] == "brownout"
    assert all(one["doc"] for one in document["activities"])
    return {(one["type"], one["name"]) for one in document["activities"]}


def test_every_action_and_probe_is_discovered_in_a_checkout(tmp_path: Path) -> None:
    assert discovered(tmp_path) == EXPECTED


@pytest.mark.slow
def test_every_action_and_probe_is_discovered_in_an_installed_wheel(tmp_path: Path) -> None:
    """Its package is chosen out of a set: with another order of the set it must be the same one."""
    site, deps = tmp_path / "site", tmp_path / "deps"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True, timeout=60)
    deps.mkdir()
    for path in Path(hatchling.__file__).parents[1].iterdir():
        if "brownout" not in path.name:  # the checkout that these tests run in
            (deps / path.name).symlink_to(path)
    for seed in ("0", "1", "2"):
        variables = {"PYTHONPATH": f"{site}{os.pathsep}{deps}", "PYTHONHASHSEED": seed}
        assert discovered(tmp_path, "-S", **variables) == EXPECTED
