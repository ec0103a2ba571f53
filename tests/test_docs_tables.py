"""Tables of the documentation are made from what they describe; UPDATE_DOCS=1 writes them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from brownout.fault_text import write_fault_text
from brownout.project.convert import toml
from brownout.project.shown import described_keys
from brownout_client.policy import PRESETS
from brownout_faults import described_kinds, write_fault
from brownout_results.measure.book import ACCOUNTS, Account
from brownout_results.read.run_folder import Run
from brownout_terms import exits

DOCS = Path(__file__).parents[1] / "docs"


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def kinds_of_fault() -> str:
    """A row a kind: what it does, an example as it is typed and in words, and the fields of its own."""
    return table(
        ["kind", "what it does", "as in", "in words", "fields besides `rate`"],
        [
            [
                f"`{kind['kind']}`",
                kind["help"],
                f"`{write_fault_text(kind['example'], kind)}`",
                write_fault(kind["example"]),
                "<br>".join(_field(field) for field in kind["fields"] if field["name"] != "rate"),
            ]
            for kind in described_kinds()
        ],
    )


def _field(field: dict[str, Any]) -> str:
    in_document = "" if field["name"] == field["option"] else f" (`{field['name']}`)"
    above = "above " if field["min_excluded"] else ""
    unit = f" {field['unit']}" if field["unit"] else ""
    allowed = ", ".join(field["choices"]) or f"{above}{field['min']} to {field['max']}{unit}"
    default = "none" if field["default"] is None else field["default"]
    return f"`{field['option']}`{in_document}: {field['help']} {allowed}; default {default}"


def policy_presets() -> str:
    """A row a setting, a column a preset."""

    def leaves(section: dict[str, Any], path: str = "") -> dict[str, Any]:
        found = {}
        for name, value in section.items():
            found.update(
                leaves(value, f"{path}{name}.") if isinstance(value, dict) else {f"{path}{name}": value}
            )
        return found

    presets = {name: leaves(msgspec.to_builtins(policy)) for name, policy in PRESETS.items()}
    words = {True: "yes", False: "no"}

    def cell(value: Any) -> str:
        return (
            words[value]
            if isinstance(value, bool)
            else f"{value:g}"
            if isinstance(value, float)
            else str(value)
        )

    return table(
        ["setting", *(f"`{name}`" for name in presets)],
        [
            [f"`{path}`", *(cell(values[path]) for values in presets.values())]
            for path in next(iter(presets.values()))
        ],
    )


def accounts() -> str:
    """A row an account of a run's book."""

    def bound(account: Account[Run]) -> str:
        share = [f"{account.bound_share:.0%}"] if account.bound_share else []
        slack = [f"{account.slack:g} {account.unit}"] if account.slack else []
        return ", or if that is more ".join([*share, *slack]) or "anything"

    return table(
        ["account", "what has to agree", "invalid beyond"],
        [[one.name, one.meaning, bound(one)] for one in ACCOUNTS],
    )


def exit_codes() -> str:
    """A row a code."""
    return table(["code", "meaning"], [[str(int(code)), exits.LONG[code]] for code in exits.Exit])


def keys_of_the_file() -> str:
    """A row a key of brownout.toml."""
    rows = [
        [f"`{'.'.join(path)}`", str(meta.description), f"`{toml(meta.examples[0])}`"]
        for path, meta in described_keys()
        if meta.examples
    ]
    return table(["key", "meaning", "example"], rows)


@pytest.mark.parametrize(
    ("page", "name", "made"),
    [
        ("own-service.md", "keys of brownout.toml", keys_of_the_file),
        ("faults.md", "kinds of fault", kinds_of_fault),
        ("policies.md", "policy presets", policy_presets),
        ("reports.md", "accounts", accounts),
        ("thresholds.md", "exit codes", exit_codes),
    ],
)
def test_a_table_is_as_it_would_be_made_now(page: str, name: str, made: Callable[[], str]) -> None:
    text = (DOCS / page).read_text()
    begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->\n"
    before, _, rest = text.partition(begin)
    present, _, after = rest.partition(end)
    assert after, f"{page} has no place for the table"
    if os.environ.get("UPDATE_DOCS"):
        (DOCS / page).write_text(f"{before}{begin}{made()}\n{end}{after}")
    else:
        assert present == f"{made()}\n", "write it anew: UPDATE_DOCS=1 pytest tests/test_docs_tables.py"
