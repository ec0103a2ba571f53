"""How a run's processes ended: what of it brownout alone knows goes into the run's run.json."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from brownout_results.record.manifest import NAME, write_manifest


def note_end(folder: Path, killed_because: str | None, code: int, fleet_ended: int | None = None) -> None:
    """Leave in run.json why Locust has not ended its record itself, and whether the fleet process lived.

    `code` is Locust's exit code; `fleet_ended` the fleet process's, None if it lived, or there is none.
    """
    if not (manifest := _manifest(folder)):
        return  # it is damaged, which its reader tells
    facts = {}
    if fleet_ended is not None:
        facts["fleet_process"] = how(fleet_ended)
    if manifest.get("ended") is None:
        reason = f"brownout killed it, since it {killed_because}" if killed_because else f"it {how(code)}"
        facts["cut_off_because"] = f"the load generator did not end it: {reason}"
    if facts:
        with suppress(OSError):
            write_manifest(folder, {**manifest, **facts})


def how(code: int) -> str:
    """Write how a process ended: "was ended by SIGKILL"."""
    return f"was ended by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"


def signal_name(number: int) -> str:
    """The name of a signal, such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
