"""Invented samples hold no real row, and never meet real figures in a frame, a chart or a standardisation."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from sosrake_lib import frame, protect, samples
from sosrake_lib.errors import DisclosureError, FrameError, SosrakeError
from sosrake_lib.indicators import comparison, rates, standardise
from sosrake_lib.influence import charts, pages, tables
from sosrake_lib.protect.microdata import rows_in_common

FILES = samples.files()
SYNTHETIC = sorted(FILES.loc[FILES["kind"] == "synthetic", "name"])
REAL = sorted(FILES.loc[FILES["kind"] == "real", "name"])
# What tells of a file and not of a row of it.
ABOUT = {
    *("status", "origin", "producer", "licence", "source", "retrieved", "made_from", "per", "borders"),
    *("break_before", "areas_used", "areas_expected"),
}
PLACE = {"region_level", "region_code"}


def shared_columns(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    return [column for column in one.columns if column in other.columns and column not in ABOUT]


def test_every_sample_says_what_it_is_and_both_kinds_are_there():
    assert set(FILES["kind"]) == {"synthetic", "real"}
    invented = [name for name in FILES["name"] if name.startswith("esimerkkila")]
    assert set(invented) <= set(SYNTHETIC)
    assert len(SYNTHETIC) > 20
    assert len(REAL) > 5


@pytest.mark.parametrize("name", SYNTHETIC)
def test_an_invented_file_lies_in_the_invented_county_alone(name):
    rows = samples.table(name)
    if "region_code" in rows:
        assert rows["region_code"].dropna().str.match(r"E\d+$").all()
    if "origin" in rows:
        assert set(rows["origin"]) == {"synthetic"}


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_holds_nothing_of_the_invented_county(name):
    rows = samples.table(name)
    if "region_code" in rows:
        assert not rows["region_code"].dropna().str.match(r"E\d+$").any()
    if "origin" in rows:
        assert "synthetic" not in set(rows["origin"])


def compared() -> list[tuple[str, str]]:
    """Pairs of an invented and a real file that have a row's worth of columns in common."""
    rows = {name: samples.table(name) for name in (*SYNTHETIC, *REAL)}
    pairs = product(SYNTHETIC, (name for name in REAL if len(rows[name])))
    return [(one, other) for one, other in pairs if len(shared_columns(rows[one], rows[other])) >= 2]


def test_there_is_something_to_compare():
    assert len(compared()) >= 10


@pytest.mark.parametrize(("one", "other"), compared(), ids=lambda name: str(name).replace("/", "."))
def test_no_invented_row_is_a_real_one(one, other):
    """Neither as it stands nor with another place written on it."""
    invented, real = samples.table(one), samples.table(other)
    columns = shared_columns(invented, real)
    assert rows_in_common(invented, real, columns) == 0
    counts = [column for column in ("numerator", "denominator") if column in columns]
    if "indicator" in columns and len(counts) == 2:
        there = invented[counts].notna().all(axis=1)
        assert rows_in_common(invented[there], real, ["indicator", *counts]) == 0


def test_a_copied_row_is_found():
    real = samples.table("sotkanet_2019")
    whole = real.dropna(subset=["numerator", "denominator"])
    copied = pd.concat([samples.table("esimerkkila_indikaattorit"), whole.head(1).assign(region_code="E01")])
    assert rows_in_common(copied, real, ["indicator", "numerator", "denominator"]) == 1


@pytest.fixture(scope="module")
def both() -> tuple[pd.DataFrame, pd.DataFrame]:
    """One indicator's rows, invented and real, on the same period."""
    invented = frame.check(samples.table("esimerkkila_indikaattorit"), file="invented")
    real = samples.indicator_frame()
    key = sorted(set(invented["indicator"]) & set(real["indicator"]))[0]
    ready = [rows.loc[(rows["indicator"] == key) & rows["numerator"].notna()] for rows in (invented, real)]
    last = ready[0]["period"].max()
    return ready[0].loc[ready[0]["period"] == last].assign(period="2019"), ready[1].loc[
        ready[1]["period"] == "2019"
    ]


def test_one_frame_never_holds_both(both):
    assert all(len(rows) for rows in both)
    with pytest.raises(FrameError, match="origin mixes synthetic"):
        frame.combine(list(both))
    mixed = pd.concat(both, ignore_index=True)
    with pytest.raises(FrameError, match="origin mixes synthetic"):
        frame.combine([mixed])


def test_the_real_frame_of_the_samples_is_real():
    assert "synthetic" not in set(samples.indicator_frame()["origin"])


def test_neither_a_comparison_nor_a_standardisation_takes_both(both):
    invented, real = (rates.analyse(rows) for rows in both)
    country = real.loc[real["region_level"] == "maa"].head(1)
    country = country if len(country) else real.head(1)
    with pytest.raises(FrameError, match=r"invented|synthetic"):
        comparison.against(invented, country, part_of_reference=False)
    ages = ["0-14", "15-64", "65-"]
    rows = pd.concat([rows.head(1) for rows in both for _ in ages], ignore_index=True)
    rows = rows.assign(age=ages * 2, numerator=40.0, denominator=900.0, value=1.0, status="ok")
    with pytest.raises(FrameError, match="synthetic"):
        standardise.direct(rows, "esp2013")


def test_neither_a_release_nor_what_is_shown_takes_both(both):
    """A chart and a table take one selection of one release, and no release holds both."""
    invented, real = both
    mixed = pd.concat(both, ignore_index=True)
    with pytest.raises((DisclosureError, FrameError), match="synthetic"):
        protect.part(mixed, "vakio")
    opened = [
        protect.release({"osa": protect.part(rows, rules)}, name="koe", preview=True).select()
        for rows, rules in ((invented, "vakio"), (real, "avoin"))
    ]
    for maker in (tables.table, charts.bars_with_intervals):
        with pytest.raises((DisclosureError, AttributeError, TypeError)):
            maker(opened, caption="Koe")
    invented_one, real_one = opened
    with pytest.raises(SosrakeError, match="one is invented, one is real"):
        charts.bars_with_intervals(invented_one, "Koe", reference=real_one.select(region=("maa", "SSS")))
    shown = [tables.table(one, caption="Koe") for one in opened]
    with pytest.raises(SosrakeError, match=r"releases .* in one list; expected one"):
        pages.show(shown)
    assert [one.synthetic for one in shown] == [True, False]
