"""pytest-brownout: the fixture `brownout` loads a service and breaks its dependencies in a test.

pytest imports this module in every session of whoever has brownout installed, so it imports nothing else:
what works is imported by the fixture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from brownout.pytest_plugin.bench import Bench
    from brownout.pytest_plugin.harness_process import HarnessProcess

_runs = pytest.StashKey[list[Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("brownout")
    group.addoption(
        "--brownout-target",
        metavar="URL",
        help="Load a service that runs already, instead of starting the one of brownout.toml.",
    )
    group.addoption(
        "--brownout-config", metavar="FILE", help="File that describes your service. Default: brownout.toml."
    )
    group.addoption(
        "--brownout-out",
        metavar="DIR",
        help="Where run folders go. Default: results/runs in the root folder.",
    )


@pytest.fixture(scope="session")
def _brownout_harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HarnessProcess]:
    """Start the service, its proxies and the load generator once a session, and end them with it."""
    from brownout.pytest_plugin.harness_process import HarnessProcess, settings_of

    settings = settings_of(request.config, tmp_path_factory.mktemp("brownout"))
    with HarnessProcess(settings) as harness:
        yield harness


@pytest.fixture
def brownout(request: pytest.FixtureRequest, _brownout_harness: HarnessProcess) -> Iterator[Bench]:
    """Load the service, set faults on its dependencies, kill replicas."""
    from brownout.pytest_plugin.bench import Bench

    bench = Bench(_brownout_harness, request.node.nodeid)
    request.node.stash[_runs] = bench.runs
    yield bench
    bench.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the figures and the reports of a failed test's runs."""
    report = yield
    if report.failed and (runs := item.stash.get(_runs, [])):
        report.sections.append(("brownout", "\n\n".join(run.told() for run in runs)))
    return report
