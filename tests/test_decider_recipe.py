"""The decision maker's page and the infographic: what is chosen and said; one sheet."""

from __future__ import annotations

import io
import re
from pathlib import Path
from statistics import NormalDist

import pandas as pd
import pypdf
import pytest

from sosrake_lib import catalogue, protect, regions, samples
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.batch.recipes_decider import STRENGTHS, clearest, voices_of
from sosrake_lib.batch.recipes_decider_invented import invented_findings
from sosrake_lib.catalogue.audiences import audience, audiences, audiences_of
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import (
    charts_number,
    decisions,
    infographic,
    pages,
    pieces,
    texts,
    words,
    words_hand,
)
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
from sosrake_lib.protect import Text

KUOPIO, COUNTY = ("kunta", "297"), ("hva", "12")
LANGUAGES = ("fi", "en")
SAMPLES = Path(__file__).resolve().parents[1] / "data" / "samples"


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


def comparisons_of(parts, area, keys):
    """List the tested comparisons of an area, each with Holm's p worked out from the intervals here."""
    compared = parts["vertailu"].frame
    own = compared.loc[
        (compared["region_level"] == area[0])
        & (compared["region_code"] == area[1])
        & compared["indicator"].isin(keys)
        & compared["verdict"].isin(("higher", "similar", "lower"))
    ].to_dict("records")
    for one in own:
        ends = (one["difference"] - one["difference_lower"], one["difference_upper"] - one["difference"])
        near = ends[0] if one["difference"] > 0 else ends[1]
        one["p"] = 2 * NormalDist().cdf(-abs(one["difference"]) / near * 1.959964)
    largest = 0.0
    for at, one in enumerate(sorted(own, key=lambda one: one["p"])):
        largest = max(largest, (len(own) - at) * one["p"])
        one["holm"] = min(1.0, largest)
        one["differs"] = one["verdict"] != "similar" and one["holm"] < 0.05
    return own


def test_each_choice_is_the_clearest_difference_the_worse_first(parts):
    for one in audiences():
        chosen = (
            parts[f"nosto_{one.key}"].frame.set_index(["region_level", "region_code"])["indicator"].to_dict()
        )
        for area in everywhere():
            best, found = (-1, -1.0), None
            for row in comparisons_of(parts, area, one.indicators):
                good = catalogue.indicator(row["indicator"]).direction == "higher_is_better"
                worse = "lower" if good else "higher"
                harm = 0 if not row["differs"] else 2 if row["verdict"] == worse else 1
                harm = 0 if catalogue.indicator(row["indicator"]).not_a_strength else harm
                clear = abs(row["difference"]) / ((row["difference_upper"] - row["difference_lower"]) / 2)
                if (harm, clear) > best:
                    best, found = (harm, clear), row["indicator"]
            assert chosen.get(area) == found, (one.key, area)


def test_use_of_a_benefit_is_chosen_only_when_nothing_else_differs(parts):
    """Trap 8: use of benefits and services is not need, so it comes before no judged difference."""
    seen = 0
    for one in audiences():
        for row in parts[f"nosto_{one.key}"].frame.to_dict("records"):
            if not catalogue.indicator(row["indicator"]).not_a_strength:
                continue
            seen += 1
            area = (row["region_level"], row["region_code"])
            differing = {
                other["indicator"]
                for other in comparisons_of(parts, area, one.indicators)
                if other["differs"]
            }
            assert not [key for key in differing if catalogue.indicator(key).may_be_strength], (one.key, area)
    assert seen, "some reader's finding is of a benefit"


def test_only_the_area_s_own_published_places_are_told(parts):
    for name, part in parts.items():
        places = set(zip(part.frame["region_level"], part.frame["region_code"], strict=True))
        compared_with = {("maa", "SSS")} if name == "vertailukohta" else set()
        assert places <= set(everywhere()) | compared_with, name
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
            "verdict": [verdict], "difference": [-1.0], "difference_lower": [-2.0],
            "difference_upper": [-0.1],
            "difference_confidence": [0.95],
        }
    )  # fmt: skip


def test_how_sure_a_chosen_difference_is_heeds_the_choice(parts, release):
    """Holm's p from the intervals, worked out here row by row; the words tell how many were compared."""
    seen = set()
    for part, keys in [(f"nosto_{one.key}", one.indicators) for one in audiences()]:
        for row in rows_of(release.select(part=part)):
            own = comparisons_of(parts, (row["region_level"], row["region_code"]), keys)
            (found,) = [one for one in own if one["indicator"] == row["indicator"]]
            assert row["chosen_from"] == len(own)
            assert row["chosen_p_value"] == pytest.approx(found["holm"], rel=1e-4, abs=1e-12)
            assert (row["verdict"] != "similar") == found["differs"]
            grade = words.finding(row).grade
            seen.add(grade)
            told_as = "sure" if found["holm"] < 0.005 else "likely"
            assert grade == (told_as if found["differs"] else "open"), (part, row["region_code"])
            for language in LANGUAGES:
                told = words.finding(row, language)
                among = len(own) > 1 and (found["differs"] or pieces.doubted_by_choice(row))
                assert (len(told.sureness.numbers) == 1) == among
                assert len(told.headline.text) <= 90
    assert seen == {"sure", "likely", "open"}


def test_a_difference_that_choosing_explains_is_told_as_none_in_every_form(release):
    """No form says "larger" or "smaller" of it: neither the whole, the plain words nor the picture."""
    weak = [
        row
        for row in rows_of(release.select(part="nosto_tyollisyys"))
        if row["difference_lower"] * row["difference_upper"] > 0 and row["chosen_p_value"] >= 0.05
    ]
    assert weak
    for row in weak:
        assert row["verdict"] == "similar"
        said, english = words.finding(row), words.finding(row, "en")
        assert "Eroa ei voi osoittaa" in said.full.text
        assert said.full.text.endswith("mutta luku on valittu 2 mittarin joukosta.")
        assert said.sureness.text == (
            "Ei voi sanoa, onko eroa: jokin 2 mittarista poikkeaa helposti näin paljon sattumaltakin."
        )
        assert "ei voi osoittaa" in said.headline.text and "no difference shown" in english.headline.text
        assert [one.text for one in said.plain[-3:-1]] == [
            "Emme voi sanoa, onko luvuilla eroa.",
            "Tulos voi olla sattumaa.",
        ]
        told = " ".join(one.text for one in (*said.page, said.headline, *said.plain))
        assert not re.search("suuremp|pienemp", told), told


def test_no_strength_and_no_leading_harm_is_one_that_choosing_explains(release):
    """A doubted difference comes after those that stand: where one leads, nothing else of its set stands."""
    for part in [name for name in release.parts if name.startswith(("nosto_", "vahvuus"))]:
        for row in rows_of(release.select(part=part)):
            assert row["verdict"] == "similar" or row["chosen_p_value"] < 0.05, (part, row["region_code"])
            assert part != "vahvuus" or row["verdict"] != "similar"


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


def test_figures_and_words_of_proposals_are_two_releases(parts):
    assert not (parts["nosto_valtuutettu"].frame["origin"] == "synthetic").any()
    assert not {"ehdotukset", "mita_tapahtui"} & set(parts)


def test_the_invented_county_has_a_finding_of_its_own_beside_an_invented_country():
    """Truth: of every home 12 per cent have the allowance, in E02 20, and unemployment is the same."""
    parts = invented_findings(None)
    compared = parts["vertailu"].frame.set_index("indicator")
    made = pd.read_csv(SAMPLES / "esimerkkila_indikaattorit.csv", dtype={"region_code": str, "period": str})
    here = made.loc[(made["region_code"] == "E1") & (made["period"] == "2025")].set_index("indicator")
    assert compared["value"].round(4).to_dict() == here["value"].round(4).to_dict()
    # E02 is 10 650 of the 51 410 homes: 12 + 8 x 10 650 / 51 410 per cent are expected
    assert compared.at["asumistuki", "value"] == pytest.approx(12 + 8 * 10_650 / 51_410, abs=0.3)
    assert compared["reference_value"].to_dict() == pytest.approx(
        {"asumistuki": 12.0, "tyottomyysaste": 10.0}, abs=0.1
    )
    assert compared["verdict"].to_dict() == {"asumistuki": "higher", "tyottomyysaste": "similar"}
    assert parts["nosto_valtuutettu"].frame["indicator"].tolist() == ["asumistuki"]
    assert parts["nosto_teema_tyottomyys"].frame["verdict"].tolist() == ["similar"]
    assert "vahvuus" not in parts  # nothing is for the better, so nothing is said to be
    assert {"synthetic"} == {origin for part in parts.values() for origin in part.frame["origin"]}
    assert set(compared["reference_code"]) == {"E0"}


def test_an_invented_finding_names_its_invented_country_and_a_real_one_never(parts, release):
    told = protect.release(invented_findings(None), name="paattajan_sanat", preview=True)
    found = decider.finding((release, told), ("hva", "E1"))
    assert [row["indicator"] for row in rows_of(found)] == ["asumistuki"]
    said = " ".join(one.text for one in decider.told(found, "fi"))
    assert "keksityssä vertailumaassa" in said and "koko maa" not in said
    assert "in the invented country" in " ".join(one.text for one in decider.told(found, "en"))
    assert not len(decider.finding((release, told), ("hva", "E1"), "koyhyys"))
    assert decider.strength(told, ("hva", "E1"), found) == []
    own = decider.finding((release, told), KUOPIO)
    assert own.release_id == release.id and not rows_of(own)[0].synthetic
    assert "keksi" not in " ".join(one.text for one in decider.told(own, "fi")).lower()
    assert "keksittyjä" in decider.rule(("hva", "E1")).text("fi")
    assert "keksi" not in decider.rule(KUOPIO).text("fi") + decider.question(KUOPIO).text("fi")


def test_a_folder_without_the_invented_tables_has_no_invented_finding(tmp_path):
    assert invented_findings(tmp_path) == {}


def test_question_names_the_place_and_the_theme():
    assert "Kuopiossa" in decider.question(KUOPIO).text("fi")
    asked = decider.question(("kunta", "749"), "tyottomyys")
    assert "Siilinjärvellä" in asked.text("fi") and "työttömyys" in asked.text("fi")
    assert "unemployment" in asked.text("en")


def test_when_tells_months_of_the_calendar_in_their_cases():
    finnish = [one.text("fi") for one in decider.when("kunta")]
    assert "marras- ja joulukuussa" in finnish[0] and "elokuuhun mennessä" in finnish[0]
    assert "in November and December" in decider.when("hva")[0].text("en")
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


@pytest.mark.parametrize("region", [KUOPIO, COUNTY])
def test_residents_tables_are_folded_and_name_no_confidence_interval(release, region):
    found = release.select(part="nosto_asukas", region=region)
    drawn = [*infographic.number(found, "fi", "asukas"), infographic.beside(release, region, found, "asukas")]
    for figure in drawn:
        assert '<details class="luvut">' in figure.html() and "Luottamusväli" not in figure.table.html
    assert "Wilson" not in infographic.source(found, "asukas").text
    other = infographic.number(found, "fi", "valtuutettu")[0]
    assert "<details" not in other.html() and "Luottamusväli" in other.table.html


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
    assert "15,0" in pair.table.html and "Kuopio" in pair.table.html
    panel = infographic.number(own)[0]
    assert "15,0" in panel.alt and "13,4" in panel.alt


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
        charts_number.number_panel(found, decider.picture(found, language), language, low=True),
        texts.said("paattajakooste.rule"), *decider.strength(release, region, found, language),
        *([constant("”Odotin asuntoa pitkään, ja sillä välin velat kasvoivat.”", language)] if full else []),
        own if full else texts.said("decisions.no_proposal"),
        decisions.who_decides(bodies, region[0], decisions.theme_of(found)),
        decider.when(region[0]),
        *words_hand.not_reached([], ["rekisteri"], None, language, most=2),
        *([own] if full else []),
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
    other = NumberNote(source="THL", period="2019", n="5")
    assert short(notes) == {"a": NumberNote(n="100", interval="1–2"), "c": other}
    assert short({}) == {}
