"""What links counts without a sum: a part is at most its whole, and a denominator is a count as well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import row, rules

from sosrake_lib import protect
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
    county_share = share("E1", "asuminen", sum(need for _, need in COUNTS.values()), everyone[-1]["value"])
    places = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    made({"osuudet": ([*shares, county_share], ())}, **places)
    with pytest.raises(DisclosureError, match="could be reckoned back with what release"):
        made({"osa": (everyone, ("region",))}, **places)


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
