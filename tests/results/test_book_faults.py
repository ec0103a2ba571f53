"""Faults in the book of a run, set by an experiment or by hand; and a fleet process that did not live."""

from pathlib import Path

from brownout_results.measure.book import book_of
from brownout_results.measure.validity import why_no_result
from tests.results.test_book import Folder


def test_a_fault_set_by_hand_is_proven_by_the_panel_s_count_where_there_are_no_samples(
    tmp_path: Path,
) -> None:
    def gap(
        name: str,
        injected: int | None,
        rate: float = 1.0,
        by: str = "page",
        until: float = 9.9,
        ended_by: str = "page",
    ) -> float:
        folder = Folder()
        folder.samples = [one for one in folder.samples if one.service != "backend"]  # a service of one's own
        folder.events[1][2].update(faults=[{"kind": "error", "rate": rate}], by=by)
        known = {} if injected is None else {"injected": injected}
        folder.events[-2] = (until, "fault", {"action": "cleared", "faults": [], "by": ended_by, **known})
        (found,) = (one for one in book_of(folder.write(tmp_path / name)).findings if one.account == "faults")
        return found.gap

    assert gap("struck", 40) == 0
    assert gap("idle", 0) == 1
    assert gap("never", 0, rate=0.0) == 1
    assert gap("rare", 0, rate=0.01) == 0
    assert gap("too short", 0, until=1.5) == 0
    assert gap("not told", None) == 0
    assert gap("rare, of an experiment", 0, rate=0.01, by="experiment", ended_by="experiment") == 1
    assert gap("cut off", 0, by="experiment", ended_by="harness", until=1.5) == 0
    assert gap("cut off late", 0, by="experiment", ended_by="harness") == 1


def test_faults_that_were_there_when_the_run_began_count_as_set(tmp_path: Path) -> None:
    folder = Folder()
    folder.events[1][2]["action"] = "found"

    (found,) = (one for one in book_of(folder.write(tmp_path / "run")).findings if one.account == "faults")

    assert str(found) == "faults: set 1, read back 1, injected 1"


def test_a_fleet_process_that_ended_before_the_load_is_in_the_book_and_makes_the_run_invalid(
    tmp_path: Path,
) -> None:
    folder = Folder()
    folder.manifest["fleet_process"] = "was ended by SIGKILL"
    run = folder.write(tmp_path / "run")

    assert [str(one) for one in book_of(run).unbalanced] == [
        "processes do not balance by 1: expected 3, lived to the end 2"
    ]
    assert why_no_result(run) == (
        "the fleet process, through which the load goes, was ended by SIGKILL before the load was over"
    )


def test_a_rare_fault_that_met_no_request_is_not_called_unproven(tmp_path: Path) -> None:
    folder = Folder()
    folder.events[1][2]["faults"] = [{"kind": "error", "rate": 0.001}]
    folder.samples = [one._replace(injected={"error": 0}) for one in folder.samples]

    assert not book_of(folder.write(tmp_path / "run")).unbalanced
