"""Differences between runs, or between the phases of a run, and the verdict on each. Pure."""
