"""`summary.md`: the verdict, the figures and the thresholds, for a pull request's comment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from brownout_terms.verdicts import EXPERIMENT

from .document import VERDICT_SIGNS, Document, FigureTable


def markdown(document: Document, summary: Mapping[str, Any]) -> str:
    """The text, of GitHub's Markdown. Texts of the run are shown as they are, and mention nobody."""
    parts = [f"### {_plain(document.title)}", "  \n".join(map(_plain, document.sentences))]
    if document.notices:
        parts.append("\n".join(f"> {_plain(notice)}  " for notice in document.notices))
    experiments = [(run["label"], one) for run in summary["runs"] if (one := run.get("experiment"))]
    if experiments:
        rows = [
            [label, f"{EXPERIMENT[one['word']].sign} {one['word']}", one["reason"]]
            for label, one in experiments
        ]
        parts.append(_rows([["run", "experiment", "why"], *rows]))
    if document.tables:
        parts.append(_compared(document.tables[0]))
    parts.extend(_rows([grid.header, *grid.rows]) for grid in document.grids[:1])
    if summary["thresholds"]:
        parts.append(_rows([["", "threshold", "result"], *document.thresholds]))
    return "\n\n".join(parts) + "\n"


def _compared(table: FigureTable) -> str:
    header = ["figure", table.columns[0], "run", "value", "difference", "95 % interval", "verdict"]
    rows = [
        [
            row.figure,
            row.baseline,
            table.columns[number],
            other.value,
            f"{other.absolute} ({other.relative})" if other.relative else other.absolute,
            other.interval,
            f"{VERDICT_SIGNS[other.verdict]} {other.verdict}" if other.verdict else "",
        ]
        for row in table.rows
        for number, other in enumerate(row.others, start=1)
    ]
    return _rows([header, *rows])


def _rows(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(_plain(cell) or ' ' for cell in row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])


def _plain(text: str) -> str:
    """Escape Markdown and HTML: a name is never mark-up, a link or a mention."""
    line = " ".join(text.split())
    return re.sub(r"[\\`*_{}\[\]<>#|@&~!]", lambda found: f"&#{ord(found[0])};", line).replace(
        "://", ":&#47;/"
    )
