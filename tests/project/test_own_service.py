"""Commands on a service that is not brownout's, described by a brownout.toml alone."""

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from tests.commands.cli import run, started

SHOP = Path(__file__).with_name("shop.py")
PYTHON = f"{shlex.quote(sys.executable)} {shlex.quote(str(SHOP))}"
USERS = """
from locust import task
import brownout.locust

class Visitor(brownout.locust.OneTryUser):
    @task
    def look(self):
        self.client.get("/fruit")
"""
FILE = f"""
[service]
name = "shop"
command = "{PYTHON} shop {{port}}"
replicas = 1
ready = "/healthz"
port = 0
environment = {{ PRICES_URL = "{{prices}}", SHOP_TOKEN = "tell-nobody" }}

[dependencies.prices]
command = "{PYTHON} prices {{port}}"

[load]
locustfile = "users.py"
arrival_rate = 20
run_time = "3s"

[variants]
plain = {{ RETRIES = "0" }}
retry = {{ RETRIES = "5" }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "brownout.toml").write_text(FILE)
    (tmp_path / "users.py").write_text(USERS)
    return tmp_path


def runs_in(folder: Path) -> dict[str, run_folder.Run]:
    """The runs by their labels."""
    found = [run_folder.read(path.parent) for path in (folder / "results/runs").glob("*/run.json")]
    return {str(one.manifest["label"]): one for one in found}


@pytest.mark.slow
def test_a_run_needs_nothing_but_the_file_and_says_what_it_tested(folder: Path) -> None:
    with started("run", "--variant", "retry", cwd=folder) as command:
        command.await_text("users ")
        assert command.wait() == Exit.PASSED, command.output
        command.await_family_gone()
        output = command.output
    assert "ok 60" in output
    (one,) = runs_in(folder).values()
    assert one.manifest["label"] == "shop"
    facts: dict[str, Any] = one.manifest["tested"]
    assert facts["variant"] == "retry"
    assert facts["environment"] == {"PRICES_URL": "{prices}", "SHOP_TOKEN": "***", "RETRIES": "5"}
    written = [path.read_text(errors="replace") for path in one.folder.iterdir() if path.is_file()]
    assert not any("tell-nobody" in text for text in written)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        pytest.param("shop {port}", "shop not-a-port", 4, "shop-0", marks=pytest.mark.slow),
        pytest.param("shop {port}", "shop 0", 4, "port", marks=pytest.mark.slow),
        (f"{PYTHON} prices {{port}}", "no-such-program {port}", 11, 'no program "no-such-program"'),
    ],
)
def test_what_does_not_start_is_told_with_its_line_and_makes_no_run(
    folder: Path, old: str, new: str, line: int, message: str
) -> None:
    text = FILE.replace("port = 0", "port = 0\nstart_timeout_s = 4").replace(old, new, 1)
    (folder / "brownout.toml").write_text(text)
    code, output = run("run", cwd=folder)
    assert code in (Exit.USAGE, Exit.UNABLE), output
    assert f"brownout.toml, line {line + (line > 7)}: " in output
    assert message in output
    assert runs_in(folder) == {}


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_variants_are_compared_and_the_comparison_says_what_differs(folder: Path) -> None:
    fault = ("--fault", "error=50%,status=503", "--baseline", "5s", "--during", "5s", "--recovery", "5s")
    code, output = run("compare-policies", *fault, cwd=folder, deadline_s=150)
    assert code in (Exit.PASSED, Exit.DEVIATED), output
    shares = {
        label: sum(int(counts.sum()) for kind, counts in one.counts().items() if kind == "ok")
        for label, one in runs_in(folder).items()
    }
    assert shares["fault-retry"] > shares["fault-plain"]
    (page,) = (folder / "results/comparisons").glob("*/summary.json")
    assert "RETRIES" in (page.parent / "report.html").read_text()


@pytest.mark.slow
def test_up_and_forward_serve_the_service_of_the_file_and_leave_nothing(folder: Path) -> None:
    for words in (("forward",), ("up", "--web-port", "0")):
        with started(*words, cwd=folder) as command:
            command.await_text("fault proxy of prices")
            command.await_text("Ctrl-C stops everything")
            command.note_family()
            command.interrupt()
            command.wait()
            command.await_family_gone()


@pytest.mark.slow
def test_doctor_says_what_the_file_lacks(folder: Path) -> None:
    (folder / "brownout.toml").write_text(FILE.replace('locustfile = "users.py"', 'locustfile = "none.py"'))
    code, output = run("doctor", cwd=folder)
    assert code == Exit.UNABLE, output
    assert 'line 14: there is no file "' in output
