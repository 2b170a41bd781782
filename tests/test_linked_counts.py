"""What links counts without a sum: a part is at most its whole, and a denominator is a count as well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import row, rules

from sosrake_lib import protect
from sosrake_lib.effects.prepost import paired_change
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit import Statement, Target, audit, exact


def made(parts, **other):
    given = {name: protect.part(pd.DataFrame(rows), rules(), sums) for name, (rows, sums) in parts.items()}
    return protect.release(given, name="koe", **{"preview": True, **other})


def shown(release, part="osa"):
    return protect.protected_frame(release.select(part))


def by_sex(code, group, women, men):
    return [
        row(code, group, women, sex="female"),
        row(code, group, men, sex="male"),
        row(code, group, women + men, sex="total"),
    ]


def share(code, group, count, denominator):
    return row(
        code, group, count, denominator=float(denominator), per=100.0, value=100.0 * count / denominator
    )


def test_a_part_is_at_most_its_whole():
    """Eight women and six men are clients, twelve of them need housing: of the women six to eight do."""
    rows = [*by_sex("E01", "all", 8, 6), *by_sex("E01", "asuminen", 8, 4), *by_sex("E01", "talous", 5, 6)]
    table = shown(made({"osa": (rows, ("sex",))}))
    keys = [(group, sex) for group in ("all", "asuminen", "talous") for sex in ("female", "male")]
    cell = {key: number for number, key in enumerate(keys)}
    statements, targets = [], []
    for entry in table.itertuples():
        sexes = ("female", "male") if entry.sex == "total" else (entry.sex,)
        inner = [cell[entry.group, sex] for sex in sexes]
        if entry.status == "ok":
            statements.append(exact(inner, entry.numerator))
        else:
            targets.append(Target(f"{entry.group} {entry.sex}", tuple(inner), 5))
    count = len(keys)
    # Everyone with a need is a client: all - need >= 0, told through a slack of its own.
    for group in ("asuminen", "talous"):
        for sex in ("female", "male"):
            whole = table.query("group == 'all' and sex == @sex").iloc[0]
            if whole["status"] == "ok":
                statements.append(Statement((cell[group, sex],), 0, whole["numerator"]))
    found = audit(count, statements, targets)
    assert len(found)
    assert (found["status"] == "protected").all(), found


def test_a_part_far_below_its_whole_changes_nothing():
    rows = [*by_sex("E01", "all", 80, 60), *by_sex("E01", "asuminen", 8, 4)]
    table = shown(made({"osa": (rows, ("sex",))}))
    hidden = table.loc[table["status"] == "suppressed"]
    assert set(zip(hidden["group"], hidden["sex"], strict=True)) == {
        ("asuminen", "female"),
        ("asuminen", "male"),
    }


COUNTS = {"E01": (3, 0), "E02": (60, 20), "E03": (70, 25), "E04": (90, 30), "E05": (80, 30), "E06": (75, 22),
          "E07": (66, 21), "E08": (85, 31)}  # fmt: skip


def county(wide=("E02", "E03", "E04")):
    """Give counts with a lone small municipality, and shares of a need in some of the others."""
    everyone = [row(code, "all", whole) for code, (whole, _) in COUNTS.items()]
    everyone.append(row("E1", "all", sum(whole for whole, _ in COUNTS.values())))
    shares = [share(code, "asuminen", COUNTS[code][1], COUNTS[code][0]) for code in wide]
    return everyone, shares


def told(everyone, shares):
    """Collect what a reader knows of municipalities' clients, from counts and from denominators."""
    known = everyone.loc[everyone["status"] == "ok"].set_index("region_code")["numerator"].to_dict()
    seen = shares.loc[shares["status"] == "ok"].set_index("region_code")["denominator"].to_dict()
    return known | seen


def test_a_denominator_does_not_give_a_hidden_count_back():
    everyone, shares = county(wide=tuple(COUNTS)[1:])
    release = made({"osa": (everyone, ("region",)), "osuudet": (shares, ())})
    known = told(shown(release), shown(release, "osuudet"))
    assert known["E1"] == sum(whole for whole, _ in COUNTS.values())
    assert len(set(COUNTS) - set(known)) >= 2, "all but one municipality would give the one back"


def test_a_denominator_that_is_out_already_is_no_place_to_hide(tmp_path):
    everyone, shares = county(wide=("E02", "E03"))
    places = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    first = made({"osuudet": (shares, ())}, **places)
    second = made({"osa": (everyone, ("region",))}, **places)
    known = told(shown(second), shown(first, "osuudet"))
    assert len(set(COUNTS) - set(known)) >= 2


def test_nothing_left_to_hide_is_refused(tmp_path):
    everyone, shares = county(wide=tuple(COUNTS)[1:])
    places = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    made({"osuudet": (shares, ())}, **places)
    made({"osa": (everyone[-1:], ())}, **places)
    with pytest.raises(DisclosureError, match="could be reckoned back with what release"):
        made({"osa": (everyone, ("region",))}, **places)


def test_what_denominators_leave_over_is_protected():
    """Shares of seven municipalities and of the county: 529 - 526 people would be the eighth's three."""
    everyone, shares = county(wide=tuple(COUNTS)[1:])
    whole = everyone[-1]["value"]
    county_share = share("E1", "asuminen", sum(need for _, need in COUNTS.values()), whole)
    seen = shown(made({"osuudet": ([*shares, county_share], ())}), "osuudet")
    told = seen.loc[seen["status"] == "ok"].set_index("region_code")["denominator"]
    own = told.drop("E1", errors="ignore").sum()
    assert "E1" not in told or whole - own - COUNTS["E01"][0] > 0, "the eighth stands alone"


def test_choice_does_not_look_at_the_size_of_what_it_hides():
    """Ten people moved between two hidden municipalities leave the same pattern."""
    everyone, shares = county()
    release = made({"osa": (everyone, ("region",)), "osuudet": (shares, ())})
    hidden = shown(release).query("status == 'suppressed'")["region_code"].tolist()
    large = [code for code in hidden if code != "E01"]
    moved = [dict(one) for one in everyone]
    for one in moved:
        step = {"E01": 1.0, large[0]: -1.0}.get(one["region_code"], 0.0)
        one["value"], one["numerator"] = one["value"] + step, one["numerator"] + step
    changed = [
        one
        | {"denominator": one["denominator"] - 1, "value": 100 * one["numerator"] / (one["denominator"] - 1)}
        if one["region_code"] == large[0]
        else one
        for one in shares
    ]
    again = made({"osa": (moved, ("region",)), "osuudet": (changed, ())})
    assert shown(again)["status"].tolist() == shown(release)["status"].tolist()
    assert shown(again, "osuudet")["status"].tolist() == shown(release, "osuudet")["status"].tolist()
    assert np.array_equal(
        shown(again)["numerator"].to_numpy(), shown(release)["numerator"].to_numpy(), equal_nan=True
    )


def test_needs_that_happen_to_sum_in_one_place_are_no_sum_in_another():
    """In E02 the needs make exactly the clients; in E01 they outnumber them, and four need no housing."""
    rows = [row("E01", "all", 10), row("E01", "asuminen", 6), row("E01", "talous", 8)]
    rows += [row("E02", "all", 40), row("E02", "asuminen", 15), row("E02", "talous", 25)]
    table = shown(made({"osa": (rows, ())})).set_index(["region_code", "group"])
    assert (table.loc["E02", "status"] == "ok").all()
    seen = table.loc["E01"].query("status == 'ok'")["numerator"].to_dict()
    assert "all" not in seen or not {"asuminen", "talous"} & set(seen), "10 - 6 and 10 - 8 are small numbers"


def measured_twice(paired, lost):
    """Give the rows of a change of `paired` people, of whom `lost` more were measured at the start only."""
    random = np.random.default_rng(3)
    before = random.normal(20, 4, paired + lost)
    after = before[:paired] + random.normal(2, 3, paired)
    effect = paired_change(before, np.append(after, np.full(lost, np.nan)), unit="points")
    place = protect.Place("hva", "E1", "2024")
    return protect.effect_frame(effect, place, indicator="vointi", people="n", origin="synthetic")


def began(count, **other):
    return row("E1", "all", count, indicator="aloittaneet", **other)


def knowledge(tables):
    """Collect what a reader sees of those who began, were measured twice and were lost."""
    seen = {}
    for table in tables:
        for entry in table.loc[table["status"] == "ok"].itertuples():
            if entry.indicator == "vointi":
                seen["paired"] = entry.denominator
            elif entry.indicator == "vointi.n":
                seen[entry.group] = entry.value
            elif entry.indicator == "aloittaneet" and entry.group == "all":
                seen["began"] = entry.numerator
            elif entry.indicator == "paattaneet":
                seen["began"] = entry.denominator
    return seen


def test_a_small_dropout_is_not_given_back_by_those_who_began():
    """Twenty were measured twice and three were lost: 23 who began may not stand beside twenty."""
    parts = {
        "muutos": protect.part(measured_twice(20, 3), rules()),
        "aloittaneet": protect.part(pd.DataFrame([began(23)]), rules()),
    }
    release = protect.release(parts, name="koe", preview=True)
    seen = knowledge([shown(release, "muutos"), shown(release, "aloittaneet")])
    assert "only_before" not in seen
    assert seen["paired"] == 20, "the effect itself is kept"
    assert "began" not in seen


def test_a_denominator_of_those_who_began_goes_as_well():
    share = row("E1", "all", 12, indicator="paattaneet", denominator=63.0, per=100.0, value=100 * 12 / 63)
    parts = {
        "muutos": protect.part(measured_twice(60, 3), rules()),
        "osuus": protect.part(pd.DataFrame([share]), rules()),
    }
    release = protect.release(parts, name="koe", preview=True)
    seen = knowledge([shown(release, "muutos"), shown(release, "osuus")])
    assert seen["paired"] == 60
    assert not {"began", "only_before"} & set(seen)


@pytest.mark.parametrize("lost", [0, 9])
def test_those_who_began_are_told_when_nobody_or_many_were_lost(lost):
    parts = {
        "muutos": protect.part(measured_twice(20, lost), rules()),
        "aloittaneet": protect.part(pd.DataFrame([began(20 + lost)]), rules()),
    }
    release = protect.release(parts, name="koe", preview=True)
    seen = knowledge([shown(release, "muutos"), shown(release, "aloittaneet")])
    assert seen["began"] == 20 + lost
    assert seen["only_before"] == lost


def test_those_who_began_as_an_arm_are_counted_in():
    arms = pd.DataFrame(
        row(
            "E1",
            arm,
            count,
            indicator="vointi.n",
            statistic="n",
            method="",
            confidence=0.95,
            numerator=np.nan,
        )
        for arm, count in (("started", 43), ("paired", 40), ("lost", 3))
    )
    release = protect.release({"osa": protect.part(arms, rules())}, name="koe", preview=True)
    told = shown(release).set_index("group")["status"]
    assert told["lost"] == "suppressed"
    assert (told == "suppressed").sum() == 2


def test_a_start_that_is_out_already_takes_the_effect_along(tmp_path):
    places = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    start = pd.DataFrame([began(23)])
    protect.release({"aloittaneet": protect.part(start, rules())}, name="alku", **places)
    parts = {
        "muutos": protect.part(measured_twice(20, 3), rules()),
        "aloittaneet": protect.part(start, rules()),
    }
    release = protect.release(parts, name="koe", **places)
    seen = knowledge([shown(release, "muutos"), shown(release, "aloittaneet")])
    assert seen == {"began": 23, "only_after": 0}


def counted_elsewhere(total, counts=(20, 30)):
    """Give observations of two phenomena; another release tells how many there are in all."""
    rows = pd.DataFrame(row("E1", f"ilmio_{n}", count) for n, count in enumerate(counts, start=1))
    key = {"indicator": "asiakkaat", "region_level": "hva", "region_code": "E1", "borders": 2026}
    key |= {"period": "2024", "group": "beside:kaikki"}
    inside = tuple({"group": f"ilmio_{n}"} for n in range(1, len(counts) + 1))
    whole = protect.Beside(key, total, inside)
    given = protect.part(rows, rules(), beside=(whole,))
    return shown(protect.release({"osa": given}, name="koe", preview=True))


def test_what_is_left_of_a_total_told_elsewhere_is_protected():
    """53 observations in all, 20 and 30 joined: the three left would be a weak signal's at the most."""
    table = counted_elsewhere(53)
    statements = [exact([0, 1, 2], 53)]
    for place, entry in enumerate(table.itertuples()):
        if entry.status == "ok":
            statements.append(exact([place], entry.numerator))
    assert audit(3, statements, [Target("rest", (2,), 5)]).loc[0, "status"] == "protected"
    assert (table["status"] == "ok").sum() == 1


@pytest.mark.parametrize("total", [50, 60])
def test_nothing_or_much_left_of_a_total_hides_nothing(total):
    assert (counted_elsewhere(total)["status"] == "ok").all()


@pytest.mark.parametrize(("lost", "told"), [(3, False), (8, True)])
def test_bounds_of_a_small_dropout_do_not_tell_it(lost, told):
    """The mean of those assessed and the bounds with the lost counted in give the number of the lost."""
    from types import SimpleNamespace

    from sosrake_lib.batch import recipes_rehabilitation as recipe
    from sosrake_lib.effects import groups
    from sosrake_lib.influence import words_rehabilitation

    outcome = np.append(np.repeat([0.0, 100.0], [20, 40]), np.full(lost, np.nan))
    bounds = groups.level_bounds(pd.DataFrame({"reached": outcome}), outcome="reached", lowest=0, highest=100)
    clients = SimpleNamespace(county="E1", period="2024", origin="synthetic")
    rows = recipe._analyses(clients, "kato", bounds, None, 1)
    release = protect.release({"kato": protect.part(rows, rules())}, name="koe", preview=True)
    seen = shown(release, "kato").set_index("group")
    assert seen.loc[recipe.ASSESSED, "status"] == "ok"
    for group in (recipe.LOW, recipe.HIGH):
        assert (seen.loc[group, "status"] == "ok") == told
        assert np.isfinite(seen.loc[group, ["value", "denominator"]].astype(float)).all() == told
    sentence = words_rehabilitation.sure(release.select("kato"))
    assert ("keskeyttäneiden määrän" in str(sentence)) != told
