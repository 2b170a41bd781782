"""Batch: the plan, its releases, the many notebooks and the site; heavy imports wait for their use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sosrake_lib.batch.plan import Plan, Task, load
    from sosrake_lib.batch.releases import make_releases, open_release
    from sosrake_lib.batch.runner import Failure, LeftOut, Progress, Report, run

__all__ = [
    "Failure",
    "LeftOut",
    "Plan",
    "Progress",
    "Report",
    "Task",
    "load",
    "make_releases",
    "open_release",
    "run",
]

_HOMES = {
    **dict.fromkeys(("Plan", "Task", "load"), "plan"),
    **dict.fromkeys(("make_releases", "open_release"), "releases"),
    **dict.fromkeys(("Failure", "LeftOut", "Progress", "Report", "run"), "runner"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
