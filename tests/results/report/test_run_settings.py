"""The settings of a report: the policy's numbers, and what differs between two runs."""

from __future__ import annotations

from typing import Any

from brownout_results.report.run_settings import policy_numbers, settings


def policy(retry: dict[str, Any], action: str = "found", **more: Any) -> dict[str, Any]:
    """An event of the timeline."""
    document = {"deadline_s": 3.0, "retry": retry, "fallback": {"enabled": True}}
    return {"kind": "policy", "action": action, "name": "custom", "policy": document, **more}


def tries(attempts: int) -> dict[str, Any]:
    return {
        "enabled": True,
        "attempts": attempts,
        "jitter": "full",
        "budget": {"enabled": False, "ratio": 0.5},
    }


def test_the_policy_is_a_setting_each_and_what_is_off_has_no_numbers() -> None:
    assert policy_numbers([policy(tries(3))]) == {
        "policy, deadline_s": "3.0",
        "policy, retry": "on",
        "policy, retry, attempts": "3",
        "policy, retry, jitter": "full",
        "policy, retry, budget": "off",
        "policy, fallback": "on",
    }
    assert policy_numbers([]) == {}


def test_of_two_custom_policies_the_numbers_that_differ_are_told() -> None:
    differing, _ = settings(
        [{"policy": "custom"} | policy_numbers([policy(tries(attempts))]) for attempts in (3, 5)]
    )
    assert [(row.name, row.values) for row in differing] == [("policy, retry, attempts", ["3", "5"])]


def test_a_policy_that_changes_during_the_run_is_told_in_order() -> None:
    events = [policy({"enabled": False}), policy(tries(3), "set"), policy(tries(3), "set")]
    numbers = policy_numbers(events)
    assert numbers["policy, retry"] == "off then on"
    assert numbers["policy, retry, attempts"] == "– then 3"
    assert numbers["policy, deadline_s"] == "3.0"


def test_what_no_client_took_is_no_policy_of_the_run() -> None:
    refused = policy(tries(9), "set", code="not-confirmed", outcome="failed: no client answers")
    named = {"kind": "policy", "action": "set", "policy": {"preset": "full"}, "outcome": "wanted"}
    assert policy_numbers([policy(tries(3)), refused, named]) == policy_numbers([policy(tries(3))])
