"""The house's own register, or an empty one for the invented county: opened here, closed here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sosrake_lib.batch.plan import INVENTED_COUNTY
from sosrake_lib.register import engine


@contextmanager
def house_register() -> Iterator[engine.Register | None]:
    """Open the house's own register; None when there is none."""
    if not engine.exists():
        yield None
        return
    register = engine.open_register()
    try:
        yield register
    finally:
        register.close()


@contextmanager
def invented_register() -> Iterator[engine.Register]:
    """Open an empty register in a temporary folder, to be filled from the samples of Esimerkkilä."""
    with tempfile.TemporaryDirectory(prefix="sosrake-") as place:
        register = engine.open_register(engine.file_url(Path(place) / "keksitty.sqlite"))
        try:
            yield register
        finally:
            register.close()


def counties_told(found: Callable[[engine.Register], Iterable[str]]) -> tuple[tuple[str, str], ...]:
    """Name the counties that `found` sees in the house's register; without any, the invented county."""
    with house_register() as register:
        codes = () if register is None else sorted(set(found(register)) - {""})
    return tuple(("hva", code) for code in codes) or (INVENTED_COUNTY,)
