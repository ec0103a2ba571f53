"""Pictures of a report's charts: what is missing is said before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from brownout.cli import cli
from brownout_results.report.pictures import PicturesError, browser


def test_without_a_browser_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/no/chromium")
    with pytest.raises(PicturesError, match=r'none: "/no/chromium"\n\nInstall one.*apt install chromium'):
        browser()


@pytest.mark.parametrize("command", ["report", "compare"])
def test_nothing_is_written_when_pictures_can_not_be_made(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/no/chromium")
    (tmp_path / "x_stats.csv").write_text("Type,Name,Request Count,Failure Count\n,Aggregated,1,0\n")
    result = CliRunner().invoke(cli, [command, str(tmp_path / "x"), "--png", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "apt install chromium" in result.output
    assert not (tmp_path / "out").exists()
