"""Counts where the records are: one definition runs in the county's own database, only counts come back."""

from __future__ import annotations

from sosrake_lib.gather.counting.database import opened
from sosrake_lib.gather.counting.definition import Aggregation, Measure, aggregation, aggregations, from_file
from sosrake_lib.gather.counting.frames import Counted, as_frame, as_table, shown_counts
from sosrake_lib.gather.counting.running import count, expression

__all__ = [
    "Aggregation",
    "Counted",
    "Measure",
    "aggregation",
    "aggregations",
    "as_frame",
    "as_table",
    "count",
    "expression",
    "from_file",
    "opened",
    "shown_counts",
]
