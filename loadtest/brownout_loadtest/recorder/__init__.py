"""Records a run as it goes: requests by second, endpoint and outcome; counters; events; Locust's tables.

`Recorder` where runs are controlled (Locust's only process, or the master), `WorkerRecorder` on workers.
"""

from brownout_results.record import RunFolderError

from .clock import RunClock
from .recorder import Recorder
from .worker import WorkerRecorder

__all__ = ["Recorder", "RunClock", "RunFolderError", "WorkerRecorder"]
