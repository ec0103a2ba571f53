"""From an empty folder with a service of one's own to a report, by the commands of the examples' README."""

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from brownout_results.measure.period import Period
from brownout_results.read import run_folder
from tests.chaos.experiments import verdict
from tests.commands.cli import run, started
from tests.commands.test_run import folder_in
from tests.servers import ROOT

EXAMPLES = ROOT / "examples"


def commands() -> list[list[str]]:
    """The README's commands, in their order."""
    text = (EXAMPLES / "shop" / "README.md").read_text("utf-8").replace("\\\n", " ")
    lines = [line.removeprefix("$ brownout ") for line in text.splitlines() if line.startswith("$ brownout ")]
    return [shlex.split(line.replace("python ", f"{sys.executable} ")) for line in lines]


def journey(folder: Path, example: str, init: list[str], load: list[str]) -> dict[str, Any]:
    """Type both commands in a folder with the example's files; returns the summary of the run."""
    for source in (EXAMPLES / example).glob("*.[pj][ys]"):
        shutil.copy(source, folder)
    code, output = run(*init, cwd=folder, deadline_s=30)
    assert code == 0, output
    code, output = run(*load, "--client-port", "0", cwd=folder, deadline_s=150)
    assert code == 0, output
    assert not left_behind(folder)
    result = run_folder.read(folder_in(folder))
    assert verdict(result.folder)[0] == "passed", output
    assert (result.folder / "report.html").is_file()
    document = json.loads((result.folder / "summary.json").read_text("utf-8"))
    found: dict[str, Any] = document["runs"][0]
    return found


def listening(connections: list[Any]) -> set[int]:
    """Ports on which one of them listens."""
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}


def left_behind(folder: Path) -> list[list[str]]:
    """Commands that still run in the folder."""
    return [
        one.info["cmdline"]
        for one in psutil.process_iter(["cwd", "cmdline"])
        if one.info["cwd"] == str(folder)
    ]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_fastapi_shop_comes_to_a_report_in_which_its_breaker_opens_and_its_fallback_counts(
    tmp_path: Path,
) -> None:
    init, load, _ = commands()
    summary = journey(tmp_path, "shop", init, load)
    events = run_folder.read(folder_in(tmp_path)).events
    assert {"open"} <= {one["to"] for one in events if one["kind"] == "breaker"}
    assert summary["outcomes"]["fallback"] > 0
    assert Period.of(run_folder.read(folder_in(tmp_path))).retry_amplification


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_harness_that_is_killed_leaves_no_process_and_no_port_of_the_service(tmp_path: Path) -> None:
    for source in (EXAMPLES / "shop").glob("*.py"):
        shutil.copy(source, tmp_path)
    code, output = run(*commands()[0], cwd=tmp_path, deadline_s=30)
    assert code == 0, output
    with started("run", "--run-time", "60s", "--client-port", "0", cwd=tmp_path) as command:
        command.await_text("throughput", 60.0)
        family = {one.pid for one in command.note_family()}
        ports = listening([one for one in psutil.net_connections("tcp") if one.pid in family])
        command.process.kill()
        command.await_family_gone()
    assert len(ports) >= 6  # of the service, its replicas, the dependency, and the proxy's two
    assert not ports & listening(psutil.net_connections("tcp"))


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine")
def test_a_node_service_comes_to_a_report_without_a_change(tmp_path: Path) -> None:
    _, load, init = commands()
    summary = journey(tmp_path, "node-shop", init, load)
    assert summary["outcomes"]["fallback"] > 0
    assert (Period.of(run_folder.read(folder_in(tmp_path))).retry_amplification or 0.0) > 1.0
