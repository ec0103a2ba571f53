"""`index.html` in the folder of runs: every run with figures and report, comparisons, and a search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from brownout_results.record.files import replace
from brownout_results.record.manifest import NAME as MANIFEST
from brownout_terms.numbers import NONE, amount, clock, count
from brownout_terms.styles import Style
from brownout_terms.texts import short
from brownout_terms.verdicts import EXPERIMENT, THRESHOLDS

from .comparison_list import ComparisonEntry, comparisons
from .html_page import STATIC, file_text, render, style_text
from .report_files import REPORT, SUMMARY

INDEX = "index.html"


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """A run in the list."""

    folder: str
    link: str
    """Link to the report, or to the folder if it has none; relative to the index."""

    has_report: bool
    label: str
    started: str
    facts: Sequence[str]
    """Texts with units, in the order of COLUMNS."""

    state: str
    verdict: str
    """Validity, experiment and thresholds, each with its sign; empty if there is nothing to say."""

    search_text: str
    """What a search looks through, in lower case."""


COLUMNS = ("lasted", "requests", "goodput", "availability", "p95")

BY_EXPERIMENT = "with its experiment"
"""How a load ended that an experiment, having done, stopped."""


def write_index(runs: Path) -> Path:
    """Make the index of the run folders in `runs` anew. Raises OSError."""
    entries = [entry(folder) for folder in sorted(runs.iterdir(), reverse=True) if is_run(folder)]
    replace(runs / INDEX, index(entries, comparisons(runs.resolve())))
    return runs / INDEX


def is_run(folder: Path) -> bool:
    """Whether the folder is one of a run."""
    return (folder / MANIFEST).is_file()


def index(entries: Sequence[RunEntry], compared: Sequence[ComparisonEntry] = ()) -> str:
    """The page's text."""
    return render(
        "index.html",
        styles={"style": style_text()},
        scripts={"script": file_text(STATIC / "index.js")},
        entries=entries,
        comparisons=compared,
        columns=COLUMNS,
    )


def entry(folder: Path) -> RunEntry:
    """A run folder's entry: from its summary.json, and as far as that is missing from run.json."""
    manifest, summary = _object(folder / MANIFEST), _object(folder / SUMMARY)
    told = next(iter(summary.get("runs") or []), None)
    figures: Mapping[str, Any] = (told or {}).get("figures") or {}
    load = manifest.get("load") or {}
    label = short(str(manifest.get("label") or folder.name))
    verdict = verdict_of(summary, told or {})
    state = str(manifest.get("how_ended") or "no end recorded")
    if state == "stopped" and (told or {}).get("experiment"):
        state = BY_EXPERIMENT
    has_report = (folder / REPORT).is_file()
    return RunEntry(
        folder=folder.name,
        link=quote(folder.name) + (f"/{REPORT}" if has_report else "/"),
        has_report=has_report,
        label=label,
        started=str(manifest.get("started") or "").replace("T", " ").partition(".")[0],
        facts=[
            clock(told["seconds"]) if told else _planned(load),
            count(manifest["requests"]) if isinstance(manifest.get("requests"), int) else NONE,
            amount(figures.get("goodput"), "/s"),
            amount(figures.get("availability"), "%"),
            amount(figures.get("p95"), "ms"),
        ],
        state=state,
        verdict=verdict,
        search_text=" ".join((label, folder.name, state, verdict, str(manifest.get("target") or ""))).lower(),
    )


def verdict_of(summary: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """What matters most of what a summary.json says of its run."""
    if run.get("invalid"):
        return f"{EXPERIMENT['invalid'].sign} invalid"
    experiment = run.get("experiment") or {}
    thresholds = [one for one in summary.get("thresholds") or [] if not one.get("report_only")]
    missed = sum(not one.get("passed") for one in thresholds)
    parts = [
        f"{_sign(EXPERIMENT, experiment['word'])} experiment {experiment['word']}"
        if experiment.get("word")
        else "",
        f"{THRESHOLDS['missed'].sign} {missed} of {len(thresholds)} thresholds missed" if missed else "",
        f"{THRESHOLDS['held'].sign} {len(thresholds)} threshold{'s' * (len(thresholds) > 1)} held"
        if thresholds and not missed
        else "",
    ]
    return ", ".join(filter(None, parts))


def _sign(styles: Mapping[Any, Style], word: str) -> str:
    """Return the sign of a word that a file holds; nothing for an unknown one."""
    return styles[word].sign if word in styles else ""


def _planned(load: Mapping[str, Any]) -> str:
    run_time_s = load.get("run_time_s")
    return clock(run_time_s) if isinstance(run_time_s, int | float) else NONE


def _object(path: Path) -> Mapping[str, Any]:
    """The file's JSON object; empty if there is none."""
    try:
        found = json.loads(path.read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
