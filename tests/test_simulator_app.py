"""The simulator: draws against closed forms and the library's estimators, and what its page says."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from scipy import integrate, stats

from sosrake_lib import serving
from sosrake_lib.effects import paired_change, simulator
from sosrake_lib.effects.change import regression_to_the_mean
from sosrake_lib.effects.groups import compared_change
from sosrake_lib.effects.simulator import Setting
from sosrake_lib.errors import SosrakeError

PLAIN = Setting(clients=100, chosen=1.0, reliability=0.7, effect=0.0, lost=0.0)


def page(query: str) -> serving.Simulation:
    return serving.Simulation(serving.read_choice("apps/vaikuttavuussimulaattori", query=query))


def near(values: np.ndarray, expected: float) -> None:
    """Hold the mean of many draws to an expectation by its own Monte Carlo error."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - expected) < 4 * error + 0.02


@pytest.mark.parametrize("chosen", [0.1, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("reliability", [0.5, 0.9])
def test_regression_to_the_mean_is_that_of_a_truncated_bivariate_normal(chosen, reliability):
    """E[X2 - X1 | X1 below its quantile], by numerical integration and not by the formula under test."""
    setting = replace(PLAIN, chosen=chosen, reliability=reliability)
    cut = stats.norm.ppf(chosen)
    rise, _ = integrate.quad(lambda x: (reliability - 1) * x * stats.norm.pdf(x), -12, min(cut, 12))
    expected = 10 * rise / chosen
    assert simulator.expected_regression(setting) == pytest.approx(expected, abs=1e-6)
    near(simulator.naive(simulator.draw(setting, 600, 3)).estimate, expected)


@pytest.mark.parametrize("effect", [-5.0, 0.0, 4.0])
def test_the_effect_is_what_is_added_to_later_scores(effect):
    setting = replace(PLAIN, chosen=0.4, effect=effect, lost=0.2)
    near(
        simulator.naive(simulator.draw(setting, 600, 5)).estimate - simulator.expected_regression(setting),
        effect,
    )
    near(simulator.honest(simulator.draw(setting, 600, 5), setting).estimate, effect)


def test_scores_have_the_deviation_and_correlation_asked_for():
    drawn = simulator.draw(replace(PLAIN, clients=200), 500, 2).service
    before, after = drawn.before.ravel(), drawn.after.ravel()
    assert before.mean() == pytest.approx(50, abs=0.2)
    assert after.std() == pytest.approx(10, abs=0.1)
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize(
    ("chosen", "lost", "reliability"), [(1.0, 0.2, 0.7), (0.3, 0.2, 0.7), (0.1, 0.5, 0.5)]
)
def test_leaving_of_those_who_do_worse_raises_the_bare_figure_as_expected(chosen, lost, reliability):
    setting = replace(PLAIN, chosen=chosen, lost=lost, reliability=reliability, worse_leave=True)
    expected = simulator.expected_regression(setting) + simulator.expected_loss_bias(setting)
    found = simulator.naive(simulator.draw(setting, 1500, 4)).estimate
    assert found.mean() == pytest.approx(expected, abs=0.1)
    by_chance = simulator.naive(simulator.draw(replace(setting, worse_leave=False), 1500, 4)).estimate
    assert found.mean() > by_chance.mean() + 0.5
    assert simulator.expected_loss_bias(replace(setting, worse_leave=False)) == 0


def frame(drawn: simulator.Drawn) -> pd.DataFrame:
    parts = {"s": drawn.service, "c": drawn.comparison}
    return pd.concat(
        pd.DataFrame({"before": one.before[0], "after": one.after[0], "group": name})
        for name, one in parts.items()
        if one is not None
    )


def test_estimates_of_a_draw_are_those_of_the_librarys_estimators():
    alone = replace(PLAIN, chosen=0.3, lost=0.25)
    drawn = simulator.draw(alone, 1, 11)
    naive = simulator.naive(drawn)
    own = paired_change(drawn.service.before[0], drawn.service.after[0], unit="points")
    assert (naive.estimate[0], naive.lower[0], naive.upper[0]) == pytest.approx(
        (own.estimate, own.lower, own.upper)
    )
    honest = simulator.honest(drawn, alone)
    beyond = regression_to_the_mean(
        frame(drawn), before="before", after="after", reliability=0.7, population_mean=50
    )
    widened = 0.25 * simulator.LOST_MAY_DIFFER
    assert honest.estimate[0] == pytest.approx(beyond.beyond)
    assert honest.lower[0] == pytest.approx(beyond.beyond_lower - widened)
    compared = replace(alone, compared=True, effect=3.0)
    drawn = simulator.draw(compared, 1, 11)
    ancova = compared_change(
        frame(drawn), before="before", after="after", group="group", treated="s", comparison="c",
        assignment="randomised", unit="points",
    )  # fmt: skip
    honest = simulator.honest(drawn, compared)
    assert honest.estimate[0] == pytest.approx(ancova.estimate)
    # ours takes one variance for all, the library's is robust: the same people, nearly the same error
    assert honest.upper[0] - honest.estimate[0] - widened == pytest.approx(
        ancova.upper - ancova.estimate, rel=0.15
    )


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("worse_leave", [False, True])
def test_honest_interval_holds_the_truth_and_the_bare_one_does_not(compared, worse_leave):
    setting = Setting(compared=compared, worse_leave=worse_leave)
    drawn = simulator.draw(setting, 800, 7)
    honest = simulator.told(simulator.honest(drawn, setting), 0.0)
    naive = simulator.told(simulator.naive(drawn), 0.0)
    assert honest.misleading <= 0.05 + 3 * honest.error
    assert naive.misleading > 0.8
    assert naive.improvement == naive.misleading, "every one of them would be told as an improvement"


def test_without_choice_and_loss_both_intervals_have_their_confidence():
    for compared in (False, True):
        setting = replace(PLAIN, compared=compared)
        drawn = simulator.draw(setting, 2000, 9)
        shares = [simulator.told(simulator.honest(drawn, setting), 0.0).misleading]
        shares += [] if compared else [simulator.told(simulator.naive(drawn), 0.0).misleading]
        assert all(abs(share - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 2000) for share in shares)


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        Setting,
        clients=st.integers(20, 60),
        chosen=st.floats(0.1, 1),
        reliability=st.floats(0.5, 0.95),
        effect=st.floats(-5, 10),
        lost=st.floats(0, 0.5),
        worse_leave=st.booleans(),
        compared=st.booleans(),
    ),
    st.integers(0, 9999),
)
def test_any_setting_is_drawn_again_the_same_with_the_people_asked_for(setting, seed):
    drawn, again = (simulator.draw(setting, 3, seed) for _ in range(2))
    assert np.array_equal(drawn.service.after, again.service.after, equal_nan=True)
    assert drawn.service.before.shape == (3, setting.clients)
    assert (np.isnan(drawn.service.after).sum(axis=1) == round(setting.lost * setting.clients)).all()
    assert (drawn.comparison is None) != setting.compared
    for found in (simulator.naive(drawn), simulator.honest(drawn, setting)):
        assert (found.lower < found.estimate).all()
        assert (found.estimate < found.upper).all()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"chosen": 0.0}, "chosen"),
        ({"reliability": 1.0}, "reliability"),
        ({"lost": 1.0}, "lost"),
        ({"effect": float("nan")}, "effect"),
        ({"clients": 5, "lost": 0.5}, "at least 5"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, words):
    with pytest.raises(SosrakeError, match=words):
        Setting(**wrong)
    with pytest.raises(SosrakeError, match="one or more"):
        simulator.draw(Setting(), 0)


def plain(markup) -> str:
    return " ".join(Markup(str(markup).replace("<", " <")).striptags().replace("\u00a0", " ").split())


def test_page_tells_truth_both_estimates_and_how_often_they_mislead():
    shown = page("")
    text = plain(shown.findings())
    assert "Totuus: palvelun vaikutus on 0 pistettä." in text
    assert re.search(r"Paljas ennen–jälkeen-luku: muutos \+\d,\d pistettä", text)
    assert "sama tehtiin 500 kertaa" in text
    missed = shown.outcome.naive_told.misleading
    assert f"jätti totuuden ulkopuolelleen {round(100 * missed)} % kerroista" in text
    assert "3,5 pistettä, vaikka kukaan ei saisi mitään palvelua" in plain(shown.why())
    estimate, lower, upper = shown.outcome.one("naive")
    row = plain(shown.table())
    for value in (estimate, lower, upper):
        assert f"{abs(value):.1f}".replace(".", ",") in row
    alt = re.search(r'alt="([^"]+)"', shown.chart())[1]
    assert "pystyviivana" in alt
    assert len(alt) > 100
    assert 'src="data:image/png;base64,' in shown.chart()


def test_page_follows_its_settings_in_both_languages():
    shown = page("vaikutus=4&vertailu=on&keskeyttajat=heikommin&keskeyttaa=40&valitaan=100&kieli=en")
    assert shown.setting == Setting(60, 1.0, 0.7, 4.0, 0.4, worse_leave=True, compared=True)
    why = plain(shown.why())
    assert "every applicant was taken" in why
    assert "more often those who did worse" in why
    assert "compares those in the service with those who waited" in why
    assert "by 4.0 points either way" in why
    assert "told as an improvement" not in plain(shown.findings()), "there is a true improvement"
    nobody = page("keskeyttaa=0&valitaan=10")
    assert "kukaan ei puutu" in plain(nobody.why())
    assert "levennetään" not in plain(nobody.why())


def test_sliders_are_native_labelled_and_show_their_value():
    markup = page("asiakkaita=100").controls()
    sliders = re.findall(r'<input type="range" name="(\w+)" id="([\w-]+)"', markup)
    assert [name for name, _ in sliders] == [
        "vaikutus",
        "valitaan",
        "luotettavuus",
        "keskeyttaa",
        "asiakkaita",
    ]
    for _, place in sliders:
        assert f'<label for="{place}">' in markup
        assert f'aria-describedby="{place}-nyt"' in markup
        assert f'id="{place}-nyt"' in markup
    assert "Nyt: 100 asiakasta" in plain(markup)
    assert "arvonta=2" in markup, "new clients are one number on"
    assert "arvonta=1&" in page("arvonta=9999").controls()
    assert "<script" not in markup


def test_wrong_address_shows_what_is_allowed_and_no_figure():
    shown = page("vaikutus=40&muu=<b>&keskeyttajat=x")
    told = plain(shown.problem())
    assert "−5 – 10" in told
    assert "sattuma, heikommin" in told
    assert "<b>" not in shown.problem()
    assert not any((shown.findings(), shown.chart(), shown.table(), shown.why()))
    assert "Arvo ja laske" in shown.controls()
