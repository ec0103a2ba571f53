"""The page alone, in a browser, before a stand-in of the panel."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from brownout_loadtest.shapes import SHAPES, parameters_of
from brownout_terms.breakers import STYLES as BREAKERS
from tests.browser.conftest import Opens
from tests.browser.standin import StandIn, faults_sent, sent, serving
from tests.browser.standin_model import Model
from tests.browser.strange_kind import STRANGE
from tests.servers import until

pytestmark = pytest.mark.browser


ERRORS = "Errors: share of requests, percent"
DELAY = "Latency: delay, milliseconds"


def drag(page: Page, slider: Locator, steps: int, step_ms: int) -> None:
    """Drag a slider from its left to its right end."""
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(box["x"] + 10 + (box["width"] - 20) * step / steps, box["y"] + box["height"] / 2)
        page.wait_for_timeout(step_ms)
    page.mouse.up()


def test_a_dragged_slider_sends_ten_a_second_at_most_and_the_last_value_always(
    opens: Opens, panel: StandIn
) -> None:
    page = opens(panel.url)
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    drag(page, page.get_by_label(f"{ERRORS}, slider"), 60, 10)
    until(lambda: [fault["rate"] for fault in faults_sent(panel)] == [1], "the last value to arrive")
    times = [at for _, at in sent(panel, "faults")]
    assert 3 <= len(times) <= 1 + (times[-1] - times[0]) / 0.095
    expect(page.get_by_label(ERRORS, exact=True)).to_have_value("100")
    expect(page.locator("#faults-status")).to_have_text("✓ applied 4 of 4")


def test_exact_numbers_and_the_other_kinds_are_sent_as_the_backend_reads_them(
    opens: Opens, panel: StandIn
) -> None:
    page = opens(panel.url)
    page.get_by_label(DELAY, exact=True).fill("200")
    page.get_by_label("Latency: ±, milliseconds").fill("50")
    page.locator("#more-faults summary").click()
    page.get_by_label("Hangs: share").fill("12.5")
    page.get_by_label("Hangs: share").press("Enter")
    latency = {"kind": "latency", "rate": 1, "ms": 200, "jitter_ms": 50, "distribution": "normal"}
    hang = {"kind": "hang", "rate": 0.125}
    until(lambda: faults_sent(panel) == [latency, hang], "both faults")


def test_a_kind_that_only_the_application_knows_is_in_the_form_and_in_the_words(opens: Opens) -> None:
    model = Model()
    model.kinds.append(STRANGE)
    with serving(model) as panel:
        page = opens(panel.url)
        page.locator("#more-faults summary").click()
        page.get_by_label("Drizzle: drops").fill("60")
        page.get_by_label("Drizzle: drops").press("Enter")
        expect(page.locator("#faults-problem")).to_contain_text("Drizzle: drops")
        assert not faults_sent(panel)
        page.get_by_label("Drizzle: drops").fill("7")
        page.get_by_label("Drizzle: size").select_option("large")
        page.get_by_label("Drizzle: share").fill("25")
        page.get_by_label("Drizzle: share").press("Enter")
        drizzle = {"kind": "drizzle", "rate": 0.25, "drops": 7, "size": "large"}
        until(lambda: faults_sent(panel) == [drizzle], "the fault")
        words = "25 % drizzle with 7 drops of large"
        expect(page.locator("#faults-note")).to_contain_text(f": {words}.")
        expect(page.locator("#more-active")).to_have_text(words)
        expect(page.locator("#events li", has_text=f"{words} on 4 of 4")).to_have_count(1)


def test_faults_set_elsewhere_appear_and_are_not_lost_by_moving_a_slider(
    opens: Opens, panel: StandIn
) -> None:
    page = opens(panel.url)
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    strange = {"kind": "error", "rate": 0.1, "status": 429}
    panel.model.set_faults([{"kind": "error", "rate": 0.2, "status": 500}, strange], "set")
    expect(page.get_by_label(ERRORS, exact=True)).to_have_value("20")
    expect(page.locator("#other-faults")).to_contain_text("10 % errors 429")
    page.get_by_label(DELAY, exact=True).fill("5")
    page.get_by_label(DELAY, exact=True).press("Enter")
    until(lambda: strange in faults_sent(panel), "the other fault to be kept")


def test_a_backend_that_is_none_of_ours_is_said_to_take_no_faults(opens: Opens) -> None:
    model = Model(backends=1)
    foreign = {"state": "foreign", "since": 0.0, "reason": "answers 404 at /faults", "revision": None}
    model.replicas[0]["status"] = foreign
    with serving(model) as panel:
        page = opens(panel.url)
        expect(page.locator("#faults-status")).to_have_text("∅ this backend accepts no faults")
        expect(page.locator("#faults-lagging")).to_contain_text("accepts no faults: answers 404 at /faults")
        expect(page.locator("#replica-rows .replica-status").first).to_contain_text("accepts no faults")


def test_a_backend_s_capacity_is_shown_beside_what_it_is_held_to(opens: Opens) -> None:
    model = Model(backends=1)
    limits = {"concurrency": 2, "service_time_ms": 100, "queue_limit": 50}
    model.replicas[0]["capacity"] = limits
    model.note("capacity", replica="backend-0", **limits)
    with serving(model) as panel:
        page = opens(panel.url)
        status = page.locator("#replica-rows .replica-status").first
        expect(status).to_contain_text("faults r1 · serves at most 2 at once, 100 ms each; queue of 50")
        expect(
            page.locator("#events li", has_text="backend-0 serves at most 2 at once, 100 ms each")
        ).to_have_count(1)


def test_a_value_out_of_range_is_refused_in_words_and_not_sent(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.get_by_label(ERRORS, exact=True).fill("130")
    page.get_by_label(ERRORS, exact=True).press("Enter")
    expect(page.locator("#faults-problem")).to_contain_text("100")
    assert not sent(panel, "faults")


def test_a_breaker_that_opens_is_told_by_word_sign_lane_and_live_region(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.get_by_role("button", name="outage").click()
    tile = page.locator("#breaker-tiles li").first
    expect(tile).to_have_attribute("data-state", "open")
    expect(tile).to_contain_text("half-open in")
    expect(tile.locator(".sign")).to_have_text(BREAKERS["open"].sign)
    expect(page.locator("#announcer")).to_contain_text("breaker of client-0 open")
    expect(page.locator("#charts .legend5text", has_text="open")).to_have_count(1)
    page.get_by_role("button", name="Clear all faults").click()
    expect(tile).to_have_attribute("data-state", "closed")
    expect(page.locator("#events li", has_text="client-0 closed")).to_have_count(1)
    expect(page.locator("#breakers-count")).to_have_text("4 transitions, none lost")


def test_killing_asks_first_and_the_last_ready_one_needs_more(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.get_by_role("button", name="Kill client-0").click()
    page.locator("#kill-dialog").get_by_role("button", name="Cancel").click()
    assert not sent(panel, "replicas/client-0/kill")
    page.get_by_role("button", name="Kill client-0").click()
    page.locator("#kill-confirm").click()
    expect(page.locator("tr", has_text="client-0").locator(".phase")).to_have_text("✕ gone")
    page.get_by_role("button", name="Kill client-1").click()
    expect(page.locator("#kill-confirm")).to_be_disabled()
    page.get_by_label("even though it is the last ready one").check()
    page.locator("#kill-confirm").click()
    until(lambda: sent(panel, "replicas/client-1/kill"), "the kill")
    assert sent(panel, "replicas/client-1/kill")[0][0] == {"even_last": True}


def test_names_from_outside_are_text(opens: Opens) -> None:
    model = Model()
    name = "<img src=x onerror=alert(1)>"
    model.replicas[-1]["replica"]["name"] = name
    model.note("phase", name="<b>bold</b>")
    with serving(model) as panel:
        page = opens(panel.url)
        expect(page.locator("#replica-rows th").last).to_have_text(name)
        # A long name is shortened at its beginning, beside the lanes.
        expect(page.locator("#charts svg").filter(has_text="alert(1)>")).not_to_have_count(0)
        expect(page.locator("#charts .annotation-text", has_text="<b>bold</b>")).to_have_count(1)
        assert page.locator("#charts img, #replicas img, #events b, #breaker-tiles img").count() == 0


def test_a_policy_is_edited_beside_the_labs_numbers_and_applied_whole(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    expect(page.locator("#policy-difference")).to_contain_text("attempt time-out 1 s (lab 3 s)")
    page.locator("#policy-numbers summary").click()
    page.get_by_label("failures to open").fill("7")
    expect(page.locator("#policy-edited")).to_have_text("1 not applied yet")
    page.get_by_role("button", name="Apply").click()
    until(lambda: sent(panel, "policy"), "the policy")
    document = sent(panel, "policy")[0][0]
    assert document["breaker"]["fail_max"] == 7
    assert document | {"breaker": None} == panel.model.presets["full"] | {"breaker": None}
    page.locator("#policy-presets").get_by_role("button", name="lab").click()
    expect(page.locator("#policy-difference")).to_have_text("Same values as the lab.")


def test_a_setting_of_the_policy_that_only_a_client_knows_is_edited_like_ours(opens: Opens) -> None:
    with serving() as panel:
        model = panel.model
        field = {"path": "hedge.after_s", "label": "hedge after", "type": "number", "unit": "s"}
        model.policy_fields.append({**field, "min": 0, "max": 9, "choices": []})
        for preset in model.presets.values():
            preset["hedge"] = {"after_s": 1.5}
        page = opens(panel.url)
        page.locator("#policy-numbers summary").click()
        expect(page.get_by_label("hedge after")).to_have_value("1.5")
        page.get_by_label("hedge after").fill("2")
        page.get_by_role("button", name="Apply").click()
        until(lambda: sent(panel, "policy"), "the policy")
        assert sent(panel, "policy")[0][0]["hedge"] == {"after_s": 2}


def test_stop_everything_blocks_until_released(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.get_by_role("button", name="Stop everything").click()
    expect(page.locator("#blocked")).to_contain_text("No new load, fault, policy or experiment can start")
    expect(page.locator("#load-start")).to_be_disabled()
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#blocked")).to_be_hidden()
    expect(page.locator("#load-start")).to_be_enabled()


def test_the_form_has_every_shape_and_its_parameters_as_the_load_declares_them(
    opens: Opens, panel: StandIn
) -> None:
    page = opens(panel.url)
    for name, shape in SHAPES.items():
        page.locator("#load-shape").select_option(name)
        inputs = page.locator("#shape-parameters input").all()
        assert [one.get_attribute("name") for one in inputs] == [one.name for one in parameters_of(shape)]
    page.locator("#load-shape").select_option("ramp")
    at_first = page.get_by_label("level at the start, as a share of the peak")
    assert [at_first.get_attribute(name) for name in ("min", "max", "placeholder")] == ["0", "1", "0"]


def test_a_mark_begins_a_phase(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.get_by_role("button", name="Mark…").click()
    page.keyboard.type("recovery")
    page.keyboard.press("Enter")
    expect(page.locator("#phase")).to_have_text("recovery")
    expect(page.locator("#charts .annotation-text", has_text="◆ recovery")).to_have_count(1)


def test_a_silent_panel_is_stale_with_its_age_and_comes_back_complete(opens: Opens) -> None:
    with serving() as panel:
        page = opens(panel.url)
        expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
        port, model = panel.server_port, panel.model
    expect(page.locator("#link-state")).to_contain_text("stale: no update for", timeout=20_000)
    model.boot = "another"  # it restarts, and does not know the page's event any more
    model.note("phase", name="meanwhile")
    with serving(model, port):
        expect(page.locator("#link-state")).to_have_attribute("data-state", "live", timeout=20_000)
        expect(page.locator("#events li", has_text="phase meanwhile")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_cut_off_and_controls_come_first(
    opens: Opens, panel: StandIn, scheme: str
) -> None:
    page = opens(panel.url, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.locator("#charts .main-svg").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    order = ["faults", "policy", "load", "numbers", "replicas"]
    boxes = [page.locator(f"#{block}").bounding_box() for block in order]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == len(order)
    assert tops == sorted(tops)


def test_every_input_and_button_has_a_name(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    page.locator("#replica-rows tr").first.wait_for()
    nameless = page.evaluate(
        """[...document.querySelectorAll('button, input, select, [role="img"]')].filter(e =>
           !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
           .map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_time_on_the_charts_is_since_the_runs_start_wherever_the_reader_is(opens: Opens) -> None:
    """A date that is given to Plotly as a number is a year, or in local time: half an hour off in India."""
    model = Model(age_s=30)
    model.started_at = float(int(model.started_at))  # so that its seconds are 1000, 2000, … ms old
    model.seconds = [model._second(int(model.started_at) + index, 0.0, 0.0) for index in range(30)]
    with serving(model) as panel:
        page = opens(panel.url, timezone_id="Asia/Kolkata")
        page.locator("#charts .main-svg").first.wait_for()
        drawn = page.evaluate("document.getElementById('charts').calcdata[1].slice(0, 30).map((p) => p.x)")
        assert drawn == [1000 * index for index in range(30)]
        labels = page.locator("#charts .xtick text").all_text_contents()
        assert labels[0].startswith("00:00")
        page.evaluate(
            """Plotly.relayout('charts', {'xaxis.range[0]': '1970-01-01 00:00:05',
                                          'xaxis.range[1]': '1970-01-01 00:00:20'})"""
        )
        expect(page.locator("#charts-note")).to_contain_text("zoomed")
        expect(page.locator("#charts")).to_have_attribute("aria-label", re.compile("from 00:05 to 00:20"))


def test_numbers_and_controls_do_not_wait_for_the_chart_library(opens: Opens, panel: StandIn) -> None:
    page = opens(panel.url)
    held: list[Route] = []
    page.route("**/plotly-basic.min.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#numbers dd").first).to_contain_text(re.compile(r"\d"))
    expect(page.locator("#charts")).not_to_have_attribute("data-drawn", "yes")
    page.get_by_label(DELAY, exact=True).fill("200")
    page.get_by_label(DELAY, exact=True).press("Enter")
    until(lambda: faults_sent(panel), "the faults to arrive")
    assert held
    for route in held:
        route.continue_()
    expect(page.locator("#charts")).to_have_attribute("data-drawn", "yes")


def test_two_hours_are_drawn_in_a_frame_budget_of_points(opens: Opens) -> None:
    with serving(Model(age_s=7200)) as panel:
        page = opens(panel.url)
        page.get_by_role("button", name="all", exact=True).click()
        expect(page.locator("#charts-note")).to_contain_text("worst latency")
        points = page.evaluate("document.getElementById('charts').data[0].x.length")
        assert 200 < points <= 700
        started = time.monotonic()
        page.evaluate("Plotly.react('charts', charts.data, charts.layout)")
        print(f"one redraw of two hours: {1000 * (time.monotonic() - started):.0f} ms")
