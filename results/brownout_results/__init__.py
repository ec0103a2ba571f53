"""From a run to a verdict, as a chain: record, read, measure, judge, report. None imports a later one."""
