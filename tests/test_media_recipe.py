"""The media kit: drafts that claim no more than the figure, safety in interviews, what is not recorded."""

from __future__ import annotations

import re

import pytest

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import plan, releases
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.catalogue.audiences import audiences
from sosrake_lib.effects.design import Claim
from sosrake_lib.influence import claims, words_decider
from sosrake_lib.influence import words as house_words
from sosrake_lib.influence import words_media as words
from sosrake_lib.influence import words_media_drafts as media_drafts
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import Heading, Note, html_of
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.protect import Text

AREAS = (
    *(("hva", code) for code in ("12", "13", "14", "20")),
    *(("kunta", code) for code in ("297", "140", "290")),
)
INVENTED = ("hva", "E1")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def figures(home):
    return protect.release(RECIPES["paattajalle"](None), name="paattajalle", preview=True, home=home)


@pytest.fixture(scope="module")
def followed(home):
    return protect.release(RECIPES["seuranta"](None), name="seuranta", preview=True, home=home)


@pytest.fixture(scope="module")
def bodies():
    return samples.reference_table("hanke/paattajat")


def finding(figures, code, level="hva"):
    return figures.select(part=words_decider.finding_part(audience="media"), region=(level, code))


def flat(items):
    for item in items:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item.content if isinstance(item, Note) else item


def text_of(item, language):
    return item.text(language) if isinstance(item, Text) else str(item)


def drafts(figures, followed, bodies, region, language="fi"):
    one = finding(figures, region[1], region[0])
    common = (one, followed, region, bodies)
    strong = words_decider.strength(figures, region, one, language)
    return [
        *words.press_release(*common, language),
        *words.questions(*common, strong, language),
        *media_drafts.opinion(*common, language),
        *media_drafts.blog_template(one, language),
        words.safety(language),
    ]


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("region", AREAS)
def test_no_draft_claims_more_than_a_description_or_labels_people(
    figures, followed, bodies, region, language
):
    one = finding(figures, region[1], region[0])
    assert len(one) == 1
    # What denies a cause has to name it ("does not tell what it comes from"): the linter asks of it.
    denied = {str(each) for each in house_words.finding(one, language).unknown}
    made = [
        *words.press_release(one, followed, region, bodies, language),
        # The last names an act by which a body decides, in the words of the act.
        *media_drafts.opinion(one, followed, region, bodies, language)[:-1],
    ]
    for item in flat(made):
        text = text_of(item, language)
        if isinstance(item, Heading):
            continue
        for each in denied:
            text = text.replace(each, "")
        found = claims.check(text, Claim.ERO, language)
        assert not set(found["kind"]) & {"claim", "stigma"}, (region, text)


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("region", AREAS)
def test_each_number_of_the_drafts_rests_on_a_result(figures, followed, bodies, region, language):
    told = list(flat(drafts(figures, followed, bodies, region, language)))
    table = words.message(finding(figures, region[1], region[0]), followed, region, bodies, language)
    assert loose_numbers("".join(html_of(item, language) for item in [*told, table])).empty
    assert sum(len(item.numbers) for item in told if isinstance(item, Sentence)) >= 2


def test_drafts_say_first_that_they_are_drafts(figures, followed, bodies):
    common = (finding(figures, "13"), followed, ("hva", "13"), bodies)
    for made in (words.press_release(*common), words.questions(*common, []), media_drafts.opinion(*common)):
        assert isinstance(made[0], Note)
        assert made[0].content.text("fi").startswith("Luonnos")
        assert made[0].content.text("en").startswith("Draft")


@pytest.mark.parametrize("region", AREAS)
def test_the_message_of_a_real_area_is_its_figure_its_request_and_who_decides(
    figures, followed, bodies, region
):
    one = finding(figures, region[1], region[0])
    told = dict(words.message(one, followed, region, bodies).plain.itertuples(index=False, name=None))
    row = protect.protected_frame(one).iloc[0]
    assert f"{row['value']:.1f}".replace(".", ",") in told["Mihin se perustuu"]
    assert told["Mitä pyydetään"].startswith("Ehdotusta ei ole kirjattu.")
    theme = catalogue.indicator(row["indicator"]).theme
    named = bodies.loc[(bodies["level"] == region[0]) & (bodies["theme"] == theme), "body_fi"]
    assert len(named) and named.iloc[0] in told["Keneltä pyydetään"]
    assert "Päättäjää ei ole kirjattu" in told["Keneltä pyydetään"]


def test_the_same_message_is_told_to_the_readers_whom_the_figure_concerns(figures):
    one = finding(figures, "297", "kunta")
    (table,) = words.for_readers(one)
    key = protect.protected_frame(one)["indicator"].iloc[0]
    assert table.plain["Kenelle"].tolist() == [
        reader.names[0] for reader in audiences() if key in reader.indicators
    ]
    assert words.for_readers(finding(figures, "E1")) == []


def test_a_countys_own_last_proposal_is_what_is_asked(figures, followed, bodies):
    none = finding(figures, "E1")
    asked = words.request(none, followed, INVENTED, bodies, "fi")
    rows = protect.protected_frame(followed.select(part="mita_tapahtui", region=INVENTED))
    assert asked.ask in set(rows.loc[rows["group"] == "ehdotus", "label_fi"])
    told = dict(words.message(none, followed, INVENTED, bodies).plain.itertuples(index=False, name=None))
    assert told["Mitä pyydetään"] == asked.ask and told["Keneltä pyydetään"] == asked.audience
    assert told["Väite"] in set(rows.loc[rows["group"] == "ilmio", "label_fi"])
    assert "ei kerro, kuinka monta ihmistä" in told["Mihin se perustuu"]
    text = " ".join(text_of(item, "fi") for item in media_drafts.opinion(none, followed, INVENTED, bodies))
    assert told["Väite"] in text and asked.ask.rstrip(".") in text


def test_without_a_finding_or_an_entry_the_kit_says_so_and_keeps_its_safety(figures, tmp_path, home, bodies):
    none = finding(figures, "E1")
    empty = protect.release(RECIPES["seuranta"](tmp_path), name="seuranta", preview=True, home=home)
    assert words.message(none, empty, INVENTED, bodies).text("en").startswith("The area has no figure")
    assert len(words.press_release(none, empty, INVENTED, bodies)) == 3
    assert len(media_drafts.opinion(none, empty, INVENTED, bodies)) == 2
    made = words.questions(none, empty, INVENTED, bodies, [])
    asked = [item.text for item in made if isinstance(item, Heading)]
    assert asked == [
        *("Mitä ehdotatte?", "Kenen vika tämä on?", "Voisimmeko haastatella asiakasta?"),
        "Pannaanko alueet järjestykseen?",
    ]


def test_an_opinion_names_the_source_of_its_figure_and_the_acts_by_which_is_decided(
    figures, followed, bodies
):
    for region in AREAS:
        one = finding(figures, region[1], region[0])
        *_, heading, source, act = media_drafts.opinion(one, followed, region, bodies)
        assert isinstance(heading, Heading) and heading.text == "Kirjoituksen lähteet"
        row = protect.protected_frame(one).iloc[0]
        assert str(row["period"]) in source.text and source.text == house_words.source_line(one).text
        assert re.search(r"\d{3,4}/\d{4}", act.text("fi")), "an act with its number"


def test_safety_names_consent_cases_small_areas_and_what_to_do_afterwards():
    told = " ".join(str(one) for one in words.safety())
    assert len(words.safety()) == len(words.SAFETY) == 8
    for word in ("kirjallisen luvan", "tapauksesta ei kerrota", "Pienestä kunnasta", "oikaisua"):
        assert word in told


def test_every_area_has_its_kit_and_the_invented_county_too(project):
    loaded = plan.load(project, recipes=releases.known_recipes())
    areas = [task.region for task in loaded.tasks if task.page == "mediasuunnitelma"]
    assert len(areas) == len(set(areas)) == 56 and INVENTED in areas
    assert set(AREAS) <= set(areas)
