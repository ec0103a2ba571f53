"""Comparisons in the index of runs: reports in `comparisons/` beside the folder of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from brownout_terms.texts import short

from .report_files import REPORT, SUMMARY

COMPARISONS = "comparisons"


@dataclass(frozen=True, kw_only=True)
class ComparisonEntry:
    """A comparison in the list."""

    title: str
    link: str
    """Link to its report, relative to the index."""

    verdict: str
    """A word of OVERALL; empty if a run is invalid."""

    sentence: str
    search_text: str
    """What a search looks through, in lower case."""


def comparisons(runs: Path) -> list[ComparisonEntry]:
    """Return the comparisons that have a report, the newest first."""
    found = [folder for folder in _folders(runs.parent / COMPARISONS) if (folder / REPORT).is_file()]
    newest = sorted(found, key=lambda folder: (folder / REPORT).stat().st_mtime, reverse=True)
    return [_listed(folder) for folder in newest]


def _folders(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []


def _listed(folder: Path) -> ComparisonEntry:
    summary = _object(folder / SUMMARY)
    told = summary.get("verdict") if isinstance(summary.get("verdict"), dict) else {}
    sentences = [str(one) for one in (told or {}).get("sentences") or []]
    title = short(str(summary.get("title") or folder.name))
    sentence = sentences[0] if sentences else ""
    return ComparisonEntry(
        title=title,
        link=f"../{COMPARISONS}/{quote(folder.name)}/{REPORT}",
        verdict=str((told or {}).get("word") or ""),
        sentence=sentence,
        search_text=f"{title} {folder.name} {sentence}".lower(),
    )


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
