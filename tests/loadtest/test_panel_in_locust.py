"""The panel inside a Locust that has a base path, a login, and workers: one process for all of it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from brownout_fleet.free_port import free_port
from brownout_panel import panel_address
from tests.loadtest.runs import Locust, locust, processes, target
from tests.servers import until

LOCUSTFILE = """
from flask_login import UserMixin, login_user
from locust import HttpUser, events, task

import brownout.locust


class Person(UserMixin):
    id = "somebody"


class Getter(HttpUser):
    @task
    def get(self):
        self.client.get("/fast")


@events.init.add_listener
def on_init(environment, **_):
    if environment.web_ui:
        app = environment.web_ui.app
        app.secret_key = "for sessions"
        environment.web_ui.login_manager.user_loader(lambda _: Person())
        app.add_url_rule("/here-i-am", "here_i_am", lambda: str(login_user(Person())))
"""

PAGE = {"Sec-Fetch-Site": "same-origin"}


class Inside:
    """A Locust, and what somebody who is logged in, or is not, gets of it."""

    def __init__(self, process: Locust, port: int, state: Path) -> None:
        self.process = process
        self.root = f"http://127.0.0.1:{port}"
        self.state_dir = state
        self.cookies: Any = None

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, self.root + path, cookies=self.cookies, timeout=10, **more)

    def get(self, path: str) -> requests.Response:
        return self.ask("GET", path)

    def is_up(self) -> bool:
        try:
            answer = self.get("/here-i-am")
        except requests.RequestException:
            return False
        self.cookies = answer.cookies
        return answer.text == "True"

    def state(self) -> Any:
        return self.get("/deep/down/panel/api/state").json()

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Those of the run folder's timeline."""
        lines = (self.process.folders()[-1] / "events.jsonl").read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["kind"] == kind]


@contextmanager
def starting(folder: Path) -> Iterator[Inside]:
    file, port, state = folder / "file.py", free_port(), folder / "state"
    file.write_text(LOCUSTFILE)
    web = ["--web-host=127.0.0.1", f"--web-port={port}", "--web-base-path=/deep/down/", "--web-login"]
    with (
        target() as server,
        locust(
            folder,
            *web,
            *processes(2),
            "--host",
            server.url,
            locustfile=file,
            environ={panel_address.FOLDER_VARIABLE: str(state)},
        ) as process,
    ):
        inside = Inside(process, port, state)
        process.awaits(inside.is_up, "the web UI")
        yield inside


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    with starting(tmp_path_factory.mktemp("locust")) as inside:
        yield inside


def test_its_page_and_api_are_below_the_base_path_with_links_that_hold_there(inside: Inside) -> None:
    page = inside.get("/deep/down/panel/")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for link in re.findall(r'(?:src|href)="(static/[^"]+)"', page.text):
        assert inside.get(f"/deep/down/panel/{link}").status_code == 200, link
    assert inside.state()["has_locust_page"]
    assert "Locust" in inside.get("/deep/down/panel/../").text
    assert inside.get("/panel/").status_code == 404
    servers = inside.get("/deep/down/panel/openapi.json").json()["servers"]
    assert servers == [{"url": "/deep/down/panel"}]


def test_other_terminals_are_told_where_it_is(inside: Inside) -> None:
    (one,) = panel_address.find(inside.state_dir)
    assert one.url == f"{inside.root}/deep/down/panel"
    answer = requests.get(
        f"{one.url}/api/state", headers={"Authorization": f"Bearer {one.token}"}, timeout=10
    )
    assert answer.json()["blocked"] is False  # the token is enough, without a login


@pytest.mark.parametrize("path", ["", "api/state", "api/stream", "static/main.js", "run/run.json", "runs/"])
def test_who_has_not_logged_in_is_sent_to_the_login(inside: Inside, path: str) -> None:
    url = f"{inside.root}/deep/down/panel/{path}"
    answer = requests.get(url, timeout=10, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/deep/down/login")


def test_another_websites_change_is_refused_on_locusts_routes_below_the_base_path_as_well(
    inside: Inside,
) -> None:
    for path in ("/deep/down/swarm", "/deep/down/panel/api/marks"):
        answer = inside.ask("POST", path, json={}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert inside.get("/deep/down/stop").status_code == 403


def test_the_tabs_of_locusts_page_are_there_before_any_other_url_was_visited(inside: Inside) -> None:
    page = inside.get("/deep/down/").text
    for title in ("Replicas", "Breakers", "/deep/down/panel/run/events.jsonl"):
        assert title in page
    report = inside.get("/deep/down/stats/requests").json()
    assert {one["key"] for one in report["extended_stats"]} == {"replicas", "breakers"}


def test_a_load_on_two_workers_that_was_started_on_locusts_page_says_who_asked(inside: Inside) -> None:
    form = {"user_count": "4", "spawn_rate": "4"}
    swarm = inside.ask("POST", "/deep/down/swarm", data=form, headers=PAGE)
    assert swarm.json()["success"] is True
    until(lambda: (inside.state()["second"] or {}).get("throughput"), "a second of both workers", 20)
    until(lambda: inside.state()["second"]["users"] == 4, "all four users in a second", 20)
    asked = next(one for one in inside.events("load") if one["action"] == "asked to start")
    assert (asked["by"], asked["on"], asked["outcome"]) == ("page", "Locust's page", "started")
    assert asked["settings"] == form
    # From the panel it is stopped, and Locust's page agrees.
    stopped = inside.ask("DELETE", "/deep/down/panel/api/load", headers=PAGE)
    assert stopped.status_code == 200
    until(lambda: inside.get("/deep/down/stats/requests").json()["state"] == "stopped", "its end", 20)
    until(lambda: inside.state()["run"]["ended_at"], "the run's end", 20)
    assert [one["by"] for one in inside.events("load") if one["action"] == "asked to stop"] == ["page"]
