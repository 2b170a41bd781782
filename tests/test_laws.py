"""Acts with their days, the yearly clock, and who decides: nothing that is cited has expired."""

from __future__ import annotations

from datetime import date

import pytest

from sosrake_lib import catalogue, samples
from sosrake_lib.catalogue import decision_calendar as clock
from sosrake_lib.catalogue import laws as acts
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import decisions

SIX = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")


def test_no_act_that_is_cited_has_expired_or_is_unknown():
    today = date.today()
    rows = decisions.deciding(samples.table("hanke/paattajat"), today)
    for text in rows["law"]:
        named = acts.check_citations(text, today)
        assert named or text == acts.NOT_RECORDED, text
    for one in clock.decision_calendar():
        acts.law(one.law, today)


def test_an_expired_act_in_the_table_would_be_found():
    with pytest.raises(
        CatalogueError, match=r"916/2012 is not in force on 2025-01-01; it was replaced by 380/2023"
    ):
        acts.check_citations("Laki julkisesta työvoima- ja yrityspalvelusta 916/2012", date(2025, 1, 1))
    assert acts.law("916/2012", date(2024, 12, 31)).in_force(date(2024, 12, 31))
    with pytest.raises(CatalogueError, match="380/2023 is not in force on 2024-12-31"):
        acts.law("380/2023", date(2024, 12, 31))
    with pytest.raises(CatalogueError, match="no act '1/1900'"):
        acts.law("1/1900")


def test_names_in_the_table_are_those_of_the_laws_file():
    for text in samples.table("hanke/paattajat")["law"]:
        for part in text.split("; "):
            assert part == acts.NOT_RECORDED or part in {one.title() for one in acts.laws()}, part


def test_each_act_has_its_days_its_check_and_its_source():
    for one in acts.laws():
        assert one.checked >= date(2026, 1, 1) and one.source
        assert one.valid_to is None or acts.law(one.replaced_by).valid_from > one.valid_to
    verified = [one for one in acts.laws() if one.verified]
    assert {"1301/2014", "380/2023", "916/2012"} <= {one.number for one in verified}


GOOD = {
    "name_fi": "Laki", "name_en": "Act", "about_fi": "a", "about_en": "b", "valid_from": "2020-01-01",
    "checked": "2026-01-01", "verified": False, "source": "s",
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "change", "says"),
    [
        ("1/2020", {"valid_to": "2019-01-01"}, "ends before it begins"),
        ("1/2020", {"replaced_by": "2/2020"}, "2/2020, which lacks"),
        ("1/2020", {"valid_from": "1.1.2020"}, "expected a day"),
        ("1/2020", {"source": ""}, "lacks source"),
        ("laki", {}, "expected number/year"),
    ],
)
def test_a_broken_row_is_refused(number, change, says):
    with pytest.raises(CatalogueError, match=says):
        acts.laws_of({number: {**GOOD, **change}})


def test_every_theme_has_a_decider_at_each_level_or_is_unrecorded():
    rows = decisions.deciding(samples.table("hanke/paattajat"), date(2026, 12, 1))
    found = {(level, theme) for level, theme in zip(rows["level"], rows["theme"], strict=True)}
    wanted = {(level, theme) for level in ("kunta", "hva", "valtio", "kela") for theme in SIX}
    # Kela grants nothing against loneliness; that stays unrecorded.
    assert wanted - found == {("kela", "yksinaisyys")}


def test_bodies_change_on_their_day():
    table = samples.table("hanke/paattajat")

    def kela(day):
        rows = decisions.deciding(table, day)
        return rows.loc[(rows["level"] == "kela") & (rows["theme"] == "tyottomyys"), "decides_fi"].tolist()

    assert kela(date(2026, 4, 30)) == ["työmarkkinatuen ja peruspäivärahan toimeenpano"]
    assert kela(date(2026, 5, 1))[0].startswith("yleistuen") and len(kela(date(2026, 5, 1))) == 1
    told = [one.text("en") for one in decisions.who_decides(table, "hva", "tyottomyys", date(2026, 6, 1))]
    assert any("no act is recorded" in text for text in told)
    assert "kela" not in set(
        decisions.deciding(table.drop(columns=["valid_from", "valid_to"]), date.min)["theme"]
    )


def test_the_clock_has_each_level_and_says_where_its_time_is_from():
    known = clock.decision_calendar()
    assert {one.level for one in known} == set(clock.LEVELS)
    budget = clock.decision("kunta_talousarvio")
    assert budget.months == (11, 12) and budget.binding == "laki" and budget.ready < min(budget.months)
    assert clock.decision("kela_toimeenpano").months == ()  # not recorded
    assert all(one.source_fi and one.source_en for one in known)
    with pytest.raises(CatalogueError, match="no decision 'vaalit'"):
        clock.decision("vaalit")


ROW = {
    "level": "kunta", "name_fi": "a", "name_en": "b", "source_fi": "c", "source_en": "d", "months": [12],
    "ready": 8, "rhythm": "vuosi", "binding": "laki", "law": "410/2015", "verified": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"level": "lääni"}, "level 'lääni'; expected kunta"),
        ({"months": [13]}, "a month is not 1-12"),
        ({"law": "3/1999"}, "no act '3/1999'"),
        ({"name_en": ""}, "lacks name_en"),
        ({"rhythm": "joskus"}, "rhythm 'joskus'"),
    ],
)
def test_a_broken_decision_is_refused(change, says):
    with pytest.raises(CatalogueError, match=says):
        clock.decision_calendar_of({"x": {**ROW, **change}})


def test_themes_of_the_table_are_those_of_the_catalogue():
    assert set(SIX) <= {one.key for one in catalogue.themes()}
