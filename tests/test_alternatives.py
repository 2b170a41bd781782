"""Alternatives to hiding: each audited, the loss one measure, and the comparison gives nothing away."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import CODES, GROUPS, counts_of, rules, table
from typer.testing import CliRunner

from sosrake_lib import cli_alternatives, regions
from sosrake_lib.cli import app
from sosrake_lib.protect import ledger
from sosrake_lib.protect.alternatives import CLASS_ENDS, classes, suggest
from sosrake_lib.protect.audit import Target, audit, exact, rounded
from sosrake_lib.protect.part import part
from sosrake_lib.protect.protecting import hide
from sosrake_lib.protect.rounded_tables import holds, rounded_table
from sosrake_lib.protect.rounding import kept_draws, kept_salt, random_kept

TOTALS = ("region", "group")


def hiding(frame, k=5):
    with ledger.opened(write=False) as book:
        return hide({"osa": part(frame, rules(k), TOTALS)}, book.earlier([]), {})


@pytest.fixture(scope="module")
def compared():
    frame = table(counts_of(3))
    return frame, suggest(frame, rules(), TOTALS, salt=b"koe")


def test_the_best_is_safe_and_loses_least(compared):
    _, told = compared
    best = told.loc[told["best"]]
    assert len(best) == 1
    assert best["safe"].item()
    assert best["loss"].item() == told.loc[told["safe"], "loss"].min()
    assert {"hide", "conventional", "random", "controlled", "merge_classes"} <= set(told["alternative"])


def test_loss_of_hiding_is_reckoned_from_what_is_hidden(compared):
    frame, told = compared
    chosen = hiding(frame)
    cells = chosen.cells.assign(hidden=chosen.hidden)
    own = cells.loc[(cells["region_level"] == "kunta") & (cells["group"] != "all")]
    inside = own.loc[own["hidden"], "count"]
    loss = (inside - inside.mean()).abs().sum() / own["count"].sum()
    row = told.set_index("alternative").loc["hide"]
    assert row["loss"] == pytest.approx(loss)
    assert row["clients_share"] == pytest.approx(inside.sum() / own["count"].sum())
    assert row["hidden_share"] == pytest.approx(chosen.hidden.mean())


@pytest.mark.parametrize("mode", ["conventional", "random", "controlled"])
def test_a_rounded_table_judged_safe_keeps_a_reader_out(mode):
    """The same attack written anew: each rounded figure as a statement over municipality x class."""
    chosen = hiding(table(counts_of(5)))
    draws = kept_draws([str(row) for row in range(len(chosen.cells))], b"s")
    found = rounded_table(chosen, mode, draws)
    assert found.safe
    cell = {key: at for at, key in enumerate((code, group) for code in CODES for group in GROUPS)}
    told, targets = [], []
    for entry, value in zip(chosen.cells.itertuples(), found.values, strict=True):
        codes = CODES if entry.region_level == "hva" else (entry.region_code,)
        groups = GROUPS if entry.group == "all" else (entry.group,)
        inner = [cell[code, group] for code in codes for group in groups]
        told.append(rounded(inner, value, found.base, "nearest" if mode == "conventional" else "random"))
        if 0 < entry.count < 5:
            targets.append(Target(f"{entry.region_code} {entry.group}", tuple(inner), 5))
    assert targets
    assert set(audit(len(cell), told, targets)["status"]) == {"protected"}


def test_a_small_base_is_not_called_safe():
    chosen = hiding(table(counts_of(5)))
    counts = chosen.cells["count"].to_numpy()
    assert not holds(chosen, np.round(counts / 3) * 3, 3, "conventional")


def test_controlled_rounding_adds_up():
    chosen = hiding(table(counts_of(2)))
    found = rounded_table(chosen, "controlled", np.zeros(len(chosen.cells)))
    cells = chosen.cells.assign(rounded=found.values)
    whole = cells.loc[(cells["region_level"] == "hva") & (cells["group"] == "all"), "rounded"].item()
    inner = cells.loc[(cells["region_level"] == "kunta") & (cells["group"] != "all"), "rounded"].sum()
    assert whole == inner


def test_kept_draws_are_the_same_figure_each_time(tmp_path):
    salt = kept_salt(tmp_path)
    assert salt == kept_salt(tmp_path)
    assert len(salt) == 32
    keys = [f"luku {number}" for number in range(4000)]
    draws = kept_draws(keys, salt)
    assert np.array_equal(draws, kept_draws(keys, salt))
    assert not np.array_equal(draws, kept_draws(keys, b"another"))
    assert abs(random_kept(np.full(4000, 2), 5, draws).mean() - 2) < 0.2, "no bias"


def test_people_in_several_classes_must_be_counted_anew():
    frame = table(counts_of(3))
    frame = frame.loc[frame["group"] != "all"]
    told = suggest(frame, rules(), ("region",), salt=b"koe").set_index("alternative")
    assert told.loc["merge_classes", "recount"]
    assert not told.loc["hide", "recount"]


def test_years_together_and_larger_areas_are_tried():
    codes = regions.members("hva", "12", 2026)
    random = np.random.default_rng(8)
    rows = pd.DataFrame(
        {"region_code": code, "period": year, "value": float(random.poisson(9))}
        for code in codes
        for year in ("2023", "2024")
    ).assign(indicator="asiakkaat", region_level="kunta", borders=2026, status="ok", origin="own")
    told = suggest(rows, rules()).set_index("alternative")
    assert told.loc["longer_period", "detail"] == "2023/2024"
    assert told.loc["larger_area", "detail"] in ("seutukunta", "maakunta", "hva")
    assert told.loc["larger_area", "loss"] > told.loc["hide", "loss"]


def test_classes_hide_how_much():
    told = classes(
        pd.DataFrame(
            {
                "hidden": [0, 0, 2, 2, 2],
                "loss": [0.0, 0.02, 0.0201, 1.7, 0.0],
                "hidden_share": 0.0,
                "clients_share": 0.0,
            }
        )
    )
    # with something hidden a loss of exactly 0 would say that the hidden counts are equal
    assert told["loss"].tolist() == ["0", "0-2", "2-5", "100-", "0-2"]
    assert CLASS_ENDS[-1] == 100


def written(tmp_path, counts):
    codes = regions.members("hva", "12", 2026)
    lines = ["kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto"]
    for code, line in zip(codes, counts, strict=False):
        for name, count in zip(("perhetyö", "asumispalvelut"), line, strict=True):
            lines.append(f"{code};{regions.name('kunta', code)};2024;{name};{count};9000")
    path = tmp_path / "taulu.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_door_takes_a_coordinators_table(tmp_path):
    codes = regions.members("hva", "12", 2026)
    counts = [(3 if place == 0 else 31 + place, 60 + place) for place in range(len(codes))]
    path = written(tmp_path, counts)
    answer = CliRunner().invoke(app, ["protect-alternatives", str(path)])
    assert answer.exit_code == 0, answer.output
    assert "Vähiten menettää" in answer.output
    plain = CliRunner().invoke(app, ["protect-alternatives", str(path), "--json"])
    rows = json.loads(plain.output)
    assert sum(one["best"] for one in rows) == 1
    assert all(one["loss"] == "0" or "-" in one["loss"] for one in rows), "classes, no exact share"


def test_the_comparison_is_the_same_for_tables_that_differ_between_hidden_cells(tmp_path):
    """One client moved between two hidden municipalities: what the door says does not change."""
    codes = regions.members("hva", "12", 2026)
    first = [(3 if place == 0 else 31 + place, 60 + place) for place in range(len(codes))]
    rows = cli_alternatives.counts_of(pd.read_csv(written(tmp_path, first), sep=";", dtype=str))
    chosen = hide_of(rows)
    hidden = [code for code in chosen if code != codes[0]]
    second = [list(line) for line in first]
    second[0][0] += 1
    second[codes.index(hidden[0])][0] -= 1
    answers = []
    for counts in (first, second):
        path = written(tmp_path, counts)
        answers.append(CliRunner().invoke(app, ["protect-alternatives", str(path)]).output.splitlines()[1])
    assert answers[0] == answers[1]


def hide_of(rows):
    with ledger.opened(write=False) as book:
        chosen = hide({"osa": part(rows, rules(), ("region",))}, book.earlier([]), {})
    cells = chosen.cells.assign(hidden=chosen.hidden)
    own = cells.loc[cells["hidden"] & (cells["group"] == "perhetyö") & (cells["region_level"] == "kunta")]
    return own["region_code"].tolist()


def test_a_wrong_table_is_refused_in_words(tmp_path):
    path = tmp_path / "taulu.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    answer = CliRunner().invoke(app, ["protect-alternatives", str(path)])
    assert answer.exit_code != 0


def test_rounding_and_an_exact_figure_together_are_seen_by_the_audit():
    """Why one alternative only: a count rounded on one page and exact in a sum on another comes back."""
    told = [rounded([0], 5, 5), exact([0, 1], 23), exact([1], 20)]
    assert audit(2, told, [Target("a", (0,), 5)]).loc[0, "status"] == "recovered"
