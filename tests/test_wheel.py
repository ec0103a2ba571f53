"""The wheels are what users get: built, installed without a checkout, used beside other people's packages."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.commands.cli import FREE_PORTS, Command
from tests.reaper import reaped
from tests.servers import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MOST_BYTES = 250_000_000
MOST_DISTRIBUTIONS = 60
FOREIGN = ("panel", "k8s")
"""Distributions on PyPI with names of our folders: HoloViz Panel, and a client of the Kubernetes API."""

USERS_PACKAGES = ("services", "loadtest", "panel", "k8s", "chaos", "results", "backend", "client", "fleet")
LOCUSTFILE = f"""
import importlib
import brownout.locust
from locust import HttpUser, task

for name in {USERS_PACKAGES!r}:
    assert importlib.import_module(name + ".pricing").PRICE == name

class Customer(HttpUser):
    @task
    def fetch(self):
        self.client.get("/fetch")
"""


def uv(*arguments: str | Path) -> None:
    """Run uv, which comes with the development environment."""
    subprocess.run([Path(sys.prefix) / "bin" / "uv", *arguments], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two wheels, as `make dist` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(["make", "-s", "dist", f"DIST={folder}", f"VENV={sys.prefix}"], cwd=ROOT, check=True)
    return folder


class Place:
    """A clean environment and a working folder, neither of which knows of the checkout."""

    def __init__(self, folder: Path) -> None:
        self.venv = folder / "venv"
        self.work = folder / "work"
        self.work.mkdir()
        uv("venv", "--quiet", "--python", sys.executable, self.venv)
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.environ |= {"PATH": f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "160"}

    def install(self, *arguments: str | Path) -> None:
        python = self.venv / "bin" / "python"
        uv("pip", "install", "--quiet", "--compile-bytecode", "--python", python, *arguments)

    @property
    def packages(self) -> Path:
        (folder,) = self.venv.glob("lib/python3.*/site-packages")
        return folder

    def distributions(self) -> dict[str, Distribution]:
        return {one.name: one for one in distributions(path=[str(self.packages)])}

    def run(self, *command: str, deadline_s: float = 180) -> str:
        """What a command prints that ends well."""
        done = subprocess.run(
            command,
            cwd=self.work,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
        )
        assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def brownout(self, *arguments: str) -> str:
        return self.run("brownout", *arguments)


@pytest.fixture(scope="module")
def place(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The base, without extras; a user's folder with a package of each of our folders' names."""
    place = Place(tmp_path_factory.mktemp("user"))
    place.install("--find-links", wheels, *wheels.glob("brownout-*.whl"))
    for name in USERS_PACKAGES:
        (place.work / name).mkdir()
        (place.work / name / "__init__.py").touch()
        (place.work / name / "pricing.py").write_text(f"PRICE = {name!r}\n")
    (place.work / "users.py").write_text(LOCUSTFILE)
    return place


def test_the_base_is_light(place: Place) -> None:
    size = sum(path.lstat().st_size for path in place.packages.rglob("*") if path.is_file())
    names = sorted(place.distributions())
    print(f"\n{size / 1e6:.0f} MB, {len(names)} distributions: {', '.join(names)}")

    assert size <= MOST_BYTES
    assert len(names) <= MOST_DISTRIBUTIONS


def test_every_name_that_the_wheels_install_is_ours_alone(place: Place) -> None:
    names = set()
    for name in ("brownout", "brownout-faults"):
        names |= {path.parts[0] for path in place.distributions()[name].files or []}
    importable = {name for name in names if not name.endswith(".dist-info") and name != ".."}
    print("\n", sorted(importable))

    assert "brownout" in importable
    assert [name for name in importable if name != "brownout" and not name.startswith("brownout_")] == []


def test_nothing_overwrites_or_is_overwritten_by_packages_of_our_folders_names(place: Place) -> None:
    place.install("--no-deps", *FOREIGN)
    files: dict[str, set[str]] = {}
    for name, one in place.distributions().items():
        files[name] = {str(path) for path in one.files or []}

    for name in FOREIGN:
        assert any(path.startswith(f"{name}/") for path in files[name])
        assert not files[name] & (files["brownout"] | files["brownout-faults"])
    assert place.brownout("--version").startswith("brownout")


def test_a_service_takes_the_injector_without_the_load_tester(wheels: Path, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.install("--find-links", wheels, *wheels.glob("brownout_faults-*.whl"))

    assert sorted(map(str.lower, place.distributions())) == [
        "brownout-faults",
        "markupsafe",
        "msgspec",
        "werkzeug",
    ]
    place.run("python", "-c", "from brownout_faults import FaultInjector; FaultInjector(lambda *_: [])")


def test_the_wheel_does_the_main_job(place: Place) -> None:
    """Run, experiment, report and compare, in the user's folder."""
    small = ("--backends", "2", "--clients", "1", *FREE_PORTS, "--arrival-rate", "20")
    place.brownout("run", *small, "--locustfile", "users.py", "--run-time", "6s", "--label", "plain")
    place.brownout("run", *small, "--policy", "full", "--experiment", "pod-kill", "--label", "kill")
    plain, kill = (next((place.work / "results" / "runs").glob(f"*-{label}")) for label in ("plain", "kill"))

    assert json.loads((kill / "verdict.json").read_text())["word"] == "passed"
    (plain / "report.html").unlink()
    place.brownout("report", str(plain))
    assert (plain / "report.html").is_file()
    place.brownout("compare", str(plain), str(kill), "--anyway")
    assert list((place.work / "results" / "comparisons").glob("*/report.html"))


def test_the_wheel_serves_the_panel(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["brownout", "up", "--backends", "1", "--clients", "1", *FREE_PORTS, "--web-port", "0"],
            executable=place.venv / "bin" / "brownout",
            cwd=place.work,
            env=place.environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    command = Command(process, log)
    with reaped(process.pid, group=False):
        try:
            command.await_text("Control panel:")
            address = re.search(r"Control panel:\s+(\S+)", command.output)
            assert address
            with urllib.request.urlopen(address[1], timeout=20) as page:  # noqa: S310  # our own, on loopback
                assert b"brownout" in page.read()
            command.interrupt()
            assert command.wait() == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
