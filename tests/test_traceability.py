"""Every number a reader sees goes back to a released row, a method and a test that exists."""

from __future__ import annotations

import ast
import math
import re
from functools import cache

import numpy as np
import pytest
from built_site import FINNISH, LEADING, ONLY_WORDS, PAGES, PROJECT, address, built
from number_faults import faults, is_written, rows_of

from sosrake_lib import regions
from sosrake_lib.batch import trace as tracing
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.methods import method
from sosrake_lib.influence.page_numbers import loose_numbers, mark_constants, numbers_on_page
from sosrake_lib.language import say

__all__ = ["built"]  # the fixture, for pytest to find here
SEED = 20261122
RANDOM_NUMBERS = 30


@cache
def test_functions(file):
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


test_functions.__test__ = False


MOSTLY_WORDS = ("osallistava_tieto.html", "paatoksentekijan_tietotarve.html", "toteutussuunnitelma.html")


def language_of(place):
    return "en" if place.startswith("en/") else "fi"


@pytest.mark.slow
@pytest.mark.parametrize("place", PAGES)
def test_every_number_of_a_page_is_its_released_row(built, place):
    markup = built.markup(place)
    count = len(numbers_on_page(markup))
    # Pages of methods and of decisions are mostly words; a decision maker's page is one sheet.
    least = 1 if place.endswith(MOSTLY_WORDS) else 10 if place.endswith("paattajakooste.html") else 20
    least = 0 if place.endswith(ONLY_WORDS) else least
    assert count >= least
    assert count == len(tracing.numbers_on(built.site / place))  # two readers, one page
    assert faults(markup, built.output / "releases", language_of(place)) == []


@pytest.mark.slow
@pytest.mark.parametrize("place", [*PAGES, *LEADING])
def test_no_number_of_a_page_is_loose(built, place):
    assert loose_numbers(built.markup(place)).to_dict("records") == []


@pytest.mark.slow
@pytest.mark.parametrize("place", [*PAGES, *LEADING])
def test_no_number_is_typed_into_a_title_heading_or_label(built, place):
    """A label may repeat the caption of a table, whose digits are marked; no other holds a digit."""
    page = built.page(place)
    for element in page.all("title", "h1", "nav"):
        assert not re.search(r"\d", element.text()), element.text()
    told = {" ".join(caption.text().split()) for caption in page.all("caption")}  # read as text already
    for element in page.all():
        for name in ("title", "aria-label"):
            label = " ".join(element.attributes.get(name, "").split())
            assert label in told or not re.search(r"\d", label), label


@pytest.mark.slow
@pytest.mark.parametrize("place", PAGES)
def test_numbers_of_notes_are_their_released_rows(built, place):
    """The list of notes is read apart from the article: every interval and n in it is a row's own."""
    markup = built.markup(place)
    if place.endswith(ONLY_WORDS):
        assert len(numbers_on_page(markup)) == 0
        return
    section = markup[markup.index('<ol class="alkuperat">') :]
    assert len(numbers_on_page(section)) == section.count('class="luku"')
    assert faults(section, built.output / "releases", language_of(place)) == []


# Kinds of page that show a figure of another area beside the area's own.
COMPARING = {
    *("aloitus.html", "alueprofiili.html", "hyvinvointikertomus.html", "indikaattorit.html"),
    *("infograafi.html", "infograafi_asukas.html", "mediasuunnitelma.html", "paattajakooste.html"),
    "palvelutarpeen_arvioinnit.html",
}


@pytest.mark.slow
def test_a_figure_of_comparison_leads_to_a_note_of_the_area_compared_with(built):
    """Country, county or like municipalities: the note names that area, and its interval and n."""
    kinds, told = set(), 0
    for place in PAGES:
        page, language = built.page(place), language_of(place)
        lines = {one.attributes["id"]: one for one in page.all("li") if "id" in one.attributes}
        for link in page.all("a"):
            shown = [one for one in link.all("span") if "data-result" in one.attributes]
            if "lahde" not in link.classes or not shown:
                continue
            result, _, column = shown[0].attributes["data-result"].rpartition(":")
            line = lines[link.attributes["href"].removeprefix("#")]
            rows = rows_of(built.output / "releases", line.attributes["data-release"])
            if column != "reference_value" or not rows[result].get("reference_level"):
                continue
            _is_note_of(line, rows[result], rows, language)
            kinds.add(place.rpartition("/")[2])
            told += 1
    assert kinds >= COMPARING
    assert told > 100


def _is_note_of(line, compared, rows, language):
    """Check that a line of the list of notes names the area compared with and holds its interval and n."""
    area = (compared["reference_level"], compared["reference_code"])
    whole = "whole country" if language == "en" else "koko maa"
    name = whole if area == ("maa", "SSS") else regions.name(*area, language=language)
    assert name.casefold() in line.text().casefold(), line.text()
    behind = [one.attributes["data-result"] for one in line.all("span") if "data-result" in one.attributes]
    for result in behind:
        row = rows[result.rpartition(":")[0]]
        assert (row["region_level"], row["region_code"]) == area
        assert row["value"] == compared["reference_value"]
    assert len(behind) in (0, 1, 3)
    lacking = {0: 2, 1: 1, 3: 0}[len(behind)]  # no interval, no n
    assert line.text().count(say("site.note.not_given", language)) == lacking


@pytest.mark.slow
def test_every_release_keeps_the_rows_of_the_areas_compared_with(built):
    """Also of releases whose pages show no such figure today: a new page finds its note there."""
    compared = 0
    for folder in (built.output / "releases").iterdir():
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        rows = rows_of(built.output / "releases", folder.name)
        for row in rows.values():
            if row.get("reference_level") and row.get("reference_value") == row.get("reference_value"):
                assert reference_of(row, rows.values())["value"] == row["reference_value"]
                compared += 1
    assert compared > 1000


# Pictures without a figure on any axis, and what they show instead.
NO_RANGE = {
    "Keksitty esimerkkiaineisto. Kuvio vaikutusketjusta": "boxes and arrows; figures stand as words in them",
    "Kuvio: Päätösten vuosikello": "months in which bodies decide; nothing is measured",
    "Keksitty esimerkkiaineisto. Aikajana": "days of plans, told as days; nothing is measured",
}
# A range of an alternative text: its two ends, with the unit after them.
RANGE = re.compile(
    r"(?:välillä|between) (−?\d[\d\s.,]*?)(?:–| and )(−?\d(?:[\d\u00a0]|[.,]\d)*(?:\u00a0?%)?)"
)


@pytest.mark.slow
@pytest.mark.parametrize("place", PAGES)
def test_what_a_picture_is_told_to_show_stands_in_its_table(built, place):
    """The range or the figures in an alternative text are released figures of the table after the picture."""
    language = language_of(place)
    for figure in built.page(place).all("figure"):
        (picture,) = figure.all("img")
        alt = picture.attributes["alt"]
        told = [end for ends in RANGE.findall(alt) for end in ends]
        if alt.startswith(tuple(NO_RANGE)):
            assert "taulukossa" in alt, alt
            continue
        values = [
            float(rows_of(built.output / "releases", release)[result.rpartition(":")[0]]["value"])
            for release, result in _results(figure.following())
        ]
        if told:
            assert all(any(is_written(value, end, language) for value in values) for end in told), alt
            continue
        # A picture of many areas names some figures instead; each stands in the table.
        named = re.findall(r"(−?\d+(?:[.,]\d+)?)\s?%", alt)
        assert named, alt
        beside = [
            float(rows_of(built.output / "releases", release)[result.rpartition(":")[0]]["reference_value"])
            for release, result in _results(figure.following())
            if result.endswith(":reference_value")
        ]
        for text in named:
            assert any(is_written(value, text, language) for value in [*values, *beside]), f"{text}: {alt}"


def _results(beside):
    """Give (release, result) of the figures themselves in a table, not of their limits."""
    (table,) = [one for one in (beside, *beside.all("div")) if "data-release" in one.attributes]
    results = [one.attributes["data-result"] for one in table.all("span") if "data-result" in one.attributes]
    return [(table.attributes["data-release"], result) for result in results]


@pytest.mark.slow
def test_each_method_behind_a_number_has_a_test_that_exists(built):
    """One number of each kind is traced: its release, column and what the row says of its making."""
    kinds = {}
    for place in PAGES:
        for shown in tracing.numbers_on(built.site / place):
            row = rows_of(built.output / "releases", shown.release_id)[shown.result_id]
            made = [str(row.get(name)) for name in ("origin", "method", "difference_method")]
            kinds[(shown.release_id, shown.column, *made)] = (place, shown)
    assert len(kinds) > 30
    for place, shown in kinds.values():
        (traced,) = tracing.trace(built.site / place, shown.result, PROJECT, output=built.output)
        _check_method(traced)
        assert traced.source["producer"]
        assert traced.source["source"]
        assert traced.source["licence"]


def _check_method(traced):
    key = re.search(r"\((\w+)\)$", traced.method["name"])[1]
    assert method(key).formula == traced.method["formula"]
    assert traced.method["tests"]
    for node in traced.method["tests"]:
        file, _, name = node.partition("::")
        assert name in test_functions(file), node


@pytest.mark.slow
def test_published_figure_is_not_said_to_be_made_by_the_method_of_its_interval(built):
    page = built.site / address("kunta-697/alueprofiili")
    of_origin = {"published": "published", "own": "sum_of_municipalities"}
    seen = {}
    for shown in tracing.numbers_on(page):
        rows = rows_of(built.output / "releases", shown.release_id)
        row = rows[shown.result_id]
        if row["origin"] == "published" and row.get("method") == "wilson":
            reference = reference_of(row, rows.values()) if shown.column == "reference_value" else None
            expected = {
                "value": "published",
                "reference_value": reference and of_origin[reference["origin"]],
                "lower": "wilson",
                "upper": "wilson",
                "difference": "newcombe",
            }
            if shown.column in expected:
                seen[(shown.column, expected[shown.column])] = shown.result
    assert {column for column, _ in seen} == {"value", "reference_value", "lower", "upper", "difference"}
    assert ("reference_value", "sum_of_municipalities") in seen
    for (_, key), result in seen.items():
        (traced,) = tracing.trace(page, result, PROJECT, output=built.output)
        assert f"({key})" in traced.method["name"]


def reference_of(row, rows):
    """Give the row of the area a row is compared with."""
    area = (row["reference_level"], row["reference_code"])
    key = ("indicator", "period", "sex", "age", "group")
    return next(
        other
        for other in rows
        if (other["region_level"], other["region_code"]) == area
        and all(other[name] == row[name] for name in key)
        and other["value"] == row["reference_value"]
    )


@pytest.mark.slow
def test_random_numbers_are_traced_as_a_reader_would(built):
    """`sosrake trace PAGE NUMBER` finds the row of numbers drawn from all pages, by text and by name."""
    everything = [(key, shown) for key in FINNISH for shown in tracing.numbers_on(built.site / address(key))]
    rng = np.random.default_rng(SEED)
    for place in rng.choice(len(everything), size=RANDOM_NUMBERS, replace=False):
        key, shown = everything[place]
        page = address(key).removesuffix(".html")
        (by_name,) = tracing.trace(page, shown.result, PROJECT, output=built.output)
        # by text the same number may stand for many results; its own is among them
        numbers = tracing.read_number(shown.text)
        by_text = tracing.trace(built.site / address(key), shown.text, PROJECT, output=built.output)
        assert shown.result in {one.shown.result for one in by_text}
        assert all(set(numbers) <= set(tracing.read_number(one.shown.text)) for one in by_text)
        row = rows_of(built.output / "releases", shown.release_id)[shown.result_id]
        assert math.isclose(by_name.row[shown.column], row[shown.column], rel_tol=0, abs_tol=0)
        _check_method(by_name)
        told = "\n".join(by_name.lines("fi"))
        for words in ("Luku: ", "Julkaisu: ", "Lähde: ", "Menetelmä: ", "Testit: tests/test_", "Rivi: "):
            assert words in told


@pytest.mark.slow
def test_a_changed_page_is_caught(built):
    """What is checked above can fail: a digit, a name of a row and a written figure, each changed once."""
    place = address("kunta-697/alueprofiili")
    markup, folder = built.markup(place), built.output / "releases"
    one = re.search(r'data-result="([^"]+):value">(\d+),(\d)', markup)
    other = str((int(one[3]) + 1) % 10)
    digit = markup[: one.start(3)] + other + markup[one.end(3) :]
    assert len(faults(digit, folder, "fi")) == 1
    renamed = markup.replace(one[1], one[1][:-1] + "x")
    assert any("no such row" in fault for fault in faults(renamed, folder, "fi"))
    written = markup.replace("<article>", "<article><p>Asiakkaita oli 12.</p>")
    assert loose_numbers(written)["text"].tolist() == ["12"]
    caption = re.sub(r"<figcaption>[^<]*", "<figcaption>Luku on 7", markup, count=1)
    assert loose_numbers(caption)["text"].tolist() == ["7"]
    with pytest.raises(SosrakeError, match="ei ole sivulla tuloksena"):
        tracing.trace(built.site / place, "123456789", PROJECT, output=built.output)


@pytest.mark.parametrize(
    "text",
    [
        "Tiedot ovat vuodelta ja vuonna 2020 annettuja.",
        "vuosina 2015–2023",
        "Sosiaalihuoltolain 11 §:n mukaan",
        "laki 1301/2014",
        "In 2023 and by section 11 of the Act",
        "Huono-osaisuusindeksissä 100 on keskimmäinen",
    ],
)
def test_years_laws_and_index_bases_are_constants_of_written_text(text):
    assert loose_numbers(f"<article><p>{mark_constants(text)}</p></article>").empty


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("Asiakkaita oli 12.", ["12"]),
        ("Osuus on 9,9 % ja 2020 asiakasta", ["9,9", "2020"]),
        ("vuonna 2020 oli 4 asiakasta", ["4"]),
        ("hinta 100 euroa", ["100"]),
        ("kohdassa 3/4", ["3", "4"]),
    ],
)
def test_a_figure_typed_into_written_text_is_loose(text, loose):
    assert loose_numbers(f"<article><p>{mark_constants(text)}</p></article>")["text"].tolist() == loose


def test_marking_leaves_addresses_alone():
    markup = '<p><a href="x/in 2020/1301/2014">sivu</a> 11 §</p>'
    assert mark_constants(markup).startswith('<p><a href="x/in 2020/1301/2014">sivu</a> <span data-constant')


@pytest.mark.parametrize(
    ("value", "text", "language", "same"),
    [
        (9.94, "9,9\u00a0%", "fi", True),
        (9.96, "9,9\u00a0%", "fi", False),
        (1234.4, "1\u00a0234", "fi", True),
        (1234.4, "1,234", "en", True),
        (-0.66, "−0,7", "fi", True),
        (0.66, "−0,7", "fi", False),
        (float("nan"), "1", "fi", False),
        (1.0, "yksi", "fi", False),
    ],
)
def test_reading_what_is_written(value, text, language, same):
    assert is_written(value, text, language) is same


def test_method_of_each_column_is_its_own():
    row = {"origin": "published", "method": "wilson", "difference_method": "newcombe"}
    keys = {
        column: tracing._method_key(row, column)
        for column in ("value", "numerator", "lower", "upper", "difference", "difference_lower")
    }
    assert keys == {
        "value": "published",
        "numerator": "published",
        "lower": "wilson",
        "upper": "wilson",
        "difference": "newcombe",
        "difference_lower": "newcombe",
    }
    own = {"origin": "own", "method": "byar"}
    assert tracing._method_key(own, "value") == "sum_of_municipalities"
    assert tracing._method_key({"origin": "own", "method": "share_of_planned"}, "value") == "share_of_planned"
    assert tracing._method_key({"origin": "synthetic", "method": "wilson"}, "value") == "wilson"
    assert "published" in tracing._method(row, "reference_value", "fi", {"origin": "published"})["name"]
