"""Files that real versions of Locust wrote: what each says, and what it can't say."""

from pathlib import Path

import numpy as np
import pytest

from brownout_results.read.locust_csv import Lack, LocustRun, read

REAL = Path(__file__).with_name("real")
QUOTED = '/items?ids=1,2&q="a b"'
GENERATIONS = {
    "0.9.0": "G0",
    "0.12.2": "G0",
    "0.13.2": "G0",
    "0.14.6": "G1",
    "1.0.3": "G2",
    "1.1": "G2",
    "1.2": "G3",
    "1.4.1": "G3",
    "1.4.4": "G4",
    "2.0.0": "G4",
    "2.2.1": "G4",
    "2.2.3": "G4",
    "2.8.6": "G4",
    "2.15.1": "G4",
    "2.31.8": "G4",
    "2.43.4": "G4",
    "2.44.0": "G5",
    "2.47.0": "G5",
}
FULL = [version for version in GENERATIONS if (REAL / f"{version}-full").is_dir()]


def run(name: str) -> LocustRun:
    return read(REAL / name)


@pytest.mark.parametrize(("version", "generation"), GENERATIONS.items())
def test_every_version_s_files_are_read_whole(version: str, generation: str) -> None:
    found = run(version)

    assert found.generation == generation
    assert [(part.method, part.name) for part in found.endpoints] == [
        ("GET", "/fetch"),
        ("GET", QUOTED),
        ("POST", "<b>%3Cscript%3E</b>"),
    ]
    fetch, items, post = found.endpoints
    assert 0 < fetch.failed < fetch.requests
    assert items.failed == 0 < items.requests
    assert post.failed == post.requests > 0
    assert found.total.requests == pytest.approx(sum(part.requests for part in found.endpoints), abs=3)
    assert found.total.percentiles_ms[95] >= found.total.percentiles_ms[50] > 0
    assert not [problem for problem in found.problems if "can't be read" in problem]


@pytest.mark.parametrize("version", FULL)
def test_a_full_history_tells_when_requests_failed(version: str) -> None:
    found = run(f"{version}-full")
    fetch = found.endpoints[0]

    assert len(found.starts) == len(found.widths) == len(fetch.ok_in) == len(fetch.failed_in) > 4
    assert found.starts[0] == 0
    middle = (found.starts + found.widths > 3) & (found.starts < 8)
    assert fetch.failed_in[middle].sum() > 0.8 * fetch.failed_in.sum() > 0
    assert (fetch.ok_in >= 0).all()
    assert found.total.ok_in.sum() == sum(part.ok_in.sum() for part in found.endpoints)
    counted = found.total.ok_in.sum() + found.total.failed_in.sum()
    assert 0.7 * found.total.requests < counted <= found.total.requests
    assert Lack.NO_ENDPOINT_HISTORY not in found.lacks
    assert {failure.name for failure in found.failures} == {"/fetch", "<b>%3Cscript%3E</b>"}


CUMULATIVE = ("1.2-full", "1.4.1-full", "1.4.4-full", "2.0.0-full", "2.2.1-full", "2.2.3", "2.15.1", "2.47.0")
OF_THE_MOMENT = ("0.14.6", "0.14.6-full", "1.0.3", "1.1-full", "2.2.3-full", "2.15.1-full", "2.47.0-full")


@pytest.mark.parametrize("name", CUMULATIVE)
def test_percentiles_since_the_start_are_said_to_be_and_not_given_by_moment(name: str) -> None:
    found = run(name)

    assert Lack.PERCENTILES_CUMULATIVE in found.lacks
    assert found.total.percentiles_in == {}


@pytest.mark.parametrize("name", OF_THE_MOMENT)
def test_percentiles_of_the_moment_are_given_by_row_without_zeros(name: str) -> None:
    found = run(name)

    assert Lack.PERCENTILES_CUMULATIVE not in found.lacks
    medians = found.total.percentiles_in[50]
    assert len(medians) == len(found.starts)
    assert (medians[~np.isnan(medians)] > 0).all()


def test_the_oldest_files_count_failures_apart_and_have_no_history() -> None:
    found = run("0.9.0")

    assert (found.total.requests, found.total.failed) == (173, 45)
    assert Lack.NO_HISTORY in found.lacks
    assert found.duration_s is None
    assert "failures apart" in found.problems[0]


@pytest.mark.parametrize("name", ["empty-0.12.2", "empty-2.47.0"])
def test_a_run_without_a_request_has_none(name: str) -> None:
    found = run(name)

    assert (found.total.requests, found.endpoints, found.total.percentiles_ms) == (0, [], {})
    assert len(found.starts) == 0


def test_a_json_export_has_histograms_and_counts_by_second(tmp_path: Path) -> None:
    export = tmp_path / "alone.json"
    export.write_bytes((REAL / "2.47.0-full/locust.json").read_bytes())

    alone, beside = read(export), run("2.47.0-full")

    assert (
        sum(alone.total.histogram.values())
        == alone.total.requests
        == alone.total.ok_in.sum() + alone.total.failed_in.sum()
    )
    assert alone.total.percentiles_ms[95] == pytest.approx(beside.total.percentiles_ms[95], rel=0.06)
    assert beside.endpoints[0].histogram == alone.endpoints[0].histogram
    assert Lack.NO_HISTORY not in alone.lacks


def test_an_export_gives_endpoints_their_seconds_where_the_history_has_the_total_only() -> None:
    found = run("2.47.0")

    assert Lack.NO_ENDPOINT_HISTORY not in found.lacks
    assert found.endpoints[0].failed_in.sum() > 0
    assert np.nanmax(found.users) == 4


@pytest.mark.parametrize("version", ["2.31.8", "2.47.0"])
def test_an_html_report_names_the_target(version: str) -> None:
    found = run(f"html-{version}")

    assert found.target
    assert found.target.startswith("http://127.0.0.1:")
    assert found.endpoints[1].name == QUOTED
    assert found.total.percentiles_ms[95] > 0
    assert Lack.NO_HISTORY not in found.lacks


@pytest.mark.parametrize(
    "name", ["locust", "locust_stats.csv", "locust_stats_history.csv", "locust_failures.csv", "locust.json"]
)
def test_prefix_folder_and_each_single_file_are_the_same_run(name: str) -> None:
    folder, other = run("2.47.0-full"), run(f"2.47.0-full/{name}")

    assert (other.name, other.total.requests, other.files) == ("locust", folder.total.requests, folder.files)
