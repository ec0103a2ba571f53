"""A locustfile whose options have the names of ours. CLASH_ORDER says which is imported first.

It shows what each side was told, as one line of JSON, and ends; with CLASH_RUNS=1 it makes a load.
"""

import argparse
import json
import os
from typing import Any

from locust import FastHttpUser, constant, events, task

if os.environ["CLASH_ORDER"] == "ours first":
    import brownout.locust

hooks: Any = events
THEIRS = ("port", "label", "shape", "out", "arrival_rate", "no_record", "grace", "namespace", "context")


def add_arguments(parser: Any) -> None:
    parser.add_argument("--port", type=int, default=1)
    parser.add_argument("-x", "--label", default="their label")
    parser.add_argument("--folder", dest="out", default="their folder")
    parser.add_argument("--context", dest="context", default="their context")
    parser.add_argument("--shape", choices=["round", "square"], help="theirs")
    parser.add_argument("--grace", env_var="LOCUST_GRACE", help="theirs")
    parser.add_argument("--namespace", help="theirs", include_in_web_ui=False)
    group = parser.add_argument_group("brownout: load", "a title that we have, too")
    group.add_argument("--soak-ramp", help="theirs")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--arrival-rate", help="theirs")
    either.add_argument("--no-record", action="store_true", help="theirs")


def settle_clashes(parser: Any) -> None:
    parser.conflict_handler = "resolve"  # as is advised for clashes with Locust's own options
    parser.add_argument("--steps", type=int, default=3, help="theirs")


hooks.init_command_line_parser.add_listener(add_arguments)
hooks.init_command_line_parser.add_listener(settle_clashes)

if os.environ["CLASH_ORDER"] == "theirs first":
    import brownout.locust  # noqa: F401 - the line


class Visitor(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def visit(self) -> None:
        self.client.get(f"/{self.environment.parsed_options.label}")


def show(environment: Any, **_: Any) -> None:
    options: argparse.Namespace = environment.parsed_options
    from brownout_loadtest.own_options import ours

    both = {
        "theirs": {name: getattr(options, name) for name in (*THEIRS, "soak_ramp", "steps")},
        "ours": vars(ours(options)),
    }
    print("SHOWN", json.dumps(both), flush=True)
    if os.environ.get("CLASH_RUNS") is None:
        raise SystemExit(0)


hooks.init.add_listener(show)
