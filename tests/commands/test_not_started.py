"""Why a load never began is told in a sentence, whatever Locust prints."""

from pathlib import Path

import pytest

from brownout.not_started import is_refusal, why

BROKEN = """[2026-03-14 15:09:26,535] vm/INFO/locust.main: Starting
Traceback (most recent call last):
  File "/lib/locust/main.py", line 167, in main
    load()
  File "/home/me/mine.py", line 2, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'
"""
FULL = """Traceback (most recent call last):
  File "/lib/loadtest/controller.py", line 167, in _start_recorder
    raise StopTest(str(error)) from error
locust.exception.StopTest: "runs/1/latency.hlog" can't be written: No space left on device.
2026-03-14T15:09:26Z <Greenlet at 0x7ff3c87dba60: <lambda>> failed with StopTest

[2026-03-14 15:09:26,535] vm/INFO/locust.main: Shutting down (exit code 1)
"""


def said(output: str) -> str:
    return why(output, 1, Path("locust.log"), Path("mine.py"))


def test_locusts_own_refusal_is_the_sentence() -> None:
    assert said('usage: locust\nlocust: error: --shape: "zigzag" is none\n') == '--shape: "zigzag" is none'


def test_a_locustfile_without_brownout_is_told_the_line_that_it_lacks() -> None:
    told = said("locust: error: unrecognized arguments: --panel-port --label run --out results/runs\n")
    assert told.startswith('"mine.py" does not know the options of brownout.')
    assert told.endswith("import brownout.locust")


def test_a_locustfile_without_users_is_said_to_have_none() -> None:
    assert said("vm/ERROR/locust.main: No User class found!\n").startswith('"mine.py" has no users')


def test_of_a_traceback_the_error_and_its_place_are_shown() -> None:
    told = said(BROKEN)
    assert told.startswith("the load could not start: ModuleNotFoundError: No module named 'nothing'")
    assert 'File "/home/me/mine.py", line 2' in told
    assert "locust/main.py" not in told
    assert told.endswith("locust.log")


def test_a_sentence_of_ours_needs_no_traceback() -> None:
    assert said(FULL) == '"runs/1/latency.hlog" can\'t be written: No space left on device.'


@pytest.mark.parametrize("output", ["", "Traceback (most recent call last):\n  cut"])
def test_without_a_word_the_exit_code_and_the_log_are_named(output: str) -> None:
    assert said(output).startswith(
        "Locust ended with exit code 1 before the load began. The end of locust.log"
    )


@pytest.mark.parametrize(
    ("output", "code", "refusal"),
    [
        ("usage: locust\nlocust: error: unrecognized arguments: --nope\n", 2, True),
        ("locust: error: port 5557 is taken\n", 6, False),  # said by brownout in Locust's process
        ("vm/ERROR/locust.main: No User class found!\n", 1, True),
        (BROKEN, 1, False),
        (BROKEN.replace("ModuleNotFoundError: No module named 'nothing'", "SyntaxError: no"), 1, True),
        (FULL, 1, False),
        ("", -9, False),
        ("", 1, False),
    ],
)
def test_only_what_the_user_has_given_is_an_error_of_usage(output: str, code: int, refusal: bool) -> None:
    assert is_refusal(output, code) is refusal
