"""Comparison of runs, or of a run's phases: differences with their uncertainty, and verdicts. Pure.

The method is described in docs/comparing.md: a block bootstrap over seconds, or, with repeats, the runs
themselves as the unit.
"""
