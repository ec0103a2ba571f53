"""A user's own packages and files may have the names of this repository's folders."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loadtest.runs import locust, log_of, target

NAMES = ("services", "results", "panel", "loadtest", "k8s", "chaos")

LOCUSTFILE = """
from locust import FastHttpUser, constant, task

{imports}
import brownout.locust

class Visitor(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def visit(self):
        self.client.get(f"/{{{price}}}")
"""


def packages(folder: Path) -> tuple[str, str]:
    """Make a package of each name; returns the lines that import from them, and the sum of what they hold."""
    for number, name in enumerate(NAMES):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("OWNER = 'the user'\n")
        (folder / name / "pricing.py").write_text(f"PRICE = {10**number}\n")
    lines = "\n".join(f"from {name}.pricing import PRICE as {name}_price" for name in NAMES)
    return lines, " + ".join(f"{name}_price" for name in NAMES)


def test_packages_with_the_names_of_our_folders_are_imported_by_plain_locust(tmp_path: Path) -> None:
    imports, price = packages(tmp_path)
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE.format(imports=imports, price=price))
    with (
        target() as server,
        locust(tmp_path, "--headless", "-t", "1", "-H", server.url, locustfile=file) as process,
    ):
        assert process.finish() == 0, process.output()
        assert set(log_of(server)["paths"]) == {"/111111"}
        assert process.run().manifest["how_ended"] == "completed"


def test_packages_with_the_names_of_our_folders_are_imported_by_brownout_run(tmp_path: Path) -> None:
    imports, price = packages(tmp_path)
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE.format(imports=imports, price=price))
    with target() as server:
        command = [
            sys.executable,
            "-m",
            "brownout",
            "run",
            "--locustfile",
            "locustfile.py",
            "--run-time",
            "1s",
        ]
        done = subprocess.run(
            [*command, "--target", server.url, "--out", "runs", "--label", "mine"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert set(log_of(server)["paths"]) == {"/111111"}
    assert [file.parent.name.endswith("-mine") for file in (tmp_path / "runs").glob("*-mine/run.json")] == [
        True
    ]


def test_a_locustfile_may_have_the_name_of_one_of_our_folders(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(target())
        started = {}
        for name in NAMES:
            folder = tmp_path / name
            folder.mkdir()
            file = folder / f"{name}.py"
            file.write_text(LOCUSTFILE.format(imports="", price=f"'{name}'"))
            options = ("--headless", "-t", "1", "-H", server.url)
            started[name] = stack.enter_context(locust(folder, *options, locustfile=file))
        for name, process in started.items():
            assert process.finish() == 0, f"{name}: {process.output()}"
            assert process.run().manifest["how_ended"] == "completed"
        assert set(log_of(server)["paths"]) == {f"/{name}" for name in NAMES}


@pytest.mark.parametrize("is_package", [True, False])
def test_an_application_beside_its_own_services_has_the_injector(is_package: bool, tmp_path: Path) -> None:
    imports, price = packages(tmp_path)
    if not is_package:  # a folder without __init__.py is importable as well
        for name in NAMES:
            (tmp_path / name / "__init__.py").unlink()
    (tmp_path / "app.py").write_text(
        f"from brownout import FaultInjector\n{imports}\n"
        f"application = FaultInjector(lambda environ, start_response: [])\nprint({price})\n"
    )
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True, timeout=40, check=False
    )
    assert (done.returncode, done.stdout) == (0, "111111\n"), done.stderr
