"""Verdicts: on differences between runs, on thresholds, and on the experiment beside a load."""
