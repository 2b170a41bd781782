"""The decision maker's page and the infographic: what is chosen and said; one sheet."""

from __future__ import annotations

import io

import pandas as pd
import pypdf
import pytest

from sosrake_lib import catalogue, protect, regions, samples
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.batch.recipes_decider import STRENGTHS, clearest, voices_of
from sosrake_lib.catalogue.audiences import audience, audiences, audiences_of
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import charts_number, decisions, infographic, pages, texts, words, words_hand
from sosrake_lib.influence import words_decider as decider
from sosrake_lib.influence.documents import blocks_of, to_pdf
from sosrake_lib.influence.documents.blocks import FigureBlock, TableBlock
from sosrake_lib.influence.documents.content import document_of
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.documents.one_page import compact, is_one_page, short
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.sentence import constant
from sosrake_lib.language import say
from sosrake_lib.protect import Text

KUOPIO, COUNTY = ("kunta", "297"), ("hva", "12")
LANGUAGES = ("fi", "en")


@pytest.fixture(scope="module")
def parts():
    return RECIPES["paattajalle"](None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="paattajalle", preview=True)


def everywhere():
    codes = regions.members("joukko", "alue51")
    return [
        *(("kunta", code) for code in codes),
        *(("hva", code) for code in sorted({regions.parent(c, "hva") for c in codes})),
    ]


def test_figures_are_those_of_the_published_table(release):
    published = samples.indicator_frame(None)
    for name in ("nosto_valtuutettu", "nosto_tyollisyys", "nosto_koulutus"):
        for row in rows_of(release.select(part=name, region_level="kunta")):
            here = published.loc[
                (published["indicator"] == row["indicator"])
                & (published["region_level"] == "kunta")
                & (published["region_code"] == row["region_code"])
                & (published["period"] == row["period"])
                & (published["sex"] == "total")
            ]
            assert here["value"].tolist() == [row["value"]]


def test_each_choice_is_the_clearest_difference_the_worse_first(parts):
    compared = parts["vertailu"].frame
    for one in audiences():
        chosen = (
            parts[f"nosto_{one.key}"].frame.set_index(["region_level", "region_code"])["indicator"].to_dict()
        )
        for area in everywhere():
            best, found = (-1, -1.0), None
            for row in compared.to_dict("records"):
                own = (row["region_level"], row["region_code"]) == area and row["indicator"] in one.indicators
                if not own or row["verdict"] not in ("higher", "similar", "lower"):
                    continue
                good = catalogue.indicator(row["indicator"]).direction == "higher_is_better"
                worse = "lower" if good else "higher"
                harm = 0 if row["verdict"] == "similar" else 2 if row["verdict"] == worse else 1
                clear = abs(row["difference"]) / ((row["difference_upper"] - row["difference_lower"]) / 2)
                if (harm, clear) > best:
                    best, found = (harm, clear), row["indicator"]
            assert chosen.get(area) == found, (one.key, area)


def test_only_the_area_s_own_published_places_are_told(parts):
    for name, part in parts.items():
        places = set(zip(part.frame["region_level"], part.frame["region_code"], strict=True))
        assert places <= set(everywhere()), name
        assert not any(regions.is_invented(code) for _, code in places)
    assert decider.VOICES not in parts or len(parts[decider.VOICES].frame)


def test_a_strength_is_for_the_better_and_never_a_benefit(parts):
    rows = parts["vahvuus"].frame
    assert len(rows)
    assert set(rows["indicator"]) <= set(STRENGTHS)
    for row in rows.to_dict("records"):
        good = catalogue.indicator(row["indicator"]).direction == "higher_is_better"
        assert row["verdict"] == ("higher" if good else "lower")


def test_nothing_testable_gives_no_finding():
    rows = area_rows(verdict="not_testable")
    assert clearest(rows, ["tyottomyysaste"]).empty
    assert clearest(rows.iloc[:0], ["tyottomyysaste"]).empty


def test_a_strength_excludes_what_is_no_difference():
    assert clearest(area_rows(verdict="similar"), ["tyottomyysaste"], to_the_better=True).empty
    assert len(clearest(area_rows(verdict="lower"), ["tyottomyysaste"], to_the_better=True)) == 1


def area_rows(verdict):
    return pd.DataFrame(
        {
            "indicator": ["tyottomyysaste"], "region_level": ["kunta"], "region_code": ["297"],
            "verdict": [verdict], "difference": [-1.0], "difference_lower": [-2.0], "difference_upper": [0.0],
        }
    )  # fmt: skip


def quotes(**changed):
    row = {
        "lainaus_id": 1, "text": "Vuokra vie kaiken.", "source": "haastattelu", "theme": "asuminen",
        "region_level": "kunta", "region_code": "297", "permitted_until": "2030-01-01", "origin": "own",
    }  # fmt: skip
    return pd.DataFrame([{**row, **changed}])


def test_a_voice_is_of_the_own_area_and_theme_or_nothing_is_said(parts, release):
    two = pd.concat([quotes(), quotes(lainaus_id=2, text="Odotin asuntoa pitkään.")], ignore_index=True)
    made = voices_of(two)
    assert made["label_fi"].tolist() == ["Odotin asuntoa pitkään."]
    told = protect.release(
        {**parts, "aanet": protect.part(made, rules="vakio")}, name="paattajalle", preview=True
    )
    shown = decider.voice(told, KUOPIO, "asuminen")
    assert [one.text for one in shown[:1]] == ["Yksi ääni"] and "Odotin asuntoa pitkään." in shown[1].text
    assert decider.voice(told, KUOPIO, "koyhyys") == decider.voice(told, ("kunta", "507"), "asuminen") == []
    assert voices_of(quotes(origin="synthetic")).empty and voices_of(quotes(region_level="maa")).empty
    if "aanet" not in release.parts:
        assert decider.voice(release, KUOPIO, "asuminen") == []


def test_the_last_proposal_is_told_of_the_own_register_only(parts, release):
    if decider.HAPPENED not in release.parts:
        assert [one.text("fi") for one in decider.fate(release, KUOPIO)] == [
            "Aiempaa ehdotusta ei ole kirjattu."
        ]
    assert not (parts["nosto_valtuutettu"].frame["origin"] == "synthetic").any()


def test_question_names_the_place_and_the_theme():
    assert "Kuopiossa" in decider.question(KUOPIO).text("fi")
    asked = decider.question(("kunta", "749"), "tyottomyys")
    assert "Siilinjärvellä" in asked.text("fi") and "työttömyys" in asked.text("fi")
    assert "unemployment" in asked.text("en")


def test_when_tells_months_of_the_calendar_in_their_cases():
    finnish = [one.text("fi") for one in decider.when("kunta")]
    assert "marraskuussa ja joulukuussa" in finnish[0] and "elokuuhun mennessä" in finnish[0]
    assert "in November and in December" in decider.when("hva")[0].text("en")
    assert "päätöskuukautta ei ole kirjattu" in finnish[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_area_and_reader_gets_words_or_a_reason(release, language):
    for region in (KUOPIO, ("kunta", "697"), COUNTY):
        for one in audiences():
            found = release.select(part=decider.finding_part(audience=one.key), region=region)
            told = infographic.told(found, one.key, language)
            assert told and told[0]
            heading = infographic.title(region, one.key).text(language)
            assert heading.startswith(one.names[language == "en"])


def test_residents_get_short_sentences_without_brackets(release):
    found = release.select(part="nosto_asukas", region=KUOPIO)
    for sentence in infographic.told(found, "asukas")[0]:
        assert "(" not in sentence.text and len(sentence.text.split()) <= 15
    assert infographic.told(found, "valtuutettu")[0][0].text != sentence.text
    said = [one.text("fi") for one in infographic.use("asukas")]
    assert "Sitä ei ole tarkistettu selkokieleksi." in said[1]


def test_no_finding_is_said_in_words(release):
    empty = release.select(part="nosto_valtuutettu", region=("kunta", "999"))
    assert "ei ole havaintoa" in decider.told(empty).text("fi")
    assert infographic.number(empty) == [] and infographic.told(empty, "media")[0].text("fi")
    assert "ei voi piirtää" in infographic.beside(release, KUOPIO, empty, "media").text("fi")


def test_pictures_hold_the_figures_of_their_rows(release):
    found = release.select(part="nosto_valtuutettu", region=COUNTY)
    county = infographic.beside(release, COUNTY, found, "valtuutettu")
    assert all(regions.name("kunta", code) in county.table.html for code in regions.members(*COUNTY))
    own = release.select(part="nosto_valtuutettu", region=KUOPIO)
    pair = infographic.beside(release, KUOPIO, own, "valtuutettu")
    assert "19,3" in pair.table.html and "Kuopio" in pair.table.html
    panel = infographic.number(own)[0]
    assert "19,3" in panel.alt and "13,9" in panel.alt


def test_audience_words_claim_no_cause_and_no_rank():
    banned = (
        "aiheutt",
        "johtuu siitä",
        "vaikutti",
        "paras",
        "huonoin",
        "sijoittui",
        "caused",
        "worst",
        "best ",
    )
    for one in audiences():
        for text in (*one.whys, *one.uses):
            assert not any(word in text.lower() for word in banned), (one.key, text)
            assert text.endswith((".", "?"))


@pytest.mark.parametrize(
    "change, message",
    [
        ({"why_fi": "Luku on 5."}, "why_fi is empty or holds a digit"),
        ({"use_en": ""}, "use_en is empty"),
        ({"indicators": ["olematon"]}, "indicators 'olematon'"),
        ({"themes": ["olematon"]}, "themes 'olematon'"),
        ({"indicators": []}, "no indicator"),
    ],
)
def test_a_broken_audience_is_refused(change, message):
    good = {
        **{f"{of}_{code}": "Sana." for of in ("name", "why", "use") for code in LANGUAGES},
        "indicators": ["tyottomyysaste"], "themes": [], "plain": False,
    }  # fmt: skip
    assert audiences_of({"koe": good})[0].key == "koe"
    with pytest.raises(CatalogueError, match=message):
        audiences_of({"koe": {**good, **change}})
    with pytest.raises(CatalogueError, match="no audience 'koe'"):
        audience("koe")


def body_of(release, region, language, *, full):
    """Give the body of a decision maker's page; `full` with every text people may write."""
    found = release.select(part="nosto_valtuutettu", region=region)
    bodies = samples.reference_table("hanke/paattajat")
    own = constant("Ehdotamme aluehallitukselle asumisneuvojaa kahdeksi vuodeksi. " * 5, language)
    fate = [
        Text("Viimeksi ehdotettiin: ”Asumisneuvoja.” Ehdotuksesta päättää aluehallitus.", "Proposed last.")
    ] * 3
    items = [
        *(fate if full else [texts.said("seuranta.no_proposal")]),
        decider.question(region), decider.told(found, language),
        charts_number.number_panel(found, say("paattajakooste.picture", language), language, low=True),
        texts.said("paattajakooste.rule"), *decider.strength(release, region, found, language),
        *([constant("”Odotin asuntoa pitkään, ja sillä välin velat kasvoivat.”", language)] if full else []),
        own if full else texts.said("decisions.no_proposal"),
        decisions.who_decides(bodies, region[0], decisions.theme_of(found)),
        decider.when(region[0]),
        *words_hand.not_reached([], ["rekisteri"], None, language, most=2),
        *([own] if full else []),
        words.hidden_total(release.select(part="vertailu", region=region), language),
        words.source_line(found, language),
    ]  # fmt: skip
    blocks = [pages._block(item, language)[0] for item in items]
    headings = [f"<h2>Otsikko {'abcdefg'[place]}</h2>" for place in range(7)]
    return "\n".join(
        headings[:1]
        + [
            piece
            for pair in zip(blocks, [*headings[1:], *[""] * len(blocks)], strict=False)
            for piece in pair
        ]
    )


@pytest.mark.parametrize("full", [False, True])
def test_a_decision_maker_s_page_is_one_sheet_for_the_longest_name(release, full):
    names = {area: regions.name(*area) for area in everywhere()}
    testable = {
        (r["region_level"], r["region_code"]) for r in rows_of(release.select(part="nosto_valtuutettu"))
    }
    longest = max(
        (area for area in names if area in testable and area[0] == "kunta"), key=lambda a: len(names[a])
    )
    context = PageContext("paattajakooste", "Päättäjäkooste", 2026, longest, names[longest])
    page = Page(context, body_of(release, longest, "fi", full=full), Facts(), ("0" * 16,))
    made = pypdf.PdfReader(io.BytesIO(to_pdf(page)))
    assert len(made.pages) == 1
    assert names[longest] in made.pages[0].extract_text()


def test_one_sheet_leaves_out_only_tables_behind_pictures(release):
    context = PageContext("infograafi_media", "Infograafi", 2026, KUOPIO, "Kuopio")
    page = Page(context, body_of(release, KUOPIO, "fi", full=False), Facts(), ("0" * 16,))
    assert is_one_page(page)
    whole, small = document_of(page), compact(document_of(page))
    figures = [block for block in blocks_of(page) if isinstance(block, FigureBlock)]
    assert figures and [b.alt for b in small.blocks if isinstance(b, FigureBlock)] == [b.alt for b in figures]
    behind = {block.table for block in figures}
    left = [block for block in whole.blocks if not (isinstance(block, TableBlock) and block.number in behind)]
    assert len(small.blocks) == len(left) < len(whole.blocks)
    other = Page(PageContext("alueprofiili", "Profiili", 2026, KUOPIO, "Kuopio"), page.body, Facts())
    assert not is_one_page(other)


def test_short_notes_keep_people_and_other_sources():
    same = NumberNote(source="Kela", period="2019", method="m", interval="1–2", n="100", hidden="-")
    notes = {
        "a": same,
        "b": NumberNote(source="Kela", period="2019"),
        "c": NumberNote(source="THL", period="2019", n="5"),
    }
    assert short(notes) == {"a": NumberNote(n="100"), "c": NumberNote(source="THL", period="2019")}
    assert short({}) == {}
