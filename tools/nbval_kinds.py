"""A pytest plugin for check_notebooks.py: the kinds of output git does not keep are not compared.

Run: it is loaded by check_notebooks.py with `-p nbval_kinds`.
"""

from __future__ import annotations

import pytest

from notebook_form import DROPPED_KINDS


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave the kinds that `saved_form` drops out of the comparison (nbval's own way: skip_compare)."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = tuple(dict.fromkeys((*collector.skip_compare, *DROPPED_KINDS)))
