"""A weak signal has no count: two pages of social reporting read together must not give it one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sosrake_lib import protect
from sosrake_lib.batch import recipes_reporting, reporting_source
from sosrake_lib.batch.phenomenon_beside import counted, unjoined
from sosrake_lib.batch.recipes_phenomenon import phenomenon_cards
from sosrake_lib.protect.audit import Statement, Target, audit, exact

COUNTY = ("hva", "E1")
LEAST = 5


def with_little_left(reported, weak, unjoined_rows):
    """Keep so many observations of the weak signal and so many that have joined nothing."""
    observed = reported.observations
    signals = {number for number, own in observed.groupby("ilmio_id") if recipes_reporting.is_weak(own)}
    own = observed["ilmio_id"].isin(signals)
    free = observed["ilmio_id"].isna()
    kept = [observed.loc[~own & ~free], observed.loc[own].head(weak), observed.loc[free].head(unjoined_rows)]
    rows = observed.loc[sorted(index for part in kept for index in part.index)]
    return replace(reported, observations=rows), signals.pop()


def tables(monkeypatch, weak, unjoined_rows):
    """Release both pages of a register and give what a reader sees, with the register."""
    reported, signal = with_little_left(reporting_source.open_reported(None), weak, unjoined_rows)
    monkeypatch.setattr(reporting_source, "open_reported", lambda data: reported)
    made = protect.release({"havainnot": phenomenon_cards(None)["havainnot"]}, name="kortit", preview=True)
    shown = protect.protected_frame(made.select("havainnot"))
    known = protect.release(recipes_reporting.social_reporting(None), name="raportointi", preview=True)
    waits = protect.protected_frame(known.select("odotus"))
    return reported, signal, shown, waits


def reckoned(reported, shown, waits, code, observed):
    """Reckon as a reader what all observations of a place leave for the weak signal and the unjoined."""
    level = "hva" if code == COUNTY[1] else "kunta"
    here = shown.loc[(shown["region_level"] == level) & (shown["region_code"] == code)].reset_index()
    statements = [
        exact([row], entry.numerator if entry.numerator == entry.numerator else entry.value)
        for row, entry in enumerate(here.itertuples())
        if entry.status == "ok"
    ]
    whole = [*range(len(here)), len(here)]
    statements.append(exact(whole, observed))
    return audit(len(here) + 1, statements, [Target("left", (len(here),), LEAST)]).iloc[0]


@pytest.mark.parametrize(("weak", "free"), [(2, 1), (3, 0), (1, 3)])
def test_all_observations_less_the_phenomena_do_not_give_a_weak_signal_back(monkeypatch, weak, free):
    reported, signal, shown, waits = tables(monkeypatch, weak, free)
    whole = waits.loc[waits["period"] == recipes_reporting.whole_period(reported.observations)]
    told = whole["denominator"].max()
    assert told == len(reported.observations), "the page of social reporting tells all observations"
    found = reckoned(reported, shown, waits, COUNTY[1], told)
    assert found["status"] == "protected", found
    assert f"ilmio_{signal}" not in set(shown["group"])


def test_a_theme_less_its_phenomena_leaves_enough(monkeypatch):
    """The weak signal and one phenomenon share a theme, whose observations another page counts."""
    reported, signal, shown, _ = tables(monkeypatch, 2, 40)
    observed = reported.observations
    theme = reported.phenomena.set_index("ilmio_id").at[signal, "teema"]
    beside = [own for own in counted(reported, COUNTY).values() if set(own["teema"]) == {theme}]
    left = int((observed["teema"] == theme).sum()) - sum(map(len, beside))
    assert 0 < left < LEAST, "the case is the one to be closed"
    names = {f"ilmio_{int(own['ilmio_id'].iloc[0])}" for own in beside}
    county = shown.loc[(shown["region_level"] == "hva") & shown["group"].isin(names)]
    assert (county["status"] == "suppressed").any()


def test_a_municipality_is_closed_by_its_years(monkeypatch):
    """A municipality's total is known only where each of its years may be told."""
    reported, _, shown, waits = tables(monkeypatch, 6, 10)
    observed = reported.observations
    for one in unjoined(reported, COUNTY):
        if one.key["region_level"] != "kunta" or not one.count:
            continue
        code = str(one.key["region_code"])
        years = observed.loc[observed["alue_koodi"] == code, "period"].str[:4].value_counts()
        assert (years >= LEAST).all()
        found = reckoned(reported, shown, waits, code, one.count)
        left = one.count - sum(
            (own["alue_koodi"] == code).sum() for own in counted(reported, COUNTY).values()
        )
        assert left == 0 or left >= LEAST or found["status"] == "protected", (code, found)


def test_a_weak_signals_card_tells_nothing_that_needs_a_count():
    reported = reporting_source.open_reported(None)
    weak = {
        f"ilmio_{number}"
        for number, own in reported.observations.groupby("ilmio_id")
        if recipes_reporting.is_weak(own)
    }
    parts = phenomenon_cards(None)
    asked = parts["tarkistus"].frame
    own = asked.loc[asked["indicator"].isin(weak)]
    counts = own.loc[own["group"].isin(("havaintoja", "tuottajia", "ihmiset_itse", "puolivuosia"))]
    assert len(counts) == 4 * len(weak)
    assert set(counts["category"]) == {recipes_reporting.UNKNOWN}
    links = parts["liitokset"].frame
    told = links.loc[links["indicator"].isin(weak), "kind"]
    assert not set(told) & {"tarve", "taso", "kohde"}


def test_without_the_link_the_signal_would_be_given_back():
    """The reader of this test finds what is open when nothing closes it."""
    found = audit(3, [exact([0, 1, 2], 53), exact([0], 20), exact([1], 30), Statement((2,), 1, 53)],
                  [Target("left", (2,), LEAST)])  # fmt: skip
    assert found.loc[0, "status"] == "recovered"
