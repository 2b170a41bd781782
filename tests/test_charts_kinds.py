"""Small multiples, slopes, dumbbells, Likert bars, plans and one-number panels: drawn, hidden, in words."""

from __future__ import annotations

import itertools
import re

import contact_sheet_charts
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import charts, charts_gantt
from sosrake_lib.influence.charts_dumbbell import dumbbell
from sosrake_lib.influence.charts_gantt import gantt
from sosrake_lib.influence.charts_labels import spread
from sosrake_lib.influence.charts_multiples import GREY, small_multiples
from sosrake_lib.influence.charts_number import number_panel, sure
from sosrake_lib.influence.charts_slope import slope
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.protect import Selection, part, release

FIRST, LAST = contact_sheet_charts.YEARS[0], contact_sheet_charts.YEARS[-1]


@pytest.fixture(scope="module")
def made():
    return contact_sheet_charts.invented_release()


@pytest.fixture(scope="module")
def towns(made):
    return made.select("taso", region_level="kunta", sex="total")


@pytest.fixture(scope="module")
def gallery():
    return contact_sheet_charts.gallery()


def figures(figure) -> list[float]:
    """Give the values of a chart's table."""
    texts = figure.table.plain.to_numpy().ravel().tolist()
    found = [re.fullmatch(r"(−?\d+(?:,\d+)?)(?:\u00a0%)?", text) for text in texts]
    return [float(one[1].replace(",", ".").replace("−", "-")) for one in found if one]


def test_every_alt_text_gives_the_range_that_the_table_holds(gallery):
    checked = 0
    for name, figure in gallery.items():
        told = re.search(r"välillä (−?[\d,]+)–(−?[\d,]+)", figure.alt)
        if told is None or name in ("aikajana", "jakauma"):
            continue
        low, high = (float(one.replace(",", ".")) for one in told.groups())
        assert {low, high} <= set(figures(figure)), name
        checked += 1
    assert checked >= 9


def test_every_chart_says_whether_it_is_invented_and_has_a_table(gallery):
    for name, figure in gallery.items():
        assert "Luvut ovat taulukossa kuvion jälkeen." in figure.alt, name
        assert figure.alt.startswith("Keksitty esimerkkiaineisto.") == figure.table.synthetic, name
        assert len(figure.table.plain) >= 1, name
        assert loose_numbers(figure.table.html).empty, name


def test_every_chart_is_made_in_english_too():
    drawn = contact_sheet_charts.gallery("en")
    assert all("table after the chart" in figure.alt for figure in drawn.values())


def test_panels_share_one_scale_and_the_reference_is_grey(made, towns):
    county = made.select("taso", region_level="hva", sex="total")
    figure = small_multiples(towns, "Työttömyys", reference=county)
    panels = [axes for axes in figure.png.drawing.axes if axes.get_title(loc="left")]
    assert len(panels) == 8
    assert len({axes.get_ylim() for axes in panels}) == 1
    assert len({axes.get_xlim() for axes in panels}) == 1
    shares = [float(row["value"]) for row in rows_of(county)]
    for axes in panels:
        grey = [line for line in axes.lines if line.get_color() == GREY]
        assert np.allclose(np.concatenate([line.get_ydata() for line in grey]), shares)
    assert "Harmaa viiva: Esimerkkilä" in figure.alt


def test_a_hidden_panel_is_hatched_and_has_no_line_of_its_own(made, towns):
    figure = small_multiples(towns, "Työttömyys")
    panel = next(axes for axes in figure.png.drawing.axes if axes.get_title(loc="left") == "Pisteniemi")
    assert panel.patch.get_hatch()
    assert not panel.lines


def test_a_reference_with_lines_of_its_own_stands_in_its_own_panels(made):
    county = made.select("taso", region_level="hva", sex=["female", "male"])
    town = made.select("taso", region=("kunta", "E02"), sex=["female", "male"])
    axes = small_multiples(town, "Työttömyys", panel="sex", reference=county).png.drawing.axes
    drawn = [sum(line.get_color() == GREY for line in one.lines) for one in axes]
    assert drawn[:2] == [1, 1]


def indices(breaks: str = "") -> Selection:
    """Give two indices of Diak's panel over three spans of years, with a break before one of them."""
    spans = ("2016/2018", "2017/2019", "2018/2020")
    rows = [
        {"indicator": name, "region_level": "hva", "region_code": "E1", "borders": 2026, "period": span,
         "sex": "total", "age": "all", "group": "all", "value": 110.0 + place, "lower": np.nan,
         "upper": np.nan, "per": 1.0, "numerator": np.nan, "denominator": np.nan, "status": "ok",
         "break_before": span == breaks, "origin": "synthetic"}
        for name in ("diak_inhimillinen", "diak_sosiaaliset") for place, span in enumerate(spans)
    ]  # fmt: skip
    return release({"x": part(pd.DataFrame(rows), "vakio")}, name="koe", preview=True).select()


def test_indices_of_one_base_share_a_scale_with_a_line_at_100_and_their_break_is_told():
    figure = small_multiples(indices("2018/2020"), "Indeksit", panel="indicator")
    axes = figure.png.drawing.axes
    assert all(any(list(line.get_ydata()) == [100.0, 100.0] for line in one.lines) for one in axes[:2])
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["2016–2018", "2018–2020"]
    assert "keskimmäinen alue = 100" in figure.alt and "Viiva katkeaa" in figure.alt
    assert "Viiva katkeaa" not in small_multiples(indices(), "Indeksit", panel="indicator").alt
    mixed = indices().select(indicator="diak_inhimillinen")
    assert small_multiples(mixed, "Indeksi", panel="indicator").table


def test_themes_on_one_scale_need_one_unit(towns):
    with pytest.raises(SosrakeError, match="panel 'period'; expected one of"):
        small_multiples(towns, "x", panel="period")
    with pytest.raises(SosrakeError, match="differ in region besides sex"):
        small_multiples(towns, "x", panel="sex")


def test_a_slope_has_two_ends_with_intervals_and_no_line_to_a_hidden_one(towns):
    both = towns.select(period=[FIRST, LAST], region=[("kunta", code) for code in ("E02", "E03", "E08")])
    figure = slope(both, "Työttömyys", highlight=("kunta", "E02"))
    axes = figure.png.drawing.axes[0]
    joined = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_xdata()[1] > 0.5
              and line.get_xdata()[0] < 0.5]  # fmt: skip
    intervals = [line for line in axes.lines if line.get_linewidth() == 1.6 and len(line.get_xdata()) == 2
                 and line.get_xdata()[0] == line.get_xdata()[1]]  # fmt: skip
    assert len(joined) == 2
    assert len(intervals) == 4
    assert "Pisteniemi" in axes.get_xlabel()
    assert re.search(r"Aineistola \d+,\d\u00a0% → \d+,\d\u00a0%", figure.alt)


def test_a_slope_is_not_drawn_over_a_break():
    frame = contact_sheet_charts.invented_levels().query("sex == 'total' and region_code == 'E02'")
    frame = frame[frame["period"].isin([FIRST, LAST])].assign(
        break_before=lambda rows: rows["period"] == LAST
    )
    figure = slope(release({"x": part(frame, "vakio")}, name="koe", preview=True).select(), "Työttömyys")
    lines = figure.png.drawing.axes[0].lines
    assert not [line for line in lines if len(line.get_xdata()) == 2 and np.ptp(line.get_xdata()) > 0.5]


def test_a_slope_of_a_whole_series_takes_its_ends_and_sees_a_break_between():
    frame = contact_sheet_charts.invented_levels().query("sex == 'total' and region_code in ('E02', 'E03')")
    later = contact_sheet_charts.YEARS[2]
    broken = (frame["period"] == later) & (frame["region_code"] == "E02")
    series = release(
        {"x": part(frame.assign(break_before=broken), "vakio")}, name="koe", preview=True
    ).select()
    figure = slope(series, "Työttömyys", whole=True)
    axes = figure.png.drawing.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [FIRST, LAST]
    joined = [line for line in axes.lines if len(line.get_xdata()) == 2 and np.ptp(line.get_xdata()) > 0.5]
    assert len(joined) == 1, "the other line has a break in the middle of the series"
    assert len(figures(figure)) == 4


def test_a_slope_needs_two_periods(towns):
    with pytest.raises(SosrakeError, match="6 periods; expected two"):
        slope(towns, "x")
    with pytest.raises(SosrakeError, match="8 lines; expected 6"):
        slope(towns.select(period=[FIRST, LAST]), "x")


def test_a_dumbbell_draws_both_and_their_intervals(made):
    chosen = made.select("taso", region_level="kunta", sex=["male", "female"], period=LAST)
    figure = dumbbell(chosen, "Työttömyys", order=["male", "female"])
    axes = figure.png.drawing.axes[0]
    words = [text.get_text() for text in axes.texts]
    shown = [row for row in rows_of(chosen) if row.shown]
    assert sum(word.endswith("%") for word in words) == len(shown)
    assert {"miehet", "naiset"} <= set(words)
    assert "suojattu" in words
    assert figure.table.plain.shape[0] == 8


def test_a_dumbbell_needs_two_codes(made, towns):
    with pytest.raises(SosrakeError, match="1 codes of sex"):
        dumbbell(towns.select(period=LAST), "x")
    with pytest.raises(SosrakeError, match="two rows of"):
        dumbbell(made.select("taso", region=("kunta", "E02"), sex=["male", "female"]),
                 "x", between="sex", names=dict.fromkeys(contact_sheet_charts.YEARS, "sama"))  # fmt: skip
    with pytest.raises(SosrakeError, match="between 'colour'"):
        dumbbell(towns, "x", between="colour")


def test_a_plan_shows_actions_owners_and_decisions_and_never_today(made):
    figure = gantt(made.select("toimet"), "Suunnitelma")
    axes = figure.png.drawing.axes[0]
    assert len(axes.patches) == 5
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    assert len(diamonds) == 2
    assert len(axes.lines) == 2, "no line of today"
    assert figure.table.plain.iloc[0].tolist() == [
        "Sovitaan roolit ja työryhmä", "Kehittäjäkoordinaattori", "12.1.2026", "27.2.2026", "24.2.2026",
    ]  # fmt: skip
    assert figure.table.plain.iloc[-1].tolist()[1:] == ["vastuuta ei ole kirjattu", "–", "–", "–"]
    assert "Toimia on 6, ja ne ovat välillä 12.1.2026–18.12.2026." in figure.alt
    assert "Päätöspäiviä on 2." in figure.alt
    assert figure.png == gantt(made.select("toimet"), "Suunnitelma").png


def test_a_plan_is_in_the_order_of_first_days_however_its_rows_stand(made, monkeypatch):
    chosen = made.select("toimet")
    drawn = gantt(chosen, "Suunnitelma").table.plain
    monkeypatch.setattr(charts_gantt, "rows_of", lambda selection: rows_of(selection)[::-1])
    turned = gantt(chosen, "Suunnitelma").table.plain
    assert turned.to_dict("list") == drawn.to_dict("list")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ends": pd.Timestamp("2025-01-01")}, "ends before it begins"),
        ({"starts": pd.NaT, "ends": pd.NaT, "decided": pd.NaT}, "no action has a date"),
    ],
)
def test_a_plan_that_cannot_be_drawn_is_refused(change, message):
    plan = contact_sheet_charts.plan().iloc[[0]].assign(**change)
    chosen = release({"toimet": part(plan, "vakio")}, name="koe", preview=True).select()
    with pytest.raises(SosrakeError, match=message):
        gantt(chosen, "x")


def test_a_plan_without_its_columns_is_refused(towns):
    with pytest.raises(SosrakeError, match="column 'item' is not there"):
        gantt(towns, "x")


def test_one_number_has_its_interval_its_reference_and_its_certainty(made):
    chosen = made.select("vertailu", region=("kunta", "E06"))
    row = rows_of(chosen)[0]
    figure = number_panel(chosen, "Työttömyys")
    words = " ".join(text.get_text().replace("\n", " ") for text in figure.png.drawing.axes[0].texts)
    assert "9,9\u00a0%" in words
    assert "luottamusväli 8,3–11,8" in words
    assert "Esimerkkilä 10,1\u00a0%: eroa ei osoitettu." in words
    assert sure(row, "fi").startswith("Luku on tarkka") == (float(row["upper"]) - float(row["lower"]) <= 5)
    assert "Kuviossa on yksi luku, 9,9\u00a0%." in figure.alt


def test_a_hidden_number_makes_no_panel(made):
    with pytest.raises(SosrakeError, match="is suppressed; a panel needs a shown figure"):
        number_panel(made.select("vertailu", region=("kunta", "E08")), "x")
    with pytest.raises(SosrakeError, match="8 rows"):
        number_panel(made.select("vertailu"), "x")


def test_lines_have_their_names_at_their_ends(towns):
    chosen = towns.select(region=[("kunta", code) for code in ("E02", "E03", "E08")])
    axes = charts.series(chosen, "Työttömyys").png.drawing.axes[0]
    words = {text.get_text() for text in axes.texts}
    assert {"Aineistola", "Taulukkala"} <= words
    assert "Pisteniemi: suojattu" in axes.get_xlabel()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.02, 0.12)), min_size=1, max_size=8))
def test_labels_moved_apart_never_overlap_and_keep_their_order(given_labels):
    wanted, heights = (list(part) for part in zip(*given_labels, strict=True))
    places = spread(wanted, heights)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for low, high in itertools.pairwise(order):
        gap = places[high] - heights[high] / 2 - places[low] - heights[low] / 2
        assert gap >= -1e-9
    assert min(place - height / 2 for place, height in zip(places, heights, strict=True)) >= -1e-9
