"""An hour of recording in a few minutes: `python -m tests.recorder.soak FOLDER RATE` prints what it took.

50 endpoints, each at RATE requests/s of which one is an error in every tenth second. A process of its own,
whose memory is nobody else's. What Locust's own tables take comes on top.
"""

import gc
import json
import os
import sys
from pathlib import Path
from random import Random

import psutil

from brownout_loadtest.intended import put_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.recorder.progress import ProgressPipe
from brownout_loadtest.recorder.tally import Tally
from tests.recorder.simulation import START, Hands, client_sample, load, recording

ENDPOINTS, INTERVALS = 50, 3600
EARLY = 0.1
"""Memory is compared from this share of the time on: caches are full by then."""


def main(folder: Path, rate: int) -> dict[str, float]:
    """Memory early and at the end, in bytes, and the size of the folder's files."""
    hands, meter, random = Hands(), LoadMeter(), Random(1)
    meter.is_open = True
    me, early = psutil.Process(), 0
    with open(os.devnull, "wb") as nowhere, recording(folder, hands, ProgressPipe(nowhere.fileno())) as made:
        tally = Tally(hands.clock(), meter)
        for second in range(INTERVALS):
            for number in range(ENDPOINTS * rate):
                put_wait(random.expovariate(2000))
                error = ValueError("no") if number < ENDPOINTS and second % 10 == 0 else None
                name = f"/endpoint/{number % ENDPOINTS}"
                tally.on_request("GET", name, random.lognormvariate(3, 0.5), exception=error)
            made.add(tally.drain(), {int(START) + second: load(ENDPOINTS * rate)})
            made.samples([client_sample(second)])
            hands.turn(1)
            made.tick({"client-0": "closed"})
            if second == int(INTERVALS * EARLY):
                gc.collect()
                early = me.memory_info().rss
        gc.collect()
        late = me.memory_info().rss
    return {"early": early, "late": late, **{path.name: path.stat().st_size for path in folder.iterdir()}}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
