"""The book of a run as a table: each account, what its witnesses say, and whether that is the same."""

from __future__ import annotations

from brownout_results.measure.book import AccountVerdict, book_of
from brownout_results.read.run_folder import Run

from .document import Grid

SIGNS = {AccountVerdict.BALANCES: "=", AccountVerdict.NOTICE: "!", AccountVerdict.INVALID: "✗"}
"""A sign for each verdict, so that it needs no colour."""


def book_grid(run: Run) -> Grid | None:
    """Return the table, with the book's sentence on top; None if nothing was counted twice."""
    book = book_of(run)
    if not book.findings:
        return None
    sentence = book.sentence
    return Grid(
        title="Book",
        header=["account", "what the witnesses say", ""],
        rows=[
            [
                one.account,
                ", ".join(f"{name} {statement}" for name, statement in one.statements),
                f"{SIGNS[one.verdict]} {one.verdict}",
            ]
            for one in book.findings
        ],
        note=f"{sentence[0].upper()}{sentence[1:]}.",
    )
