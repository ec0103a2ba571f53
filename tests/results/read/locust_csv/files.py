"""Locust's files by hand, for what real ones are known to hold."""

from collections.abc import Sequence

PERCENTS = ("50%", "95%", "100%")


def history(
    rows: Sequence[tuple[int, str, int, int]],
    percents: Sequence[str] = PERCENTS,
    users: int = 5,
    high: int = 900,
) -> str:
    """A full history; rows are second, name (empty: the total), requests and failures until then."""
    lines = [
        (
            f"Timestamp,User Count,Type,Name,Requests/s,Failures/s,{','.join(percents)},Total Request Count,"
            "Total Failure Count,Total Median Response Time,Total Average Response Time,"
            "Total Min Response Time,Total Max Response Time,Total Average Content Size"
        )
    ]
    for second, name, requests, failed in rows:
        named = f"GET,{quoted(name)}" if name else ",Aggregated"
        values = ",".join(str(10 * (place + 1)) for place in range(len(percents)))
        totals = f"{requests},{failed},10,11.5,1,{high},16"
        lines.append(f"{1_700_000_000 + second},{users},{named},1.0,0.0,{values},{totals}")
    return "\r\n".join([*lines, ""])


def stats(rows: Sequence[tuple[str, int, int]], percents: Sequence[str] = PERCENTS) -> str:
    """A table of requests; rows are name (empty: the total), requests and failures."""
    lines = [
        (
            "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
            "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
            + ",".join(percents)
        )
    ]
    for name, requests, failed in rows:
        named = f"GET,{quoted(name)}" if name else ",Aggregated"
        values = ",".join(str(10 * (place + 1)) if requests else "N/A" for place in range(len(percents)))
        lines.append(f"{named},{requests},{failed},10,11.5,1,900,16,2.0,0.0,{values}")
    return "\r\n".join([*lines, ""])


def quoted(cell: str) -> str:
    """A cell as Python's csv module writes it."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell
