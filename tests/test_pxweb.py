"""PxWeb: variables by the beginning of their names, queries within the limit, codes typed, dots missing."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin.server import StandIn

from sosrake_lib import samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import pxweb
from sosrake_lib.gather.http import Limits, Source

QUICK = Limits(deadline=10.0, first_pause=0.01)
TABLE = "StatFin/avainluvut.px"
ALL = {"Alue": ["*"], "Tiedot": ["M162"], "Vuosi": ["*"]}


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def statfin(server, selections=ALL, fault="", **more):
    return pxweb.statfin(TABLE, selections, base_url=server.pxweb(fault), limits=QUICK, **more)


def test_tidy_table_by_the_beginning_of_a_name(server):
    table = statfin(server)
    assert list(table.columns) == ["Alue 2025", "Tiedot", "Vuosi", "value", "mark"] and len(table) == 18
    missing = table[table["value"].isna()]
    assert missing[["Alue 2025", "Vuosi", "mark"]].values.tolist() == [["KU205", "2022", ".."]]


def test_indicator_frame_has_typed_regions_and_the_year_of_its_map(server):
    frame = statfin(server, indicator="tyottomyysaste")
    pairs = set(zip(frame["region_level"], frame["region_code"], strict=True))
    assert pairs == {
        ("maa", "SSS"),
        ("kunta", "297"),
        ("kunta", "205"),
        ("maakunta", "11"),
        ("seutukunta", "112"),
        ("hva", "13"),
    }
    assert set(frame["borders"]) == {2025}
    gap = frame[(frame["region_code"] == "205") & (frame["period"] == "2022")].iloc[0]
    assert gap["status"] == "missing" and pd.isna(gap["value"])


def test_query_is_split_by_the_limit_and_gives_the_same(server):
    whole = statfin(server)
    with StandIn(cells=4) as narrow:
        parts = statfin(narrow)
        assert sum(call.startswith("POST") for call in narrow.calls) >= 5
    order = ["Alue 2025", "Vuosi"]
    pd.testing.assert_frame_equal(
        parts.sort_values(order, ignore_index=True), whole.sort_values(order, ignore_index=True)
    )


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(1, 40))
def test_split_asks_for_each_cell_once_within_the_limit(sizes, limit):
    from itertools import product
    from math import prod

    query = [(f"v{place}", tuple(map(str, range(size)))) for place, size in enumerate(sizes)]
    parts = pxweb.split(query, limit)
    assert all(prod(len(values) for _, values in part) <= limit for part in parts)
    asked = [cell for part in parts for cell in product(*(values for _, values in part))]
    assert sorted(asked) == sorted(product(*(values for _, values in query)))


def test_both_forms_read_alike(server):
    source = Source("pxweb", server.pxweb(), "CC BY 4.0", limits=QUICK)
    new = statfin(server, transport=pxweb.PxWebV1(source, "json-stat2"))
    old = statfin(server, transport=pxweb.PxWebV1(source, "json"))
    pd.testing.assert_frame_equal(new, old)
    with pytest.raises(GatherError, match="form 'px'; expected json-stat2 or json"):
        pxweb.PxWebV1(source, "px")


def test_too_many_calls_are_waited_out(server):
    assert len(statfin(server, fault="429-seconds")) == 18


@pytest.mark.parametrize(
    ("selections", "said"),
    [
        ({"Alue": ["KU999"]}, "has no code 'KU999'; it has SSS, KU297"),
        ({"Ikä": ["1"]}, "variable 'Ikä' is not there; the table has Alue 2025, Tiedot, Vuosi"),
        ({"Alue": ["*"], "Alue 2025": ["SSS"]}, "is selected twice"),
    ],
)
def test_wrong_selection_is_told_before_data_is_asked(server, selections, said):
    before = len(server.calls)
    with pytest.raises(GatherError, match=said):
        statfin(server, selections)
    assert not [call for call in server.calls[before:] if call.startswith("POST")]


def test_indicator_needs_one_value_a_place_and_period(server):
    with pytest.raises(GatherError, match="variable 'Tiedot' has several codes"):
        statfin(server, {"Alue": ["*"]}, indicator="tyottomyysaste")


def test_command_stores_frame_and_table(server, home):
    told = pxweb.command(
        TABLE, ["Alue=KU297,KU205", "Tiedot=M162", "Vuosi=2023"], "tyottomyysaste", base_url=server.pxweb()
    )
    assert told.files[0].name == "statfin_tyottomyysaste.parquet"
    rows = samples.indicator_frame()
    assert len(rows[(rows["source"] == TABLE) & (rows["period"] == "2023")]) == 2
    plain = pxweb.command(TABLE, ["Alue=*"], base_url=server.pxweb())
    assert plain.files[0].parent.name == "tables" and len(pd.read_parquet(plain.files[0])) == 36
    about = json.loads(plain.files[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert about["licence"] == "CC BY 4.0" and about["rows"] == 36
    with pytest.raises(GatherError, match="expected VARIABLE=code"):
        pxweb.command(TABLE, ["Alue"], base_url=server.pxweb())


def test_second_source_of_the_same_figures_is_refused(server, home):
    chosen = ["Alue=KU297", "Tiedot=M162", "Vuosi=2023"]
    pxweb.command(TABLE, chosen, "tyottomyysaste", base_url=server.pxweb())
    first = home / "gathered" / "statfin_tyottomyysaste.parquet"
    first.rename(first.with_name("sotkanet_181.parquet"))
    with pytest.raises(GatherError, match=r"sotkanet_181\.parquet already holds some of these figures"):
        pxweb.command(TABLE, chosen, "tyottomyysaste", base_url=server.pxweb())
    assert len(samples.indicator_frame())


def test_answer_that_holds_something_else_is_refused(server):
    from sosrake_lib.gather.pxweb_answers import read_json_stat2

    good = {
        "id": ["Alue"],
        "size": [2],
        "dimension": {"Alue": {"category": {"index": {"A": 0, "B": 1}}}},
        "value": [1.0, 2.0],
    }
    query = [("Alue", ("A", "B"))]
    assert read_json_stat2(good, query)["value"].tolist() == [1.0, 2.0]
    assert read_json_stat2(good | {"value": {"1": 5}}, query)["value"].isna().tolist() == [True, False]
    for change, said in (
        ({"value": [1.0]}, "value does not fit the 2 cells"),
        ({"value": [1.0, "2"]}, "expected a finite number"),
        ({"size": [3]}, "has 2 categories, its size says 3"),
        ({"dimension": {"Alue": {"category": {"index": {"A": 0, "C": 1}}}}}, "does not hold what was asked"),
    ):
        with pytest.raises(GatherError, match=said):
            read_json_stat2(good | change, query)


def test_captured_table_is_read(shared):
    with StandIn(shared / "data" / "raw") as server:
        source = Source("pxweb", server.pxweb(), "CC BY 4.0", limits=QUICK)
        from sosrake_lib.gather.pxweb_answers import resolve

        table = "Kuntien_avainluvut/2017/kuntien_avainluvut_2017_aikasarja.px"
        described = pxweb.PxWebV1(source).metadata(table).content
    query = dict(resolve(described, {"Alue": ["297"], "Tiedot": ["M411"], "Vuosi": ["2016"]}, table))
    assert query == {"Alue 2017": ("297",), "Tiedot": ("M411",), "Vuosi": ("2016",)}
