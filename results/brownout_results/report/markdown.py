"""`summary.md`: the verdict, the figures and the thresholds, for a pull request's comment and a CI job's log.

It is read as often as plain text as on a page: columns are aligned, and only mark-up is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from brownout_terms.verdicts import EXPERIMENT

from .document import OVERALL_SIGNS, VERDICT_SIGNS, Document, FigureTable, ShownDifference

BREAK = "\u200b"
"""A space without width: it keeps a name from being a mention, a reference or a link, and is not seen."""


def markdown(document: Document, summary: Mapping[str, Any]) -> str:
    """Return the text, of GitHub's Markdown. Texts of the run are shown as they are, and mention nobody."""
    parts = [f"### {_heading(document)}", "  \n".join(map(_plain, document.sentences))]
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
    parts.extend(_rows([grid.header, *grid.rows]) for grid in document.grids[:1] if not grid.is_detail)
    if summary["thresholds"]:
        parts.append(_rows([["", "threshold", "result"], *document.thresholds]))
    return "\n\n".join(parts) + "\n"


def _heading(document: Document) -> str:
    """Write the title, and of a comparison the verdict in a word."""
    sign = OVERALL_SIGNS.get(document.tone)
    return f"{_plain(document.title)}{f': {sign} {document.tone}' if sign else ''}"


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
            _verdict(other),
        ]
        for row in table.rows
        for number, other in enumerate(row.others, start=1)
    ]
    note = f"\n\n{_plain(table.note)}" if table.note else ""
    return _rows([header, *rows]) + note


def _verdict(other: ShownDifference) -> str:
    if not other.verdict:
        return other.why
    large = f", a large {other.unjudged}" if other.unjudged else ""
    why = f": {other.why}" if other.why else ""
    return f"{VERDICT_SIGNS[other.verdict]} {other.verdict}{large}{why}"


def _rows(rows: Sequence[Sequence[str]]) -> str:
    """Write a table whose columns are aligned in plain text, too."""
    cells = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(cells[0]))]
    lines = [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
        for row in cells
    ]
    rule = f"| {' | '.join('-' * width for width in widths)} |"
    return "\n".join([lines[0], rule, *lines[1:]])


_RULES = [
    (re.compile(r"\\(?=[!-/:-@\[-`{-~])"), r"\\\\"),  # a backslash that would escape something
    (re.compile(r"[`|]"), r"\\\g<0>"),
    (re.compile(r"(?<!\s)\*|\*(?!\s)"), r"\\*"),  # one between spaces, as in baseline * 1.1, is no emphasis
    (re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"), r"\\_"),  # nor is one inside of a name
    (re.compile(r"<(?=[A-Za-z/!?])"), r"\\<"),
    (re.compile(r"&(?=#?\w+;)"), r"\\&"),
    (re.compile(r"~(?=~)|(?<=~)~"), r"\\~"),
    (re.compile(r"!(?=\[)|[\[\]](?=[(\[:])|\[(?=[^\]]*\][(\[:])"), r"\\\g<0>"),
    (re.compile(r"@(?=\w)|#(?=\d)|(?<=\w):(?=//)"), rf"\g<0>{BREAK}"),
    (re.compile(r"\bwww(?=\.)", re.IGNORECASE), rf"\g<0>{BREAK}"),
    (re.compile(r"^(?=>|[#*+-]+(\s|$))"), r"\\"),  # what would begin a heading, a quotation or a list
    (re.compile(r"^(\d+)(?=[.)]\s)"), rf"\g<1>{BREAK}"),
]


def _plain(text: str) -> str:
    """Escape what Markdown or HTML would take for mark-up: a name is never a link or a mention."""
    line = " ".join(text.split())
    for pattern, replacement in _RULES:
        line = pattern.sub(replacement, line)
    return line
