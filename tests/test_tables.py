"""Tables: headings, traced numbers, one mark for what is hidden."""

from __future__ import annotations

import re

import pytest
from figures_for_reading import plain_release, released, source

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import rates
from sosrake_lib.influence import tables
from sosrake_lib.influence.page_numbers import loose_numbers, numbers_on_page
from sosrake_lib.protect import protected_frame


@pytest.fixture(scope="module")
def figures():
    return released()


@pytest.fixture(scope="module")
def levels(figures):
    selection = figures.select("taso", period="2019")
    return tables.table(selection, ("value", "interval", "numerator"), "Työttömyys kunnittain 2019")


def test_structure_can_be_heard(levels):
    assert levels.html.count("<caption>") == 1
    assert levels.html.count('<th scope="col">') == 4
    assert levels.html.count('<th scope="row">') == 6
    assert 'tabindex="0"' in levels.html
    assert 'role="region"' in levels.html


def test_the_one_period_of_all_figures_is_said_in_the_caption(figures, levels):
    undated = tables.table(figures.select("taso", period="2019"), ("value",), "Työttömyys kunnittain.")
    assert undated.caption == "Työttömyys kunnittain, 2019"
    assert levels.caption == "Työttömyys kunnittain 2019", "a period that is there is not said twice"
    assert loose_numbers(undated.html).empty


def test_indicators_stand_in_the_order_of_the_catalogue():
    from sosrake_lib import catalogue, protect
    from sosrake_lib.batch import recipes

    made = protect.release(recipes.area_indicators(None), name="alueindikaattorit", preview=True)
    chosen = made.select("vertailu", region=("kunta", "297"))
    indicator_of = protected_frame(chosen).set_index("result_id")["indicator"]
    shown = numbers_on_page(tables.table(chosen, ("value",), "Luvut").html)["result"]
    known = [one.key for one in catalogue.indicators()]
    places = [known.index(indicator_of[reference.split(":")[0]]) for reference in shown]
    assert len(places) > 10
    assert places == sorted(places)


def test_regions_stand_by_name_and_the_country_last(levels):
    assert levels.plain["Alue"].tolist() == [
        "Iisalmi",
        "Kaavi",
        "Kuopio",
        "Leppävirta",
        "Siilinjärvi",
        "koko maa",
    ]


def test_every_number_is_traced_to_its_row(figures, levels):
    rows = protected_frame(figures.select("taso", period="2019")).set_index("result_id")
    found = numbers_on_page(levels.html)
    assert len(found) == 4 * 4  # four areas with value, two limits and a number
    assert loose_numbers(levels.html).empty
    for text, reference, release in found.itertuples(index=False):
        result, column = reference.split(":")
        value = float(text.replace("\u00a0", "").replace("%", "").replace(",", ".").replace("−", "-"))
        # Half a unit of the last shown decimal.
        assert value == pytest.approx(rows.at[result, column], abs=0.0501 if column != "numerator" else 0.5)
        assert release == figures.id


def test_a_hidden_row_shows_one_mark_and_nothing_else(levels):
    line = re.search(r"<tr><th scope=\"row\">Leppävirta</th>(.*?)</tr>", levels.html).group(1)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", line)
    assert len(set(cells)) == 1
    assert tables.HIDDEN_MARK in cells[0]
    assert "suojattu" in cells[0]
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", line))
    assert "data-result" not in line


def test_absent_has_another_word_and_both_are_explained(levels):
    assert levels.plain.loc[levels.plain["Alue"] == "Kaavi", "Luku"].item() == "ei julkaistu"
    assert "Puuttuva luku ei ole nolla" in levels.html
    assert "jotta ketään ei voi tunnistaa" in levels.html


def test_a_dimension_may_lie_across(figures):
    wide = tables.table(figures.select("taso"), ("value",), "Työttömyys", across="period")
    assert wide.plain.columns.tolist() == ["Alue", "2017", "2018", "2019"]
    assert wide.plain.loc[wide.plain["Alue"] == "Kuopio", "2019"].item() == "9,9\u00a0%"
    assert loose_numbers(wide.html).empty


def test_verdicts_are_words(figures):
    compared = tables.table(
        figures.select("ero", period="2019"), ("value", "difference", "difference_interval", "verdict"), "Ero"
    )
    last = compared.plain.set_index("Alue").iloc[:, -1]
    assert last.to_dict() == {
        "Iisalmi": "ei osoitettua eroa",
        "Kaavi": "ei julkaistu",
        "Kuopio": "suurempi",
        "Leppävirta": "•• suojattu",
        "Siilinjärvi": "pienempi",
    }
    assert "−2,6 – −1,6" in compared.plain.to_string()


def test_english_has_english_numbers(figures):
    told = tables.table(figures.select("taso", period="2019"), ("value",), "Unemployment", "en")
    assert "9.9%" in told.plain["Figure"].tolist()


def test_markup_in_words_is_text(figures):
    told = tables.table(figures.select("taso", period="2019"), ("value",), '<script>"x"</script>')
    assert "<script>" not in told.html


def test_messages(figures):
    selection = figures.select("taso", period="2019")
    with pytest.raises(SosrakeError, match="no caption"):
        tables.table(selection, ("value",), " ")
    with pytest.raises(SosrakeError, match="has no heading"):
        tables.table(selection, ("break_before",), "x")
    twice = plain_release(rates.proportion(source(), confidence=(0.95, 0.99)))
    with pytest.raises(SosrakeError, match="would share one cell"):
        tables.table(twice.select(), ("value",), "x")
    with pytest.raises(SosrakeError, match="no row"):
        tables.table(figures.select("taso", period="1999"), ("value",), "x")


def test_a_column_shown_once_must_be_one_figure(figures):
    selection = figures.select("taso")
    with pytest.raises(SosrakeError, match="'value' is not one figure on the line"):
        tables.table(selection, ("numerator",), "Työttömyys", across="period", once=("value",))
    with pytest.raises(SosrakeError, match=r"across 'luokka'; expected one of .*point"):
        tables.table(selection, ("value",), "Työttömyys", across="luokka")
