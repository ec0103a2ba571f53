"""Locustfiles whose runs end in every way that Locust knows, and the options of those runs."""

from collections.abc import Mapping

HEAD = """
import os
import gevent
from locust import FastHttpUser, constant, events, run_single_user, task
from locust.exception import StopUser
import brownout.locust

class U(FastHttpUser):
    wait_time = constant(0.2)
    tasks_done = 0
"""
ASK = """
    @task
    def ask(self):
        self.client.get("/ok")
"""
LOCUSTFILES = {
    "healthy": HEAD + ASK,
    "raises": HEAD
    + ASK
    + """
        raise KeyError("items")
""",
    "all die": HEAD
    + ASK
    + """
    def on_start(self):
        raise RuntimeError("no login")
""",
    "one dies": HEAD
    + ASK
    + """
    died = []
    def on_start(self):
        if not self.died:
            self.died.append(self)
            raise RuntimeError("no login")
""",
    "own exit code": HEAD
    + ASK
    + """
@events.quitting.add_listener
def judge(environment, **_):
    environment.process_exit_code = 42
""",
    "own pardon": HEAD
    + ASK
    + """
        raise KeyError("items")

@events.quitting.add_listener
def judge(environment, **_):
    environment.process_exit_code = 0
""",
    "listener raises": HEAD
    + ASK
    + """
@events.test_start.add_listener
def fail(**_):
    raise ValueError("no")
""",
    "quits": HEAD
    + ASK
    + """
        self.tasks_done += 1
        if self.tasks_done == 5:
            self.environment.runner.quit()
""",
    "goes on": HEAD
    + """
    @task
    def ask(self):
        while True:
            try:
                self.client.get("/ok")
                gevent.sleep(0.1)
            except:
                pass
""",
    "late listener raises": HEAD
    + ASK
    + """
@events.quitting.add_listener
def fail(**_):
    raise ValueError("no")
""",
    "early exit code": HEAD
    + ASK
    + """
@events.test_start.add_listener
def judge(environment, **_):
    environment.process_exit_code = 42
""",
    "none can be made": HEAD
    + ASK
    + """
    def __init__(self, *_):
        raise RuntimeError("no settings")
""",
    "all give up": HEAD
    + ASK
    + """
    def on_start(self):
        raise StopUser
""",
    "exits": HEAD
    + ASK
    + """
        os._exit(0)
""",
    "cannot stop": HEAD
    + ASK
    + """
    def on_stop(self):
        raise RuntimeError("no logout")
""",
    "no such tag": HEAD + ASK,
    "goes on, on workers": "",
    "own option": HEAD
    + ASK
    + """
        raise KeyError("items")
""",
}
LOCUSTFILES["goes on, on workers"] = LOCUSTFILES["goes on"]
FOLDERS = {"no such tag": "[tool.locust]\ntags = ['nope']\n"}
OPTIONS: Mapping[str, list[str]] = {
    "goes on, on workers": ["--", "--processes", "2"],
    "own option": ["--", "--exit-code-on-error", "0"],
    "one dies": ["--threshold", "users_alive >= 100%", "--threshold", "exceptions < 1"],
    "healthy": ["--threshold", "users_alive >= 100%", "--threshold", "exceptions < 1"],
}
