"""One A4 that is promised: it holds with the longest texts, every word stays, and what cannot fit is told."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from document_pages import RELEASE, figure, page, png
from pdf_structure import Structure, faults
from pypdf import PdfReader

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.chart_style import LEAST, LEAST_IN_PRINT
from sosrake_lib.influence.documents import Heading, NumberNote, Paragraph, Run, page_picture, to_pdf
from sosrake_lib.influence.documents.one_page import FITS, beside, methods_by_kind, short

LONG = "Hyvinvointialue ja kunnat sopivat asumisneuvonnan pysyvästä järjestämisestä. "


def infographic(sections: int, language: str = "fi", key: str = "infograafi"):
    """Make a page of a panel, a list, a map and sections of text after them."""
    points = "".join(f"<li>Kohta {place}: luku on suurempi kuin koko maassa.</li>" for place in range(7))
    told = "".join(
        f"<h2>Osa {place}</h2><p>Alku {place}. {LONG * 4}Loppu {place}.</p>" for place in range(sections)
    )
    panel, tall = (figure(picture=png(832, high)) for high in (240, 560))
    made = page(f"<h2>Havainto</h2>{panel}<ul>{points}</ul><h2>Vertailu</h2>{tall}{told}")
    name = "Vantaan ja Keravan hyvinvointialue"
    context = replace(made.context, key=key, region_name=name, language=language)
    return replace(made, context=context)


def sheets(pdf: bytes) -> list[str]:
    return [one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(("sections", "language"), [(1, "fi"), (4, "fi"), (4, "en"), (5, "fi")])
@pytest.mark.parametrize("key", ["infograafi_asukas", "paattajakooste"])
def test_the_promised_page_is_one_and_holds_every_word(sections, language, key):
    pdf = to_pdf(infographic(sections, language, key))
    (text,) = sheets(pdf)
    read = re.sub(r"\s+", " ", text)
    wanted = [*(f"Kohta {place}" for place in range(7))]
    wanted += [f"{end} {place}." for place in range(sections) for end in ("Alku", "Loppu")]
    assert [one for one in wanted if one not in read] == []
    places = [read.index(one) for one in wanted]
    assert places == sorted(places)  # columns are read down, the first one first
    assert faults(pdf) == []


def test_headings_in_columns_keep_their_order_and_level():
    tree = Structure(to_pdf(infographic(5))).root
    assert len(tree.every("H2")) >= 7 and len(tree.every("Figure")) == 2


def test_what_cannot_fit_is_an_error_and_never_two_sheets():
    with pytest.raises(SosrakeError, match="yhdelle A4-arkille"):
        to_pdf(infographic(20))
    with pytest.raises(SosrakeError, match="one A4 sheet"):
        to_pdf(infographic(20, "en"))


KELA = {"source": "Kela", "period": "2019"}
NOTES = {
    "a.1:value": NumberNote(**KELA, method="julkaistu luku", interval="19–20", n="100"),
    "a.1:lower": NumberNote(**KELA, method="Wilsonin luottamusväli", interval="19–20", n="100"),
    "a.1:reference_value": NumberNote(**KELA, method="summa", interval="13–14", n="900", area="koko maa"),
    "a.1:difference": NumberNote(**KELA, method="Newcomben väli", interval="5–6"),
    "b.2:value": NumberNote("THL", "2019", "julkaistu luku", "7–8", "50"),
    "b.2:difference": NumberNote("THL", "2019", "Newcomben väli", "1–2"),
}


def test_short_notes_keep_intervals_that_the_sheet_does_not_write():
    made = short(NOTES, {"a.1:value", "a.1:lower", "a.1:reference_value", "b.2:value", "b.2:difference"})
    assert made["a.1:value"] == made["a.1:lower"] == NumberNote(n="100")
    assert made["a.1:reference_value"] == NumberNote(interval="13–14", n="900", area="koko maa")
    assert made["b.2:value"] == NumberNote("THL", "2019", "", "7–8", "50")
    assert made["b.2:difference"] == NumberNote(interval="1–2")  # its source stands at the figure of its row


def test_methods_are_told_by_kind_of_number_and_hidden_figures_too():
    kinds = methods_by_kind(NOTES, "fi")
    assert kinds == (
        "luku: julkaistu luku; vertailuluku: summa; luottamusväli: Wilsonin luottamusväli; "
        "ero ja sen väli: Newcomben väli"
    )
    same = {**NOTES, "a.1:reference_value": replace(NOTES["a.1:reference_value"], method="julkaistu luku")}
    assert "vertailuluku" not in methods_by_kind(same, "fi")
    assert methods_by_kind(NOTES, "en").startswith("figure: julkaistu luku; figure of comparison: summa")
    shared = {name: replace(note, method="malli") for name, note in NOTES.items()}
    assert methods_by_kind(shared, "fi") == "luku, luottamusväli ja ero ja sen väli: malli"
    (text,) = sheets(to_pdf(infographic(2), NOTES))
    read = re.sub(r"\s+", " ", text)
    assert f"Menetelmät: {kinds}." in read
    assert "Mitä ei näytetä: " in read and "suojattu" in read.partition("Mitä ei näytetä: ")[2]
    assert RELEASE in read


def test_text_stands_beside_a_picture_that_leaves_room_for_it():
    one = Paragraph((Run(LONG),))
    heading = Heading(2, (Run("Otsikko"),))
    fit = FITS[-1]
    assert beside([heading, one, heading, one], 350.0, 90.0, fit) == 2  # a heading is never the last there
    assert beside([one] * 3, 450.0, 400.0, fit) == 0  # too narrow
    assert beside([one] * 3, 350.0, 400.0, fit) == 3


def test_no_fit_makes_letters_of_charts_smaller_than_nine_points():
    assert all(LEAST * fit.pictures >= LEAST_IN_PRINT for fit in FITS)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_page_as_svg_tells_its_title_words_and_language(language):
    made = infographic(1, language)
    svg = ElementTree.fromstring(page_picture(made, "svg"))
    space = "{http://www.w3.org/2000/svg}"
    title, words = svg[0], svg[1]
    assert (title.tag, words.tag) == (f"{space}title", f"{space}desc")
    assert made.context.region_name in title.text and "Alku 0." in words.text
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby").split() == [title.get("id"), words.get("id")]
    assert svg.get("{http://www.w3.org/XML/1998/namespace}lang") == svg.get("lang") == language
    assert page_picture(made, "svg") == page_picture(made, "svg")
