"""Options made from the kinds of fault: `--error 30%,status=503` is the fault `error=30%,status=503`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

PREFIX = "kind_"
"""Begins the names under which these options reach a command."""


class KindOptions(click.Command):
    """A command with one more option for each kind of fault."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Add the options to the command's own, which keep their names."""
        own = super().get_params(ctx)
        taken = {name for param in own for name in param.opts}
        return [*(option for option in _kind_options() if not taken & set(option.opts)), *own]


def typed_texts(options: Mapping[str, Any]) -> list[str]:
    """Return the faults among a command's options, as they are typed after `--fault`."""
    return [text for name, texts in options.items() if name.startswith(PREFIX) for text in texts]


def parsed(texts: Iterable[str], known: Sequence[Mapping[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return the documents of typed faults. Raises click.UsageError."""
    from brownout.fault_text import FaultTextError, parse_fault

    try:
        return [parse_fault(text, known) for text in texts]
    except FaultTextError as error:
        raise click.UsageError(str(error)) from None


def _kind_options() -> list[click.Option]:
    from brownout.fault_text import write_fault_text
    from brownout_faults import described_kinds

    return [
        click.Option(
            [f"--{kind['kind']}", f"{PREFIX}{kind['kind'].replace('-', '_')}"],
            multiple=True,
            metavar="FAULT",
            help=f"{kind['help']} As in --{write_fault_text(kind['example'], kind).replace('=', ' ', 1)}",
            callback=_with_kind(kind["kind"]),
        )
        for kind in described_kinds()
    ]


def _with_kind(kind: str) -> Any:
    def callback(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
        return [f"{kind}={value}" for value in values]

    return callback
