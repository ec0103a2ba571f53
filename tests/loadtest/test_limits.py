"""Requests that fail at a limit of the load generator are not the target's failures."""

import errno
import sys
from pathlib import Path

import pytest

from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import read
from brownout_terms.limits import LIMITS, limit_of
from tests.commands.cli import run_command
from tests.loadtest.runs import target

TOO_MANY = LIMITS[errno.EMFILE]
FEW_FILES = ("sh", "-c", 'ulimit -n 150; exec "$@"', "sh")

STRANGERS = """
from locust import FastHttpUser, HttpUser, task
import brownout.locust

class Fast(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/fetch")

class Slow(HttpUser):
    @task
    def ask(self):
        self.client.get("/fetch")
"""


def wrapped(number: int) -> Exception:
    """As HTTP libraries wrap it: in an argument, a reason, a cause."""
    innermost = OSError(number, "from the socket")
    middle = RuntimeError("in between", innermost)
    outer = ValueError("outside")
    outer.__cause__ = middle
    return outer


@pytest.mark.parametrize("number", LIMITS)
def test_a_limit_is_told_however_deep_it_is_wrapped(number: int) -> None:
    assert limit_of(OSError(number, "")) == limit_of(wrapped(number)) == LIMITS[number]


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT])
def test_what_the_target_does_is_no_limit(number: int) -> None:
    assert limit_of(wrapped(number)) is None


def test_an_exception_that_holds_itself_is_looked_at_once() -> None:
    error = ValueError()
    error.args = (error,)
    error.__context__ = ValueError(error)
    assert limit_of(error) is None


@pytest.mark.slow
@pytest.mark.parametrize("locustfile", [None, STRANGERS], ids=["our users", "users of two clients"])
def test_too_many_open_files_are_the_load_generators_and_make_the_run_invalid(
    tmp_path: Path, locustfile: str | None
) -> None:
    """A hundred requests wait at once, and so many sockets can't be open."""
    own = []
    if locustfile:
        (tmp_path / "users.py").write_text(locustfile)
        own = ["--locustfile", "users.py"]
    with target("--stall-at", "0", "--stall-for", "6") as server:
        load = ["--target", server.url, "--arrival-rate", "60", "--users", "300", "--run-time", "5s", *own]
        code, output = run_command(
            [*FEW_FILES, sys.executable, "-P", "-m", "brownout", "run", *load, "--", "--stop-timeout", "9"],
            cwd=tmp_path,
        )
    (manifest,) = tmp_path.glob("results/runs/*/run.json")
    recorded = read(manifest.parent)
    counts = {outcome: int(count.sum()) for outcome, count in recorded.counts().items()}
    assert counts["tunnel"] > 20, output
    assert counts.get("error", 0) == 0, read_failures(manifest.parent)
    assert {one.error for one in read_failures(manifest.parent)} == {TOO_MANY}
    assert code == 3, output
    assert f"failed at a limit: {TOO_MANY}" in output
