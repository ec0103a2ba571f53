"""Which requests a fault is for: those to a dependency, at a path, with a method, with headers."""

import functools
import re
from collections.abc import Callable
from fnmatch import translate
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

Pattern = Annotated[str, Meta(min_length=1, max_length=500)]
"""A text in which `*` stands for any characters, `/` included, `?` for one and `[ab]` for one of these."""


class Match(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True, kw_only=True):
    """The requests that a fault is for, of which its rate is the share. What is left out holds for all."""

    dependency: Pattern | None = None
    """Name of the dependency, as the fault proxy in front of it was given it. An injector that was given no
    name applies no fault that asks for one."""

    path: Pattern | None = None
    """Path of the request without its query."""

    method: Pattern | None = None
    """Method of the request; upper and lower case are the same."""

    header: dict[Pattern, Pattern] | None = None
    """Headers that the request must have, each with the pattern of its value; names in any case."""

    def needs_http(self) -> bool:
        """Whether what this asks for is in HTTP requests only."""
        return any((self.path, self.method, self.header))


class RequestFacts(NamedTuple):
    """The facts of a request that decide whether a fault is for it."""

    method: str
    path: str
    header: Callable[[str], str | None]
    """The value of a header by its name in any case; None without it."""


def is_for(match: Match, facts: RequestFacts | None) -> bool:
    """Whether a request is one that this match is for, wherever it goes; None: it is no HTTP request."""
    if facts is None:
        return not match.needs_http()
    if match.path is not None and not _compiled(match.path)(facts.path):
        return False
    if match.method is not None and not _compiled(match.method.upper())(facts.method.upper()):
        return False
    return all(
        (value := facts.header(name)) is not None and _compiled(pattern)(value)
        for name, pattern in (match.header or {}).items()
    )


def is_at(match: Match, dependency: str | None) -> bool:
    """Whether this match is for requests to a dependency of this name; None: one without a name."""
    if match.dependency is None:
        return True
    return dependency is not None and bool(_compiled(match.dependency)(dependency))


@functools.lru_cache(1000)
def _compiled(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern)).match
