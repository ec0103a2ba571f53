"""Locust options that say what answers count as, and when a load is bad enough to end."""

from __future__ import annotations

import argparse

from brownout_loadtest import aborts, outcome_rules
from brownout_loadtest.own_options import OptionGroup, checked


def add_judging_arguments(parser: argparse.ArgumentParser) -> list[str]:
    """Add them; returns the names that others have."""
    group = OptionGroup(
        parser, "brownout: judging", "What counts as fallback or error, and what ends a load."
    )
    group.add(
        "--outcome",
        in_form=False,
        action="append",
        default=[],
        type=checked(lambda text: outcome_rules.parse_rule(text).option),
        metavar="<rule>",
        help=f"What counts as fallback or error, such as {outcome_rules.EXAMPLE}; repeatable",
    )
    group.add(
        "--abort",
        in_form=False,
        action="append",
        default=[],
        type=checked(lambda text: aborts.parse_abort(text).text),
        metavar="<condition>",
        help=f'End the load early when this holds, such as "{aborts.EXAMPLE.replace("%", "%%")}"; repeatable',
    )
    return group.taken
