"""The situation-picture pack: its days against the sample, late and open, own registers, nothing recorded."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sosrake_lib import catalogue, frame, protect, samples
from sosrake_lib.batch import hand_files
from sosrake_lib.batch import recipes_situation as recipe
from sosrake_lib.batch.area_rows import by_its_rules
from sosrake_lib.batch.hand_texts import PART, part
from sosrake_lib.indicators import comparison, rates
from sosrake_lib.influence import claims, words_situation, words_situation_meeting
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import Heading, html_of
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.influence.tables import Table
from sosrake_lib.protect import Text
from sosrake_lib.register.followup import add_entry, change_entry
from sosrake_lib.register.proposals import add_proposal, decide

COUNTY, REAL = ("hva", "E1"), ("hva", "13")
MATTER = {"asia": "Kyydit", "paatos_sanoin": "Selvitetään.", "omistaja": "sosiaaliohjaaja"}


@pytest.fixture(scope="module")
def parts():
    return recipe.situation(None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="tilannekuvapaketti", preview=True)


@pytest.fixture(scope="module")
def with_text(parts):
    """The release as its page opens it: with what people wrote for the invented county."""
    texts = part("tilannekuvapaketti", parts, None)
    return protect.release({**parts, PART: texts}, name="tilannekuvapaketti", preview=True)


@pytest.fixture(scope="module")
def sample():
    rows = samples.table("esimerkkila_seuranta").fillna("").astype("str")
    group = rows.loc[rows["laji"] == "tyoryhma"]
    told = group.pivot(index="tunnus", columns="kentta", values="arvo").fillna("")
    return told.assign(tila=group.groupby("tunnus")["tila"].first())


@pytest.fixture(scope="module")
def figures():
    """Published figures of one county beside the whole country's, as the release "paattajalle" has them."""
    own = figure(REAL, 15.0, 30_000.0)
    country = figure(("maa", "SSS"), 13.0, 650_000.0)
    compared = comparison.against(rates.analyse(own), country).assign(
        producer="Tilastokeskus", source="indikaattori", licence="CC BY 4.0"
    )
    named = ("nosto_teema_koyhyys", "vahvuus", "vertailu")
    return protect.release({name: by_its_rules(compared) for name in named}, name="paattajalle", preview=True)


def figure(place, value, numerator):
    row = {
        "indicator": "pienituloisuusaste", "region_level": place[0], "region_code": place[1], "borders": 2026,
        "period": "2023", "value": value, "per": 100.0, "numerator": numerator,
        "denominator": numerator / value * 100, "status": "ok", "origin": "published",
    }  # fmt: skip
    return frame.check(pd.DataFrame([row]))


def meet(register, key, day, *, state="paatetty", due="", **fields):
    told = {**MATTER, "paiva": day, **({"maarapaiva": due} if due else {}), **fields}
    return add_entry(register, key, "tyoryhma", told, region=REAL, user="tp1", state=state)


def own_release():
    return protect.release(recipe.situation(None), name="tilannekuvapaketti", preview=True)


def texts_of(items):
    """Read aloud what would be shown: words of texts, sentences and headings."""
    flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
    return [
        one.text("fi") if isinstance(one, Text) else one.text if isinstance(one, Heading) else str(one)
        for one in flat
    ]


# --- the recipe ------------------------------------------------------------------------------------------


def test_its_parts_are_words_and_the_very_parts_of_other_releases(parts):
    assert {"kokous", "uutta", "paatokset", *recipe.FOLLOWED, *recipe.CARDS} == set(parts)
    for name, one in parts.items():
        assert name == "tilasto" or one.frame["value"].isna().all(), name
    assert "havainnot" not in parts, "counts of observations stay on their own pages"


def test_the_meetings_days_are_those_of_the_sample(release, sample):
    known = words_situation.days(release, COUNTY)
    decided = sample.loc[sample["paatos_sanoin"] != "", "paiva"]
    coming = sample.loc[sample["paatos_sanoin"] == "", "paiva"]
    assert known["edellinen"] == known["alkaen"] == decided.max()
    assert known["seuraava"] == known["tilanne"] == coming.min()


def test_only_what_happened_after_the_last_meeting_is_new(release, sample):
    since = sample.loc[sample["paatos_sanoin"] != "", "paiva"].max()
    rows = protect.protected_frame(release.select("uutta"))
    assert (rows["note"] > since).all() and list(rows["group"]) == ["itsearviointi"]
    told = words_situation.news(release, COUNTY)
    assert told[0].text("fi").endswith("Uusia ilmiöitä, ehdotuksia tai päätöksiä ei ole tullut.")
    assert isinstance(told[1], Table)


def test_a_decision_is_late_against_the_stated_day_and_never_against_the_clock(own):
    meet(own, "a", "2026-01-10", due="2026-01-20")
    meet(own, "b", "2026-01-10", due="2026-03-01")
    meet(own, "c", "2025-12-01", due="2025-12-20", state="tehty")
    meet(own, "d", "2025-12-01", due="2025-12-20")
    agenda = {"asia": "Syksyn seminaari", "paiva": "2026-02-01"}
    add_entry(own, "e", "tyoryhma", agenda, region=REAL, user="tp1")
    made = own_release()
    rows = protect.protected_frame(made.select("paatokset"))
    assert sorted(rows["category"]) == ["avoin", "myohassa", "myohassa", "tehty"]
    late, last, heading, earlier = words_situation_meeting.decisions(made, REAL)
    assert "1.2.2026" in late.text("fi") and isinstance(heading, Heading)
    assert sorted(last.plain["Tila"]) == ["avoin", "myöhässä"] and list(earlier.plain["Tila"]) == ["myöhässä"]
    assert "Paketti on koottu työryhmän kokoukseen 1.2.2026." in texts_of(words_situation.meeting(made, REAL))


def test_without_a_meeting_the_newest_half_year_is_told(own):
    made = add_proposal(
        own, key="k", region_level="hva", region_code="13", theme="asuminen", text="Kyydit avataan.",
        decision_maker="aluehallitus", target="palvelu", proposed_on=date(2025, 8, 12), user="tp1",
    )  # fmt: skip
    decide(
        own,
        made,
        status="kesken",
        decided_on=date(2025, 10, 1),
        expected_version=1,
        user="tp1",
    )
    opened = own_release()
    first, table = words_situation.news(opened, REAL)
    assert "syksy 2025" in first.text("fi")
    assert list(table.plain["Mikä on uutta"]) == ["Uusi ehdotus", "Päätös ehdotukseen"]
    assert words_situation_meeting.decisions(opened, REAL)[0].text("en").startswith("No decisions")
    shown = words_situation_meeting.open_proposals(opened, REAL)
    assert shown.plain["Milloin (kalenterista)"].tolist() == ["Päätöksen aikaa ei ole kirjattu."]


def test_a_changed_follow_up_is_new_by_the_day_of_its_entry(own):
    meet(own, "a", "2020-01-10")
    log = {"aihe": "Kyydit", "paiva": "2019-11-01", "kenelle": "aluehallitus", "teema": "tyottomyys"}
    log |= {"kohde": "palvelu", "vastuurooli": "sosiaaliohjaaja", "seuranta_pvm": "2030-01-01"}
    for key, day in (("x", "2019-12-01"), ("y", "2019-12-02")):
        add_entry(own, key, "vaikuttamisloki", log, region=REAL, user="tp1", on=date.fromisoformat(day))
    assert protect.protected_frame(own_release().select("uutta")).empty
    listed = own_release()
    number = int(
        protect.protected_frame(listed.select("vaikuttamisloki"))["indicator"].str.rpartition("_")[2].max()
    )
    seen = {"mita_muuttui": "Kyyti on nyt varattavissa.", "muutoksen_luonne": "kuvaus"}
    change_entry(own, number, seen, expected_version=1, user="tp1")
    rows = protect.protected_frame(own_release().select("uutta"))
    assert list(rows["group"]) == ["muutos"]


def test_a_folder_of_ones_own_without_anything_has_an_honest_pack(tmp_path, figures):
    made = recipe.situation(tmp_path)
    assert not any(len(one.frame) for one in made.values()) and "kortti" not in made
    empty = protect.release(made, name="tilannekuvapaketti", preview=True)
    assert "ei ole kirjauksia" in words_situation.where_from(empty, REAL).content.text("fi")
    told = [
        *words_situation.meeting(empty, REAL),
        *words_situation.news(empty, REAL),
        *words_situation.phenomena(empty, REAL),
        words_situation_meeting.open_proposals(empty, REAL),
        *words_situation_meeting.decisions(empty, REAL),
    ]
    assert all(isinstance(one, Text) and "kirjattu" in one.text("fi") for one in told)
    assert words_situation.sources(empty, figures, ("hva", "14"))[0].text("fi").startswith("Lähteitä ei ole")


def test_invented_phenomena_never_stand_beside_own_entries(own):
    meet(own, "a", "2026-01-10")
    assert not set(recipe.CARDS) & set(recipe.situation(None))


# --- the words -------------------------------------------------------------------------------------------


def test_a_real_county_has_its_published_figure_with_interval_and_comparison(release, figures):
    heading, told, panel, *rest = words_situation.area_themes(release, figures, REAL)
    assert heading.text == "Köyhyys" and isinstance(told, Sentence) and isinstance(panel, Figure)
    assert "15,0" in told.text and "13,0" in told.text and "luottamusväli" in told.text
    assert "Mistä ei ole lukua" in texts_of(rest)
    assert isinstance(words_situation.sources(release, figures, REAL)[0], Sentence), (
        "no entries, so no register"
    )


def test_the_invented_county_has_its_own_figures_and_no_published_ones(release, figures):
    told = words_situation.area_themes(release, figures, COUNTY)
    rows = protect.protected_frame(release.select("tilasto"))
    of = {catalogue.indicator(key).theme for key in rows["indicator"]}
    assert [one.text for one in told if isinstance(one, Heading)][:-1] == ["Työttömyys", "Asuminen"]
    assert of == {"tyottomyys", "asuminen"}
    apart = rows.loc[(rows["indicator"] == "asumistuki") & (rows["verdict"] == "higher")]
    assert len(apart) == 1 and "Suurempi kuin koko alueella: Aineistola." in texts_of(told)[4]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_phenomena_stand_beside_statistics_without_a_count(release, language):
    _, table, _, weak = words_situation.phenomena(release, COUNTY, language)
    about = samples.table("esimerkkila_ilmiot").fillna("")
    assert set(table.plain.iloc[:, 0]) == set(about["nimi" if language == "fi" else "name_en"][:5])
    counts = {str(one) for one in about["havaintoja"]}
    assert not counts & set(table.plain.to_string().replace(",", " ").split())
    assert loose_numbers(html_of(table)).empty and isinstance(weak, Text)


def test_money_is_decided_in_the_budget_and_of_the_rest_no_time_is_known(release):
    table = words_situation_meeting.open_proposals(release, COUNTY)
    first, second = table.plain["Milloin (kalenterista)"]
    assert first.startswith("Kunnan talousarvio ja taloussuunnitelma päätetään marras- ja joulukuussa.")
    assert second == "Päätöksen aikaa ei ole kirjattu. Asiaa katsotaan seuraavan kerran 30.4.2026."


def test_an_agenda_is_the_writers_or_said_to_be_a_proposal(with_text):
    texts = with_text.select(part=PART, region=COUNTY)
    points, note = words_situation_meeting.shown(texts, "asialista")
    written = hand_files.read("tilannekuvapaketti", "hva-E1")["asialista"].text
    assert [f"{one.text}." for one in points] == written.strip().splitlines()
    assert "(keksitty)" in html_of(note)
    assert words_situation_meeting.proposed_agenda(with_text, COUNTY, texts) == []
    assert texts_of(words_situation_meeting.shown(texts, "paatokset")) == ["Ei kirjattu."]
    said, proposed = words_situation_meeting.proposed_agenda(with_text, COUNTY)
    assert "ehdotus" in said.text("fi") and "Asumisen sivut valtuuston kevätseminaariin" in texts_of(
        [proposed]
    )
    assert any("Kohtaamispaikkoja on suljettu" in one.text for one in proposed)


@pytest.mark.parametrize("region", [COUNTY, REAL])
def test_the_form_has_a_line_a_matter_and_room_to_write(release, region):
    table = words_situation_meeting.form(release, region)
    lines = [line[0] for line in words_situation_meeting.agenda_lines(release, region)]
    assert table.plain["Asia"].tolist() == lines
    assert set(table.plain["Päätös"].str.strip("…")) == {""}


def test_the_packs_own_words_pass_the_houses_check():
    for entry in hand_files.read("tilannekuvapaketti", "hva-E1").values():
        assert entry.role.endswith("(keksitty)")
        assert claims.check_written(entry.text).empty, entry.text
