"""The list of every cell of the coverage proof."""

from __future__ import annotations

import coverage_compared
import coverage_panel
import coverage_people
import coverage_series
from coverage_task import Cell


def cells() -> list[Cell]:
    """Every cell, cells of one estimator one after another."""
    found = [
        *coverage_people.cells(),
        *coverage_compared.cells(),
        *coverage_panel.cells(),
        *coverage_series.cells(),
    ]
    order = list(dict.fromkeys(cell.estimator for cell in found))
    return sorted(found, key=lambda cell: (order.index(cell.estimator), cell.variant, cell.size))
