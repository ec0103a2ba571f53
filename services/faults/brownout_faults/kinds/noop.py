"""A fault that does nothing: the reference for new kinds.

To add a kind, write a file like this one: the settings as fields, described by `setting` with their bounds,
and the effect as `inject`. That is all: documents, validation, counters, forms, options and words follow.
Outside of this package it is the same class, with `from brownout_faults import Fault, register, setting`.
"""

from brownout_faults.call import Call
from brownout_faults.fault import Fault
from brownout_faults.registry import register


@register
class Noop(Fault, tag="noop"):
    """Let the request go on."""

    label = "no-ops"
    form = "none"
    answers = False

    def inject(self, call: Call) -> None:
        pass
