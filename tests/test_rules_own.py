"""Rule sets: what they hide, the data owner's own file, and what may not be chosen."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import CODES, row, rules

from sosrake_lib import protect
from sosrake_lib.effects.prepost import paired_change
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import magnitude
from sosrake_lib.protect.owner_rules import FILE_NAME, rules_of
from sosrake_lib.protect.rules import HouseRules, RuleSet, order_statistics, rule_set

HEAD = 'omistaja = "Esimerkkilän hyvinvointialue"\npaivays = 2026-01-15\n'


def shown(frame, rule=None, totals=()):
    given = protect.part(frame, rule or rules(), totals)
    return protect.protected_frame(
        protect.release({"osa": given}, name="koe", preview=True).select("osa")
    ).set_index("region_code")


def money(code, value, largest, second, contributors, **other):
    level = "hva" if code == "E1" else "kunta"
    told = {"largest": largest, "second_largest": second, "denominator": float(contributors)}
    return row(code, "all", value, **told) | {"numerator": np.nan, "region_level": level} | other


def test_avoin_is_what_it_was():
    """A release of published figures keeps its id: its rules have not changed."""
    assert asdict(rule_set("avoin")) == {
        "name": "avoin",
        "version": "1",
        "minimum_count": 5,
        "minimum_denominator": 50,
        "zeros": False,
        "open": True,
    }


def test_a_sum_dominated_by_two_is_hidden_and_its_contributions_never_leave():
    frame = pd.DataFrame(
        [money("E01", 1000, 900, 50, 12), money("E02", 1000, 100, 90, 30), money("E03", 1000, 120, 80, 25)]
    )
    table = shown(frame)
    assert table["status"].to_dict() == {"E01": "suppressed", "E02": "ok", "E03": "ok"}
    assert not {"largest", "second_largest"} & set(table.columns)


def test_a_dominated_sum_does_not_come_back_from_the_county():
    rows = [money(code, 1000 + 10 * place, 100, 90, 30) for place, code in enumerate(CODES)]
    rows[0] |= {"value": 1000.0, "largest": 900.0, "second_largest": 50.0}
    whole = sum(one["value"] for one in rows)
    rows.append(money("E1", whole, 900, 100, 240))
    table = shown(pd.DataFrame(rows), totals=("region",))
    hidden = table.loc[table["status"] == "suppressed"]
    assert "E01" in hidden.index
    assert len(hidden) >= 2, "the county less all others would be the dominated sum"


@pytest.mark.parametrize(("largest", "second"), [(60, 25), (300, 20), (50, 49), (10, 10)])
def test_sums_as_arrays_are_judged_as_one_by_one(largest, second):
    given = magnitude.MagnitudeRules(largest=2, share=85, percent=15)
    others = [8.0] * 4
    total = largest + second + sum(others)
    one = bool(magnitude.unsafe([largest, second, *others], given))
    assert magnitude.unsafe_sums([total], [largest], [second], given).tolist() == [one]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"second_largest": 2000.0}, "wrong order or more than the sum"),
        ({"denominator": np.nan}, "give the number of contributors"),
    ],
)
def test_a_sum_that_cannot_be_judged_is_refused(change, message):
    with pytest.raises(DisclosureError, match=message):
        shown(pd.DataFrame([money("E01", 1000, 900, 50, 12) | change]))


def test_both_contributions_are_asked_for():
    frame = pd.DataFrame([money("E01", 1000, 900, 50, 12)]).drop(columns="second_largest")
    with pytest.raises(DisclosureError, match="second_largest is missing"):
        shown(frame)


@pytest.mark.parametrize("statistic", sorted(order_statistics())[:6])
def test_no_exact_order_statistic_of_few(statistic):
    frame = pd.DataFrame(
        row(
            code,
            "all",
            14.0,
            denominator=n,
            numerator=np.nan,
            statistic=statistic,
            method="",
            confidence=0.95,
        )
        for code, n in (("E01", 9.0), ("E02", 10.0))
    )
    assert shown(frame)["status"].to_dict() == {"E01": "suppressed", "E02": "ok"}


def test_the_mean_of_nine_is_no_order_statistic():
    frame = pd.DataFrame(
        [
            row(
                "E01",
                "all",
                14.2,
                denominator=9.0,
                numerator=np.nan,
                statistic="mean",
                method="",
                confidence=0.95,
            )
        ]
    )
    assert shown(frame)["status"].to_dict() == {"E01": "ok"}


def test_group_disclosure_is_a_rule_of_its_own():
    frame = pd.DataFrame([row("E01", "all", 98, denominator=100.0)])
    assert shown(frame)["status"].item() == "suppressed"
    off = HouseRules("vakio", "x", 5, 50, False, False, group_disclosure=False)
    assert shown(frame, off)["status"].item() == "ok"


@pytest.mark.parametrize(("least", "hidden"), [(4, False), (6, True)])
def test_least_degrees_of_freedom_hide_a_models_result(least, hidden):
    effect = paired_change([18, 22, 15, 25, 19, 21], [14, 20, 15, 18, 12, 20], unit="points")
    place = protect.Place("hva", "E1", "2024")
    own = HouseRules("vakio", "x", 5, 50, False, False, least_degrees=least)
    rows = protect.effect_frame(effect, place, indicator="vointi", people="n", origin="synthetic", rules=own)
    assert (rows.loc[rows["statistic"] == "effect", "status"] == "suppressed").all() == hidden


def test_an_owner_may_be_stricter_or_looser(home):
    text = HEAD + '[vakio]\nversion = "oma-1"\nminimum_count = 10\nminimum_denominator = 30\npercent = 20\n'
    (home / FILE_NAME).write_text(text + '[tiukka]\nversion = "1"\nzeros = true\n', encoding="utf-8")
    own = rule_set("vakio")
    assert (own.minimum_count, own.minimum_denominator, own.version) == (10, 30, "oma-1")
    assert (own.owner, own.decided_on) == ("Esimerkkilän hyvinvointialue", "2026-01-15")
    assert own.minimum_for_order == 10
    assert rule_set("tiukka").zeros
    assert rule_set("tiukka").minimum_count == 5
    assert rule_set("avoin").open


def test_an_owners_rules_stand_with_the_data(home, tmp_path):
    folder = tmp_path / "aineisto"
    folder.mkdir()
    (folder / FILE_NAME).write_text(HEAD + '[vakio]\nversion = "2b"\nminimum_count = 3\n', encoding="utf-8")
    assert rule_set("vakio").minimum_count == 5
    assert rule_set("vakio", data=folder).minimum_count == 3
    with rules_of(folder):
        assert rule_set("vakio").minimum_count == 3
    assert rule_set("vakio").minimum_count == 5
    (home / FILE_NAME).write_text(HEAD, encoding="utf-8")
    with pytest.raises(DisclosureError, match="keep one"):
        rule_set("vakio", data=folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + '[vakio]\nversion = "1"\nminimum_count = 2\n', "expected 3-10"),
        (HEAD + '[vakio]\nversion = "1"\nminimum_count = 11\n', "expected 3-10"),
        (HEAD + "[vakio]\nminimum_count = 6\n", "version is missing"),
        (HEAD + '[vakio]\nversion = "1"\nminimum_cuont = 6\n', "'minimum_cuont' is no rule"),
        (HEAD + '[vakio]\nversion = "1"\nzeros = 1\n', "expected true or false"),
        (HEAD + '[vakio]\nversion = "1"\nopen = true\n', "nothing to choose"),
        (HEAD + '[avoin]\nversion = "2"\n', "nothing to choose"),
        (HEAD + '[vakio]\nversion = "1"\ndominance_largest = 3\n', "expected 0-2"),
        ('paivays = 2026-01-15\n[vakio]\nversion = "1"\n', "omistaja is missing"),
        ('omistaja = "x"\n[vakio]\nversion = "1"\n', "paivays is missing"),
        (HEAD + "minimum_count = 6\n", "stands outside a rule set"),
        ("omistaja = \n", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_words(home, text, message):
    (home / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(DisclosureError, match=message):
        rule_set("vakio")


def test_owner_and_day_are_part_of_what_was_released(home):
    frame = pd.DataFrame([row("E01", "all", 40)])
    plain = protect.release({"osa": protect.part(frame, "vakio")}, name="koe", preview=True)
    (home / FILE_NAME).write_text(HEAD + '[vakio]\nversion = "oma-1"\n', encoding="utf-8")
    own = protect.release({"osa": protect.part(frame, "vakio")}, name="koe", preview=True)
    assert plain.id != own.id


def test_a_rule_set_of_counts_only_leaves_the_other_rules_out():
    plain = RuleSet("oma", "1", 5, 50, False, False)
    frame = pd.DataFrame([money("E01", 1000, 900, 50, 12)])
    assert shown(frame, plain)["status"].item() == "ok"
