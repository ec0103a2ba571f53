"""What is looked at before a load: the machine, its limits, and the folders."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from brownout import preflight
from brownout.preflight import Probe, clock, descriptors, folders, machine, pressure
from brownout_panel import panel_address
from brownout_panel.panel_address import FOLDER_VARIABLE
from tests.commands.cli import run


@pytest.mark.parametrize(
    ("measured", "ok"),
    [(Probe(1.0, 0.99), True), (Probe(1.0, 0.5), False), (Probe(200.0, 0.99), False)],
)
def test_a_machine_has_time_if_it_wakes_a_process_and_gives_it_a_core(measured: Probe, ok: bool) -> None:
    result = machine(measured)
    assert (result.ok, bool(result.remedy)) == (ok, True)


def test_a_probe_measures_this_machine() -> None:
    """A share of a core, and a sleep that is late by something."""
    measured = preflight.probe(0.1)
    assert 0 < measured.core_share <= 1.1
    assert measured.late_ms > 0


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("some avg10=3.10 avg60=1.00 avg300=0.00 total=1\nfull avg10=0.00", [True]),
        ("some avg10=99.00 avg60=1.00 avg300=0.00 total=1", [False]),
        ("", []),
        (None, []),
        ("nothing that is known", []),
    ],
)
def test_the_pressure_is_told_where_the_kernel_has_it(text: str | None, ok: list[bool]) -> None:
    assert [result.ok for result in pressure(text)] == ok


def test_a_slow_clock_is_told() -> None:
    assert [result.ok for source in ("tsc", "hpet", None) for result in clock(source)] == [True, False]


@pytest.mark.parametrize(
    ("soft", "hard", "ok"),
    [(256, 256, False), (256, 1_048_576, True), (resource.RLIM_INFINITY, resource.RLIM_INFINITY, True)],
)
def test_the_hard_limit_of_open_files_decides(soft: int, hard: int, ok: bool) -> None:
    assert descriptors(soft, hard).ok is ok


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file stands where a folder should; nothing is left where one can be made."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "file" / "state"))
    results = [*folders(tmp_path / "new" / "runs")]
    assert [result.ok for result in results] == [True, False]
    assert FOLDER_VARIABLE in results[1].remedy
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_can_not_be_written_though_an_empty_file_can_be_made(tmp_path: Path) -> None:
    """Here: a limit on the size of files, which the kernel enforces."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            panel_address.prepare(tmp_path)
        results = [*folders(tmp_path)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    panel_address.prepare(tmp_path)
    assert [result.ok for result in results] == [False, False]
    assert [result.ok for result in folders(tmp_path)] == [True, True]


def test_doctor_has_the_machine_too(tmp_path: Path) -> None:
    output = run("doctor", cwd=tmp_path)[1]
    assert "this machine: " in output
    assert "time to spare: " in output
    assert not (tmp_path / "results").exists()
