"""What a note tells of a figure of comparison: the area compared with, and never the page's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from figures_for_reading import AREAS, COUNTRY, released, source

from sosrake_lib import protect
from sosrake_lib.batch.area_rows import references_of
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import comparison, rates
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.number_notes import ReleasedRows, method_key, notes_behind
from sosrake_lib.influence.pages import Page, PageContext
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.site_notes import noted

NBSP = "\u00a0"


def compared_with_country() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give Kuopio's rate of 2019 compared with the country, and every row."""
    rows = rates.proportion(source())
    rows = rows.loc[rows["period"] == "2019"]
    compared = comparison.against(rows, rows.loc[rows["region_level"] == "maa"])
    return compared.loc[compared["region_code"] == "297"], compared


def release_of(**parts: pd.DataFrame) -> protect.Release:
    made = {name: protect.part(rows, "avoin") for name, rows in parts.items()}
    return protect.release(made, name="koe", preview=True)


def shown(release: protect.Release, column: str = "reference_value", text: str = f"9,2{NBSP}%") -> Page:
    """Give a page of one number of the part `ero`."""
    row = protect.protected_frame(release.select("ero", region=("kunta", "297"))).iloc[0]
    number = f'<span data-result="{row["result_id"]}:{column}">{text}</span>'
    body = f'<p data-release="{release.id}">Luku on {number}.</p>'
    return Page(PageContext("koe", "Koe", 2026), body, Facts(), (release.id,))


def held(release: protect.Release) -> ReleasedRows:
    return ReleasedRows(Path(), _opened={release.id: release})


def test_the_note_of_a_comparison_is_of_the_area_compared_with():
    own, every = compared_with_country()
    release = release_of(ero=own, vertailukohta=references_of(own, every))
    page = shown(release)
    (behind,) = notes_behind(page, held(release)).values()
    assert (behind.row["region_level"], behind.row["region_code"]) == ("maa", "SSS")
    assert behind.note.area == "koko maa" and behind.note.period == "2019"
    # Wilson's interval of 239 200 in 2 600 000, by the formula of the interval (Wilson 1927).
    share, size, z = COUNTRY[1] / 100, COUNTRY[0], 1.959964
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * (share * (1 - share) / size + z**2 / (4 * size**2)) ** 0.5
    ends = [f"{100 * end:.1f}".replace(".", ",") for end in (middle - half, middle + half)]
    assert behind.note.interval == f"{ends[0]}–{ends[1]}{NBSP}%"
    assert behind.note.n == f"2{NBSP}600{NBSP}000"
    assert behind.note.text("fi").startswith("Alue: koko maa. Lähde: ")
    section = noted(page.body, {(release.id, behind.result): behind}, "fi").section
    assert "koko maa, 2019" in section and "Kuopio" not in section


def test_a_comparison_without_its_row_stops_and_never_takes_the_areas_own():
    own, _ = compared_with_country()
    release = release_of(ero=own)
    with pytest.raises(SosrakeError, match=r"is compared with maa-SSS, whose tyottomyysaste of 2019"):
        notes_behind(shown(release), held(release))
    text = f"9,9{NBSP}%"
    (behind,) = notes_behind(shown(release, "value", text), held(release)).values()
    assert behind.row["region_code"] == "297" and behind.note.area == ""


def test_a_row_with_another_figure_is_not_taken_for_the_reference():
    own, every = compared_with_country()
    wrong = references_of(own, every).assign(value=8.8)
    release = release_of(ero=own, vertailukohta=wrong)
    with pytest.raises(SosrakeError, match=r"keep it by area_rows\.references_of"):
        notes_behind(shown(release), held(release))


def test_what_a_source_does_not_give_of_the_reference_is_said():
    own, every = compared_with_country()
    lacking = ["numerator", "denominator", "lower", "upper", "confidence", "statistic", "method"]
    bare = references_of(own, every)
    bare = bare.drop(columns=[name for name in lacking if name in bare])
    release = release_of(ero=own, vertailukohta=bare)
    page = shown(release)
    behind = notes_behind(page, held(release))
    (note,) = (one.note for one in behind.values())
    assert note.interval == note.n == "lähde ei julkaise"
    section = noted(page.body, behind, "fi").section
    assert section.count("lähde ei julkaise") == 2


def test_references_are_those_of_the_same_figure_and_each_once():
    rows = rates.proportion(source())
    every = comparison.against(rows, rows.loc[rows["region_level"] == "maa"])
    municipal = every.loc[every["region_level"] == "kunta"]
    found = references_of(municipal, every)
    assert list(found["period"]) == ["2017", "2018", "2019"]
    assert set(found["region_code"]) == {"SSS"}
    assert len(references_of(municipal.loc[municipal["period"] == "2018"], every)) == 1
    assert references_of(municipal.iloc[:0], every).empty
    assert len(AREAS) == municipal["region_code"].nunique()


def test_nothing_hidden_needs_no_words():
    """Only a page that hides figures of the measure says how many: the rest would repeat one sentence."""
    release = released()
    row = protect.protected_frame(release.select("taso", region=("kunta", "297"), period="2019")).iloc[0]
    body = f'<p data-release="{release.id}"><span data-result="{row["result_id"]}:value">9,9</span></p>'
    context = PageContext("koe", "Koe", 2026)
    quiet = Page(context, body, Facts(), (release.id,))
    (behind,) = notes_behind(quiet, held(release)).values()
    assert behind.note.hidden == ""
    assert "Mitä ei näytetä" not in noted(body, {(release.id, behind.result): behind}, "fi").section
    marked = Page(context, body, Facts(hidden=(("tyottomyysaste|kunta|420", "suppressed"),)), (release.id,))
    (behind,) = notes_behind(marked, held(release)).values()
    assert behind.note.hidden == "Tästä mittarista on sivulla suojattu yksi luku"


def test_a_known_truth_is_given_and_not_found_by_a_method():
    truth = {"origin": "synthetic", "method": "difference_in_differences", "reference_level": ""}
    assert method_key(truth, "reference_value") == "given"
    assert method_key(truth, "value") == "difference_in_differences"


def test_a_number_of_a_sentence_is_not_named_by_the_table_above_it():
    """A row without a name of its own takes the table row's it stands in; a sentence stands in none."""
    own, _ = compared_with_country()
    release = release_of(ero=own)
    page = shown(release, "value", f"9,9{NBSP}%")
    (found,) = notes_behind(page, held(release)).values()
    unnamed = Row(found.row.release_id, False, {**found.row.columns, "indicator": "oma"})
    behind = {(release.id, found.result): replace(found, row=unnamed)}
    number = f'<span data-result="{found.result}">9,9{NBSP}%</span>'
    row = f'<table><tbody><tr><th scope="row">Viimeinen rivi</th><td>{number}</td></tr></tbody></table>'
    table = f'<div data-release="{release.id}">{row}</div>'
    assert ">Viimeinen rivi</span></a>" in noted(table, behind, "fi").section
    after = '<table><tr><th scope="row">Viimeinen rivi</th></tr></table>'
    section = noted(after + page.body, behind, "fi").section
    assert "Viimeinen rivi" not in section and ">Luku</span></a>" in section


def test_an_interval_with_a_minus_keeps_it_apart_from_the_dash():
    own, _ = compared_with_country()
    release = release_of(ero=own.assign(lower=-0.4, value=0.1, upper=0.6, reference_value=0.2))
    page = shown(release, "value", "0,1")
    section = noted(page.body, notes_behind(page, held(release)), "fi").section
    assert f"−0,4</span>{NBSP}–{NBSP}<span" in section
    (behind,) = notes_behind(page, held(release)).values()
    assert behind.note.interval == f"−0,4{NBSP}–{NBSP}0,6"


@pytest.mark.parametrize(
    ("figures", "told"),
    [((10.54, 13.86, -3.32), True), ((9.9, 9.2, 0.7), False), ((9.9, 9.2, 1.08), False)],
)
def test_a_difference_of_unrounded_figures_is_said_to_be_one(figures, told):
    """10,5 less 13,9 reads as -3,4 while the page says -3,3; a ratio (the last) is no difference at all."""
    own, _ = compared_with_country()
    value, reference, difference = figures
    release = release_of(ero=own.assign(value=value, reference_value=reference, difference=difference))
    (behind,) = notes_behind(shown(release, "difference", "−3,3"), held(release)).values()
    assert ("pyöristämättömistä luvuista" in behind.note.method) == told


def test_a_share_and_the_ends_of_its_interval_have_one_interval_in_their_notes():
    own, every = compared_with_country()
    release = release_of(ero=own, vertailukohta=references_of(own, every))
    told = [
        next(iter(notes_behind(shown(release, *one), held(release)).values())).note.interval
        for one in (("value", f"9,9{NBSP}%"), ("lower", "9,7"), ("upper", "10,1"))
    ]
    assert told == [f"9,7–10,1{NBSP}%"] * 3


def test_how_many_a_figure_was_chosen_from_is_no_estimate_with_an_interval():
    row = {"origin": "published", "method": "wilson"}
    assert method_key(row, "chosen_from") == "chosen_from"


def test_the_interval_of_a_share_is_not_said_to_be_of_its_count():
    """Of 9 in 62 the interval is that of 14,5 per cent: as a note of the 9 it read as 8 to 25 people."""
    own, _ = compared_with_country()
    release = release_of(ero=own)
    found = {
        column: next(iter(notes_behind(shown(release, column, text), held(release)).values()))
        for column, text in (("value", f"9,9{NBSP}%"), ("numerator", "5 800"))
    }
    assert found["value"].note.interval and found["value"].limits == ("lower", "upper")
    assert found["numerator"].note.interval == "" and found["numerator"].limits is None
    assert found["numerator"].note.n == found["value"].note.n
    counted = release_of(ero=own.assign(value=own["numerator"], lower=1.0, upper=9e4))
    (of_count,) = notes_behind(shown(counted, "numerator", "5 800"), held(counted)).values()
    assert of_count.note.interval == f"1–90{NBSP}000"
