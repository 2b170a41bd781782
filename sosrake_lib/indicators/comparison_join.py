"""Which row is compared with which, on what scale, at what level, and when nothing can be tested."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.interval_form import one_level

JOIN = ("indicator", "period", "sex", "age", "group")
ADJUSTMENTS = ("none", "bonferroni")
TESTED = ("proportion", "rate")
_REFERENCE = ("region_level", "region_code", "value", "per", "numerator", "denominator", "status", "origin")


def analysed_rows(frame: pd.DataFrame, function: str) -> pd.DataFrame:
    """Check that the frame to compare is an analysed one."""
    if not frames.is_analysed(frame):
        raise FrameError(
            f"comparison.{function}: the frame lacks statistic, method, confidence; run rates.analyse first"
        )
    return frames.check(frame, file=f"comparison.{function}, frame")


def one_reference(reference: pd.DataFrame, function: str) -> pd.DataFrame:
    """Check that the reference has one area for each key, and name its columns `reference_...`."""
    checked = frames.check(reference, file=f"comparison.{function}, reference")
    # Several confidences repeat the same figures; the comparison has a level of its own.
    distinct = checked.drop_duplicates(subset=list(frames.KEY))
    twice = distinct.duplicated(subset=list(JOIN))
    if twice.any():
        row = distinct.loc[twice].iloc[0]
        raise FrameError(
            f"comparison.{function}: the reference has several areas for {row['indicator']} {row['period']} "
            f"(one is {row['region_level']} {row['region_code']}); give one area, such as the country"
        )
    renamed = {column: "reference_" + column.removeprefix("region_") for column in _REFERENCE}
    return distinct[[*JOIN, *_REFERENCE]].rename(columns=renamed)


def joined_rows(rows: pd.DataFrame, reference: pd.DataFrame, function: str) -> pd.DataFrame:
    """Put its reference beside each row, on one scale; rows without a reference stay."""
    # The caller's frame may already be compared with something else; only our own columns are joined.
    base = rows[[*frames.KEY, *frames.VALUES, "statistic", "method"]]
    joined = base.merge(reference, on=list(JOIN), how="left", validate="many_to_one")
    for column in ("reference_level", "reference_code", "reference_status", "reference_origin"):
        joined[column] = joined[column].astype("str").where(joined[column].notna(), "")
    other = (joined["reference_level"] != "") & (joined["per"] != joined["reference_per"])
    if other.any():
        row = joined.loc[other].iloc[0]
        raise FrameError(
            f"comparison.{function}: {row['indicator']} {row['region_level']} {row['region_code']} is per "
            f"{row['per']:g} but its reference per {row['reference_per']:g}; use one scale"
        )
    _one_world(joined, function)
    return joined


def _one_world(joined: pd.DataFrame, function: str) -> None:
    invented, other = joined["origin"] == "synthetic", joined["reference_origin"] == "synthetic"
    mixed = (joined["reference_level"] != "") & (invented != other)
    if mixed.any():
        row = joined.loc[mixed].iloc[0]
        raise FrameError(
            f"comparison.{function}: {row['indicator']} {row['region_level']} {row['region_code']} and its "
            "reference are not both real or both synthetic; invented and real figures never meet: compare "
            "them apart"
        )


def untestable(joined: pd.DataFrame, part: bool) -> pd.Series:
    """Say per row why no test is possible; empty where one is.

    Counts of repeat events (method clustered_...) are not tested: Poisson tests would be too sure of them.
    """
    counts = ["numerator", "denominator", "reference_numerator", "reference_denominator"]
    lacking = joined[counts].isna().any(axis=1) | (joined[["denominator", "reference_denominator"]] <= 0).any(
        axis=1
    )
    rest_numerator = joined["reference_numerator"] - joined["numerator"]
    rest_denominator = joined["reference_denominator"] - joined["denominator"]
    impossible = (rest_denominator <= 0) | (rest_numerator < 0)
    impossible |= (joined["statistic"] == "proportion") & (rest_numerator > rest_denominator)
    same = (joined["reference_level"] == joined["region_level"]) & (
        joined["reference_code"] == joined["region_code"]
    )
    conditions = [
        joined["status"] != "ok",
        joined["reference_level"] == "",
        joined["reference_status"] != "ok",
        same,
        ~joined["statistic"].isin(TESTED) | joined["method"].str.startswith("clustered_"),
        lacking,
        impossible & part,
    ]
    reasons = [
        "value_absent",
        "no_reference",
        "reference_absent",
        "same_area",
        "statistic_without_test",
        "no_denominator",
        "not_nested",
    ]
    return pd.Series(np.select(conditions, reasons, default=""), index=joined.index)


def levels(
    rows: pd.DataFrame, testable: pd.Series, confidence: float | None, adjust: str, function: str
) -> NDArray[np.float64]:
    """Give the level of each row's interval: the one asked for or the row's own, adjusted for the tests."""
    if adjust not in ADJUSTMENTS:
        raise FrameError(
            f"comparison.{function}: adjust {adjust!r}; expected one of {', '.join(ADJUSTMENTS)}"
        )
    if confidence is None:
        asked = rows["confidence"].to_numpy("float64")
    else:
        asked = np.full(len(rows), one_level(confidence, f"comparison.{function}"))
    if adjust == "none":
        return asked
    tests = len(rows.loc[testable.to_numpy()].drop_duplicates(subset=list(frames.KEY)))
    return 1 - (1 - asked) / max(tests, 1)
