"""A fault that does nothing: the reference for new kinds.

To add a kind, write a file like this one: the settings as fields, described by `setting` with their bounds,
and what happens as `effect`: one of those in `effects.py`, or None. That is all: every executor, documents,
validation, counters, forms, options and words follow. Outside of this package it is the same class, with
`from brownout_faults import Fault, effects, register, setting`.
"""

from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Noop(Fault, tag="noop"):
    """Let the request go on."""

    label = "no-ops"
    form = "none"
    answers = False

    def effect(self, _draw: float) -> None:
        pass
