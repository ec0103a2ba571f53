"""Outcomes of one's own: what counts as `fallback` or `error` for a service that is not the lab's.

A rule looks at an answer's header, at a value of its JSON body, or at its status; it comes from an option, or
from brownout.toml. A function of the locustfile is a rule too. A task may also say itself what came of its
request. Whatever a rule of a user's does, it ends no load: one that fails is said once and does not hold.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import msgspec

from brownout_terms.outcomes import Outcome
from brownout_terms.texts import short

logger = logging.getLogger(__name__)

Kind = Literal["ok", "fallback", "error"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a rule may say; `tunnel` is the harness's own."""

LOOKS_AT = ("header", "json", "status")
EXAMPLE = "fallback,header=X-Degraded,equals=1 or fallback,json=source,equals=cache"

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")

Function = TypeVar("Function", bound=Callable[[Any], object])


class OutcomeRuleError(ValueError):
    """A rule that can't be meant; the message quotes it and says what is allowed."""


class OutcomeRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an answer has to have in order to count as `outcome`; one of header, json and status is given."""

    outcome: Kind
    header: str | None = None
    """Name of a header."""
    json: str | None = None
    """Place of a value in the JSON body, such as `source` or `items[0].state`."""
    status: int | None = None
    equals: str | int | float | bool | None = None
    """What the header or the value has to be; None: it is there, and is not false, null, 0 or empty."""

    def holds(self, response: Any) -> bool:
        """Whether the answer has it. May raise whatever a stranger's answer raises."""
        if self.status is not None:
            return bool(response.status_code == self.status)
        if self.header is not None:
            found = response.headers.get(self.header)
        else:
            found = _value_at(_document(response), str(self.json))
        if self.equals is None:
            return bool(found)
        return found is not None and _text(found) == _text(self.equals)

    @property
    def name(self) -> str:
        """What is looked at, as the causes of outcomes show it: "header X-Degraded"."""
        looks_at = next(one for one in LOOKS_AT if getattr(self, one) is not None)
        return f"{looks_at} {getattr(self, looks_at)}"

    @property
    def option(self) -> str:
        """The rule as the value of an option."""
        return msgspec.json.encode(self).decode()


def parse_rule(text: str) -> OutcomeRule:
    """Return the rule that was typed, `fallback,header=X-Degraded,equals=1`, or that is a JSON object.

    Raises OutcomeRuleError.
    """
    if text.lstrip().startswith("{"):
        try:
            return made(msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            raise OutcomeRuleError(f'"{short(text)}" is no JSON object: {error}') from None
    kind, *parts = text.split(",")
    fields: dict[str, Any] = {"outcome": kind.strip()}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise OutcomeRuleError(
                f'"{short(part)}" is no part of an outcome; write NAME=VALUE, as in {EXAMPLE}'
            )
        fields[name.strip()] = value.strip()
    return made(fields)


def rules_of(table: Mapping[str, Any]) -> list[OutcomeRule]:
    """Return the rules of an `[outcomes]` table: by outcome a rule, or a list of them.

    Raises OutcomeRuleError.
    """
    found = []
    for outcome, told in table.items():
        for fields in told if isinstance(told, list) else [told]:
            if not isinstance(fields, Mapping):
                raise OutcomeRuleError(
                    f'"{short(str(fields))}" is no outcome; write a table, as in '
                    f'{outcome} = {{ header = "X-Degraded", equals = "1" }}'
                )
            found.append(made({**fields, "outcome": outcome}))
    return found


def made(fields: Mapping[str, Any]) -> OutcomeRule:
    """Return the rule with these fields. Raises OutcomeRuleError."""
    if fields.get("outcome") not in KINDS:
        raise OutcomeRuleError(f'"{short(str(fields.get("outcome")))}" is not one of {", ".join(KINDS)}')
    for name in fields:
        if name not in OutcomeRule.__struct_fields__:
            raise OutcomeRuleError(f'"{short(name)}" is not one of {", ".join((*LOOKS_AT, "equals"))}')
    looked_at = [name for name in LOOKS_AT if fields.get(name) not in (None, "")]
    if len(looked_at) != 1:
        raise OutcomeRuleError(
            f"an outcome looks at one of {', '.join(LOOKS_AT)}, not at {' and '.join(looked_at) or 'none'}; "
            f"write {EXAMPLE}"
        )
    if (
        looked_at == ["json"]
        and "".join(one[0] for one in _STEP.finditer(str(fields["json"]))) != fields["json"]
    ):
        raise OutcomeRuleError(
            f'"{short(str(fields["json"]))}" is no place in JSON; write source or items[0].state'
        )
    try:
        return msgspec.convert(fields, OutcomeRule, strict=False)
    except msgspec.ValidationError as error:
        raise OutcomeRuleError(f"{error}; write {EXAMPLE}") from None


class Told(NamedTuple):
    """What somebody says came of a request, and why."""

    kind: Outcome
    cause: str | None = None

    @property
    def name(self) -> str:
        """The cause as tables show it."""
        if self.cause is None:
            return self.kind
        return self.cause if self.kind == "error" else f"{self.kind}: {self.cause}"


def _notes() -> dict[str, Any]:
    """Return what is noted on the running greenlet."""
    from gevent import getcurrent  # not where only rules are read: it takes longer than all the rest

    notes: dict[str, Any] = getcurrent().__dict__
    return notes


class _Marked:
    """What a task said last, and when."""

    __slots__ = ("at", "is_used", "told")

    def __init__(self, told: Told, at: float) -> None:
        self.told = told
        self.at = at
        self.is_used = False


class OwnOutcomes:
    """The rules and marks of one process."""

    def __init__(self) -> None:
        self.is_active = False
        """Whether anybody has a word of their own; else no request costs more than to ask this."""
        self._rules: list[OutcomeRule] = []
        self._functions: list[tuple[Kind, Callable[[Any], object]]] = []
        self._said: set[str] = set()

    def configure(self, texts: Iterable[str]) -> None:
        """Take the rules of options in place of those before. Raises OutcomeRuleError."""
        self._rules = [parse_rule(text) for text in texts]
        self._said.clear()
        self.is_active = self.is_active or bool(self._rules)

    def add(self, kind: Kind, function: Callable[[Any], object]) -> None:
        """Ask a function of the locustfile about each answer."""
        self._functions.append((kind, function))
        self.is_active = True

    def described(self) -> list[str]:
        """Return the rules for the run's record."""
        functions = [f"{kind}: function {getattr(one, '__name__', '?')}" for kind, one in self._functions]
        return [*functions, *(rule.option for rule in self._rules)]

    def verdict(self, response: object, started: object) -> Told | None:
        """Return what is said of a finished request; None if nobody says anything. It never raises.

        `started` is the start of the request in seconds since the epoch: an older mark is not about it.
        """
        return self._marked(started) or self._ruled(response)

    def _marked(self, started: object) -> Told | None:
        notes = _notes()
        mark: _Marked | None = notes.get("brownout_outcome")
        if mark is None:
            return None
        if isinstance(started, float) and mark.at >= started:
            mark.is_used = True  # and stays: whoever counts a request, and whoever traces it, asks
            return mark.told
        del notes["brownout_outcome"]
        if not isinstance(started, float):  # a client of the user's own, which tells no start
            return mark.told
        if not mark.is_used:
            self._say(
                "brownout.outcome() was called when no request was under way, and counts for none: call it "
                "inside `with self.client.get(…, catch_response=True) as response:`"
            )
        return None

    def _ruled(self, response: object) -> Told | None:
        if response is None or not getattr(response, "status_code", None):
            return None  # no answer: nothing to look at
        for kind, function in self._functions:
            if found := self._asked(function, getattr(function, "__name__", "a function"), response):
                return Told(kind, found if isinstance(found, str) else getattr(function, "__name__", None))
        for rule in self._rules:
            if self._asked(rule.holds, rule.name, response):
                return Told(rule.outcome, rule.name)
        return None

    def _asked(self, rule: Callable[[Any], object], name: str, response: object) -> object:
        try:
            found = rule(response)
            return found if isinstance(found, str) else bool(found)
        except Exception as error:  # noqa: BLE001 - a user's rule must not end the load
            self._say(f'the outcome by "{name}" fails and does not hold where it does: {error!r:.200}')
            return False

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            logger.warning("%s", text)


OWN = OwnOutcomes()
"""Those of this process; a locustfile adds to them while it is imported."""


class Mark:
    """What `outcome()` returns: as a decorator it makes a rule of a function."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def __call__(self, function: Function) -> Function:
        """Have the function say of each answer whether it is this outcome."""
        _notes().pop("brownout_outcome", None)  # made by the call above the function
        OWN.add(self._kind, function)
        return function


def outcome(kind: Kind, cause: str | None = None) -> Mark:
    """Say what came of the request under way: `ok`, `fallback` or `error`, and why.

    Called in a task, inside `with self.client.get(…, catch_response=True)`. Above a function of the
    locustfile it is a decorator: the function gets each answer and returns whether it is this outcome, or why
    as text.
    """
    if kind not in KINDS:
        raise OutcomeRuleError(f'brownout.outcome: "{short(str(kind))}" is not one of {", ".join(KINDS)}')
    _notes()["brownout_outcome"] = _Marked(Told(kind, cause), time.time())
    OWN.is_active = True
    return Mark(kind)


def _document(response: Any) -> Any:
    """Return the JSON body; None if it is none, or a stream, of which reading would take it from the task."""
    if getattr(response, "_content", b"") is False:  # requests'
        return None
    seam = sys.modules.get("brownout_loadtest.geventhttpclient_seam")  # importing it patches the process
    if seam is not None and seam.is_unread(response):
        return None
    try:
        return msgspec.json.decode(response.content or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _value_at(document: Any, path: str) -> Any:
    for step in _steps(path):
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def _steps(path: str) -> Iterator[str | int]:
    for found in _STEP.finditer(path):
        name, index = found.groups()
        yield name if index is None else int(index)


def _text(value: Any) -> str:
    """Return a value as it is typed: true, 1, cache."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
