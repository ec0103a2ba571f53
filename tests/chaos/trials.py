"""Experiments run again and again, whole, stubbed, and interrupted; a table of what came of them.

    python -m tests.chaos.trials --whole 20 --stubbed 20 --signals 10

The slow tests do a few of each. `--signals N` is for each of three signals to each of three processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

from brownout_chaos import files
from brownout_results.read import run_folder
from brownout_results.record import RunFolderError
from tests.chaos.experiments import activity, experiment, ready
from tests.commands.cli import FREE_PORTS, Command, alive, started
from tests.servers import ROOT, until

LEASE_S = 3.0
MARGIN_S = 1.5
"""Over the lease, for the machine."""

START_S = 180.0
"""For a load to begin beside other series of trials."""

END_S = 60.0
"""For a command to end after a signal; its longest wait is for an experiment whose panel is gone."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
VICTIMS = ("runner", "chaos", "locust")
LONGEST_S = {"runner": 7.0, "chaos": 5.0, "locust": 7.0}
"""The moments to choose from: from the load's begin, or the experiment's, until about its end."""

NOT_ENDED = ("interrupted", "cut off", "no folder")
"""How a run is marked that did not come to its end."""

LOAD = ("--users", "2", "--policy", "none", "--restart-delay", "0", "--clients", "1", *FREE_PORTS)


@dataclass(frozen=True)
class Trial:
    """What came of one; `wrong` is empty if all is as it must be."""

    what: str
    verdict: str
    state: str
    wrong: str = ""
    over_before: bool = False
    """The experiment had ended when the signal came."""

    at_s: float = 0.0
    faults_gone_s: float = 0.0
    """From the signal until the service of our own had no faults any more."""


def whole(folder: Path, environ: dict[str, str] | None = None) -> Trial:
    """pod-kill itself: it must pass, with a proven kill."""
    word, reason, state = _run("pod-kill", folder)
    good = word == "passed" and "1 kill proven" in reason
    return Trial("pod-kill", word, state, "" if good else reason)


def stubbed(folder: Path) -> Trial:
    """pod-kill, its windows cut, on a fleet whose kill does nothing: it must fail or be invalid."""
    path = folder / "pod-kill-cut.json"
    path.write_text(json.dumps(_cut(files.read(files.path_of("pod-kill")))))
    stubs = [str(ROOT / "tests" / "chaos" / "stubs"), os.environ.get("PYTHONPATH", "")]
    word, reason, state = _run(str(path), folder, {"PYTHONPATH": os.pathsep.join(filter(None, stubs))})
    good = word in ("failed", "invalid") and "not proven" in reason
    return Trial("pod-kill stubbed", word, state, "" if good else reason)


def interrupted(folder: Path, victim: str, number: signal.Signals, chance: random.Random, own: str) -> Trial:
    """A signal to a process of a run at a random moment: nothing may be left."""
    what = f"{number.name} to {victim}"
    path = folder / "trial.json"
    path.write_text(json.dumps(_trial()))
    arguments = ("run", "--backends", "2", *LOAD, "--injector", own, "--experiment", str(path))
    with started(*arguments, cwd=folder) as command:
        command.await_text("users 2", START_S)
        target = _victim(command, victim)
        at_s = chance.uniform(0, LONGEST_S[victim])
        time.sleep(at_s)
        command.note_family()
        over_before = _word(folder) not in ("none", "aborted")
        sent = time.monotonic()
        with suppress(psutil.NoSuchProcess):
            target.send_signal(number)
        wrong = list(_after(command, own))
        gone_s = time.monotonic() - sent
    state, complaint = _state(folder)
    word = _word(folder)
    if not (word == "aborted" or state in NOT_ENDED or over_before):
        wrong.append(f"verdict {word}, run {state}, exit code {command.process.returncode}")
    wrong += [complaint] if complaint else []
    return Trial(what, word, state, "; ".join(wrong), over_before, round(at_s, 2), round(gone_s, 2))


@contextmanager
def own_service() -> Iterator[str]:
    """A service with the injector that outlives every harness: its URL. What is left on it, stays visible."""
    shop = ROOT / "examples" / "own-service" / "shop.py"
    with subprocess.Popen(
        [sys.executable, str(shop), "prices", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def series(
    victims: Sequence[str],
    signals: Sequence[signal.Signals],
    count: int,
    seed: int,
    show: Callable[[Trial], None],
) -> list[Trial]:
    """`count` trials of each signal to each victim, that were not over before."""
    chance = random.Random(seed)
    done: list[Trial] = []
    with own_service() as own:
        for victim, number, _ in [(v, n, i) for i in range(count) for v in victims for n in signals]:
            trial = Trial("", "", "", over_before=True)
            while trial.over_before and not trial.wrong:
                with tempfile.TemporaryDirectory() as folder:
                    trial = interrupted(Path(folder), victim, number, chance, own)
                show(trial)
                done.append(trial)
    return done


def table(trials: Sequence[Trial]) -> str:
    """How often each verdict came, a line a kind of trial."""
    kinds = dict.fromkeys(one.what for one in trials)
    lines = []
    for kind in kinds:
        ones = [one for one in trials if one.what == kind]
        counted = Counter(f"{one.verdict} ({one.state})" for one in ones if not one.over_before)
        over = sum(one.over_before for one in ones)
        wrong = sum(bool(one.wrong) for one in ones)
        words = ", ".join(f"{count} {word}" for word, count in counted.most_common())
        slowest = max(one.faults_gone_s for one in ones)
        lines.append(
            f"{kind:<20} {words}{f'; {over} over before' if over else ''}; wrong: {wrong}"
            + (f"; all clean after {slowest:.1f} s at most" if slowest else "")
        )
    return "\n".join(lines)


def _trial() -> dict[str, Any]:
    faults = [{"kind": "error", "rate": 0.5, "status": 503}]
    return experiment(
        activity("mark_phase", phase="baseline", pause=0.3),
        activity("set_faults", faults=faults, lease_s=LEASE_S, pause=1.0),
        activity("kill_replica", name="backend-0"),
        activity("mark_phase", phase="recovery", pause=0.5),
        activity("clear_faults", pause=0.5),
        **{"steady-state-hypothesis": ready()},
    )


def _cut(document: dict[str, Any]) -> dict[str, Any]:
    """With short windows and pauses."""
    for one in [*document["steady-state-hypothesis"]["probes"], *document["method"]]:
        arguments = one["provider"].get("arguments", {})
        if "seconds" in arguments:
            arguments["seconds"] = 3
        if "pauses" in one:
            one["pauses"]["after"] = 1
        if one["provider"]["func"] == "kill_replica":
            arguments["within_s"] = 5
    return document


def _run(name: str, folder: Path, more: dict[str, str] | None = None) -> tuple[str, str, str]:
    """Word and reason of the verdict, and the run's state."""
    before = {key: os.environ.get(key) for key in more or {}}
    os.environ.update(more or {})
    try:
        with started("run", *LOAD, "--backends", "2", "--experiment", name, cwd=folder) as command:
            command.wait(180.0)
            command.note_family()
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})
    (path,) = folder.glob("results/runs/*/verdict.json")
    document = json.loads(path.read_text())
    return document["word"], document["reason"], _state(folder)[0]


def _victim(command: Command, victim: str) -> psutil.Process:
    if victim == "runner":
        return psutil.Process(command.process.pid)
    parts = {"chaos": ("brownout_chaos", "--folder"), "locust": ("brownout.locust_main",)}[victim]
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found.extend(one for one in command.note_family() if alive(one) and _runs(one, parts))
        return bool(found)

    command.await_event(is_there, f"the process {victim}", START_S)
    return found[0]


def _runs(process: psutil.Process, parts: Sequence[str]) -> bool:
    try:
        return set(parts) <= set(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _after(command: Command, own: str) -> Iterator[str]:
    """What is wrong after the signal: a command or a process that stays, faults that stay."""
    try:
        command.wait(END_S)
    except subprocess.TimeoutExpired:
        yield f"the command still runs {END_S:g} s later"
    try:
        command.await_family_gone()
    except TimeoutError:
        yield "processes are left"
    try:
        until(lambda: not _faults(own), "no faults", LEASE_S + MARGIN_S)
    except TimeoutError:
        yield f"faults are left {LEASE_S + MARGIN_S:g} s after the last process"


def _faults(own: str) -> list[Any]:
    faults: list[Any] = requests.get(f"{own}/faults", timeout=5).json()["faults"]
    return faults


def _word(folder: Path) -> str:
    paths = list(folder.glob("results/runs/*/verdict.json"))
    return str(json.loads(paths[0].read_text())["word"]) if paths else "none"


def _state(folder: Path) -> tuple[str, str]:
    """How the run ended, by its folder; and why that can't be read."""
    manifests = list(folder.glob("results/runs/*/run.json"))
    if not manifests:
        return "no folder", ""
    try:
        run = run_folder.read(manifests[0].parent)
    except RunFolderError as error:
        return "unreadable", str(error)
    how = run.manifest.get("how_ended")
    return ("ended by itself" if how == "completed" else str(how)) if how else str(run.state), ""


def main() -> int:
    """Run the series that are asked for; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("whole", "stubbed", "signals"):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    done: list[Trial] = []

    def show(trial: Trial) -> None:
        print(trial, flush=True)

    for count, kind in ((given.whole, whole), (given.stubbed, stubbed)):
        for _ in range(count):
            with tempfile.TemporaryDirectory() as folder:
                done.append(kind(Path(folder)))
            show(done[-1])
    if given.signals:
        done += series(given.victims, SIGNALS, given.signals, given.seed, show)
    print(table(done))
    return int(any(one.wrong for one in done))


if __name__ == "__main__":
    sys.exit(main())
