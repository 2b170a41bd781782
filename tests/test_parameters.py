"""What a notebook may be asked: types, limits, regions and address lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosrake_lib import parameters
from sosrake_lib.errors import ParameterError

TABLE = """
["x/koe".alue_taso]
type = "choice"
allowed = ["kunta", "hva"]
default = "kunta"
label_fi = "Taso"
label_en = "Level"

["x/koe".alue_koodi]
type = "region"
level = "alue_taso"
within = "alue51"
default = "297"
label_fi = "Alue"
label_en = "Region"

["x/koe".vuosi]
type = "integer"
low = 2011
high = 2026
default = 2019
label_fi = "Vuosi"
label_en = "Year"

["x/koe".kerroin]
type = "number"
default = 1.5
label_fi = "Kerroin"
label_en = "Factor"

["x/koe".sarjat]
type = "boolean"
default = true
label_fi = "Sarjat"
label_en = "Series"

["x/koe".jakso]
type = "period"
default = "2018/2020"
label_fi = "Jakso"
label_en = "Period"

["x/koe".tunnus]
type = "text"
pattern = "[a-z]*"
default = ""
label_fi = "Tunnus"
label_en = "Id"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "parameters.toml").write_text(TABLE, encoding="utf-8")
    return folder


def check(place, **values):
    return parameters.check("x/koe", values, project=place, language="en")


def test_defaults_and_given_values(place):
    checked = check(place, alue_koodi="046", vuosi=2020)
    assert checked == {
        "alue_taso": "kunta",
        "alue_koodi": "046",
        "vuosi": 2020,
        "kerroin": 1.5,
        "sarjat": True,
        "jakso": "2018/2020",
        "tunnus": "",
    }


def test_unknown_parameter_names_the_allowed_ones(place):
    with pytest.raises(
        ParameterError, match="x/koe: unknown parameter alue; allowed are alue_taso, alue_koodi, vuosi"
    ):
        check(place, alue="297")


def test_unknown_notebook_names_the_known_ones(place):
    with pytest.raises(ParameterError, match="notebook y has no table; known are x/koe"):
        parameters.check("y", {}, project=place, language="en")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("vuosi", "2019", "a whole number"),
        ("vuosi", True, "a whole number"),
        ("vuosi", 2019.0, "a whole number"),
        ("vuosi", 2010, "a number from 2011 to 2026"),
        ("vuosi", 2027, "a number from 2011 to 2026"),
        ("kerroin", float("nan"), "a number"),
        ("kerroin", "1,5", "a number"),
        ("kerroin", False, "a number"),
        ("sarjat", 1, "true or false"),
        ("jakso", "2019-13", "a period such as 2019"),
        ("jakso", 2019, "a period such as 2019"),
        ("tunnus", "A", r"text of the form \[a-z\]\*"),
        ("alue_taso", "maakunta", "one of kunta, hva"),
        ("alue_taso", 3, "one of the allowed values"),
        ("alue_koodi", 297, "a region code as text, zeros kept"),
        ("alue_koodi", None, "a region code as text, zeros kept"),
    ],
)
def test_wrong_value_says_what_was_expected(place, name, value, expected):
    with pytest.raises(ParameterError, match=f"parameter {name} cannot be .*; expected {expected}"):
        check(place, **{name: value})


def test_ceased_municipality_leads_to_its_successor(place):
    # Pertunmaa (588) joined Mäntyharju (507) on 1 January 2025
    with pytest.raises(ParameterError, match=r"no region kunta 588.*Mäntyharju \(507\)"):
        check(place, alue_koodi="588")


def test_level_and_code_are_read_together(place):
    # hva 12 is Etelä-Savo; as a municipality code 12 is nothing
    assert check(place, alue_taso="hva", alue_koodi="12")["alue_koodi"] == "12"
    with pytest.raises(ParameterError, match="no region kunta 12"):
        check(place, alue_koodi="12")


def test_region_outside_the_set_is_refused_and_the_invented_one_is_not(place):
    with pytest.raises(ParameterError, match="region kunta 091 is not in the set alue51"):
        check(place, alue_koodi="091")
    assert check(place, alue_taso="hva", alue_koodi="E1")["alue_koodi"] == "E1"


def test_messages_are_finnish_by_default(place):
    with pytest.raises(ParameterError, match="tuntematon parametri b; sallitut ovat"):
        parameters.check("x/koe", {"b": 1}, project=place)


def test_address_line(place):
    query = "?alue_koodi=046&vuosi=2020&kerroin=2%2C5&sarjat=ei"
    read = parameters.from_query("x/koe", query, project=place)
    assert (read["alue_koodi"], read["vuosi"], read["kerroin"], read["sarjat"]) == ("046", 2020, 2.5, False)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("vuosi=2019&vuosi=2020", "vuosi stands twice"),
        ("vuosi=kaksi", "expected a whole number"),
        ("vuosi=", "expected a whole number"),
        ("sarjat=ehkä", "expected true or false"),
        ("<script>=1", "unknown parameter <script>"),
    ],
)
def test_wrong_address_line(place, query, message):
    with pytest.raises(ParameterError, match=message):
        parameters.from_query("x/koe", query, project=place, language="en")


@given(
    vuosi=st.integers(2011, 2026),
    kerroin=st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
    sarjat=st.booleans(),
    tunnus=st.text("abcz", max_size=5),
)
def test_address_line_gives_back_what_it_was_made_of(place, vuosi, kerroin, sarjat, tunnus):
    checked = check(place, vuosi=vuosi, kerroin=kerroin, sarjat=sarjat, tunnus=tunnus)
    assert parameters.from_query("x/koe", parameters.to_query(checked), project=place) == checked


@given(st.text(max_size=60))
def test_any_address_line_is_read_or_refused(place, query):
    try:
        parameters.from_query("x/koe", query, project=place)
    except ParameterError as refusal:
        assert "x/koe" in str(refusal)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            'type = "colour"\ndefault = ""\nlabel_fi = ""\nlabel_en = ""',
            "type 'colour'; expected one of text",
        ),
        ('type = "text"\ndefault = ""\nlabel_fi = ""', "label_en is missing"),
        (
            'type = "text"\ndefault = ""\nlabel_fi = ""\nlabel_en = ""\nlow = 1',
            "low means nothing for type text",
        ),
        ('type = "choice"\ndefault = ""\nlabel_fi = ""\nlabel_en = ""', "a choice needs its allowed values"),
        ('type = "region"\ndefault = ""\nlabel_fi = ""\nlabel_en = ""', "a region needs its level"),
    ],
)
def test_declaration_that_does_not_hold(tmp_path, table, message):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "parameters.toml").write_text(f"[koe.a]\n{table}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        parameters.definitions("koe", project=tmp_path)


def test_shipped_declarations_hold(project):
    for notebook in parameters.notebooks(project):
        checked = parameters.check(notebook, {}, project=project)
        for one in parameters.definitions(notebook, project=project):
            assert one.label("fi") and one.label("en") and one.name in checked
