"""The policy document: what is a policy, what is not, and what the presets are."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_client import policy
from brownout_client.policy import PRESETS, Policy
from brownout_client.policy_document import PolicyError, from_setting, parse
from brownout_client.policy_fields import FIELDS

seconds = st.floats(0.001, 300)
budgets = st.builds(
    policy.BudgetPolicy, enabled=st.booleans(), ratio=st.floats(0, 10), burst=st.integers(1, 100_000)
)
retries = st.builds(
    lambda waits, **rest: policy.RetryPolicy(backoff_base_s=min(waits), backoff_max_s=max(waits), **rest),
    st.tuples(st.floats(0, 300), st.floats(0, 300)),
    enabled=st.booleans(),
    attempts=st.integers(1, 20),
    jitter=st.sampled_from(["none", "full", "added"]),
    jitter_s=st.floats(0, 300),
    budget=budgets,
)
breakers = st.builds(
    policy.BreakerPolicy,
    enabled=st.booleans(),
    fail_max=st.integers(1, 10_000),
    reset_timeout_s=st.floats(0.001, 3600),
    success_threshold=st.integers(1, 1_000),
    half_open_trials=st.integers(1, 1_000),
    placement=st.sampled_from(["outside", "inside"]),
)
policies = st.builds(
    Policy,
    attempt_timeout_s=seconds,
    deadline_s=seconds,
    retry=retries,
    breaker=breakers,
    fallback=st.builds(policy.FallbackPolicy, enabled=st.booleans()),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=5,
)


def document(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)


def places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all fields, sections among them."""
    below = value.items() if isinstance(value, dict) else ()
    return [path, *(place for key, inner in below for place in places(inner, (*path, key)))]


def replaced(value: Any, path: tuple[str, ...], new: Any) -> Any:
    return {**value, path[0]: replaced(value[path[0]], path[1:], new)} if path else new


@given(policies, st.none() | st.integers(0, 2**53 - 1))
def test_what_a_policy_is_written_as_is_read_as_the_same(policy: Policy, revision: int | None) -> None:
    fields = {**msgspec.to_builtins(policy), "revision": revision}
    assert parse(document(**fields)) == (policy, revision)


def refusal(sent: bytes) -> PolicyError | None:
    try:
        parse(sent)
    except PolicyError as error:
        return error
    return None


@given(st.data())
def test_a_document_that_is_wrong_anywhere_is_refused_in_one_way(data: st.DataObject) -> None:
    """Any field replaced by any JSON: a policy, or an error with an excerpt and what is allowed."""
    whole = msgspec.to_builtins(data.draw(st.sampled_from(list(PRESETS.values()))))
    place = data.draw(st.sampled_from(places(whole)))
    wrong = replaced(whole, place, data.draw(json_values))
    error = refusal(msgspec.json.encode(wrong))
    if error is not None:
        assert error.allowed
        assert len(msgspec.json.encode(error.sent)) < 1_500
        assert len(str(error)) < 1_500


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_bytes_that_are_no_document_are_refused(data: bytes) -> None:
    with pytest.raises(PolicyError):
        parse(data)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"", "the policy is not a JSON object: Input data was truncated"),
        (b"[]", "the policy is not a JSON object: Expected `object`, got `array`"),
        (b'{"deadline_s": NaN}', "the policy is not a JSON object: invalid character (byte 15)"),
        (b'{"deadline_s": 1e999}', "the policy is not a JSON object: Number out of range"),
        pytest.param(
            b'{"a":' * 100_000, "the policy is not a JSON object: nested too deeply", id="nested too deeply"
        ),
        (document(preset="fast"), 'preset is "fast"; allowed: "none", "retry", "breaker", "full", "lab"'),
        (document(preset="full", revision=-1), "revision is -1; allowed: a whole number from 0 to"),
        (document(preset="full", deadline_s=-1), "deadline_s is -1; allowed: a number from 0.001 to 300"),
        (document(preset="full", deadline_s="3"), 'deadline_s is "3"; allowed: a number from 0.001 to 300'),
        (
            document(preset="full", retry={"attempts": 10**30}),
            f"retry.attempts is {10**30}; allowed: a whole number from 1 to 20",
        ),
        (
            document(preset="full", retry={"attempts": True}),
            "retry.attempts is true; allowed: a whole number from 1 to 20",
        ),
        (document(preset="full", fallback=None), 'fallback is null; allowed: an object with the fields "ena'),
        (
            document(preset="full", fallback={"enable": True}),
            'fallback has the unknown field "enable"; allowed: "enabled"',
        ),
        (
            document(preset="full", **{" - at `$.retry`": 1}),
            'the policy has the unknown field " - at `$.retry`"; allowed: "attempt_timeout_s"',
        ),
        (document(deadline_s=3), 'the policy has no "attempt_timeout_s"; allowed: a preset, or every field:'),
        (
            document(preset="full", retry={"backoff_base_s": 2}),
            "retry: backoff_max_s 1 is less than backoff_base_s 2",
        ),
    ],
)
def test_an_error_says_what_is_wrong_and_what_is_allowed(sent: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse(sent)
    assert str(refused.value).startswith(message)


def test_a_document_is_laid_over_the_preset_that_it_names() -> None:
    """Sections are merged, and what the document leaves out is the preset's."""
    policy, _ = parse(document(preset="full", deadline_s=7, retry={"budget": {"ratio": 0.1}}))
    full = PRESETS["full"]
    budget = msgspec.structs.replace(full.retry.budget, ratio=0.1)
    retry = msgspec.structs.replace(full.retry, budget=budget)
    assert policy == msgspec.structs.replace(full, deadline_s=7.0, retry=retry)


def test_the_setting_is_a_presets_name_or_a_document() -> None:
    assert from_setting("full") == PRESETS["full"]
    assert from_setting(' {"preset": "full", "deadline_s": 7}').deadline_s == 7
    with pytest.raises(PolicyError, match='"fulll" is no policy; allowed: "none", "retry"'):
        from_setting("fulll")


def test_every_setting_is_described_and_has_a_title_of_its_own() -> None:
    def paths(value: object, path: str = "") -> list[str]:
        if not isinstance(value, dict):
            return [path]
        return [below for key, part in value.items() for below in paths(part, f"{path}.{key}".lstrip("."))]

    assert [field.path for field in FIELDS] == paths(msgspec.to_builtins(PRESETS["lab"]))
    assert all("_" not in field.label for field in FIELDS)
    described = {field.path: field for field in FIELDS}
    attempts, jitter = described["retry.attempts"], described["retry.jitter"]
    assert (attempts.label, attempts.type, attempts.min, attempts.max) == ("attempts", "integer", 1, 20)
    assert (jitter.type, set(jitter.choices)) == ("choice", {"none", "full", "added"})
    assert [field.path for field in FIELDS if field.unit == "s"] == [
        path for path in described if path.endswith("_s")
    ]


def test_a_policy_is_named_after_the_preset_that_it_equals() -> None:
    assert policy.name(parse(document(preset="full", deadline_s=3))[0]) == "full"
    assert policy.name(parse(document(preset="full", deadline_s=4))[0]) == "custom"


def test_the_lab_preset_has_the_labs_numbers() -> None:
    """5 attempts, 1 s to 8 s with up to 1 s added, 3 s a call; open after 3 failures, for 15 s; no budget."""
    lab = PRESETS["lab"]
    assert (lab.attempt_timeout_s, lab.deadline_s) == (3, 35)
    assert (lab.retry.attempts, lab.retry.backoff_base_s, lab.retry.backoff_max_s) == (5, 1, 8)
    assert (lab.retry.jitter, lab.retry.jitter_s, lab.retry.budget.enabled) == ("added", 1, False)
    assert (lab.breaker.fail_max, lab.breaker.reset_timeout_s) == (3, 15)
    assert (lab.breaker.success_threshold, lab.breaker.half_open_trials) == (1, 1)
    assert (lab.breaker.placement, lab.fallback.enabled) == ("outside", True)


def test_the_other_presets_differ_only_in_what_is_on() -> None:
    def switches(preset: Policy) -> tuple[bool, ...]:
        sections = (preset.retry, preset.retry.budget, preset.breaker, preset.fallback)
        return tuple(section.enabled for section in sections)

    def all_on(preset: Policy) -> Any:
        return parse(
            document(
                **msgspec.to_builtins(preset)
                | {
                    "retry": msgspec.to_builtins(preset.retry)
                    | {
                        "enabled": True,
                        "budget": msgspec.to_builtins(preset.retry.budget) | {"enabled": True},
                    },
                    "breaker": msgspec.to_builtins(preset.breaker) | {"enabled": True},
                    "fallback": {"enabled": True},
                }
            )
        )[0]

    presets = {name: PRESETS[name] for name in ("none", "retry", "breaker", "full")}
    assert {name: switches(preset) for name, preset in presets.items()} == {
        "none": (False, False, False, False),
        "retry": (True, False, False, False),
        "breaker": (False, False, True, True),
        "full": (True, True, True, True),
    }
    assert {all_on(preset) for preset in presets.values()} == {PRESETS["full"]}
