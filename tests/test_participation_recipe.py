"""Participatory knowledge: people heard by group, what is hidden, quotes by permission, the page's words."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_participation as recipe
from sosrake_lib.catalogue.method_cards import methods
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import GatherError
from sosrake_lib.influence import charts_participation, claims
from sosrake_lib.influence import words_participation as words

make = pytest.importorskip("synthetic_participation", reason="tools/ is not beside the tests")
DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def released():
    return protect.release(recipe.participation(None), name="osallistava_tieto", preview=True)


@pytest.fixture(scope="module")
def heard(released):
    return protect.protected_frame(released.select(part="kuultu")).set_index("group")


def test_samples_are_what_the_tool_makes():
    for name, made in (
        (recipe.HEARINGS, make.hearings(make.SEED)),
        (recipe.QUOTES, make.quotes(make.SEED)),
        ("esimerkkila_tietotarpeet", make.needs()),
    ):
        stands = samples.table(name).fillna("").astype(str).reset_index(drop=True)
        pd.testing.assert_frame_equal(made.fillna("").astype(str), stands, check_dtype=False)


def test_the_truth_is_recovered_and_the_few_are_not_told(heard):
    counted = recipe.participation(None)["kuultu"].frame.set_index("group")["value"]
    assert {group: int(counted[group]) for group in make.HEARD} == make.HEARD
    assert counted["all"] == sum(make.HEARD.values()) == 154
    shown = heard.loc[heard["status"] == "ok", "value"]
    assert shown["all"] == 154 and shown["kieli"] == shown["ei_palveluissa"] == 0
    assert heard.at["asunnottomat", "status"] == "suppressed"
    # Another group is hidden too: all less the shown would tell the three.
    hidden = heard.index[heard["status"] == "suppressed"]
    assert len(hidden) == 2
    assert (
        154 - shown.drop("all").sum()
        == sum(make.HEARD[group] for group in hidden)
        > make.HEARD["asunnottomat"]
    )


def test_reporters_are_counted_from_the_observations(released):
    told = protect.protected_frame(released.select(part="kertojat")).set_index("group")["value"]
    rows = samples.table(recipe.OBSERVATIONS)["tiedontuottaja"].value_counts()
    assert {key: told[key] for key in recipe.REPORTERS} == {key: rows.get(key, 0) for key in recipe.REPORTERS}
    assert told["all"] == len(samples.table(recipe.OBSERVATIONS))


def test_only_permitted_quotes_are_given_and_every_reason_is_said():
    found = recipe.shown_quotes(on=DAY)
    assert [one.text_fi for one in found.shown] == [row[0][0] for row in make.QUOTES[: make.MAY_BE_SHOWN]]
    assert set(found.kept_in) == {
        *("withdrawn", "not_written", "not_public", "use_not_covered", "ended", "reviewers_lack", "personal")
    }
    assert recipe.shown_quotes(on=date(2031, 1, 1)).shown == ()
    assert {one.theme for one in recipe.shown_quotes(on=DAY, theme="asuminen").shown} == {"asuminen"}


def test_a_withdrawn_quote_is_gone_from_the_next_page_and_that_is_said(tmp_path):
    place = data_folder(tmp_path)
    rows = samples.table(recipe.QUOTES, place)
    rows.loc[rows["quote"] == "L01", "withdrawn"] = "2026-11-30"
    rows = rows.loc[rows["quote"] != "L10"]
    rows.to_csv(place / f"{recipe.QUOTES}.csv", index=False)
    found = recipe.shown_quotes(place, DAY)
    assert "L01" not in {one.number for one in found.shown}
    told = " ".join(
        text.text("fi") for text in [*words.quote_lines(found.shown), *words.kept_in(found.kept_in)]
    )
    assert "Hain asuntoa" not in told and "Ainakin yksi lupa on peruttu." in told


def test_what_may_not_be_shown_is_not_on_the_page(project):
    page = json.loads(
        (project / "notebooks/2_tiedon_kokoaminen/osallistava_tieto.ipynb").read_text(encoding="utf-8")
    )
    stored = json.dumps([cell.get("outputs") for cell in page["cells"]], ensure_ascii=False)
    for number, ((text, *_), _) in enumerate(make.QUOTES):
        assert (text in stored) == (number < make.MAY_BE_SHOWN), text
    assert "131052" not in stored


def test_words_say_who_is_missing(released):
    told = [one.text for one in words.who_was_heard(released.select(part="kuultu"), "fi")]
    assert told[0] == "Vuoden aikana kuultiin 154 ihmistä."
    assert told[1].startswith("Näistä ryhmistä ei ole kuultu ketään:") and "suomea tai ruotsia" in told[1]
    assert "omaa asuntoa" in told[2] and "31" not in told[2]
    rows = released.select(part="kuultu", group=recipe.group_order())
    assert len(words.reach_table(rows, "en").plain) == 4


def test_texts_hold_no_causal_claim():
    # Two kinds of question name a change and an effect, as they ask for them.
    asked = [kind.key for kind in methods().questions if kind.key not in ("muutos", "vaikutus")]
    texts = [one.text("fi") for key in asked for one in words.choice(key)]
    texts += [
        words.said(key).text("fi") for key in ("quotes_rule", "not_general", "missing_from", "next_step")
    ]
    for text in texts:
        assert claims.check(text, Claim.KUVAUS).empty, text


def test_the_chart_tells_a_range_and_the_protected(released):
    rows = released.select(part="kuultu", group=recipe.group_order())
    for language, ranged in (("fi", "välillä 0–64"), ("en", "range 0–64")):
        drawn = charts_participation.groups(
            rows, "Kuullut", language, names=recipe.names(language), headings={"value": "n", "group": "g"},
            order=recipe.group_order(),
        )  # fmt: skip
        assert ranged in drawn.alt and "2" in drawn.alt and drawn.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("group", "naapurit", "row 1, column group: 'naapurit'"),
        ("method", "arvaus", "row 1, column method: 'arvaus'"),
        ("people", 0, "row 1, column people"),
        ("people", 1.5, "row 1, column people"),
    ],
)
def test_a_broken_hearing_is_refused(column, value, says):
    rows = samples.table(recipe.HEARINGS).astype({"people": "object"})
    rows.loc[0, column] = value
    with pytest.raises(GatherError, match=says):
        recipe.checked_hearings(rows)


def test_real_people_are_left_out_in_words(tmp_path):
    place = data_folder(tmp_path)
    about = place / f"{recipe.QUOTES}.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(samples.AbsentTable):
        recipe.shown_quotes(place, DAY)


def data_folder(tmp_path):
    """Copy the tables of this page into a folder of one's own."""
    for name in (recipe.HEARINGS, recipe.QUOTES, recipe.OBSERVATIONS):
        for ending in (".csv", ".toml"):
            text = (samples.folder() / f"{name}{ending}").read_text(encoding="utf-8")
            (tmp_path / f"{name}{ending}").write_text(text, encoding="utf-8")
    return tmp_path
