"""The JSON schema of summary.json. To write its figures anew:

python -m brownout_results.report.summary_schema
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from brownout_results.measure.figures import FIGURES, Figure

FILE = Path(__file__).with_name("summary.schema.json")

_BEGIN, _END = (
    '"description": "By the names of docs/reports.md.",\n          "properties": {\n',
    "\n          },",
)


def described(figure: Figure) -> dict[str, Any]:
    """Return the schema of a figure's value."""
    if figure.unit == "%":
        bounds: dict[str, Any] = {"minimum": 0, "maximum": 1}
    else:
        bounds = {} if figure.is_signed else {"minimum": 0}
    unit = {"ms": ", in ms", "s": ", in s"}.get(figure.unit, "")
    text = f"{figure.meaning[0].upper()}{figure.meaning[1:]}{unit}."
    return {"type": "number", **bounds, "description": text}


def text() -> str:
    """Return the whole schema with the figures as they are declared."""
    before, _, rest = FILE.read_text("utf-8").partition(_BEGIN)
    after = rest[rest.index(_END) :]
    rows = (f"{json.dumps(one.name)}: {json.dumps(described(one), ensure_ascii=False)}" for one in FIGURES)
    return before + _BEGIN + ",\n".join(f"            {row}" for row in rows) + after


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
