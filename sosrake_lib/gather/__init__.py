"""Phase 2, gathering: any source becomes checked rows and counts.

The public names are listed here and imported when they are first used, as reading a table needs no network
library and fetching a figure no Excel.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sosrake_lib.gather.findings import ImportResult
    from sosrake_lib.gather.records import needs_counts, waiting_days
    from sosrake_lib.gather.store import Gathered
    from sosrake_lib.gather.survey import read_answers
    from sosrake_lib.gather.tables import check_file, import_file

__all__ = [
    "Gathered",
    "ImportResult",
    "check_file",
    "import_file",
    "needs_counts",
    "read_answers",
    "waiting_days",
]

_HOMES = {
    "Gathered": "store",
    "ImportResult": "findings",
    "check_file": "tables",
    "import_file": "tables",
    "needs_counts": "records",
    "read_answers": "survey",
    "waiting_days": "records",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
