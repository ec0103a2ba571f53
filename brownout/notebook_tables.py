"""Tables for Python and notebooks: a DataFrame where pandas is installed, else columns by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

SHOWN = 12
"""Rows of columns that a notebook's cell shows."""


class Columns(dict[str, Any]):
    """Columns by name, an array or a list each; all have the same length."""

    def __len__(self) -> int:
        """Return how many columns there are; `rows` says how long they are."""
        return super().__len__()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.values()), ()))

    def _repr_html_(self) -> str:
        rows = ([_cell(column[at]) for column in self.values()] for at in range(min(self.rows, SHOWN)))
        more = f"<p>{self.rows:,} rows; the first {SHOWN} are shown.</p>" if self.rows > SHOWN else ""
        return html_table(list(self), rows) + more


def frame(columns: Mapping[str, Any]) -> Any:
    """Return a pandas DataFrame if pandas is installed, else the Columns."""
    try:
        import pandas as pd
    except ImportError:
        return Columns(columns)
    return pd.DataFrame(dict(columns))


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table as HTML, of texts: names of endpoints and runs can hold anything."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)
