"""Experiments that tests put together, and the real engine that runs them in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.panel.token import TOKEN
from tests.servers import ROOT

DEADLINE_S = 40.0

FAULTS = [{"kind": "error", "rate": 0.5, "status": 503}]


def activity(
    func: str, module: str = "brownout.actions", kind: str = "action", pause: float = 0.0, **arguments: Any
) -> dict[str, Any]:
    """An activity that calls a function."""
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    made = {"type": kind, "name": f"{kind} {func}", "provider": provider}
    return {**made, "pauses": {"after": pause}} if pause else made


def steady(low: float = 0.8) -> dict[str, Any]:
    """The stand's load is 90 % ok."""
    probe = activity("success_ratio", "brownout.probes", "probe", seconds=1)
    return {"title": "Served", "probes": [{**probe, "tolerance": {"type": "range", "range": [low, 1.0]}}]}


def ready() -> dict[str, Any]:
    """A steady state that doesn't depend on how fast this machine is."""
    probe = activity("all_replicas_ready", "brownout.probes", "probe", within_s=30)
    return {"title": "Ready", "probes": [{**probe, "tolerance": True}]}


def experiment(*method: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One that sets faults and clears them, unless told otherwise."""
    return {
        "title": "Half of the answers may be errors",
        "description": "For tests",
        "steady-state-hypothesis": steady(),
        "method": list(method) or [activity("set_faults", faults=FAULTS, pause=0.3)],
        "rollbacks": [activity("clear_faults")],
        **more,
    }


def write(folder: Path, document: object) -> Path:
    """An experiment's file."""
    path = folder / "experiment.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


@contextmanager
def started(
    url: str, document: object, folder: Path, token: str = TOKEN, lifeline: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`python -m brownout_chaos FILE --folder FOLDER` beside the panel at `url`."""
    address = {"BROWNOUT_PANEL": url, "BROWNOUT_PANEL_TOKEN": token}
    held = {} if lifeline is None else {"BROWNOUT_LIFELINE_FD": str(lifeline)}
    process = subprocess.Popen(
        [sys.executable, "-m", "brownout_chaos", str(write(folder, document)), "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, **address, **held},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[] if lifeline is None else [lifeline],
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def run(url: str, document: object, folder: Path, token: str = TOKEN) -> tuple[int, str]:
    """Run one to its end; the exit code, and what it printed."""
    with started(url, document, folder, token) as process:
        output, _ = process.communicate(timeout=DEADLINE_S)
        return process.returncode, output


def verdict(folder: Path) -> tuple[str, str]:
    """Word and reason in the run folder."""
    document = json.loads((folder / "verdict.json").read_text())
    return document["word"], document["reason"]
