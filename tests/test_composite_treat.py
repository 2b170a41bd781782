"""Screening, imputation and outliers: nothing is changed without a row that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import composite, composite_treat
from sosrake_lib.indicators.composite_framework import flat
from sosrake_lib.indicators.composite_outliers import Limits

AREAS = ("046", "140", "171", "297", "740")
FRAMEWORK = flat({"a": 1, "b": 1, "c": 1}, branches={"a": "x", "b": "x", "c": "y"})


def rows(values, **columns):
    constant = {"region_level": "kunta", "borders": 2026, "period": "2019", "origin": "published", **columns}
    parts = [
        pd.DataFrame({"indicator": key, "region_code": AREAS[: len(given)], "value": given})
        for key, given in values.items()
    ]
    made = pd.concat(parts, ignore_index=True).assign(**constant)
    return made.assign(status=np.where(made["value"].isna(), "missing", "ok"))


GAPS = rows({"a": [1.0, 2, 3, 4, 5], "b": [np.nan, 2, np.nan, 6, 10], "c": [1.0, 2, np.nan, np.nan, 7]})


def test_screening_counts_and_leaves_out_with_a_reason():
    found = composite_treat.screen(GAPS, FRAMEWORK, least=0.5)
    assert set(found.frame["region_code"]) == {"046", "140", "297", "740"}
    assert found.steps[["region_code", "cells", "reason"]].to_numpy().tolist() == [
        ["171", 1, "total: 1 of 3 indicators"]
    ]
    of_branch = found.areas.set_index(["branch", "region_code"])
    assert of_branch.loc[("x", "171"), ["present", "expected"]].tolist() == [1, 2]
    assert not of_branch.loc[("total", "171"), "kept"]
    by_branch = composite_treat.screen(GAPS, FRAMEWORK, 0, least_by_branch={"y": 1.0})
    assert by_branch.steps["reason"].tolist() == ["y: 0 of 1 indicators"] * 2


@pytest.mark.parametrize(
    ("least", "branches", "match"),
    [
        (1.5, None, "least share 1.5"),
        (0.5, {"q": 1.0}, "'q' is no branch"),
        (1.0, None, r"2 area\(s\) would stay"),
    ],
)
def test_screening_refuses(least, branches, match):
    with pytest.raises(FrameError, match=match):
        composite_treat.screen(GAPS, FRAMEWORK, least, least_by_branch=branches)


def test_gaps_are_filled_marked_and_counted():
    found = composite_treat.impute(GAPS, FRAMEWORK, "median")
    cell = found.frame.set_index(["indicator", "region_code"])
    assert cell.loc[("b", "046"), ["value", "imputed", "imputed_from", "origin", "status"]].tolist() == [
        6.0,
        True,
        "median",
        "own",
        "ok",
    ]
    assert not cell.loc[("a", "046"), "imputed"] and cell.loc[("a", "046"), "origin"] == "published"
    steps = found.steps.set_index("indicator")
    assert steps["cells"].to_dict() == {"b": 2, "c": 2} and set(steps["reason"]) == {"all gaps filled"}
    index = composite.index(found.frame, FRAMEWORK)
    assert index.loc[index["indicator"] == "total", "parts_imputed"].tolist() == [1, 0, 2, 1, 0]
    assert composite_treat.impute(GAPS, FRAMEWORK, "mean").frame["value"].notna().all()


def test_rows_that_are_not_there_are_gaps_too():
    absent = GAPS.dropna(subset="value")
    one, other = (composite_treat.impute(each, FRAMEWORK, "median").frame for each in (GAPS, absent))
    key = ["indicator", "region_code"]
    pd.testing.assert_series_equal(
        one.sort_values(key)["value"].reset_index(drop=True),
        other.sort_values(key)["value"].reset_index(drop=True),
    )
    kept = composite_treat.impute(absent, FRAMEWORK, "none")
    assert (kept.frame["status"] == "missing").sum() == 4
    assert set(kept.steps["reason"]) == {"2 left missing"}


def test_groups_fill_from_their_own():
    grouped = GAPS.assign(county=np.where(GAPS["region_code"].isin(["046", "140"]), "north", "south"))
    found = composite_treat.impute(grouped, FRAMEWORK, "group_mean", by="county").frame
    cell = found.set_index(["indicator", "region_code"])["value"]
    assert cell["b", "046"] == 2 and cell["b", "171"] == 8
    with pytest.raises(FrameError, match="column 'nothing' is not in the frame"):
        composite_treat.impute(GAPS, FRAMEWORK, "group_mean", by="nothing")
    with pytest.raises(FrameError, match="several values in area 046"):
        composite_treat.impute(
            grouped.assign(county=range(len(grouped))), FRAMEWORK, "group_mean", by="county"
        )
    with pytest.raises(FrameError, match="method 'knn' is not known"):
        composite_treat.impute(GAPS, FRAMEWORK, "knn")


def test_the_nearest_earlier_period_fills_but_never_across_a_break():
    framework = flat({"a": 1})
    values = {"2017": [1.0, 2, 3, 4, 5], "2018": [10.0, np.nan, 30, 40, 50], "2019": [np.nan] * 5}
    panel = pd.concat([rows({"a": given}, period=year) for year, given in values.items()], ignore_index=True)
    found = composite_treat.impute(panel, framework, "earlier_period").frame.set_index(
        ["region_code", "period"]
    )
    assert found.loc[("140", "2018"), ["value", "imputed_from"]].tolist() == [2.0, "2017"]
    assert found.loc[("140", "2019"), ["value", "imputed_from"]].tolist() == [2.0, "2017"]
    assert found.loc[("046", "2019"), ["value", "imputed_from"]].tolist() == [10.0, "2018"]
    broken = panel.assign(break_before=(panel["period"] == "2019") & (panel["region_code"] == "046"))
    done = composite_treat.impute(broken, framework, "earlier_period")
    cell = done.frame.set_index(["region_code", "period"])
    assert cell.loc[("046", "2019"), "status"] == "missing"
    assert cell.loc[("140", "2019"), "value"] == 2
    assert done.steps.set_index("period").loc["2019", "reason"] == "1 left missing"


def test_outliers_are_tamed_with_the_old_value_kept():
    codes = [f"{number:03d}" for number in range(20)]
    values = np.r_[np.linspace(1, 5, 19), 90.0]
    frame = pd.concat(
        pd.DataFrame({"indicator": key, "region_code": codes, "value": given})
        for key, given in {"a": values, "b": np.linspace(0, 1, 20)}.items()
    ).assign(region_level="kunta", borders=2026, period="2019", origin="published", status="ok", lower=0.0)
    framework = flat({"a": 1, "b": 1})
    found = composite_treat.treat_outliers(frame, framework)
    changed = found.frame.loc[found.frame["treated"]]
    assert changed[["value", "value_before_treatment"]].to_numpy().tolist() == [[5.0, 90.0]]
    assert changed["lower"].isna().all() and changed["origin"].tolist() == ["own"]
    steps = found.steps.set_index("indicator")
    assert steps.loc["a", ["method", "cells", "reason"]].tolist() == ["winsorise", 1, "rule_was_broken"]
    assert steps.loc["b", ["method", "cells", "reason"]].tolist() == ["none", 0, "within_limits"]
    assert steps.loc["a", "skewness_before"] > 2 > steps.loc["a", "skewness_after"]
    strict = Limits(most=0)
    left = composite_treat.treat_outliers(frame, framework, limits=strict).steps.set_index("indicator")
    assert left.loc["a", "reason"] == "rule_still_broken"
    then = composite_treat.treat_outliers(frame, framework, "winsorise_then_log", limits=strict)
    assert then.steps.set_index("indicator").loc["a", "method"] == "log"
    powered = composite_treat.treat_outliers(frame, framework, "box_cox").steps.set_index("indicator")
    assert powered.loc["a", "method"] == "box_cox" and powered.loc["b", "method"] == "none"
    turned = composite_treat.treat_outliers(frame.assign(value=-frame["value"]), framework, "log")
    assert turned.steps.set_index("indicator").loc["a", "reason"] == "skewed_to_the_left_or_not_above_zero"
    with pytest.raises(FrameError, match="method 'trim' is not known"):
        composite_treat.treat_outliers(frame, framework, "trim")
