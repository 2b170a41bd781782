"""The media kit: drafts that claim no more than the figure, safety in interviews, what is not recorded."""

from __future__ import annotations

import pytest

from sosrake_lib import protect
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.effects.design import Claim
from sosrake_lib.influence import claims, words_decider
from sosrake_lib.influence import words as house_words
from sosrake_lib.influence import words_media as words
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import Heading, Note, html_of
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.protect import Text

COUNTIES = ("12", "13", "14", "20")
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


def finding(figures, code):
    return figures.select(part=words_decider.finding_part(audience="media"), region=("hva", code))


def flat(items):
    for item in items:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item.content if isinstance(item, Note) else item


def text_of(item, language):
    return item.text(language) if isinstance(item, Text) else str(item)


def drafts(figures, code, language):
    one = finding(figures, code)
    return [
        *words.press_release(one, ("hva", code), language),
        *words.questions(one, language),
        *words.blog_template(one, language),
        words.safety(language),
    ]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_draft_of_any_county_claims_more_than_a_description_or_labels_people(figures, language):
    for code in COUNTIES:
        assert len(finding(figures, code)) == 1
        # What denies a cause has to name it ("does not tell what it comes from"): the linter asks of it.
        denied = {str(one) for one in house_words.finding(finding(figures, code), language).unknown}
        for item in flat(words.press_release(finding(figures, code), ("hva", code), language)):
            if isinstance(item, Heading) or text_of(item, language) in denied:
                continue
            found = claims.check(text_of(item, language), Claim.ERO, language)
            assert not set(found["kind"]) & {"claim", "stigma"}, (code, text_of(item, language))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_each_number_of_the_drafts_rests_on_a_result(figures, language):
    for code in COUNTIES:
        told = list(flat(drafts(figures, code, language)))
        assert loose_numbers("".join(html_of(item, language) for item in told)).empty
        assert sum(len(item.numbers) for item in told if isinstance(item, Sentence)) >= 2


def test_drafts_say_first_that_they_are_drafts(figures):
    one = finding(figures, "13")
    for made in (words.press_release(one, ("hva", "13")), words.questions(one)):
        assert isinstance(made[0], Note)
        assert made[0].content.text("fi").startswith("Luonnos.")
        assert made[0].content.text("en").startswith("Draft.")


def test_a_real_county_has_no_proposal_of_the_invented_one(figures, followed):
    table = words.message(finding(figures, "13"), followed, ("hva", "13")).plain
    told = dict(table.itertuples(index=False, name=None))
    assert told["Mitä pyydetään"] == "Ehdotusta ei ole kirjattu."
    assert told["Keneltä pyydetään"] == "Päättäjää ei ole kirjattu."
    assert any(sign.isdigit() for sign in told["Mihin se perustuu"])


def test_a_countys_own_last_proposal_is_what_is_asked(figures, followed):
    # The invented county's proposals beside a figure: only the words of the two lines are looked at.
    asked = words._ask(followed, INVENTED, "fi")
    rows = protect.protected_frame(followed.select(part="mita_tapahtui", region=INVENTED))
    proposals = set(rows.loc[rows["group"] == "ehdotus", "label_fi"])
    assert asked["ask"].text in proposals


def test_without_a_finding_the_kit_says_so_and_keeps_its_safety(figures, followed):
    none = finding(figures, "E1")
    assert not len(none)
    assert words.message(none, followed, INVENTED).text("en").startswith("The area has no figure")
    assert len(words.press_release(none, INVENTED)) == 2
    asked = [item.text for item in words.questions(none) if isinstance(item, Heading)]
    assert asked == ["Kenen vika tämä on?", "Voisimmeko haastatella asiakasta?", "Mikä alue on huonoin?"]


def test_safety_names_consent_cases_and_small_areas():
    told = " ".join(str(one) for one in words.safety())
    assert len(words.safety()) == len(words.SAFETY) == 7
    for word in ("kirjallisen luvan", "tapauksesta ei kerrota", "Pienestä kunnasta"):
        assert word in told
