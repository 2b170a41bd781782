"""The block that ends an output: who decides and when it is looked at again, from whom it is known."""

from __future__ import annotations

from datetime import date

import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import followup_source, hand_files, hand_texts
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.recipes_followup import followup_parts
from sosrake_lib.influence import project_texts, words_closing, words_hand
from sosrake_lib.influence.pages import Heading, html_of
from sosrake_lib.influence.words_closing import Known, closing
from sosrake_lib.protect import Text

COUNTY, REAL = ("hva", "E1"), ("hva", "12")
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def bodies():
    return samples.reference_table("hanke/paattajat")


@pytest.fixture(scope="module")
def parts():
    return followup_parts(followup_source.open_followup())


@pytest.fixture(scope="module")
def followed(parts):
    return protect.release(parts, name="seuranta", preview=True)


def told(items, language="fi"):
    return [one.text(language) for one in items if isinstance(one, Text)]


def test_it_has_one_heading_and_both_parts_in_both_languages():
    for language in ("fi", "en"):
        heads = [
            (one.level, one.text) for one in closing(None, Known(), language) if isinstance(one, Heading)
        ]
        assert [level for level, _ in heads] == [2, 3, 3]
    assert "Who decides" in heads[0][1]
    assert not [one for one in closing(None, Known(), heading=False) if getattr(one, "level", 0) == 2]


def test_what_nobody_has_recorded_is_said_to_be_unrecorded():
    assert told(closing(None, Known())) == [
        "Päättäjää ei ole kirjattu.",
        "Päivää, jolloin tähän palataan, ei ole kirjattu.",
    ]


def test_a_real_area_gets_its_general_bodies_and_calendar_said_to_be_general(bodies, followed):
    said = told(closing(None, Known(REAL, bodies=bodies, followed=followed, on=DAY)))
    assert said[0].startswith("Tästä sivusta ei ole kirjattu omaa päättäjää")
    own = bodies.loc[(bodies["level"] == "hva") & (bodies["theme"] == "kaikki"), "body_fi"]
    assert len(own) and all(any(name.lower() in one.lower() for one in said) for name in own)
    assert not any("kunnanvaltuusto" in one.lower() for one in said), "another level's bodies are not its own"
    assert "Päivää, jolloin tähän palataan, ei ole kirjattu." in said
    assert any("budget" in one.lower() for one in told(closing(None, Known(REAL, bodies=bodies)), "en"))


def test_open_proposals_come_before_the_general_table(bodies, followed):
    said = told(closing(None, Known(COUNTY, bodies=bodies, followed=followed)))
    steps = samples.table("esimerkkila_ilmioiden_vaiheet").fillna("").astype("str")
    made = steps.loc[steps["tapahtuma"] == "ehdotus"].set_index("ilmio")
    decided = steps.loc[(steps["tapahtuma"] == "paatos") & (steps["arvo"] != "kesken"), "ilmio"]
    waiting = made.loc[~made.index.isin(decided)]
    assert [one for one in said if one.startswith("Avoin ehdotus")] and len(waiting) == 2
    for row in waiting.to_dict("records"):
        assert any(row["teksti"] in one and row["paattaja"] in one for one in said)
    assert not any("ei ole kirjattu omaa päättäjää" in one for one in said)


def test_of_a_theme_only_its_own_proposals_are_told(bodies, followed):
    known = Known(COUNTY, "asuminen", bodies, followed, on=DAY)
    assert [one for one in told(closing(None, known)) if "vuokrataloyhtiö" in one]
    assert not [one for one in told(closing(None, known)) if "asiointipiste" in one]


def test_days_to_return_on_are_those_after_the_last_record(followed):
    said = told(words_closing.days_back(Known(COUNTY, followed=followed)))
    assert [one.split(":")[0] for one in said] == ["23.1.2026", "28.2.2026"]
    assert words_closing.days_back(Known(REAL, followed=followed)) == []


def test_a_writers_own_words_come_first(tmp_path, parts, bodies, followed):
    data = tmp_path
    for field, text in (("paattaja", "Johtoryhmä päättää."), ("palataan", "Palataan 1.9.2026.")):
        hand_files.change(
            "vaikuttamisloki", "hva-E1", field, Entry(text, "esihenkilö", date(2026, 5, 4)), data
        )
    made = hand_texts.part("vaikuttamisloki", parts, data)
    texts = words_hand.texts_of(
        protect.release({**parts, hand_texts.PART: made}, name="seuranta", preview=True), COUNTY
    )
    known = Known(COUNTY, bodies=bodies, followed=followed)
    page = " ".join(html_of(one) for one in closing(texts, known, output="vaikuttamisloki"))
    assert "Johtoryhmä päättää." in page and page.count("Kirjoittajan oma teksti") == 2
    assert "Avoin ehdotus" not in page and "ei ole kirjattu" not in page


def test_the_project_is_handed_to_its_funder():
    facts = samples.table("hanke/perustiedot")
    funder = project_texts.funder(facts)
    assert funder is not None and funder[0].startswith("Etelä-Savon elinkeino-")
    assert funder[0] in told(closing(None, Known(receiver=funder)))[0]
    assert project_texts.funder(facts.loc[facts["fact"] != "viranomainen"]) is None


def test_a_sheet_has_it_in_two_paragraphs(bodies, followed):
    """A municipality's page names its own bodies for the theme; the invented county's its open proposal."""
    heading, who, when = closing_of_a_sheet(Known(("kunta", "297"), "asuminen", bodies, on=DAY))
    assert heading.level == 2
    own = bodies.loc[(bodies["level"] == "kunta") & (bodies["theme"] == "asuminen"), "body_fi"]
    assert len(own) and all(name in who.text("fi") for name in own)
    assert when.text("fi").startswith("Päivää, jolloin")
    _, who, when = closing_of_a_sheet(Known(COUNTY, bodies=bodies, followed=followed))
    assert "Kela" in who.text("fi") and when.text("fi").startswith("23.1.2026")
    assert closing_of_a_sheet(Known())[1].text("en") == "No decision maker is recorded."


def closing_of_a_sheet(known):
    return words_closing.brief(None, known)
