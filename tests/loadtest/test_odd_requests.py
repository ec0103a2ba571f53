"""Whatever a request event says, the run folder has the request as Locust's statistics have it."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from brownout_results.read.failures import read_failures
from tests.loadtest.odd import FAILED, ODD, ROUNDS
from tests.loadtest.runs import Locust, locust, processes

LOCUSTFILE = Path(__file__).with_name("odd_requests.py")
REQUESTS = ROUNDS * (len(ODD) + 1)
UNTIMED = ROUNDS * 7
"""None, NaN, infinite, negative, a word, a timedelta and a complex number."""


@pytest.fixture(scope="module", params=[[], processes(2)], ids=["one process", "a worker"])
def ended(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Locust]:
    """A run that has ended."""
    options = ["--headless", "-u1", "-t4", "--host=http://127.0.0.1:1", "--json-file=totals", "--csv=own"]
    with locust(tmp_path_factory.mktemp("odd"), *options, *request.param, locustfile=LOCUSTFILE) as process:
        process.finish()
        yield process


def test_every_request_and_every_failure_is_in_the_record_as_in_locusts_totals(ended: Locust) -> None:
    run = ended.run()
    totals = json.loads((ended.out.parent / "totals.json").read_text())
    assert sum(one["num_requests"] for one in totals) == REQUESTS, ended.output()
    assert sum(one["num_failures"] for one in totals) == ROUNDS * FAILED
    counted = Counter({outcome: int(counts.sum()) for outcome, counts in run.counts().items()})
    assert counted == {"ok": REQUESTS - ROUNDS * FAILED, "error": ROUNDS * FAILED}
    assert sum(one.occurrences for one in read_failures(run.folder)) == ROUNDS * FAILED
    assert {one["name"] for one in totals} == {name for _, name in run.endpoints}


def test_requests_without_a_duration_are_in_no_percentile_and_said_once(ended: Locust) -> None:
    run = ended.run()
    assert run.manifest["untimed"] == UNTIMED
    assert run.histogram().count == REQUESTS - UNTIMED
    assert ended.output().count("which is no duration") == 1


def test_nothing_of_ours_fails_and_locust_ends_as_ever(ended: Locust) -> None:
    """Its exit code is 1, since requests failed."""
    run = ended.run()
    # Locust's own writer of --csv may find its file closed at the end; that is none of ours.
    frames = [line for line in ended.output().splitlines() if line.lstrip().startswith("File ")]
    assert not [frame for frame in frames if "brownout_" in frame], ended.output()
    assert ended.process.returncode == 1
    assert run.ended_by_itself
    assert (run.manifest["unrecorded"], run.manifest["recorder_failures"]) == (0, {})
    with (run.folder / "locust_stats.csv").open() as table:
        assert [row["Request Count"] for row in csv.DictReader(table)][-1] == str(REQUESTS)
