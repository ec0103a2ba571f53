"""A figure, or an account, is declared once: with one more in a copy of the code, every place has it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import brownout_results
from brownout_results.report.summary_schema import FILE, text
from tests.results.report.runs import eventful

DECLARATION = """
    _share("served late", ("served_late",), "degraded answers of all", "fallback", is_good_up=False),
"""


def with_one_more(folder: Path, file: str, begin: str, declaration: str) -> dict[str, str]:
    """A copy of the package with the declaration; the environment in which it is the one imported."""
    package = Path(brownout_results.__file__).parent
    copy = folder / "code" / package.name
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = (copy / file).read_text("utf-8")
    assert begin in source
    (copy / file).write_text(source.replace(begin, f"{begin}{declaration}", 1), "utf-8")
    return {**os.environ, "PYTHONPATH": str(copy.parent)}


def brownout(environment: dict[str, str], cwd: Path, *arguments: str) -> str:
    """What a command prints; it has to succeed."""
    command = [sys.executable, "-P", "-m", "brownout", *arguments]
    return subprocess.check_output(command, env=environment, cwd=cwd, text=True, timeout=60)


def test_one_more_figure_is_in_summary_thresholds_baselines_and_comparison(tmp_path: Path) -> None:
    environment = with_one_more(tmp_path, "measure/figures.py", "ALL = [", DECLARATION)
    first, second = str(eventful(tmp_path / "first").folder), str(eventful(tmp_path / "second").folder)

    told = brownout(
        environment, tmp_path, "report", first, "--threshold", "served_late <= 100%", "--out", "out"
    )
    assert "served_late" in told
    (run,) = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["runs"]
    assert 0 <= run["figures"]["served late"] <= 1
    assert "served late" in (tmp_path / "out" / "report.html").read_text("utf-8")

    brownout(environment, tmp_path, "pin", first, "pinned.json")
    assert "served_late" in json.loads((tmp_path / "pinned.json").read_text("utf-8"))["figures"]

    brownout(environment, tmp_path, "compare", first, second, "--out", "both")
    assert "served late" in (tmp_path / "both" / "report.html").read_text("utf-8")

    schema = "from brownout_results.report.summary_schema import text; print(text())"
    written = subprocess.run(
        [sys.executable, "-P", "-c", schema],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    figures = json.loads(written.stdout)["$defs"]["run"]["properties"]["figures"]["properties"]
    assert figures["served late"]["maximum"] == 1


ACCOUNT = """
    Account(
        name="attempts at all",
        meaning="requests that ended, counted twice",
        unit="requests",
        witnesses=[
            Witness("one", witnesses.requests_recorded),
            Witness("other", lambda run: witnesses.Statement.exactly(0)),
        ],
    ),
"""


def test_one_more_account_is_in_the_book_the_report_and_the_schema_and_judges(tmp_path: Path) -> None:
    environment = with_one_more(
        tmp_path, "measure/book/accounts.py", "ACCOUNTS: Sequence[Account[Run]] = [", ACCOUNT
    )
    folder = eventful(tmp_path / "run").folder

    told = subprocess.run(
        [sys.executable, "-P", "-m", "brownout", "report", str(folder), "--out", "out"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert told.returncode == 3
    assert "attempts at all do not balance by 400 requests" in told.stdout
    assert "attempts at all" in (tmp_path / "out" / "report.html").read_text("utf-8")
    for name in ("summary.json", "book.json"):
        assert "attempts at all" in (tmp_path / "out" / name).read_text("utf-8")
    schema = "from brownout_results.report.summary_schema import text; print(text())"
    written = subprocess.check_output([sys.executable, "-P", "-c", schema], env=environment, text=True)
    assert "attempts at all" in written


def test_the_schema_of_the_summary_has_the_figures_as_they_are_declared() -> None:
    """If it hasn't: python -m brownout_results.report.summary_schema"""
    assert text() == FILE.read_text("utf-8")
