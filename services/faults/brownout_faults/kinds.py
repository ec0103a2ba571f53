"""The kinds of fault that there are. A new one is a file like `noop.py` and its name here."""

from .corrupt import Corrupt
from .error import Error
from .hang import Hang
from .latency import Latency
from .noop import Noop
from .reset import Reset
from .truncate import Truncate

AnyFault = Noop | Error | Latency | Hang | Reset | Truncate | Corrupt

KINDS = AnyFault.__args__
