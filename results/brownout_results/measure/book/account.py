"""Accounts: several witnesses state the same quantity, and an account balances if one value satisfies all.

Pure: a witness is a function of what it is given, of which nothing is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """What one witness says: the quantity lies between two numbers, which are the same if it counted all."""

    low: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Statement:
        """State one number."""
        return cls(value, value)

    def __str__(self) -> str:
        low, high = (f"{round(value, 1):,.10g}" for value in (self.low, self.high))
        return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class Witness(Generic[T]):
    """Somebody who counts, by a way of its own."""

    name: str
    state: Callable[[T], Statement | None]
    """None: it was not there, or can't tell. Nothing is guessed in its place."""


class AccountVerdict(StrEnum):
    """What came of an account."""

    BALANCES = "balances"
    NOTICE = "notice"
    """It does not balance, within the account's bound."""
    INVALID = "invalid"
    """It does not balance by more than that: the run says nothing."""


@dataclass(frozen=True, kw_only=True)
class ClosedAccount:
    """A closed account."""

    account: str
    unit: str
    statements: Sequence[tuple[str, Statement]]
    """Counts by witness."""

    gap: float
    """Least amount by which two witnesses contradict each other; 0 if none does."""

    bound: float
    """The largest gap of a valid run."""

    @property
    def verdict(self) -> AccountVerdict:
        """Whether it balances, and if not, whether that can be lived with."""
        if not self.gap:
            return AccountVerdict.BALANCES
        return AccountVerdict.NOTICE if self.gap <= self.bound else AccountVerdict.INVALID

    def __str__(self) -> str:
        said = ", ".join(f"{name} {statement}" for name, statement in self.statements)
        if self.verdict is AccountVerdict.BALANCES:
            return f"{self.account}: {said}"
        name = self.unit.removesuffix("s") if self.gap == 1 and self.unit != "s" else self.unit
        unit = "" if self.unit == self.account else f" {name}"
        return f"{self.account} do not balance by {self.gap:,.10g}{unit}: {said}"

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "account": self.account,
            "unit": self.unit,
            "verdict": str(self.verdict),
            "gap": self.gap,
            "bound": self.bound,
            "witnesses": [
                {"witness": name, "low": one.low, "high": one.high} for name, one in self.statements
            ],
        }


@dataclass(frozen=True, kw_only=True)
class Account(Generic[T]):
    """One quantity, who counts it, and how far they may be apart."""

    name: str
    """A noun in the plural: "requests"."""

    meaning: str
    """What has to agree, as the end of a sentence."""

    unit: str
    witnesses: Sequence[Witness[T]]
    slack: float = 0.0
    """A difference that needs no word, in the unit: how finely the witnesses can count."""

    bound_share: float = 0.0
    """Share of the quantity up to which an imbalance is a notice; beyond, the run is invalid."""

    def close(self, evidence: T) -> ClosedAccount | None:
        """Hold the witnesses against each other; None if fewer than two can tell."""
        heard = [(one.name, said) for one in self.witnesses if (said := one.state(evidence)) is not None]
        if len(heard) < 2:
            return None
        low = max(statement.low for _, statement in heard)
        high = min(statement.high for _, statement in heard)
        gap = round(low - high, 3)
        return ClosedAccount(
            account=self.name,
            unit=self.unit,
            statements=heard,
            gap=gap if gap > self.slack else 0.0,
            bound=max(self.slack, self.bound_share * low),
        )


@dataclass(frozen=True)
class Book:
    """All accounts of a run that could be closed."""

    findings: Sequence[ClosedAccount]

    @property
    def unbalanced(self) -> list[ClosedAccount]:
        """The accounts that do not balance, the worst verdict first."""
        apart = [one for one in self.findings if one.verdict is not AccountVerdict.BALANCES]
        return sorted(apart, key=lambda one: one.verdict is AccountVerdict.NOTICE)

    @property
    def is_invalid(self) -> bool:
        """Whether an account is so far off that the run says nothing."""
        return any(one.verdict is AccountVerdict.INVALID for one in self.findings)

    @property
    def sentence(self) -> str:
        """The one line: that the figures balance, or which account does not, and by how much."""
        if not self.findings:
            return "no account could be closed: nothing was counted twice"
        if apart := self.unbalanced:
            return "; ".join(map(str, apart))
        number = len(self.findings)
        names = ", ".join(one.account for one in self.findings)
        return f"the figures balance: {number} account{'s' * (number != 1)} ({names})"

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "balances": not self.unbalanced,
            "sentence": self.sentence,
            "accounts": [one.document() for one in self.findings],
        }
