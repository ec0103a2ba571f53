"""Failures that are one, though their texts have other numbers, ids and URLs in them. Pure.

A shape is the text without these. Numbers that name a kind of failure stay: status codes, numbers of errors.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

LONGEST = 4000
"""Letters of a message that are looked at: a message can be a whole page."""

MANY = 5
"""From so many texts on that differ only in what they quote, what they quote is no kind of failure."""

_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z+.-]*://[^\s'\"<>)\]}]+")
_PATH = re.compile(r"(?<![\w/<.])/[^\s'\"<>)\]},]*")
_QUERY = re.compile(r"\?[\w%.+-]+=[^\s'\"<>)\]}]*")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
_HEX = re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b")
_ID = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9](?:[\w-]{4,})[A-Za-z0-9]\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_KIND = re.compile(
    r"(?:\b(?:errno|winerror|error|code|status|status[ _-]?code|http(?:/[\d.]+)?|response|got|expected"
    r"|returned|was|is|not|of|and|or)\W{0,3}|^\W*|[(\[]['\"]?)$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s*(?:ms|µs|us|s|sec|seconds|minutes|bytes|[kKmMgG]i?[bB]|%)\b")
_REASON = re.compile(r"\s+[A-Z][a-z]+")
_QUOTED = re.compile(
    r"(?<![\w(\[])(?:'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|`[^`\n]*`)|(?<=[(\[])'[^'\n]*'(?=\s*,)"
)


@lru_cache(maxsize=65_536)
def shape_of(text: str) -> str:
    """The shape of a message."""
    text = text[:LONGEST]
    for pattern, stands in ((_UUID, "#"), (_URL, "‹url›"), (_PATH, "‹url›"), (_QUERY, ""), (_ADDRESS, "#")):
        text = pattern.sub(stands, text)
    return _without_ids(text)


@lru_cache(maxsize=65_536)
def shape_of_name(name: str) -> str:
    """The shape of a request's name: its path stays."""
    name = name[:LONGEST]
    return _NUMBER.sub("#", _ID.sub("#", _HEX.sub("#", _UUID.sub("#", name))))


def _without_ids(text: str) -> str:
    text = _ID.sub("#", _HEX.sub("#", text))
    return _NUMBER.sub(lambda match: match[0] if _is_kind(match) else "#", text)


def _is_kind(match: re.Match[str]) -> bool:
    """Whether a number says what kind of failure it is, as 503 and [Errno 111] do."""
    number, text = match[0], match.string
    before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() : match.end() + 24]
    if not number.isdigit() or _UNIT.match(after):
        return False
    is_named = _KIND.search(before) is not None
    if re.search(r"(?:errno|winerror|code)\W{0,3}$", before, re.IGNORECASE):
        return len(number) <= 5
    return len(number) == 3 and "1" <= number[0] <= "5" and (is_named or _REASON.match(after) is not None)


def _unquoted(shape: str) -> str:
    return _QUOTED.sub("‹text›", shape)


def shapes(texts: Iterable[str]) -> Mapping[str, str]:
    """The shape of each text. Quotations count as ids where many texts differ in nothing else."""
    found = {text: shape_of(text) for text in texts}
    loose: defaultdict[str, set[str]] = defaultdict(set)
    for shape in found.values():
        loose[_unquoted(shape)].add(shape)
    return {
        text: without if len(loose[without := _unquoted(shape)]) >= MANY else shape
        for text, shape in found.items()
    }


def first_of_each(texts: Sequence[str]) -> Mapping[str, str]:
    """For each text the first one of its shape."""
    shape, firsts = shapes(texts), dict[str, str]()
    for text in texts:
        firsts.setdefault(shape[text], text)
    return {text: firsts[shape[text]] for text in texts}


def like(first: str, texts: Sequence[str] | set[str]) -> str:
    """The words on how many other texts stand for the same; empty if there are none."""
    others = len({*texts} - {first})
    if not others:
        return ""
    return f" (and {others:,} more that differ{'s' * (others == 1)} only in numbers, ids or URLs)"
