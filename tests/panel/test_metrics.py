"""/panel/metrics: what a scraper reads of the load and the harness."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from brownout_panel.measures import Calls
from brownout_panel.metrics import harness_metrics, load_metrics
from brownout_panel.totals import WORKER, LoadTotals
from brownout_results.record import LoadRow
from tests.panel.seconds import measured
from tests.panel.test_api import Answer, ask, stand
from tests.servers import ROOT, until

DASHBOARD = json.loads((ROOT / "observability/grafana/dashboards/load.json").read_text("utf-8"))
ROW = LoadRow(1, 20, 1, 100, 95, 5, 1.0, 20.0, 30.0)


def families(answer: Answer) -> dict[str, Metric]:
    assert answer.status == 200, answer.text
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values(family: Metric) -> dict[tuple[str, ...], float]:
    return {(one.name, *one.labels.values()): one.value for one in family.samples}


def test_totals_add_up_over_seconds_and_runs() -> None:
    """Counters grow over seconds and runs, and a latency counts below its bound."""
    totals = LoadTotals()
    totals.add(measured(1, 90, 10, ms=10.0, calls=Calls(100, 150))._replace(load=ROW))
    totals.add(measured(2, 5, 0, ms=700.0, calls=Calls(110, 170)))
    totals.add(measured(9, 1, 0, ms=1e6, calls=Calls(10, 10)))  # another run
    found = {family.name: values(family) for family in load_metrics(totals)}
    buckets = found["brownout_request_duration_seconds"]
    name = "brownout_request_duration_seconds_bucket"
    assert [buckets[name, bound] for bound in ("0.005", "0.01", "0.5", "1.0", "60.0", "+Inf")] == [
        0,
        100,
        100,
        105,
        105,
        106,
    ]
    assert buckets["brownout_request_duration_seconds_count",] == 106
    assert abs(buckets["brownout_request_duration_seconds_sum",] - (1 + 3.5 + 1000)) < 1.5
    assert found["brownout_requests"]["brownout_requests_total", "ok"] == 96
    assert found["brownout_dropped_requests"] == {("brownout_dropped_requests_total",): 5}
    assert found["brownout_lateness_seconds"]["brownout_lateness_seconds", "0.99"] == 0.02
    assert totals.calls == Calls(120, 180)


def test_the_names_of_workers_are_no_labels() -> None:
    """Each start of a worker has another name: their stalls are those of one label."""
    totals = LoadTotals()
    for name in ("worker a_1", "worker b_2", "fleet"):
        totals.add_event({"kind": "stall", "process": name, "seconds": 0.5})
    totals.add_event({"kind": "stall", "process": "fleet", "seconds": None})
    totals.add_event({"kind": "kill", "service": "client", "outcome": "killed"})
    totals.add_event({"kind": "kill", "outcome": "refused: it is the last one"})
    found = {family.name: values(family) for family in harness_metrics(totals)}
    assert found["brownout_stall_seconds"] == {
        ("brownout_stall_seconds_total", WORKER): 1.0,
        ("brownout_stall_seconds_total", "fleet"): 0.5,
    }
    assert found["brownout_kills"] == {("brownout_kills_total", "client"): 1.0}


def test_a_scrape_tells_load_faults_breakers_and_replicas(tmp_path: Path) -> None:
    """A scraper reads the whole of it in Prometheus's format, with every metric that the dashboard draws."""
    with stand("--replicas", "--folder", str(tmp_path)) as url:
        ask(url, "PUT", "/api/faults", {"faults": [{"kind": "error", "rate": 0.3, "status": 503}]})
        ask(url, "POST", "/api/stalls", {"process": "fleet", "ago_s": 1, "seconds": 0.5})

        def scraped() -> dict[str, Metric]:
            return families(ask(url, "GET", "/metrics"))

        until(lambda: scraped()["brownout_requests"].samples[0].value > 0, "a second of load", 10.0)
        until(lambda: scraped()["brownout_breaker_state"].samples, "a breaker", 10.0)
        found = scraped()
    assert values(found["brownout_fault_rate"]) == {("brownout_fault_rate", "error"): pytest.approx(0.3)}
    assert values(found["brownout_breaker_state"])["brownout_breaker_state", "", "client-0", "closed"] == 1.0
    assert values(found["brownout_replica_ready"])["brownout_replica_ready", "backend-0", "backend"] == 1.0
    assert values(found["brownout_stalls"])["brownout_stalls_total", "fleet"] == 1.0
    assert values(found["brownout_requests"])["brownout_requests_total", "ok"] % 90 == 0
    drawn = {
        name.removesuffix("_total").removesuffix("_bucket")
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:brownout|process)_\w+", target["expr"])
    }
    assert len(drawn) > 12
    assert drawn <= found.keys()


def test_a_scrape_in_openmetrics_is_one(tmp_path: Path) -> None:
    """A scraper that asks for OpenMetrics gets it."""
    with stand() as url:
        answer = ask(url, "GET", "/metrics", Accept="application/openmetrics-text; version=1.0.0")
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert answer.text.endswith("# EOF\n")


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Ids and places are each other's own, and the data source is the provisioned one."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {"prometheus"}
    assert all(
        target["expr"].count("(") == target["expr"].count(")") for one in panels for target in one["targets"]
    )
    assert DASHBOARD["uid"] != "brownout"
