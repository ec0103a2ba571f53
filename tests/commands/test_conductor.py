"""An experiment beside a load that ends, or whose panel is lost: a real panel, a made-up load."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from brownout.errors import PanelLostError, PanelRefusedError
from brownout.experiment import LOST_S, Conductor
from brownout.panel_client import PanelClient
from brownout.run import RunInterrupts, Settings, follow
from tests.panel.test_api import stand
from tests.panel.test_experiments import await_end, current
from tests.panel.token import TOKEN
from tests.servers import until

LINE: dict[str, Any] = {
    **dict.fromkeys(("users", "offered", "throughput", "goodput", "dropped"), 1),
    **dict.fromkeys(("p50_ms", "p95_ms", "p99_ms", "workers")),
    "outcomes": {},
    "breakers": {},
}


class MadeUpLoad:
    """A load that began in `folder`, whose panel is gone with the third of its `count` progress lines."""

    def __init__(self, folder: Path, panel: ExitStack, url: str) -> None:
        self.panel = PanelClient(url, TOKEN)
        self._folder = folder
        self._ends = panel
        self._url = url
        self.count = 4
        self.lines = 0

    def progress(self) -> Iterator[dict[str, Any]]:
        yield {"folder": str(self._folder)}
        for number in range(self.count):
            if number == 1:
                until(lambda: len(current(self._url)["steps"]) == 2, "the experiment's second step")
            if number == 2:
                self._ends.close()
            self.lines += 1
            yield {**LINE, "elapsed_s": number}


@pytest.fixture
def load(tmp_path: Path) -> Iterator[MadeUpLoad]:
    with ExitStack() as panel:
        yield MadeUpLoad(tmp_path, panel, panel.enter_context(stand("--folder", str(tmp_path))))


def followed(
    load: MadeUpLoad, file: str = "endless", interrupts: int = 0, lost_s: float = LOST_S
) -> Path | None:
    """Follow it with an experiment; the run's folder."""
    console = Console(file=io.StringIO())
    times = RunInterrupts(lambda: None, lambda: None)
    times.count = interrupts
    settings = Settings([], "run", None, Path())
    return follow(settings, load, times, console, Conductor(Path(file), console, lost_s=lost_s))


def test_a_load_that_ends_takes_its_panel_with_it_and_is_judged_all_the_same(load: MadeUpLoad) -> None:
    assert followed(load) == load._folder
    assert load.lines == 4


def test_a_panel_that_is_lost_while_the_load_goes_on_ends_the_run(load: MadeUpLoad) -> None:
    with pytest.raises(PanelLostError, match="doesn't answer"):
        followed(load, lost_s=0.0)
    assert load.lines == 3  # the first without a panel


def test_what_the_panel_refuses_ends_the_run(load: MadeUpLoad) -> None:
    with pytest.raises(PanelRefusedError, match='"bad" has no steady state'):
        followed(load, "bad")
    assert load.lines == 1


def test_a_run_that_is_interrupted_refuses_what_it_likes(load: MadeUpLoad) -> None:
    load.count = 1
    assert followed(load, "bad", interrupts=1) == load._folder


def test_the_experiment_that_is_over_ends_the_load(tmp_path: Path) -> None:
    with stand("--folder", str(tmp_path)) as url:
        conductor = Conductor(Path("three-steps"), Console(file=io.StringIO()))
        panel = PanelClient(url, TOKEN)
        conductor(panel)
        assert panel.ask("GET", "load")["state"] == "ready"
        await_end(url)
        conductor(panel)
        assert panel.ask("GET", "load")["state"] == "stopped"


def test_a_panel_that_never_comes_up_ends_the_run_instead_of_a_load_without_its_experiment() -> None:
    conductor = Conductor(Path("faults.json"), Console(file=io.StringIO()), lost_s=0.0)
    with pytest.raises(PanelLostError, match="does not come up"):
        conductor(None)
    Conductor(Path("faults.json"), Console(file=io.StringIO()))(None)  # it has its time
