"""What counts as fallback or error for a service that is not the lab's."""

import csv
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import brownout
from brownout_loadtest.outcome_rules import OutcomeRuleError, OwnOutcomes, Told, parse_rule, rules_of
from brownout_loadtest.outcomes import judged
from tests.loadtest.runs import Batch, processes

LOCUSTFILE = Path(__file__).with_name("own_outcomes.py")
RULES = (
    "--outcome=fallback,header=x-degraded,equals=1",
    '--outcome={"outcome": "fallback", "json": "items[0].state", "equals": "old"}',
)
ANSWERS = "ok/degraded/cached/html/http-500/reset/tunnel"


def answer(status: int = 200, content: bytes = b"", **headers: str) -> SimpleNamespace:
    return SimpleNamespace(status_code=status, content=content, headers=headers)


@pytest.mark.parametrize(
    ("rule", "holds", "holds_not"),
    [
        ("fallback,header=d", answer(d="yes"), answer(d="")),
        ("fallback,header=d,equals=1", answer(d="1"), answer(d="0")),
        ("fallback,json=source,equals=cache", answer(content=b'{"source":"cache"}'), answer(content=b"[1]")),
        (
            "error,json=errors[1].code",
            answer(content=b'{"errors":[1,{"code":7}]}'),
            answer(content=b'{"errors":[]}'),
        ),
        ("error,json=errors", answer(content=b'{"errors":["x"]}'), answer(content=b'{"errors":[]}')),
        (
            "fallback,json=stale,equals=true",
            answer(content=b'{"stale":true}'),
            answer(content=b'{"stale":"yes"}'),
        ),
        ("fallback,json=a.b,equals=0", answer(content=b'{"a":{"b":0}}'), answer(content=b'{"a":{"b":null}}')),
        ("fallback,json=a", answer(content=b'{"a":1}'), answer(content=b"<html>\xff")),
        ("fallback,status=206", answer(206), answer(200)),
    ],
)
def test_a_rule_holds_where_the_answer_has_what_it_says(
    rule: str, holds: SimpleNamespace, holds_not: SimpleNamespace
) -> None:
    """A rule holds for the answer that has its header, value or status, and for no other one."""
    assert (parse_rule(rule).holds(holds), parse_rule(rule).holds(holds_not)) == (True, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("falback,header=a", '"falback" is not one of ok, fallback, error'),
        ("tunnel,header=a", '"tunnel" is not one of'),
        ("fallback", "looks at one of header, json, status, not at none"),
        ("fallback,header=a,json=b", "not at header and json"),
        ("fallback,heade=a", '"heade" is not one of header, json, status, equals'),
        ("fallback,header", '"header" is no part of an outcome'),
        ("fallback,status=many", "write fallback,header=X-Degraded"),
        ("fallback,json=a[", '"a[" is no place in JSON'),
        ("{", "is no JSON object"),
    ],
)
def test_a_rule_that_can_not_be_meant_is_refused(text: str, told: str) -> None:
    """A rule that makes no sense is refused with what is wrong and what is allowed."""
    with pytest.raises(OutcomeRuleError) as refused:
        parse_rule(text)
    assert told in str(refused.value)


def test_a_table_of_outcomes_gives_the_rules_that_options_give() -> None:
    """The table of a file and the text of an option make the same rules, which survive as options."""
    table = {"fallback": [{"header": "X", "equals": "1"}, {"json": "a"}], "error": {"status": 207}}
    rules = rules_of(table)
    assert rules == [
        parse_rule(one) for one in ("fallback,header=X,equals=1", "fallback,json=a", "error,status=207")
    ]
    assert [parse_rule(rule.option) for rule in rules] == rules
    with pytest.raises(OutcomeRuleError, match="write a table"):
        rules_of({"fallback": "header"})


def test_a_function_that_fails_is_said_once_and_does_not_hold(caplog: pytest.LogCaptureFixture) -> None:
    """A rule that raises judges nothing, and is said once."""
    own = OwnOutcomes()
    own.add("fallback", lambda response: response.nothing)
    own.configure(["error,json=a"])
    found = [own.verdict(answer(content=b'{"a":1}'), 1.0) for _ in range(3)]
    assert found == [Told("error", "json a")] * 3
    assert len(caplog.records) == 1


def test_the_public_name_refuses_an_outcome_that_there_is_not() -> None:
    """An unknown outcome is refused where it is written."""
    with pytest.raises(ValueError, match='"fallbak" is not one of ok, fallback, error'):
        brownout.outcome(cast(Any, "fallbak"))


def test_without_a_rule_the_verdict_is_that_of_the_load() -> None:
    """Nobody's rule leaves Locust's verdict as it is."""
    assert judged(None, {}, answer(), 1.0) == ("ok", "")
    assert judged(OSError("x"), {}, None, 1.0) == ("error", "OSError('x')")


@pytest.mark.slow
def test_own_outcomes_count_in_closed_and_open_loop_and_on_workers(tmp_path: Path) -> None:
    """Rules and marks hold for HttpUser and FastHttpUser, in both loops, and on workers."""
    with Batch(tmp_path) as batch:
        more: dict[str, Any] = {"locustfile": LOCUSTFILE, "answers": ANSWERS}
        batch.start("closed", "-u4", "-r9", "-t2", *RULES, **more)
        batch.start("open", "--arrival-rate=60", "-t2", "-u20", *RULES, **more)
        batch.start("workers", "-u4", "-r9", "-t3", *RULES, *processes(2), **more)
        for name, result in batch.results().items():
            assert "Traceback" not in result.output, name
            check(result.run.folder)
            assert result.output.count("no_such_thing") <= 2, name  # once in each process
            assert "no request was under way" in result.output, name


def check(folder: Path) -> None:
    causes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with (folder / "causes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            causes[row["name"]][f"{row['outcome']}/{row['cause']}"] += int(row["requests"])
    ruled = {"fallback/fallback: header x-degraded", "fallback/fallback: json items[0].state", "error/a page"}
    seen = set(causes["/slow"]) | set(causes["/fast"])
    assert ruled | {"tunnel/tunnel"} <= seen or ruled < seen, seen
    assert set(causes["/marked"]) - {"fallback/fallback: marked"} <= {
        one for one in seen if one.startswith("tunnel")
    }
    assert causes["/marked"]["fallback/fallback: marked"] > 3
    assert not [one for table in causes.values() for one in table if "late" in one]
