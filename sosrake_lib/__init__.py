"""SOSRAKE workbook: open tools for structural social work.

The public names are listed here and imported when they are first used, so that `import sosrake_lib` is light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sosrake_lib import (
        batch,
        catalogue,
        effects,
        errors,
        frame,
        gather,
        indicators,
        influence,
        language,
        parameters,
        protect,
        regions,
        samples,
        selfcheck,
        serving,
    )
    from sosrake_lib.batch import open_release
    from sosrake_lib.errors import SosrakeError
    from sosrake_lib.protect import Release
    from sosrake_lib.protect.release import release

__version__ = "0.2.0"

__all__ = [
    "Release",
    "SosrakeError",
    "batch",
    "catalogue",
    "effects",
    "errors",
    "frame",
    "gather",
    "indicators",
    "influence",
    "language",
    "open_release",
    "parameters",
    "protect",
    "regions",
    "release",
    "samples",
    "selfcheck",
    "serving",
]

_FROM_ROOMS = {
    "Release": "protect",
    "SosrakeError": "errors",
    "open_release": "batch",
    "release": "protect",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _FROM_ROOMS:
        return getattr(import_module(f"{__name__}.{_FROM_ROOMS[name]}"), name)
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
