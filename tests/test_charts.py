"""Charts: what is drawn, what is not, words for the picture, the same bytes each time."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from figures_for_reading import released, source
from PIL import Image

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import rates, scales, smallarea
from sosrake_lib.influence import chart_style, charts, charts_likert, charts_time, tables
from sosrake_lib.influence.page_numbers import loose_numbers, numbers_on_page
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.protect import part, release


@pytest.fixture(scope="module")
def figures():
    return released()


@pytest.fixture(scope="module")
def survey():
    random = np.random.default_rng(7)
    rows = [
        {
            "respondent": str(person),
            "item": item,
            "importance": int(random.choice([3, 4, 5])),
            "skill": person % 5 + 1,
        }
        for person in range(60)
        for item in ("media", "arvioinnit")
    ]
    answers = pd.DataFrame(rows)
    place = scales.Place("hva", "E1", 2026, "2020", "synthetic")
    spread = scales.distribution(
        answers.rename(columns={"skill": "answer"})[["item", "answer"]], (1, 2, 3, 4, 5), place
    )
    gap = scales.gap(answers, place).drop(columns=["rank", "rank_lower", "rank_upper"])
    return release({"jakauma": part(spread, "vakio"), "ero": part(gap, "vakio")}, name="kysely", preview=True)


def bars(figures, **options):
    selection = figures.select("taso", period="2019", region_level="kunta")
    return charts.bars_with_intervals(selection, "Työttömyys 2019", **options)


def test_the_picture_is_the_same_each_time_and_carries_no_date(figures):
    first, second = bars(figures), bars(figures)
    assert first.png == second.png
    with Image.open(io.BytesIO(first.png)) as picture:
        assert picture.width == round(chart_style.WIDTH * chart_style.DOTS)
        assert not {"Software", "Creation Time"} & set(picture.info)


def test_alt_text_tells_range_and_what_is_not_shown(figures):
    alt = bars(figures, reference=figures.select("taso", period="2019", region_level="maa")).alt
    assert "Kuviossa on 3 lukua; ne ovat välillä 7,1–9,9\u00a0%." in alt
    assert "Suojattuja lukuja: 1." in alt
    assert "Lähteestä puuttuvia lukuja: 1." in alt
    assert "koko maa 9,2\u00a0%" in alt


def test_a_hidden_area_gets_its_word_and_no_bar(figures):
    rows = rows_of(figures.select("taso", period="2019", region=("kunta", "420")))
    _, axes = chart_style.canvas(2)
    charts._bar(axes, 0, rows[0], "fi", own=False)
    assert not axes.patches and not axes.lines
    assert [text.get_text().strip() for text in axes.texts] == ["suojattu"]


def test_a_line_stops_at_a_break(figures):
    line = list(rows_of(figures.select("taso", region=("kunta", "297"))))
    runs = charts_time.runs(line)
    assert [[row["period"] for row in run] for run in runs] == [["2017"], ["2018", "2019"]]
    assert (
        "eivät ole vertailukelpoisia"
        in charts.series(figures.select("taso", region=("kunta", "297")), "x").alt
    )


def test_a_line_stops_at_a_missing_period(figures):
    line = list(rows_of(figures.select("taso", region=("maa", "SSS"))))
    gap = [line[0], type(line[2])(line[2].release_id, False, {**line[2].columns, "period": "2022"})]
    far = [*line, gap[1]]
    assert [len(run) for run in charts_time.runs(far)] == [3, 1]


def test_axis_numbers_have_a_decimal_comma_and_a_true_minus(figures):
    drawing, axes = chart_style.canvas(2)
    axes.set_xlim(-0.6, 0.6)
    chart_style.number_axis(axes.xaxis, "fi")
    drawing.canvas.draw()
    texts = [label.get_text() for label in axes.get_xticklabels()]
    assert "−0,4" in texts
    assert not any("." in text or "-" in text for text in texts)


def test_areas_stand_by_name_in_the_table_and_the_picture(figures):
    assert bars(figures).table.plain["Alue"].tolist() == [
        "Iisalmi",
        "Kaavi",
        "Kuopio",
        "Leppävirta",
        "Siilinjärvi",
    ]


def test_html_escapes_the_alt_text(figures):
    selection = figures.select("taso", period="2019", region_level="kunta")
    markup = charts.bars_with_intervals(selection, '"><script>x</script>').html()
    assert "<script>" not in markup
    alt = re.search(r'<img alt="([^"]*)"', markup).group(1)
    assert "&lt;script&gt;" in alt


def test_funnel_with_own_columns_and_with_a_curve(figures):
    frame = rates.proportion(source().query("period == '2019' and region_level == 'kunta'"))
    classed = smallarea.funnel_class(frame).drop(columns=["funnel_method"])
    made = release({"suppilo": part(classed, "avoin")}, name="koe", preview=True)
    own = charts.funnel(made.select(), "Suppilo", highlight=("kunta", "297"))
    given = charts.funnel(
        figures.select("taso", period="2019", region_level="kunta"),
        "Suppilo",
        curve=smallarea.funnel_curve(frame),
    )
    for chart in (own, given):
        assert chart.alt.startswith("Suppilokuvio")
        assert chart.table.plain.shape == (5, 3)
    with pytest.raises(SosrakeError, match="the curve lacks"):
        charts.funnel(figures.select("taso", period="2019"), "x", curve=pd.DataFrame({"denominator": [1]}))


def test_survey_charts_say_that_they_are_invented(survey):
    shown = charts.diverging(survey.select("jakauma"), "Osaaminen", names={"1": "heikko", "5": "vahva"})
    gaps = charts.gaps(survey.select("ero"), "Tärkeys ja osaaminen", order=["media", "arvioinnit"])
    for chart in (shown, gaps):
        assert chart.alt.startswith("Keksitty esimerkkiaineisto.")
        assert "Keksitty esimerkkiaineisto" in chart.table.html
    assert gaps.table.plain.shape == (2, 5)


def test_an_item_with_a_hidden_share_is_hatched_and_has_no_segment(survey):
    rows = list(rows_of(survey.select("jakauma", item="media")))
    masked = [*rows[1:], type(rows[0])(rows[0].release_id, True, {**rows[0].columns, "status": "suppressed"})]
    _, axes = chart_style.canvas(2)
    assert charts_likert._stack(axes, 0, masked, [1, 2, 3, 4, 5], "fi") == []
    assert [patch.get_hatch() for patch in axes.patches] == [chart_style.HATCH]
    assert axes.patches[0].get_width() == 100  # as wide as all answers: its width tells nothing
    assert [text.get_text().strip() for text in axes.texts] == ["suojattu"]


def test_messages(figures, survey):
    with pytest.raises(SosrakeError, match="values of period"):
        charts.funnel(figures.select("taso", region_level="kunta"), "x")
    with pytest.raises(SosrakeError, match="not in the given order"):
        charts.gaps(survey.select("ero"), "x", order=["media"])
    with pytest.raises(SosrakeError, match="no caption"):
        charts.bars_with_intervals(figures.select("taso", period="2019"), "")
    assert tables.HIDDEN_MARK


def test_points_of_a_scale_stand_side_by_side(survey):
    """One line an item: the shares of its points, how many chose each, and those who answered once."""
    heads = {
        "value": "osuus, %",
        "numerator": "vastaajia",
        "denominator": "Vastanneita",
        "indicator": "Väittämä",
    }
    shown = charts.diverging(
        survey.select("jakauma"), "Osaaminen", names={"1": "heikko"}, headings=heads
    ).table
    assert shown.plain.columns.tolist() == [
        "Väittämä",
        *("heikko, osuus, %", "heikko, vastaajia"),
        *(f"{point}, {word}" for point in (2, 3, 4, 5) for word in ("osuus, %", "vastaajia")),
        "Vastanneita",
    ]
    assert shown.plain.shape[0] == 2
    assert set(shown.plain["Vastanneita"]) == {"60"}
    assert set(shown.plain["heikko, osuus, %"]) == {"20,0"}
    assert loose_numbers(shown.html).empty
    assert len(numbers_on_page(shown.html)) == 2 * (5 * 2 + 1)


def test_every_chart_takes_headings_for_its_table(figures, survey):
    heads = {"value": "Osuus työvoimasta"}
    first = charts.bars_with_intervals(
        figures.select("taso", period="2019", region_level="kunta"), "Työttömyys", headings=heads
    )
    line = charts.series(figures.select("taso", region_code="297"), "Työttömyys", headings=heads)
    gap = charts.gaps(survey.select("ero"), "Ero", headings=heads)
    assert all("Osuus työvoimasta" in chart.table.plain.columns for chart in (first, line, gap))


@pytest.mark.parametrize("order", [("media", "arvioinnit"), ("arvioinnit", "media")])
def test_the_table_of_a_survey_stands_in_the_order_of_its_chart(survey, order):
    words = {"media": "Media", "arvioinnit": "Arvioinnit"}
    for chart in (
        charts.gaps(survey.select("ero"), "Ero", order=order, names=words),
        charts.diverging(survey.select("jakauma"), "Osaaminen", order=order, names=words),
    ):
        drawn = [label.get_text() for label in chart.png.drawing.axes[0].get_yticklabels()]
        assert drawn == [words[item] for item in order] == list(chart.table.plain.iloc[:, 0])
