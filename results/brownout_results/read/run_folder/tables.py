"""`load.csv` and `samples.csv` as tables."""

from __future__ import annotations

from collections.abc import Mapping

from brownout_results.record import LoadRow, Sample
from brownout_results.record.table_rows import HEALTH

from .columns import Column, CountsByName, MaybeFloat, MaybeWhole, Text, Whole
from .table import ColumnTable


class LoadTable(ColumnTable[LoadRow]):
    """load.csv."""

    row = LoadRow
    kinds: Mapping[str, type[Column]] = {
        "second": Whole,
        **dict.fromkeys(("users", "workers"), MaybeWhole),
        **dict.fromkeys(("offered", "started", "dropped"), Whole),
        **dict.fromkeys(("lateness_p50_ms", "lateness_p99_ms", "lateness_max_ms"), MaybeFloat),
        "users_asked": MaybeWhole,
    }


class SampleTable(ColumnTable[Sample]):
    """samples.csv."""

    row = Sample
    kinds: Mapping[str, type[Column]] = {
        "second": Whole,
        **dict.fromkeys(("service", "replica", "problem"), Text),
        "took_ms": MaybeFloat,
        **dict.fromkeys(("boot_id", "policy", "circuit_state"), Text),
        **dict.fromkeys(("requests", "attempts", "retries", "short_circuits", "fallbacks"), MaybeWhole),
        **dict.fromkeys(("budget_denied", "in_flight"), MaybeWhole),
        **dict.fromkeys(("outcomes", "causes", "injected"), CountsByName),
        **dict.fromkeys(("stalled_ms", *HEALTH), MaybeFloat),
    }
