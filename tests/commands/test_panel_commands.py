"""`brownout faults`, `policy`, `kill` and `mark`, from another terminal than the one of `brownout up`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from brownout_panel.panel_address import FOLDER_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE
from brownout_terms.exits import Exit
from tests.commands.cli import FREE_PORTS, run, started
from tests.servers import until

UP = ("up", "--backends", "2", "--clients", "1", *FREE_PORTS, "--web-port", "0", "--restart-delay", "0.1")


@pytest.fixture(autouse=True, scope="module")
def panels_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Panels of these tests, and no others, are found by them."""
    with pytest.MonkeyPatch.context() as environment:  # of the commands, which are other processes
        folder = tmp_path_factory.mktemp("state")
        environment.setenv(FOLDER_VARIABLE, str(folder))
        for name in (TOKEN_VARIABLE, URL_VARIABLE):
            environment.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="module")
def urls(panels_here: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The URLs that a running `brownout up` has printed, by name."""
    with started(*UP, cwd=tmp_path_factory.mktemp("up")) as command:
        command.await_text("Control panel: ")
        panel = re.findall(r"Control panel: +(http://\S+)", command.output)
        table: dict[str, str] = dict(re.findall(r"^ (\S+) .* (http://\S+)", command.output, re.MULTILINE))
        yield {**table, "panel": panel[0]}
        command.note_family()
        command.interrupt()
        assert command.wait() == 0
        command.await_family_gone()
    assert not list(panels_here.iterdir())


def faults_of(backend: str) -> list[str]:
    """The kinds of the faults that a backend says it has."""
    return [one["kind"] for one in requests.get(f"{backend}/faults", timeout=5).json()["faults"]]


def test_faults_reach_every_backend_and_are_cleared_from_it(urls: dict[str, str], tmp_path: Path) -> None:
    code, said = run("faults", "set", "--error", "0.3", "--latency", "200", cwd=tmp_path)
    assert (code, said.splitlines()[-1]) == (0, "on 2 of 2 replicas")
    assert [faults_of(urls[name]) for name in ("backend-0", "backend-1")] == [["error", "latency"]] * 2
    code, said = run("faults", "show", cwd=tmp_path)
    assert (code, said.splitlines()[0]) == (0, "30 % errors 503")
    code, said = run("faults", "clear", cwd=tmp_path)
    assert (code, said) == (0, "no faults\non 2 of 2 replicas\ninjected 0 times: no request was hit\n")
    assert [faults_of(urls[name]) for name in ("backend-0", "backend-1")] == [[], []]


def test_faults_set_by_hand_are_proven_by_what_they_did(urls: dict[str, str], tmp_path: Path) -> None:
    panel = urls["panel"]
    ours = {"Origin": panel.removesuffix("/panel/")}

    def state() -> Any:
        return requests.get(f"{panel}api/state", timeout=5).json()

    def events() -> list[dict[str, Any]]:
        told = requests.get(f"{panel}api/history", timeout=5).json()["events"]
        return [one for one in told if one["kind"] == "fault"]

    run("faults", "set", "--error", "100%", cwd=tmp_path)
    load = {"users": 3, "spawn_rate": 3}
    requests.put(f"{panel}api/load", json=load, headers=ours, timeout=10).raise_for_status()
    try:
        until(lambda: any(one["action"] == "found" for one in events()), "the faults to be found")
        until(lambda: "so far" in run("faults", "show", cwd=tmp_path)[1], "a fault to be injected", 20)
        _, said = run("faults", "clear", cwd=tmp_path)
    finally:
        requests.delete(f"{panel}api/load", headers=ours, timeout=10)

    assert re.search(r"^injected [1-9]\d* times?$", said, re.MULTILINE), said
    assert events()[-1]["injected"] >= 1
    until(lambda: state()["run"]["book"], "the book to be closed", 60)
    assert "faults do not balance" not in state()["run"]["book"]["sentence"]


def uid_of(panel: str, name: str) -> str:
    """The identity of a replica's present life."""
    replicas = requests.get(f"{panel}api/replicas", timeout=5).json()
    return next(str(one["replica"]["uid"]) for one in replicas if one["replica"]["name"] == name)


def test_a_fault_that_the_backend_refuses_is_told_in_its_words(urls: dict[str, str], tmp_path: Path) -> None:
    code, said = run("faults", "set", "--json", '[{"kind": "fire"}]', cwd=tmp_path)
    assert code == Exit.UNABLE
    assert "fire" in said
    assert "latency" in said  # one of those that there are


def test_a_policy_reaches_the_clients(urls: dict[str, str], tmp_path: Path) -> None:
    assert run("policy", "full", cwd=tmp_path) == (0, "policy full\non 1 of 1 replicas\n")
    assert requests.get(f"{urls['client-0']}/policy", timeout=5).json()["name"] == "full"


def test_the_last_ready_replica_is_not_killed_unless_that_is_said(
    urls: dict[str, str], tmp_path: Path
) -> None:
    before = requests.get(f"{urls['client-0']}/status", timeout=5).json()["boot_id"]
    code, said = run("kill", "client-0", cwd=tmp_path)
    assert code == Exit.UNABLE
    assert "last ready" in said
    assert requests.get(f"{urls['client-0']}/status", timeout=5).json()["boot_id"] == before
    code, said = run("kill", "client-0", "--even-last", cwd=tmp_path)
    assert code == 0
    assert said.startswith("client-0 was killed")
    killed = re.findall(r"\((.+)\)", said)
    until(lambda: uid_of(urls["panel"], "client-0") not in killed, "client-0 to be another one", 20)


def test_a_mark_is_the_panels_phase(urls: dict[str, str], tmp_path: Path) -> None:
    code, said = run("mark", "recovery", cwd=tmp_path)
    assert code == 0
    assert said.rstrip().endswith("phase recovery")
    assert requests.get(f"{urls['panel']}api/state", timeout=5).json()["run"]["phase"] == "recovery"


def test_locusts_own_page_has_tabs_for_replicas_and_breakers(urls: dict[str, str]) -> None:
    page = requests.get(urls["Locust"], timeout=5).text
    assert '"Replicas"' in page
    assert '"Breakers"' in page
    rows = {
        one["key"]: one["data"]
        for one in requests.get(f"{urls['Locust']}/stats/requests", timeout=5).json()["extended_stats"]
    }
    assert {row["name"] for row in rows["replicas"]} == {"backend-0", "backend-1", "client-0"}
    assert {row["name"] for row in rows["breakers"]} <= {"client-0"}


def test_without_a_panel_a_command_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(FOLDER_VARIABLE, str(tmp_path / "none"))
        code, said = run("faults", "show", cwd=tmp_path)
    assert code == Exit.UNABLE
    assert "no control panel is running" in said
    assert "brownout up" in said
