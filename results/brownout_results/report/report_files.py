"""The files of a report in a folder: report.html, summary.json, junit.xml, summary.md; of a run its book."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace as replaced
from pathlib import Path

from brownout_results.judge.thresholds import ThresholdVerdict
from brownout_results.read.run_folder.heap import give_back
from brownout_results.record.files import replace
from brownout_terms.texts import short
from brownout_terms.verdicts import THRESHOLDS

from .document import Document
from .html_page import page
from .junit import junit
from .markdown import markdown
from .runs import AnyRun
from .summary_file import summary

REPORT = "report.html"
SUMMARY = "summary.json"
JUNIT = "junit.xml"
MARKDOWN = "summary.md"
BOOK = "book.json"


def write(
    folder: Path, document: Document, runs: Sequence[AnyRun], verdicts: Sequence[ThresholdVerdict]
) -> Path:
    """Write all four, and of a single run its book, each at one stroke; the path of the page.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = replaced(document, thresholds=[_threshold(verdict) for verdict in verdicts])
    give_back()  # what it took to make the document, and then the summary, would come on top of the page
    told = summary(document, runs, verdicts)
    give_back()
    replace(folder / SUMMARY, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    replace(folder / JUNIT, junit(told))
    replace(folder / MARKDOWN, markdown(document, told))
    replace(folder / REPORT, page(document))
    if len(runs) == 1 and (book := told["runs"][0].get("book")):
        replace(folder / BOOK, json.dumps(book, indent=2, ensure_ascii=False) + "\n")
    return folder / REPORT


def _threshold(verdict: ThresholdVerdict) -> tuple[str, str, str]:
    of = f" of {short(verdict.run)}" if verdict.run else ""
    return f"{THRESHOLDS[verdict.word].sign} {verdict.word}", f"{verdict.threshold}{of}", verdict.reason
