"""PxWeb's second interface: the same figures as the first, code lists, expressions, errors and limits."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standin.server import StandIn

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import pxweb, pxweb_v2
from sosrake_lib.gather.http import Limits, Source
from sosrake_lib.gather.pxweb_answers import resolve
from sosrake_lib.gather.pxweb_selection import chosen_codes

QUICK = Limits(deadline=10.0, first_pause=0.01)
TABLE = "avainluvut"
ALL = {"Alue": ["*"], "Tiedot": ["M162"], "Vuosi": ["*"]}


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def transport(server, fault="", **more):
    return pxweb_v2.PxWebV2(Source("pxweb2", server.pxweb2(fault), "CC BY 4.0", limits=QUICK), **more)


def fetch(server, selections=ALL, fault="", indicator=None, **more):
    return pxweb.statfin(TABLE, selections, transport=transport(server, fault, **more), indicator=indicator)


def test_both_versions_give_the_same_figures(server):
    first = pxweb.statfin("StatFin/avainluvut.px", ALL, base_url=server.pxweb(), limits=QUICK)
    pd.testing.assert_frame_equal(fetch(server), first)
    frames = [
        fetch(server, indicator="tyottomyysaste"),
        pxweb.statfin(
            "StatFin/avainluvut.px",
            ALL,
            base_url=server.pxweb(),
            limits=QUICK,
            indicator="tyottomyysaste",
        ),
    ]
    pd.testing.assert_frame_equal(frames[0].drop(columns="source"), frames[1].drop(columns="source"))


def test_query_is_a_post_with_codes_and_is_split_by_the_limit(server):
    with StandIn(cells=4) as narrow:
        parts = fetch(narrow)
        posts = [call for call in narrow.calls if call.startswith("POST")]
    assert len(posts) >= 5 and all("outputFormat=json-stat2" in call for call in posts)
    order = ["Alue 2025", "Vuosi"]
    pd.testing.assert_frame_equal(
        parts.sort_values(order, ignore_index=True), fetch(server).sort_values(order, ignore_index=True)
    )


def test_code_list_takes_the_place_of_the_codes(server):
    table = fetch(server, {"Alue": ["*"], "Tiedot": ["M411"], "Vuosi": ["top(1)"]},
                  codelists={"Alue": "agg_maakunnat"})  # fmt: skip
    assert table["Alue 2025"].tolist() == ["MK11", "SK112"] and set(table["Vuosi"]) == {"2023"}
    with pytest.raises(GatherError, match="has no code 'KU297'; it has MK11, SK112"):
        fetch(server, {"Alue": ["KU297"]}, codelists={"Alue": "agg_maakunnat"})
    with pytest.raises(GatherError, match="variable 'Kieli' is not there; the table has Alue 2025, "):
        fetch(server, codelists={"Kieli": "agg_maakunnat"})
    with pytest.raises(GatherError, match="answered 404"):
        fetch(server, codelists={"Alue": "agg_puuttuu"})


def test_tables_are_found_by_words(server):
    found = transport(server).tables("väkiluku")
    assert found["id"].tolist() == [TABLE] and found["lastPeriod"].tolist() == ["2023"]


@pytest.mark.parametrize("fault", ["429-seconds", "429-date", "503-then-200", "reset"])
def test_passing_trouble_in_any_call_is_waited_out(server, fault):
    assert len(fetch(server, fault=fault)) == 18


def test_unknown_table_and_language_are_told(server):
    with pytest.raises(GatherError, match="answered 404; the source has no such indicator or table"):
        pxweb.statfin("puuttuu", ALL, transport=transport(server))
    with pytest.raises(GatherError, match="answered 400"):
        fetch(server, language="ru")


def test_command_needs_an_address_and_stores(server, home):
    select = ["Alue=KU297,KU205", "Tiedot=M162", "Vuosi=range(2022,2023)"]
    told = pxweb.command(TABLE, select, "tyottomyysaste", base_url=server.pxweb2(), version=2, limits=QUICK)
    assert told.files[0].name == "statfin_tyottomyysaste.parquet" and (told.rows, told.missing) == (4, 1)
    about = json.loads(told.files[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert "/api/v2/tables/avainluvut/data" in about["source"]
    with pytest.raises(GatherError, match="no address is known for sure; give it with --base-url"):
        pxweb.command(TABLE, select, version=2)


def test_description_that_is_none_is_refused():
    good = {"label": "t", "id": ["A"], "dimension": {"A": {"category": {"index": {"1": 0}}}}}
    pxweb_v2.check_dataset(good)
    for change, said in (
        ({"id": []}, "describes no table"),
        ({"label": None}, "has no label"),
        ({"dimension": {}}, "variable 'A' has no codes"),
        ({"dimension": {"A": {"category": {"index": ["1", "1"]}}}}, "a code stands twice"),
    ):
        with pytest.raises(GatherError, match=said):
            pxweb_v2.check_dataset(good | change)
    for wrong in ({}, {"values": [{"label": "x"}]}, {"values": [{"code": "1"}, {"code": "1"}]}):
        with pytest.raises(GatherError, match="code list"):
            pxweb_v2.check_codelist(wrong)


def test_roles_elimination_and_labels_come_along():
    content = {
        "label": "t",
        "id": ["Region", "Tid"],
        "role": {"time": ["Tid"], "geo": ["Region"]},
        "dimension": {
            "Region": {"label": "region", "extension": {"elimination": True},
                       "category": {"index": {"00": 0, "01": 1}, "label": {"00": "Riket", "01": "Länet"}}},
            "Tid": {"label": "year", "category": {"index": ["2023", "2022"]}},
        },
    }  # fmt: skip
    made = pxweb_v2.variables_of(content)
    region, time = made["variables"]
    assert region["elimination"] and region["valueTexts"] == ["Riket", "Länet"] and region["place"]
    assert time["time"] and time["valueTexts"] == ["2023", "2022"]
    # A variable that may be summed out is left out; the newest year is the first of this table's list.
    assert resolve(made, {"Tid": ["top(1)"]}, "t") == [("Tid", ("2023",))]


def test_captured_examples_are_read(shared):
    """The specification's examples hold comments and ellipses; the config example is whole."""
    raw = shared / "data" / "raw"
    told = json.loads((raw / "pxapi2_config-response.json").read_text(encoding="utf-8"))
    assert told["maxDataCells"] == 10000 and told["maxCallsPerTimeWindow"] == 30
    text = (raw / "pxapi2_PxAPI-2.yml").read_text(encoding="utf-8")
    for path in ("/tables:", "/tables/{id}/metadata:", "/tables/{id}/data:", "/codelists/{id}:", "/config:"):
        assert f"\n  {path}\n" in text
    assert re.search(r"variableCode:.*?codelist:.*?valueCodes:", text, re.DOTALL)


YEARS = [str(year) for year in range(2000, 2024)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(YEARS), min_size=1, unique=True), st.integers(1, 30), st.booleans())
def test_expressions_are_stretches_of_time_whatever_the_order(years, length, newest_first):
    listed = sorted(years, reverse=newest_first)
    pick = lambda text: set(chosen_codes([text], listed, "t", time=True))  # noqa: E731
    assert pick(f"top({length})") == set(sorted(years)[-length:])
    assert pick(f"bottom({length})") == set(sorted(years)[:length])
    first, last = min(years), max(years)
    assert pick(f"from({first})") == pick(f"to({last})") == pick(f"range({first},{last})") == set(years)
    assert chosen_codes(["*"], listed, "t", time=True) == listed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("top(x)", "expected a whole number such as top"),
        ("top(0)", "expected a whole number"),
        ("range(2021)", "expected from"),
        ("from(1999)", "has no code '1999'; it has 2021, 2022"),
        ("KU*", "has no code 'KU\\*'"),
    ],
)
def test_wrong_expressions_are_told(text, said):
    with pytest.raises(GatherError, match=said):
        chosen_codes([text], ["2021", "2022"], "t: 'Vuosi'", time=True)
