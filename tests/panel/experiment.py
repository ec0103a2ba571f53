"""A program of experiments for tests. It keeps to what brownout_panel.program says, and changes nothing.

`three-steps` ends by itself, `endless` when it is told to, `mute` dies without a verdict, `bad` can't be run,
`dead` dies before it has answered.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

FILES = ("three-steps", "endless", "mute", "bad", "dead")


def report(part: str, activity: str, state: str, detail: str | None = None) -> Any:
    """What the control of a real experiment does."""
    body = {"experiment": "A test", "part": part, "activity": activity, "state": state, "detail": detail}
    return ask("POST", "activities", body)


def ask(method: str, path: str, body: Any) -> Any:
    """Ask the panel."""
    import requests  # it takes longer to import than the rest of this to run

    headers = {
        "Authorization": f"Bearer {os.environ['BROWNOUT_PANEL_TOKEN']}",
        "X-Brownout-By": "experiment",
    }
    url = f"{os.environ['BROWNOUT_PANEL']}/api/{path}"
    return requests.request(method, url, json=body, headers=headers, timeout=10).json()


def refusal_of(file: str) -> str | None:
    """Why it can't be run."""
    if file not in FILES:
        return f'"{file}" is not known; there are: ' + ", ".join(f'"{one}"' for one in FILES)
    return '"bad" has no steady state' if file == "bad" else None


def run(file: str) -> None:
    """One experiment."""
    if file == "mute":
        sys.exit("it broke")
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    report("experiment", "A test", "started")
    report("hypothesis-before", "users are served", "started")
    report("hypothesis-before", "users are served", "succeeded")
    report("method", "wait", "started")
    aborted = file == "endless" and told.wait(60)
    report("method", "wait", "aborted" if aborted else "succeeded")
    report("rollbacks", "put the policy back", "started")
    ask("PUT", "policy", {"preset": "none"})
    report("rollbacks", "put the policy back", "succeeded")
    verdict = ("aborted", "aborted: it was stopped") if aborted else ("succeeded", "passed: all was well")
    report("experiment", "A test", *verdict)


def main() -> None:
    match sys.argv[1:]:
        case ["--list"]:
            print(json.dumps([{"file": one, "title": f"The {one} one", "phases": ["a"]} for one in FILES]))
        case [file, "--folder", folder, "--answer", descriptor]:
            assert Path(folder).is_dir()
            if file == "dead":
                sys.exit("it broke at once")
            refusal = refusal_of(file)
            os.write(int(descriptor), json.dumps({"refusal": refusal}).encode() + b"\n")
            os.close(int(descriptor))
            if refusal:
                sys.exit(2)
            run(file)


if __name__ == "__main__":
    main()
