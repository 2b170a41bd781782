"""Is a row fit for an interval? Checks of source frames before `rates` computes, each message naming rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.count_intervals import squares_impossible

# A published value may differ from numerator / denominator by its rounding, or by a slightly other
# denominator (end of year instead of mean population); a wrong `per` is off by a factor of ten.
VALUE_TOLERANCE = 0.05
SQUARES = "sum_of_squared_events"
_ROWS_NAMED = 5


def per_units(numerator: ArrayLike, denominator: ArrayLike, per: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Compute `per · numerator / denominator`; nothing where the denominator is not above zero.

    Examples
    --------
    >>> print(round(float(per_units(490_745, 785_975, 100)), 1))  # the project's budget use, in %
    62.4
    """
    x, n, scale = np.broadcast_arrays(
        np.asarray(numerator, "float64"), np.asarray(denominator, "float64"), np.asarray(per, "float64")
    )
    return np.divide(scale * x, n, out=np.full(x.shape, np.nan), where=n > 0)


def source(frame: pd.DataFrame, function: str) -> pd.DataFrame:
    """Check a source frame; an analysed one is refused."""
    if frames.is_analysed(frame):
        raise FrameError(
            f"rates.{function}: the frame is already analysed (it has statistic, method, confidence); "
            "give the source frame"
        )
    return frames.check(frame, file=f"rates.{function}")


def known_option(value: str, known: tuple[str, ...], function: str, option: str = "") -> None:
    """Refuse an option that is not on the list."""
    if value not in known:
        named = f"{option} {value!r}" if option else repr(value)
        raise FrameError(f"rates.{function}: {named} is not known; use one of {', '.join(known)}")


def counted(frame: pd.DataFrame) -> pd.Series:
    """Say which rows are published (`ok`) with numerator and denominator."""
    return (frame["status"] == "ok") & frame["numerator"].notna() & frame["denominator"].notna()


def check_counts(frame: pd.DataFrame, able: pd.Series, function: str) -> None:
    """Refuse negative and infinite counts, a zero denominator and a `per` that is no scale."""
    counts = frame[["numerator", "denominator"]]
    refuse_rows(
        frame,
        able & (counts < 0).any(axis=1),
        function,
        "a count is negative",
        "numerator and denominator count people or events",
    )
    refuse_rows(
        frame,
        able & np.isinf(counts).any(axis=1),
        function,
        "a count is infinite",
        "leave it empty where it is not known",
    )
    refuse_rows(
        frame,
        able & (frame["denominator"] == 0),
        function,
        "denominator is zero",
        "where nobody could be counted the status is missing and the value empty",
    )
    refuse_rows(
        frame,
        able & ~(frame["per"].gt(0) & np.isfinite(frame["per"])),
        function,
        "per is not a number above zero",
        "write 100 for per cent, 1 for a plain share",
    )


def check_value(frame: pd.DataFrame, able: pd.Series, function: str) -> None:
    """Refuse rows whose value their own counts do not give, rounding apart: mostly a wrong `per`."""
    computed = per_units(frame["numerator"], frame["denominator"], frame["per"])
    off = np.abs(frame["value"].to_numpy() - computed)
    wrong = able.to_numpy() & (off > VALUE_TOLERANCE * np.abs(computed) * (1 + 1e-9))
    # Few values are further off than the tolerance; only those need a look at how they were written.
    written, codes = np.unique(frame["value"].to_numpy()[wrong], return_inverse=True)
    rounding = 0.5 * 10.0 ** -np.array([_decimals(value) for value in written], dtype="float64")
    wrong[wrong] = off[wrong] > rounding[codes] * (1 + 1e-9)
    refuse_rows(
        frame,
        pd.Series(wrong, index=frame.index),
        function,
        "value is not per * numerator / denominator, rounding apart",
        "check per (100 for per cent) and which people the denominator counts",
    )


def refuse_rows(frame: pd.DataFrame, wrong: pd.Series, function: str, what: str, advice: str) -> None:
    """Stop when a row is wrong: how many, which, the first one's key and figures, and what to do."""
    if not wrong.any():
        return
    rows = [int(position) + 1 for position in np.flatnonzero(wrong)]
    first = frame.iloc[rows[0] - 1]
    named = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", ..." if len(rows) > _ROWS_NAMED else "")
    raise FrameError(
        f"rates.{function}: {what} in {len(rows)} row(s): {named}; the first is {first['indicator']} "
        f"{first['region_level']} {first['region_code']} {first['period']} (value {first['value']:g}, "
        f"numerator {first['numerator']:g}, denominator {first['denominator']:g}, per {first['per']:g}); "
        f"{advice}"
    )


def with_squares(frame: pd.DataFrame, able: pd.Series) -> pd.Series:
    """Say which rows have a sum of squares; an impossible one is refused. No events need none."""
    if SQUARES not in frame:
        raise FrameError(
            f"rates.rate: column {SQUARES} is missing; variance 'clustered' needs the sum over persons of "
            "their squared number of events; make it with repeat_events.add_squares"
        )
    frame[SQUARES] = pd.to_numeric(frame[SQUARES], errors="coerce").astype("float64")
    events = frame["numerator"]
    given = able & (frame[SQUARES].notna() | (events == 0))
    impossible = squares_impossible(events.to_numpy(), frame[SQUARES].to_numpy())
    refuse_rows(
        frame,
        given & impossible,
        "rate",
        f"{SQUARES} is below the number of events or above its square",
        "it is the sum over persons of i * i, i = events of one person",
    )
    return given


def _decimals(value: float) -> int:
    """Count the decimals a number was written with: 9.9 has one."""
    if not np.isfinite(value):
        return 0
    return len(np.format_float_positional(value, trim="-").partition(".")[2])
