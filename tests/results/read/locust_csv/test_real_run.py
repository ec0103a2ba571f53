"""One real run of Locust's: what its HTML report says and what its tables say is the same."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from brownout_results.measure.figures import figures_of
from brownout_results.read.locust_csv import LocustRun, read
from tests.loadtest.runs import target

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
USERS = 5
REQUESTS, FAILED, RAISED = USERS * 60, USERS * 6, USERS * 3


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The prefix of the tables, and the HTML report, of one run; apart, so that each is read alone."""
    folder = tmp_path_factory.mktemp("run")
    tables, html = folder / "tables" / "x", folder / "page" / "x.html"
    html.parent.mkdir()
    with target() as server:
        options = [
            "--headless",
            "-u",
            USERS,
            "-r",
            USERS,
            "-t",
            "21s",
            "--only-summary",
            "--host",
            server.url,
        ]
        written = ["--csv", tables, "--csv-full-history", "--html", html]
        command = [sys.executable, "-m", "locust", "-f", LOCUSTFILE, *options, *written]
        ended = subprocess.run([*map(str, command)], capture_output=True, timeout=60, check=False)
    assert html.is_file(), ended.stderr.decode()
    return tables, html


def test_both_count_the_same_of_all_requests_and_of_each_endpoint(both: tuple[Path, Path]) -> None:
    tables, page = map(read, both)

    assert (tables.total.requests, tables.total.failed) == (REQUESTS, FAILED)
    assert tables.problems == page.problems == []
    parts = [(part.method, part.name) for part in tables.endpoints]
    assert [(part.method, part.name) for part in page.endpoints] == parts
    assert parts == [("GET", f"/{number}, {{}}") for number in range(3)]
    for one, other in zip([tables.total, *tables.endpoints], [page.total, *page.endpoints], strict=True):
        assert (one.requests, one.failed, one.mean_ms) == (other.requests, other.failed, other.mean_ms)
        assert one.size == pytest.approx(other.size)
        assert one.rate == pytest.approx(other.rate)
        for mine, its in ((one.min_ms, other.min_ms), (one.max_ms, other.max_ms)):
            assert mine == pytest.approx(its, abs=0.51)  # the page has whole milliseconds
        shared = one.percentiles_ms.keys() & other.percentiles_ms.keys()
        assert {50, 90, 95, 99, 100} <= shared
        assert all(one.percentiles_ms[percent] == other.percentiles_ms[percent] for percent in shared)


def test_both_tell_the_same_failures_and_exceptions(both: tuple[Path, Path]) -> None:
    tables, page = map(read, both)

    def failures(run: LocustRun) -> Sequence[object]:
        return sorted((one.method, one.name, one.error, one.occurrences) for one in run.failures)

    assert failures(tables) == failures(page)
    assert sum(one.occurrences for one in page.failures) == FAILED
    seen = {one.name: one for one in page.failures}
    for one in tables.failures:  # the tables cut moments to whole seconds
        assert 0 <= (seen[one.name].first_seen or 0) - (one.first_seen or 0) < 1
        assert 0 <= (seen[one.name].last_seen or 0) - (one.last_seen or 0) < 1
    assert tables.exceptions == page.exceptions
    assert sum(one.occurrences for one in page.exceptions) == RAISED


def test_both_tell_the_same_of_time(both: tuple[Path, Path]) -> None:
    tables, page = map(read, both)

    assert tables.duration_s == pytest.approx(page.duration_s, abs=6)  # the page has a row every 5 s
    assert tables.began == pytest.approx(page.began, abs=2)
    assert max(tables.users) == max(page.users) == USERS
    rates = [(run.total.ok_in + run.total.failed_in) / run.widths for run in (tables, page)]
    assert max(rates[1]) == pytest.approx(max(rates[0]), rel=0.25)
    assert figures_of(page, page.total)["throughput"] == pytest.approx(REQUESTS / 15, rel=0.2)
    assert figures_of(tables, tables.total)["throughput"] == pytest.approx(REQUESTS / 15, rel=0.2)


def test_a_comparison_of_both_sees_no_difference(both: tuple[Path, Path], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "brownout", "compare", *both, "--out", tmp_path / "out"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert not [word for word in ("better", "worse", "mixed", "seems") if word in done.stdout]
