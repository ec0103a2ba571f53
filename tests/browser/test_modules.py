"""The page's pure modules, each asked in the browser that runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from brownout_faults import described_kinds
from tests.browser.standin import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serving() as panel:
        page = browser.new_page()
        page.goto(f"{panel.url}static/page.css")  # a place to import from, without the page's own life
        yield page
        page.close()


def ask(page: Page, module: str, expression: str, *arguments: Any) -> Any:
    """The value of an expression in which `m` is a module and `a` the list of arguments."""
    return page.evaluate(
        f"""async (a) => {{
          const m = await import(new URL('{module}', document.baseURI));
          return {expression};
        }}""",
        list(arguments),
    )


@pytest.mark.parametrize(
    ("state", "now", "decision"),
    [
        (
            {"hasValue": False, "busy": False, "sentAt": 0},
            1000,
            {"send": False, "wait": None},
        ),  # nothing to send
        (
            {"hasValue": True, "busy": True, "sentAt": 0},
            1000,
            {"send": False, "wait": None},
        ),  # one is under way
        ({"hasValue": True, "busy": False, "sentAt": 960}, 1000, {"send": False, "wait": 60}),  # too soon
        ({"hasValue": True, "busy": False, "sentAt": 900}, 1000, {"send": True, "wait": None}),
    ],
)
def test_a_throttle_decides(page: Page, state: Any, now: int, decision: Any) -> None:
    assert ask(page, "throttle.js", "m.decide(a[0], a[1], 100)", state, now) == decision


def test_a_throttle_sends_the_last_value_though_it_came_while_one_was_under_way(page: Page) -> None:
    sent = ask(
        page,
        "throttle.js",
        """await (async () => {
          let now = 0; const sent = []; const timers = []; let answer;
          const reply = (done) => { answer = done; };
          const send = (value) => { sent.push([value, now]); return new Promise(reply); };
          const later = (run, wait) => timers.push([run, now + wait]);
          const put = m.throttle(send, 100, { now: () => now, later });
          put(1); put(2); now = 30; put(3); answer(); await null; await null;
          const [run, due] = timers.shift(); now = due; run(); answer(); await null;
          return { sent, pending: put.isPending() };
        })()""",
    )
    assert sent == {"sent": [[1, 0], [3, 100]], "pending": False}


def test_seconds_are_thinned_to_the_worst_latency_and_the_mean_rate(page: Page) -> None:
    thinned = ask(
        page,
        "columns.js",
        "m.thin(m.fromHistory(a[0]), 10, 13, 2)",
        {"t": [10, 11, 12, 13], "goodput": [1, 3, 5, None], "p99_ms": [7, 2, None, None]},
    )
    assert thinned["step"] == 2
    assert thinned["columns"]["t"] == [10, 12]
    assert thinned["columns"]["goodput"] == [2, 5]
    assert thinned["columns"]["p99_ms"] == [7, None]


def test_a_second_that_comes_twice_or_late_has_one_place(page: Page) -> None:
    columns = ask(
        page,
        "columns.js",
        "((c) => { a[0].forEach(([t, ok]) => m.add(c, { t, ok })); return [c.t, c.ok]; })(m.empty())",
        [[1, 10], [3, 30], [2, 20], [3, 31]],
    )
    assert columns == [[1, 2, 3], [10, 20, 31]]


def test_a_gap_of_the_record_stays_a_gap(page: Page) -> None:
    thinned = ask(
        page, "columns.js", "m.thin(m.fromHistory({ t: [1, 2, 9], ok: [5, 5, 5] }), 0, 10, 100).columns"
    )
    assert thinned["t"] == [1, 2, 3, 9]
    assert thinned["ok"] == [5, 5, None, 5]


def transition(seq: int, at: float, before: str, after: str, boot: str = "a") -> dict[str, Any]:
    return {
        "replica": "client-0", "boot_id": boot, "seq": seq, "at": at, "from": before, "to": after,
        "cause": "", "missed": 0,
    }  # fmt: skip


def lanes(page: Page, boot: str, *transitions: dict[str, Any]) -> list[list[Any]]:
    view = {
        "replica": {"name": "client-0", "started_at": 50},
        "circuit": {"state": "closed", "boot_id": boot},
    }
    found: list[list[Any]] = ask(
        page,
        "breaker_intervals.js",
        "m.stateIntervals([a[0]], a[1], 100).get('client-0').map(({ state, to }) => [state, to])",
        view,
        list(transitions),
    )
    return found


def test_a_lane_has_every_state_from_transition_to_transition(page: Page) -> None:
    stretches = lanes(
        page, "a", transition(1, 10, "closed", "open"), transition(2, 10.001, "open", "half-open")
    )
    assert stretches == [["closed", 10], ["open", 10.001], ["half-open", 100]]


def test_what_a_breaker_did_between_two_lives_is_unknown(page: Page) -> None:
    assert lanes(page, "b", transition(1, 10, "closed", "open")) == [
        ["closed", 10],
        ["unknown", 50],
        ["closed", 100],
    ]


def test_a_stretch_shorter_than_a_pixel_is_as_long_as_one(page: Page) -> None:
    shown = ask(
        page,
        "breaker_intervals.js",
        "m.visibleIntervals([{ state: 'open', from: 5, to: 5.001 }], 0, 10, 0.5)",
    )
    assert shown == [{"state": "open", "from": 5, "to": 5.5}]


def test_fault_bands_end_where_faults_are_cleared_and_a_drag_is_one_band(page: Page) -> None:
    def fault(at: float, action: str, *rates: float) -> dict[str, Any]:
        return {
            "at": at,
            "kind": "fault",
            "action": action,
            "faults": [{"kind": "error", "rate": r} for r in rates],
            "words": ", ".join(f"{r:.0%} errors" for r in rates),
        }

    events = [
        fault(1, "set", 0.1),
        fault(1.1, "set", 0.2),
        fault(1.2, "set", 0.3),
        fault(9, "cleared"),
        fault(20, "set", 1),
    ]
    assert ask(page, "annotations.js", "m.faultBands(a[0], 30)", events) == [
        {"from": 1, "to": 9, "label": "30% errors"},
        {"from": 20, "to": 30, "label": "100% errors"},
    ]


WRITTEN = """((read) => m.write(read.form, a[1], read.others.map((at) => a[0][at])))(m.read(a[0], a[1]))"""


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"kind": "error", "rate": 0.3, "status": 503}],
        [{"kind": "error", "rate": 1, "status": 429, "retry_after_s": 2}],
        [{"kind": "latency", "rate": 0.5, "ms": 200}],
        [{"kind": "latency", "rate": 1, "ms": 200, "jitter_ms": 50, "distribution": "pareto"}],
        [{"kind": "hang", "rate": 0.1, "limit_s": 5}, {"kind": "reset", "rate": 0.2}, {"kind": "noop"}],
    ],
)
def test_a_fault_document_survives_the_form(page: Page, faults: Any) -> None:
    written = ask(page, "fault_document.js", WRITTEN, faults, described_kinds())
    assert written == faults


@pytest.mark.parametrize(("seconds", "words"), [(42.9, "00:42"), (3723, "1:02:03"), (-5, "−00:05")])
def test_the_clock_of_a_run(page: Page, seconds: float, words: str) -> None:
    assert ask(page, "format.js", "m.clock(a[0])", seconds) == words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            {"action": "asked to start", "file": "pod-kill", "by": "cli"},
            "experiment asked to start pod-kill (by cli)",
        ),
        (
            {"action": "lost", "by": "harness", "outcome": "silent for 20 s: the faults are cleared"},
            "the experiment's process was silent for 20 s: the faults are cleared",
        ),
    ],
)
def test_what_became_of_an_experiment_s_process_is_a_sentence(page: Page, event: Any, words: str) -> None:
    assert ask(page, "event_text.js", "m.describe(a[0])[2]", {"kind": "experiment", **event}) == words


OWN: dict[str, Any] = {
    "replica": {
        "name": "shop-0",
        "service": "client",
        "contract": "own",
        "phase": "ready",
        "breaker": "/breaker",
    },
    "breakers": [
        {"name": "prices", "state": "open", "boot_id": "a", "as_of": 90},
        {"name": "stock", "state": "closed", "boot_id": "a", "as_of": 90},
    ],
    "breakers_reason": None,
}
"""A replica of a service of the user's, with two breakers."""


def test_each_breaker_of_a_service_of_the_users_has_a_lane(page: Page) -> None:
    opened = transition(1, 10, "closed", "open") | {"replica": "shop-0", "breaker": "prices"}
    told = ask(
        page,
        "breaker_intervals.js",
        "[...m.stateIntervals([a[0]], [a[1]], 100)].map(([n, all]) => [n, all.map((one) => one.state)])",
        OWN,
        opened,
    )
    assert told == [["shop-0 prices", ["closed", "open"]], ["shop-0 stock", ["closed"]]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"breakers": [], "breakers_reason": "answers 404"}, "/breaker: answers 404"),
        ({"breakers": []}, ""),  # asked, and no answer yet
        ({"breakers": [], "replica": OWN["replica"] | {"breaker": None}}, "No breaker is known."),
    ],
)
def test_one_line_says_why_no_breaker_is_drawn(page: Page, changes: dict[str, Any], words: str) -> None:
    told = ask(page, "breakers.js", "m.whyNone([a[0]])", OWN | changes)
    assert told.startswith(words) if words else told == ""


def test_rows_of_what_is_not_known_are_not_drawn(page: Page) -> None:
    axes = ask(
        page,
        "figure.js",
        """(() => {
          const names = ["t", "offered", "throughput", "goodput", "p50_ms", "p95_ms", "p99_ms", "ok",
            "fallback", "error", "tunnel", "amplification"];
          const columns = Object.fromEntries(names.map((name) => [name, [1]]));
          const { traces, layout } = m.figure({ columns,
            lanes: new Map(), transitions: [], marks: { faultBands: [], labelledMoments: [] },
            span: { from: 0, to: 9 }, origin: 0, least: 1, colours: {}, narrow: false,
            without: ["y4", "y5"] });
          const drawn = traces.some(({ yaxis }) => ["y4", "y5"].includes(yaxis));
          return [layout.xaxis.anchor, "yaxis4" in layout, drawn];
        })()""",
    )
    assert axes == ["y3", False, False]
