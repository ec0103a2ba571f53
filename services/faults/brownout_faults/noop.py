"""A fault that does nothing: the reference for new kinds.

To add a kind, write a file like this one: the settings as fields (with their limits, so that no bad value
gets in), the effect as `inject`. Then name the class in `kinds.py`, which is all: documents, validation,
counters and metrics follow from it.
"""

from .call import Call
from .fault import Fault


class Noop(Fault, tag="noop"):
    """Let the request go on."""

    answers = False

    def inject(self, call: Call) -> None:
        pass
