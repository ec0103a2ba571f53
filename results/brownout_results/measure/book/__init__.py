"""The book of a run: what independent witnesses counted, held against each other when the run is over.

`account` decides and knows no run; `accounts` declares every account; `witnesses` reads what each one says.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from brownout_results.read.run_folder import Run, RunState

from .account import Account, AccountVerdict, Book, ClosedAccount, Statement
from .accounts import ACCOUNTS

__all__ = [
    "ACCOUNTS",
    "Account",
    "AccountVerdict",
    "Book",
    "ClosedAccount",
    "Statement",
    "book_of",
]


_closed: WeakKeyDictionary[Run, Book] = WeakKeyDictionary()
"""Books by run: several parts of a report ask for the same one."""


def book_of(run: Run) -> Book:
    """Close the book of a run; it has no account while the run goes on, or if it was cut off."""
    whole = run.uncut or run
    if whole.state is not RunState.ENDED:
        return Book(())
    if whole not in _closed:
        findings = (account.close(whole) for account in ACCOUNTS)
        _closed[whole] = Book(tuple(finding for finding in findings if finding is not None))
    return _closed[whole]
