"""Finnish dictionaries that may be installed beside the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Analysis = Callable[[str], Sequence[dict[str, Any]]]


def voikko() -> Analysis | None:
    """Give Voikko's analysis of a word, or None when Voikko or its Finnish dictionary is not installed."""
    try:
        import libvoikko

        return libvoikko.Voikko("fi").analyze
    except (ImportError, OSError):
        return None
    except Exception as problem:  # the class of libvoikko's own error is known only when it is installed
        if type(problem).__name__ != "VoikkoException":
            raise
        return None
