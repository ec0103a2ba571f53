"""Chain from a run to a verdict: record, read, measure, judge, report. None imports a later one."""
