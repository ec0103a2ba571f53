"""Runs for the tests of reports: with faults, a kill, breakers, failures and several endpoints."""

from pathlib import Path
from typing import Any

from brownout_results.read.run_folder import Run
from brownout_results.record.event_log import event_line
from brownout_results.record.timestamps import iso
from tests.results.folders import FETCH, START, Answers, failures, make, open_load, phase, sample

HOSTILE = [
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "</script><script>window.hacked = 1</script>",
    '=HYPERLINK("http://example.com")',
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "--ok",
    "{{ 7 * 7 }} ${7 * 7} %{y}",
    "naïve ☃ 🦊 \u202e",
    "<!--<script>",
    "javascript:alert(1)",
    "a,b\"c'd\r\ne",
    "x" * 10_000,
]
"""Names that a page, a spreadsheet or a template may run."""

MANIFEST: dict[str, Any] = {
    "format": 1,
    "label": "retry-storm",
    "started": "2023-11-14T22:13:20.000Z",
    "ended": "2023-11-14T22:14:00.000Z",
    "how_ended": "completed",
    "target": "http://127.0.0.1:5001",
    "load": {"arrival_rate": 10.0, "shape": "steady", "run_time_s": 40},
    "versions": {"python": "3.11.7"},
}


def fault_event(second: float, faults: list[dict[str, Any]]) -> str:
    """Faults set, or cleared if there are none."""
    action = "set" if faults else "cleared"
    return event_line(
        "fault", START + second, second, {"action": action, "faults": faults, "outcome": "applied"}
    )


def breaker_event(second: float, before: str, after: str, replica: str = "client-0", boot: str = "a") -> str:
    """A transition of a replica's breaker."""
    fields = {"replica": replica, "boot_id": boot, "at": iso(START + second), "from": before, "to": after}
    return event_line("breaker", START + second, second, fields)


ERRORS = [{"kind": "error", "rate": 0.3, "status": 503}]


def eventful(folder: Path, label: str = "retry-storm", failing: float = 0.3, slow_ms: float = 100) -> Run:
    """Forty seconds of ten answers each; from second 15 to 25 a share fails and all are slow."""
    answers = []
    for second in range(40):
        is_fault = 15 <= second < 25
        bad = round(10 * failing) if is_fault else 0
        base = slow_ms if is_fault else 10
        answers.append(Answers(second, [base + i for i in range(10 - bad)]))
        if bad:
            answers.append(Answers(second, [base + i for i in range(bad)], "error"))
    events = [
        phase(1.2, "baseline"),
        phase(14.8, "fault"),
        fault_event(15, ERRORS),
        breaker_event(16.5, "closed", "open"),
        event_line("kill", START + 20, 20, {"replica": "client-1", "outcome": "killed"}),
        breaker_event(24.0, "open", "half-open"),
        breaker_event(24.2, "half-open", "closed"),
        fault_event(25, []),
        phase(25.2, "recovery"),
    ]
    rows = [open_load(second, 10) for second in range(40)]
    samples = [sample(second, 5 * second, 6 * second) for second in range(1, 40)]
    table = failures({"error: http-503": round(100 * failing)})
    return make(folder, answers, rows, samples, events, MANIFEST | {"label": label}, table)


def hostile(folder: Path) -> Run:
    """A run whose label, endpoints, phases, faults, replicas and causes are HOSTILE."""
    answers = [
        Answers(second, [10 + number, 20], "ok" if second % 2 else "error", ("GET", name))
        for second in range(12)
        for number, name in enumerate(HOSTILE)
    ]
    events = [phase(1.2 + number / 2, name) for number, name in enumerate(HOSTILE)]
    events += [
        event_line("kill", START + 5, 5, {"replica": HOSTILE[0], "outcome": "killed"}),
        fault_event(3, [{"kind": HOSTILE[1], "rate": 1}]),
        breaker_event(4, "closed", "open", HOSTILE[2]),
    ]
    rows = [open_load(second, 2 * len(HOSTILE)) for second in range(12)]
    samples = [sample(second, second, second, replica=HOSTILE[0]) for second in range(12)]
    table = "Method,Name,Error,Occurrences\n" + "".join(
        f'GET,"{name.replace(chr(34), 2 * chr(34))}","{name.replace(chr(34), 2 * chr(34))}",3\n'.replace(
            "\r\n", " "
        ).replace("\x00", "")
        for name in HOSTILE
    )
    manifest = MANIFEST | {"label": HOSTILE[2], "target": HOSTILE[0], "user_classes": HOSTILE}
    return make(folder, answers, rows, samples, events, manifest, table)


__all__ = ["FETCH", "HOSTILE", "eventful", "hostile"]
