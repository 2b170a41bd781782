"""The release of the competence survey: what is known to be true is found, and nobody can be counted out."""

from __future__ import annotations

import itertools
import shutil

import pandas as pd
import pytest

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import recipes_survey
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import survey
from sosrake_lib.influence import words

# Differences the answers were drawn around (data/samples/osaamiskartoitus.toml).
TRUE_GAPS = {
    "tiedon_kokoaminen": 0.6,
    "tiedon_tyostaminen": 1.0,  # five of its six items; the sixth is drawn at 1.6
    "tiedolla_vaikuttaminen": 1.8,
    "yhteistyo_edellytykset": 0.8,
}
# Rounding answers to whole points and cutting them to 1-5 pulls means towards the middle of the scale; with
# n = 64 the standard error of a domain's gap is about 0.075, so 0.25 holds three of them.
NEAR = 0.25


@pytest.fixture(scope="module")
def parts():
    return recipes_survey.competence_survey(None)


@pytest.fixture
def released(parts):
    made = protect.release(parts, name="osaaminen", preview=True)
    return {name: protect.protected_frame(made.select(part=name)) for name in made.parts}


def test_greatest_gap_is_in_influencing_and_next_in_effect_knowledge(parts):
    domains = parts["vaje_osa_alueet"].frame
    everyone = domains.loc[domains["group"] == "all"].set_index("indicator")
    assert everyone["value"].idxmax() == "tiedolla_vaikuttaminen"
    # It is the greatest whichever respondents are drawn, not only in this sample.
    assert everyone.at["tiedolla_vaikuttaminen", "rank_upper"] == 1
    items = parts["vaje"].frame.set_index("indicator")["value"]
    influencing = [
        item.key
        for one in catalogue.competences()
        if one.key == "tiedolla_vaikuttaminen"
        for item in one.items
    ]
    assert items.drop(influencing).idxmax() == "vaikutusten_arviointi"
    assert items[influencing].min() > items.drop(influencing).max()


def test_domains_recover_what_the_answers_were_drawn_around(parts):
    domains = parts["vaje_osa_alueet"].frame
    found = domains.loc[domains["group"] == "all"].set_index("indicator")["value"]
    for domain, true in TRUE_GAPS.items():
        assert found[domain] == pytest.approx(true, abs=NEAR)


def test_no_organisation_differs_beyond_chance(parts):
    domains = parts["vaje_osa_alueet"].frame
    for _, rows in domains.loc[domains["group"] != "all"].groupby("indicator"):
        assert rows["lower"].max() < rows["upper"].min()


def test_no_number_of_people_below_the_minimum_leaves(released):
    for name, rows in released.items():
        shown = rows.loc[rows["status"] == "ok"]
        for column in ("numerator", "denominator"):
            small = shown[column].between(1, 4)
            assert not small.any(), f"{name}: {column}"
    assert (released["vastaajat"]["value"] >= 5).all()


def test_no_class_is_hidden_alone(released):
    for scale in ("tarkeys", "osaaminen"):
        rows = released[scale]
        item = rows["indicator"].str.rsplit(".", n=1).str[0]
        hidden = (rows["status"] == "suppressed").groupby(item)
        assert (hidden.any() == hidden.all()).all()


def test_means_do_not_give_the_answers_at_the_ends_back(released):
    """The mean of importance and the classes together leave the number at the low end open."""
    rows = released["tarkeys"].set_index("indicator")
    for _, gap in released["vaje"].iterrows():
        low = rows.loc[f"{gap['indicator']}.tarkeys.13", "numerator"]
        high = rows.loc[f"{gap['indicator']}.tarkeys.45", "numerator"]
        people = low + high
        # All ways in which `low` people gave 1-3 and `high` gave 4-5 with the shown mean of two decimals.
        possible = {
            ones + twos
            for ones, twos, fives in itertools.product(range(6), range(6), range(int(high) + 1))
            if abs(3 * low - 2 * ones - twos + 4 * high + fives - people * gap["importance"]) <= people * 0.01
        }
        assert {0, 1, 2, 3, 4, 5} <= possible


def test_an_item_with_a_small_class_is_withheld_whole():
    answers = survey.read_answers(samples.table("osaamiskartoitus"))
    media = (answers["item"] == "media") & (answers["scale"] == "osaaminen")
    changed = answers.assign(answer=answers["answer"].mask(media, 4))
    changed.loc[changed.index[media][:2], "answer"] = 1
    counted = recipes_survey.in_classes(changed, "osaaminen", 5)
    own = counted.loc[counted["item"] == "media.osaaminen"]
    assert set(own["status"]) == {"suppressed"}
    assert own[["value", "numerator", "denominator", "lower", "upper"]].isna().all(axis=None)
    assert (counted.loc[counted["item"] != "media.osaaminen", "status"] == "ok").all()


def test_classes_are_as_fine_as_the_answers_allow():
    answers = survey.read_answers(samples.table("osaamiskartoitus"))
    many = answers.assign(answer=answers["respondent"] % 5 + 1)
    counted = recipes_survey.in_classes(many, "osaaminen", 5)
    assert set(counted["point"]) == {11, 22, 33, 44, 55}


def test_small_organisations_are_merged_until_nobody_stands_out():
    sizes = {"A": 10, "B": 6, "C": 3}
    answers = pd.DataFrame({"organisation": [name for name, size in sizes.items() for _ in range(size)]})
    answers["respondent"] = range(len(answers))
    merged = recipes_survey.with_small_groups_merged(answers, 5)
    assert merged["organisation"].value_counts().to_dict() == {"A": 10, "muut": 9}


def test_names_cover_what_the_page_shows(released):
    for language in ("fi", "en"):
        words = recipes_survey.names(language)
        for scale in ("tarkeys", "osaaminen"):
            assert set(released[scale]["indicator"].str.rsplit(".", n=1).str[0]) <= set(words)
        assert set(released["koulutustarve"]["indicator"]) <= set(words)


def test_real_answers_are_not_put_into_the_invented_county(tmp_path, project):
    for ending in ("csv", "toml"):
        shutil.copy(project / "data" / "samples" / f"osaamiskartoitus.{ending}", tmp_path)
    about = tmp_path / "osaamiskartoitus.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(GatherError, match="answers are real"):
        recipes_survey.competence_survey(tmp_path)


def test_gaps_are_said_in_points_of_the_scale(parts):
    made = protect.release(parts, name="osaaminen", preview=True)
    domain = made.select(part="vaje_osa_alueet", indicator="tiedolla_vaikuttaminen", group="all")
    finnish, english = words.level(domain, "fi").text, words.level(domain, "en").text
    assert finnish.startswith("Tiedolla vaikuttaminen: Esimerkkilässä 1,")
    assert "\u00a0pistettä vuonna 2020" in finnish
    assert "\u00a0points" in english
    item = words.level(made.select(part="vaje", indicator="vaikutusten_arviointi"), "fi").text
    assert item.startswith("Tuotan ja esitän tietoa työn vaikutuksista: ")
