"""The words, signs and colours of brownout_terms as the page loads them: a module and a style sheet."""

from __future__ import annotations

import msgspec

import brownout_terms


def module() -> str:
    """Return a JavaScript module whose TERMS are what `GET /api/terms` answers."""
    return f"export const TERMS = {msgspec.json.encode(brownout_terms.document()).decode()};\n"


def style() -> str:
    """Return a style sheet with a custom property for each colour, such as --ok."""
    colours = brownout_terms.document()["colours"]
    return ":root { " + " ".join(f"--{name}: {value};" for name, value in colours.items()) + " }\n"
