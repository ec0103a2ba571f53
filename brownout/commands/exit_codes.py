"""Exit codes in the help of a command, from the one table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from brownout_terms.exits import Exit, listed

F = TypeVar("F", bound=Callable[..., Any])

OF_A_VERDICT = (Exit.PASSED, Exit.MISSED, Exit.USAGE, Exit.INVALID, Exit.DEVIATED, Exit.FAILED)
OF_A_RUN = (*OF_A_VERDICT, Exit.UNABLE, Exit.INTERRUPTED)


def exit_codes(*codes: Exit) -> Callable[[F], F]:
    """Add the codes to a command's help; stands below the decorators of click, so that they see it."""

    def add(function: F) -> F:
        function.__doc__ = f"{(function.__doc__ or '').rstrip()}\n\n    Exit codes: {listed(*codes)}.\n    "
        return function

    return add
