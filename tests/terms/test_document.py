"""The shared words, as a page gets them."""

import json
from typing import get_args

from brownout_terms import breakers, document, exits, outcomes, places, verdicts
from brownout_terms.exits import Exit
from brownout_terms.styles import COLOURS


def test_each_word_has_a_sign_and_a_colour_that_there_is() -> None:
    shown = json.loads(json.dumps(document()))
    for words in ("outcomes", "breakers", "experiments", "steps", "comparisons"):
        signs = [one["sign"] for one in shown[words].values()]
        assert all(len(sign) == 1 for sign in signs), words
        assert {one["colour"] for one in shown[words].values()} <= set(shown["colours"]), words
    assert shown["colours"] == COLOURS


def test_every_word_that_there_is_has_its_style() -> None:
    assert tuple(outcomes.STYLES) == get_args(outcomes.Outcome)
    assert tuple(breakers.STYLES) == get_args(breakers.BreakerState)
    assert tuple(verdicts.EXPERIMENT) == get_args(verdicts.ExperimentWord)
    assert tuple(verdicts.STEPS) == get_args(verdicts.StepState)
    assert tuple(verdicts.COMPARISON) == get_args(verdicts.ComparisonWord)


def test_only_a_passed_experiment_exits_with_0() -> None:
    exits = {word: style.exit for word, style in verdicts.EXPERIMENT.items()}
    assert [word for word, code in exits.items() if code is Exit.PASSED] == ["passed"]
    assert len(set(exits.values())) == len(exits)


def test_each_exit_code_is_one_of_a_kind_and_has_its_words() -> None:
    assert {*exits.SHORT} == {*exits.LONG} == {*Exit}
    assert [*Exit.__members__] == [code.name for code in Exit]  # no second name for a code


def test_what_stands_beside_a_package_is_found_in_a_checkout() -> None:
    import brownout_chaos

    folder = places.beside(brownout_chaos.__file__, "experiments")
    assert (folder / "pod-kill.json").is_file()
