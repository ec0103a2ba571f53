"""Other terminals find the panel that runs, and no dead one."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from brownout_panel.panel_address import PanelAddress, announce, find, of


def test_a_panel_that_runs_is_found_by_its_user_alone(tmp_path: Path) -> None:
    path = announce("http://127.0.0.1:1/panel", "secret", tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.token for one in find(tmp_path)] == ["secret"]
    mine = of(os.getpid(), tmp_path)
    assert mine is not None
    assert mine.url == "http://127.0.0.1:1/panel"


@pytest.mark.parametrize("look", [find, lambda place: announce("http://127.0.0.1:2/panel", "", place)])
def test_what_a_dead_process_left_behind_is_removed(tmp_path: Path, look: Callable[[Path], object]) -> None:
    left = tmp_path / "1.json"
    left.write_bytes(msgspec.json.encode(PanelAddress("http://127.0.0.1:1/panel", "", 2**22 + 1, 0.0)))
    look(tmp_path)
    assert not left.exists()
    assert [one.pid for one in find(tmp_path)] in ([], [os.getpid()])


def test_a_file_that_is_no_panels_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text("{")
    assert find(tmp_path) == []
    assert of(1, tmp_path) is None
