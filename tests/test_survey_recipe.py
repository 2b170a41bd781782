"""The release of the competence survey: what is known to be true is found, and nobody can be counted out."""

from __future__ import annotations

import itertools
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import recipes_survey
from sosrake_lib.batch import recipes_survey_scales as on_scales
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import survey
from sosrake_lib.influence import charts_survey, training, words
from sosrake_lib.influence.charts_importance import free_places

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


@pytest.fixture(scope="module")
def answers():
    return survey.read_answers(samples.table("osaamiskartoitus"))


def test_alpha_is_that_of_the_covariances_and_its_limits_feldt_s(parts, answers):
    """By its definition, pairwise; Feldt's limits by scipy's F distribution. Released at two decimals."""
    found = parts["luotettavuus"].frame.set_index(["indicator", "group"])
    for domain in catalogue.competences():
        rows = answers.loc[(answers["scale"] == "osaaminen") & (answers["domain"] == domain.key)]
        wide = rows.pivot(index="respondent", columns="item", values="answer").astype("float64")
        covariance = wide.cov().to_numpy()
        k, n = len(covariance), len(wide)
        alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
        row = found.loc[(f"{domain.key}.osaaminen.luotettavuus", "alfa")]
        assert row["value"] == pytest.approx(alpha, abs=0.005001)
        f = stats.f(n - 1, (n - 1) * (k - 1))
        assert row["lower"] == pytest.approx(1 - (1 - alpha) * f.ppf(0.975), abs=0.005001)
        assert row["upper"] == pytest.approx(1 - (1 - alpha) * f.ppf(0.025), abs=0.005001)
        omega = found.loc[(f"{domain.key}.osaaminen.luotettavuus", "omega")]
        assert omega["lower"] < omega["value"] < omega["upper"]


def test_quadrants_by_both_lines_are_those_of_the_means(released):
    rows = released["nelikentta"].set_index("indicator")
    for line, column in (((3.0, 3.0), "position"), (None, "category")):
        for _, row in rows.iterrows():
            high, able = line or (row["importance_line"], row["skill_line"])
            near = min(abs(row["importance"] - high), abs(row["skill"] - able)) <= 0.01
            expected = {
                (True, False): "concentrate_here",
                (True, True): "keep_up",
                (False, False): "low_priority",
                (False, True): "possible_overkill",
            }[(row["importance"] >= high, row["skill"] >= able)]
            assert near or row[column] == expected
    assert (rows["quadrant_flips"] == (rows["position"] != rows["category"])).all()
    influencing = [item.key for one in catalogue.competences() if one.key == "tiedolla_vaikuttaminen"
                   for item in one.items]  # fmt: skip
    assert set(rows.loc[influencing, "position"]) == {"concentrate_here"}


def test_reach_counts_those_with_a_gap_of_a_point_or_more(parts, answers):
    both = recipes_survey.item_answers(answers)
    rows = parts["kattavuus"].frame.set_index("indicator")
    for item, own in both.groupby("item"):
        touched = (own["importance"] - own["skill"] >= 1).sum()
        assert rows.loc[f"{item}.kattavuus", ["numerator", "denominator"]].tolist() == [touched, len(own)]


def test_a_share_of_nearly_everyone_is_hidden_and_the_gap_beside_it_is_not(released):
    shares = released["kattavuus"].set_index("indicator")
    assert shares.loc["sosiaalinen_media.kattavuus", "status"] == "suppressed"
    assert np.isnan(shares.loc["sosiaalinen_media.kattavuus", "value"])
    assert (released["vaje"]["status"] == "ok").all()
    shown = shares.loc[shares["status"] == "ok"]
    assert (shown["denominator"] - shown["numerator"] >= 5).all()


def test_every_mean_says_how_many_stand_behind_it(released):
    for name in (
        "luotettavuus",
        "nelikentta",
        "organisaatioerot",
        "koulutustarve",
        "koulutustarve_vaittamat",
    ):
        assert released[name]["denominator"].between(50, 64).all(), name


def test_organisations_are_compared_by_domain_only_while_they_are_small(parts, answers):
    found = parts["organisaatioerot"].frame
    assert set(found["indicator"]) == {f"{one.key}.osaaminen.ero" for one in catalogue.competences()}
    assert set(found["verdict"]) == {"similar"}
    rows = answers.loc[(answers["scale"] == "osaaminen") & answers["answer"].notna()]
    means = (
        rows.astype({"answer": "float64"}).groupby(["domain", "organisation", "respondent"])["answer"].mean()
    )
    p_values = []
    for domain in catalogue.competences():
        a, b = (means[domain.key, name].to_numpy() for name in ("Organisaatio A", "Organisaatio B"))
        delta = np.sign(a[:, None] - b[None, :]).mean()
        row = found.loc[found["indicator"] == f"{domain.key}.osaaminen.ero"].iloc[0]
        assert row["value"] == pytest.approx(delta, abs=0.005001)
        p_values.append(stats.mannwhitneyu(a, b, method="asymptotic").pvalue)
    assert min(p_values) * len(p_values) > 0.5, "Holm's smallest is the smallest times their number"


def test_large_organisations_are_compared_item_by_item(answers):
    many = pd.concat([answers.assign(respondent=answers["respondent"] + 1000 * copy) for copy in range(2)])
    found = on_scales.differences(many, recipes_survey.PLACE, 5, 50)
    assert len(found) == 24
    assert on_scales.differences(answers.assign(organisation="A"), recipes_survey.PLACE, 5, 50) is None


def test_a_clear_difference_gets_its_word(answers):
    skill = (answers["scale"] == "osaaminen") & (answers["domain"] == "tiedon_tyostaminen")
    raised = skill & (answers["organisation"] == "Organisaatio A")
    changed = answers.assign(answer=answers["answer"].mask(raised, 5))
    found = on_scales.differences(changed, recipes_survey.PLACE, 5, 50).set_index("indicator")["verdict"]
    assert found["tiedon_tyostaminen.osaaminen.ero"] == "higher"
    assert found["tiedon_kokoaminen.osaaminen.ero"] == "similar"


def test_response_is_told_when_the_dictionary_says_how_many_were_asked(tmp_path, project, parts):
    assert "vastausaste" not in parts
    for ending in ("csv", "toml"):
        shutil.copy(project / "data" / "samples" / f"osaamiskartoitus.{ending}", tmp_path)
    about = tmp_path / "osaamiskartoitus.toml"
    staff = '\n[staff]\n"Organisaatio A" = 60\n"Organisaatio B" = 75\n'
    about.write_text(about.read_text(encoding="utf-8") + staff, encoding="utf-8")
    made = recipes_survey.competence_survey(tmp_path)
    rows = made["vastausaste"].frame.set_index("group")
    assert rows.loc["Organisaatio A", ["numerator", "denominator"]].tolist() == [34, 60]
    assert rows.loc["all", "value"] == pytest.approx(100 * 64 / 135)
    assert rows.loc["all", "not_answered"] == 71
    narrower = made["vaje"].frame.set_index("indicator")
    wider = parts["vaje"].frame.set_index("indicator")
    width = (narrower["upper"] - narrower["lower"]).mean() / (wider["upper"] - wider["lower"]).mean()
    assert width == pytest.approx(np.sqrt(1 - 63 / 135), abs=0.02), "the finite staff narrows the interval"
    protect.release(made, name="osaaminen", preview=True)


def test_merged_organisations_are_asked_together():
    answers = pd.DataFrame({"respondent": range(12), "organisation": ["A"] * 7 + ["muut"] * 5})
    asked = on_scales.staff_asked({"A": 10, "B": 6, "C": 4}, answers, "muut")
    assert asked.to_dict() == {"A": 10, "muut": 10}


def test_no_item_s_spread_of_answers_leaves(released):
    """From mean, spread and classes the number of answers at the ends could be reckoned (one or none)."""
    limits = [column for column in released["nelikentta"] if column.endswith(("_lower", "_upper"))]
    assert set(limits) == {"rank_lower", "rank_upper"}
    for column in ("importance_margin", "skill_margin", "importance_line", "skill_line"):
        assert released["nelikentta"][column].nunique() == 1, "one figure of all items together"
    assert released["koulutustarve_vaittamat"][["lower", "upper"]].isna().all(axis=None)


def test_gap_its_limits_and_reach_do_not_give_the_exceptions_back(released):
    """How many rate their skill above importance stays open, whatever a reader makes of the three figures."""
    gaps = released["vaje"].set_index("indicator")
    shares = released["kattavuus"].set_index("indicator")
    for item, row in gaps.iterrows():
        share = shares.loc[f"{item}.kattavuus"]
        if share["status"] != "ok":
            continue
        people, touched = int(share["denominator"]), int(share["numerator"])
        # Bootstrap limits are mean -+ 1.96 standard errors, within a rounding and the draws' own error.
        spread = (row["upper"] - row["lower"]) / 2 / 1.96 * np.sqrt(people)
        possible = set()
        for twos, threes, fours, minus, minus_two in itertools.product(
            range(touched + 1), range(0, touched + 1, 2), range(3), range(12), range(3)
        ):
            ones = touched - twos - threes - fours
            if ones < 0 or minus + minus_two > people - touched:
                continue
            total = ones + 2 * twos + 3 * threes + 4 * fours - minus - 2 * minus_two
            if abs(total / people - row["value"]) > 0.0051:
                continue
            squares = ones + 4 * twos + 9 * threes + 16 * fours + minus + 4 * minus_two
            if abs(np.sqrt(squares / people - (total / people) ** 2) - spread) <= 0.04 * spread:
                possible.add(minus + minus_two)
        assert len(possible) >= 3, item


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_picture_numbers_every_item_and_says_it_in_words(parts, language):
    made = protect.release(parts, name="osaaminen", preview=True)
    order = [item.key for item in catalogue.competence_framework().items]
    figure = charts_survey.importance_performance(
        made.select(part="nelikentta"), "Tärkeys ja osaaminen", language, order=order
    )
    assert figure.png.startswith(b"\x89PNG")
    again = charts_survey.importance_performance(
        made.select(part="nelikentta"), "Tärkeys ja osaaminen", language, order=order
    )
    assert figure.png == again.png
    names = figure.table.plain.iloc[:, 0].tolist()
    assert [name.split(".")[0] for name in names] == [str(number) for number in range(1, 25)]
    effects = "vaikutuksista" if language == "fi" else "effects of the work"
    assert effects in figure.alt
    assert ("Keksitty" if language == "fi" else "Invented") in figure.alt


def test_labels_of_the_picture_cover_neither_each_other_nor_points():
    rng = np.random.default_rng(4)
    points = rng.normal((300, 200), (60, 25), (24, 2))
    sizes = np.full((24, 2), (18.0, 16.0))
    middles = free_places(points, sizes, (0, 0, 700, 450))
    for one, other in itertools.combinations(range(24), 2):
        assert (abs(middles[one] - middles[other]) >= sizes[one] - 1e-9).any()
    for middle in middles:
        assert (abs(points - middle) >= (9 + 5 - 1e-9, 8 + 5 - 1e-9)).any(axis=1).all()


def test_scales_are_told_point_by_point():
    finnish, english = (" ".join(map(str, training.scale_words(one))) for one in ("fi", "en"))
    assert "Oma osaaminen: 1 = en osaa vielä; 2 = osaan, kun saan apua" in finnish
    assert "5 = very great need." in english
