"""The JSON schema of summary.json. To write its figures and accounts anew:

python -m brownout_results.report.summary_schema
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from brownout_results.measure.book import ACCOUNTS
from brownout_results.measure.figures import FIGURES, Figure

FILE = Path(__file__).with_name("summary.schema.json")

_FIGURES = (
    '"description": "By the names of docs/reports.md.",\n          "properties": {\n',
    "\n          },",
)
_ACCOUNTS = ('"oneOf": [\n', "\n          ]")
"""What stands before and after the lines that are made."""


def described(figure: Figure) -> dict[str, Any]:
    """Return the schema of a figure's value."""
    if figure.unit == "%":
        bounds: dict[str, Any] = {"minimum": 0, "maximum": 1}
    else:
        bounds = {} if figure.is_signed else {"minimum": 0}
    unit = {"ms": ", in ms", "s": ", in s"}.get(figure.unit, "")
    return {"type": "number", **bounds, "description": _sentence(figure.meaning, unit)}


def text() -> str:
    """Return the whole schema with the figures and the accounts as they are declared."""
    figures = (f"{json.dumps(one.name)}: {_json(described(one))}" for one in FIGURES)
    accounts = (_json({"const": one.name, "description": _sentence(one.meaning)}) for one in ACCOUNTS)
    whole = _filled(FILE.read_text("utf-8"), _FIGURES, figures)
    return _filled(whole, _ACCOUNTS, accounts)


def _filled(schema: str, place: tuple[str, str], rows: Iterable[str]) -> str:
    begin, end = place
    before, _, rest = schema.partition(begin)
    return before + begin + ",\n".join(f"            {row}" for row in rows) + rest[rest.index(end) :]


def _sentence(meaning: str, unit: str = "") -> str:
    return f"{meaning[0].upper()}{meaning[1:]}{unit}."


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
