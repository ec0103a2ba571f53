"""Histories without --csv-full-history, by hand: their percentiles count from the start."""

from collections.abc import Sequence

from tests.results.measure.cumulative.totals import SHARES, counted

HEADER = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,"
    + ",".join(f"{100 * share:g}%" for share in SHARES)
    + ",Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size"
)


def cumulative_history(
    rows: Sequence[Sequence[float]], failed: Sequence[int] = (), users: int = 5, sizes: float = 100.0
) -> str:
    """A history of these durations in ms, a second each, after a row of nothing."""
    since = counted(rows)
    failures = [0, *failed] if failed else [0] * (len(rows) + 1)
    lines = [HEADER]
    for at in range(len(rows) + 1):
        percentiles = [f"{values[at]:.0f}" for values in since.percentiles_ms.values()]
        totals = [f"{since.requests[at]:.0f}", str(sum(failures[: at + 1])), percentiles[0]]
        totals += [repr(float(one[at])) for one in (since.mean_ms, since.min_ms, since.max_ms)]
        numbers = ",".join([*percentiles, *totals, repr(sizes if since.requests[at] else 0.0)])
        lines.append(f"{1_700_000_000 + at},{users},,Aggregated,1.000000,0.000000,{numbers}")
    return "\r\n".join([*lines, ""])
