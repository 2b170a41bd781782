"""The lesson on protection: each number of the page against a reckoning of the test's own."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from sosrake_lib import protect
from sosrake_lib.batch import recipes_protection as recipe
from sosrake_lib.batch.releases import known_recipes
from sosrake_lib.errors import DisclosureError, SosrakeError
from sosrake_lib.influence import charts_protection, tables
from sosrake_lib.influence import words_protection as words
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import html_of
from sosrake_lib.protect.lesson import attack, lesson, subtractions, with_totals

# The table as a reader of the source sees it, written here again: rows E01-E08, then four services.
COUNTS = np.array(
    [
        *([64, 112, 38, 41], [31, 47, 12, 15], [14, 22, 6, 3], [9, 17, 4, 7]),
        *([6, 11, 2, 5], [2, 8, 3, 6], [3, 7, 0, 1], [1, 4, 0, 2]),
    ]
)
WHOLE = np.vstack([COUNTS, COUNTS.sum(axis=0)])
WHOLE = np.column_stack([WHOLE, WHOLE.sum(axis=1)])
SERVICES = ["asumisneuvonta", "talousneuvonta", "paihdetyo", "perhetyo", "all"]
CODES = [*(f"E{n:02d}" for n in range(1, 9)), "E1"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    parts = recipe.data_protection(None)
    return protect.release(parts, name="tietosuoja", preview=True, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def rows(made) -> dict[str, pd.DataFrame]:
    return {part: protect.protected_frame(made.select(part)) for part in made.parts}


@pytest.fixture(scope="module")
def hidden(rows) -> np.ndarray:
    marks = rows["taulu"].assign(hidden=rows["taulu"]["status"] == "suppressed")
    wide = marks.pivot(index="region_code", columns="group", values="hidden")
    return wide.loc[CODES, SERVICES].to_numpy(dtype=bool)


def reach(hidden: np.ndarray, known: np.ndarray, least: np.ndarray | None = None) -> np.ndarray:
    """Give (low, high) of each hidden cell by scipy's own solver over the test's own equations."""
    size, number = WHOLE.size, np.arange(WHOLE.size).reshape(WHOLE.shape)
    equations, right = [], []
    for line in (*number, *number.T):
        row = np.zeros(size)
        row[line[:-1]], row[line[-1]] = 1, -1
        equations.append(row)
        right.append(0)
    low = np.where(known, WHOLE, 0 if least is None else least).ravel()
    high = np.where(known, WHOLE, np.inf if least is None else np.where(least > 0, 4, np.inf)).ravel()
    found = np.full((size, 2), np.nan)
    for cell in np.flatnonzero(hidden):
        for side, sign in ((0, 1), (1, -1)):
            goal = np.zeros(size)
            goal[cell] = sign
            solved = linprog(
                goal,
                A_eq=np.array(equations),
                b_eq=right,
                bounds=list(zip(low, high, strict=True)),
                integrality=np.ones(size),
            )
            found[cell, side] = sign * solved.fun
    return found.reshape(*WHOLE.shape, 2)


def of(rows, indicator, group) -> float:
    found = rows.loc[(rows["indicator"] == indicator) & (rows["group"] == group), "value"]
    assert len(found) == 1
    return float(found.iloc[0])


def test_the_lesson_holds_the_table_this_test_knows():
    assert (lesson().counts == COUNTS).all()
    assert (lesson().whole == WHOLE).all()
    assert (with_totals(COUNTS) == WHOLE).all()
    with pytest.raises(ValueError, match="read-only"):
        lesson().counts[0, 0] = 1


def test_each_subtraction_holds_and_uses_only_what_is_known_by_then():
    small = (COUNTS > 0) & (COUNTS < 5)
    left = small.copy()
    for number in range(1, 4):
        found = [one for one in subtractions() if one.round == number]
        assert found
        before = left.copy()
        for one in found:
            row, column = CODES.index(one.area), SERVICES.index(one.service)
            line, marks = (
                (COUNTS[row], before[row]) if one.along == "area" else (COUNTS[:, column], before[:, column])
            )
            assert marks.sum() == 1
            assert before[row, column]
            assert (one.total, one.known) == (line.sum(), line[~marks].sum())
            assert one.value == one.total - one.known == COUNTS[row, column]
            left[row, column] = False
    # nothing is left that one more subtraction would give
    assert 1 not in set(left.sum(axis=0)) | set(left.sum(axis=1))
    assert left.sum() == 4


def test_the_careless_table_is_given_back_or_pinned(rows):
    """The four that subtraction leaves are tried out one by one: a zero is shown, so each holds 1-4."""
    places = [(6, 0), (6, 3), (7, 0), (7, 3)]
    fits = []
    for tried in product(range(1, 5), repeat=4):
        table = COUNTS.copy()
        for (row, column), value in zip(places, tried, strict=True):
            table[row, column] = value
        if (table.sum(axis=0) == COUNTS.sum(axis=0)).all() and (
            table.sum(axis=1) == COUNTS.sum(axis=1)
        ).all():
            fits.append(tried)
    assert len(fits) == 2
    told = rows["hyokkays"]
    assert of(told, "opetus_piilossa", "vain_pienet") == ((COUNTS > 0) & (COUNTS < 5)).sum()
    assert of(told, "opetus_palautuu", "vain_pienet") == len(subtractions()) == 6
    assert of(told, "opetus_rajautuu", "vain_pienet") == 4
    found = attack(lesson().small, reason_shown=True)
    for place, (row, column) in enumerate(places):
        values = [one[place] for one in fits]
        assert (found.low[row, column], found.high[row, column]) == (min(values), max(values))


def test_the_gate_leaves_room_under_every_mark(rows, hidden):
    small = (WHOLE > 0) & (WHOLE < 5)
    assert (hidden | ~small).all()
    found = reach(hidden, ~hidden)
    widths = found[..., 1] - found[..., 0]
    assert (widths[hidden] >= 4).all()
    told = rows["valit"].set_index(["region_code", "group"])
    for row, column in zip(*np.nonzero(hidden), strict=True):
        one = told.loc[(CODES[row], SERVICES[column])]
        assert [one["least"], one["most"]] == found[row, column].tolist()
        assert one["value"] == widths[row, column] + 1
    assert len(told) == hidden.sum() == of(rows["hyokkays"], "opetus_piilossa", "portti")
    assert of(rows["hyokkays"], "opetus_palautuu", "portti") == 0
    assert of(rows["hyokkays"], "opetus_rajautuu", "portti") == 0


def test_the_reason_of_a_mark_would_tell_and_so_would_last_years_report(rows, hidden, tmp_path):
    small = (WHOLE > 0) & (WHOLE < 5)
    pinned = reach(hidden, ~hidden, least=small.astype(float))
    told = rows["hyokkays"]
    assert of(told, "opetus_rajautuu", "syy_nakyy") == (pinned[..., 1][small] <= 4).sum() == small.sum()
    rules = protect.rule_set("vakio", minimum_count=3)
    part = protect.part(recipe.table_rows(), rules=rules, totals=("region", "group"))
    then = protect.protected_frame(
        protect.release({"t": part}, name="t", preview=True, home=tmp_path).select("t")
    )
    shown = then.assign(shown=then["status"] == "ok").pivot(
        index="region_code", columns="group", values="shown"
    )
    both = reach(hidden, ~hidden | shown.loc[CODES, SERVICES].to_numpy(dtype=bool))
    widths = (both[..., 1] - both[..., 0])[hidden]
    assert of(told, "opetus_palautuu", "vanha_raportti") == (widths < 1).sum() > 0
    # a figure of the minimum count or more that stays open is no secret, however narrow
    narrow = (widths >= 1) & (widths < 4) & (WHOLE[hidden] < 5)
    assert of(told, "opetus_rajautuu", "vanha_raportti") == narrow.sum()


def test_the_price_is_of_cells_and_of_clients(rows, hidden):
    price, inner = rows["hinta"], hidden[:-1, :-1]
    small = (COUNTS > 0) & (COUNTS < 5)
    for group, marks in (("portti", inner), ("vain_pienet", small)):
        assert of(price, "opetus_osuus_soluista", group) == pytest.approx(100 * marks.mean())
        clients = 100 * COUNTS[marks].sum() / COUNTS.sum()
        assert of(price, "opetus_osuus_asiakkaista", group) == pytest.approx(clients)


def test_the_ledger_really_refuses_last_years_table_by_the_new_limit(tmp_path):
    def asked(minimum):
        rules = protect.rule_set("vakio", minimum_count=minimum)
        part = protect.part(recipe.table_rows(), rules=rules, totals=("region", "group"))
        return protect.release({"t": part}, name="t", home=tmp_path, folder=tmp_path / "releases")

    first = asked(3)
    with pytest.raises(DisclosureError, match=first.id):
        asked(5)


def test_a_gate_that_fails_stops_the_page(monkeypatch):
    monkeypatch.setattr(recipe, "hidden_by_gate", lambda minimum: lesson().small)
    with pytest.raises(DisclosureError, match="the gate lets a cell of its own table be taken back"):
        recipe.data_protection(None)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_words_tables_and_chart_tell_released_numbers(made, language):
    attacked, price = made.select("hyokkays"), made.select("hinta")
    said = [
        words.reader(attacked.select(group=group), key, language)
        for group, key in zip(words.READERS, ("only_small", "gate", "reason", "earlier"), strict=True)
    ]
    assert [len(one.numbers) for one in said] == [3, 3, 1, 3]
    pair = [price.select(indicator="opetus_osuus_soluista", group=one) for one in ("portti", "vain_pienet")]
    said.append(words.price(*pair, "cells", language))
    assert "%" in said[-1].text
    chart = charts_protection.ranges(made.select("valit"), language)
    shown = [
        *said,
        words.careless(language),
        words.sums(language),
        words.readers(attacked, language),
        words.alternatives(language),
        words.said("invented"),
        words.refusal(made.select("kielto")),
        chart,
    ]
    for one in shown:
        assert loose_numbers(f"<article>{html_of(one, language)}</article>").empty
    assert chart.table.synthetic
    assert tables.HIDDEN_MARK in html_of(words.careless(language), language)


def test_the_careless_table_shows_marks_where_the_small_figures_are():
    plain = words.careless().plain
    marks = (plain == tables.HIDDEN_MARK).to_numpy()[:, 1:]
    assert (marks == ((WHOLE > 0) & (WHOLE < 5))).all()
    assert plain.iloc[0, 1:].tolist() == [str(n) for n in WHOLE[0]]


def test_wrong_selections_are_refused(made):
    price = made.select("hinta")
    with pytest.raises(SosrakeError, match="two different shares"):
        words.price(
            price.select(indicator="opetus_osuus_soluista", group="portti"),
            price.select(indicator="opetus_osuus_asiakkaista", group="portti"),
            "cells",
        )
    with pytest.raises(SosrakeError):
        words.refusal(made.select("hinta").select(group="portti", indicator="opetus_osuus_soluista"))
    with pytest.raises(DisclosureError, match="expected one for each of its"):
        attack(np.zeros((2, 2), dtype=bool))


def test_the_lesson_meets_no_other_release():
    """Its counts have an indicator of their own, which no other recipe releases; no data folder is read."""
    assert known_recipes()["tietosuoja"] is recipe.data_protection
    assert recipe.CLIENTS == "opetus_asiakkaat"
    from pathlib import Path

    folder = Path(recipe.__file__).parent
    others = [path for path in folder.glob("*.py") if path.stem != "recipes_protection"]
    assert not [path.name for path in others if "opetus_" in path.read_text(encoding="utf-8")]
    assert "samples" not in Path(recipe.__file__).read_text(encoding="utf-8")
