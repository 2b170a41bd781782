"""Claims and their words, designs, and the change between two measurements."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sosrake_lib.effects import Claim, Design, Effect, paired_change
from sosrake_lib.errors import SosrakeError

BEFORE = [18, 22, 15, 25, 19, 21, 17, 24, 20, 16, 23, 14]
AFTER = [14, 20, 15, 18, 12, 19, 17, 15, 16, 10, 22, 13]
# Sums of doubles in another order.
ROUNDING = 1e-9


@pytest.mark.parametrize(
    ("design", "claim"),
    [
        (Design(1, 1), Claim.KUVAUS),
        (Design(1, 2), Claim.MUUTOS),
        (Design(2, 1), Claim.ERO),
        (Design(2, 2, "chosen"), Claim.YHTEYS),
        (Design(2, 2, "by_rule"), Claim.TODENNAKOINEN_VAIKUTUS),
        (Design(2, 1, "randomised"), Claim.VAIKUTUS),
    ],
)
def test_design_decides_the_claim(design, claim):
    assert design.claim is claim


def test_impossible_designs_are_refused():
    with pytest.raises(SosrakeError, match="groups 0, times 1; expected 1 or more"):
        Design(0, 1)
    with pytest.raises(SosrakeError, match="assignment 'random'; expected one of none, chosen"):
        Design(2, 1, "random")
    with pytest.raises(SosrakeError, match="one group cannot be assigned"):
        Design(1, 2, "randomised")


def test_claims_are_not_a_ladder():
    assert Claim.ERO not in Claim.MUUTOS.permits
    assert Claim.MUUTOS not in Claim.ERO.permits
    assert Claim.VAIKUTUS.permits == frozenset(Claim)
    assert all(claim in claim.permits for claim in Claim)
    with pytest.raises(TypeError):
        Claim.ERO < Claim.MUUTOS  # noqa: B015 - the comparison itself is what must fail


@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_word_belongs_to_one_claim(language):
    words = [word for claim in Claim for word in claim.words(language)]
    assert len(words) == len(set(words))
    assert all(word == word.casefold() for word in words)
    assert all(claim.words(language) and claim.name_in(language) for claim in Claim)


def test_a_before_after_study_never_says_effect():
    assert Claim.MUUTOS.forbidden("Toimintakyky muuttui: pisteet nousivat.") == ()
    assert Claim.MUUTOS.forbidden("Kuntoutus vaikutti ja sai aikaan muutoksen.") == ("vaikutti", "sai aikaan")
    assert Claim.MUUTOS.forbidden("The service improved lives.", "en") == ("improved",)
    assert Claim.TODENNAKOINEN_VAIKUTUS.forbidden("Tuki todennäköisesti vaikutti oloihin.") == ()
    assert Claim.TODENNAKOINEN_VAIKUTUS.forbidden("Tuki vaikutti oloihin.") == ("vaikutti",)
    # Influencing and effectiveness are other words than an effect.
    assert Claim.KUVAUS.forbidden("Vaikuttaminen ja vaikuttavuus ovat eri asioita.") == ()
    with pytest.raises(SosrakeError, match="claims have words in fi and en"):
        Claim.ERO.words("sv")


def test_paired_change_says_muutos_and_its_caveats():
    effect = paired_change(BEFORE, AFTER, unit="points", source="invented")
    assert effect.claim is Claim.MUUTOS
    assert effect.n == {"paired": 12, "only_before": 0, "only_after": 0}
    assert {"no_comparison_group", "regression_to_the_mean", "few_pairs"} == set(effect.caveats)
    assert (
        "comparison_group"
        in effect.assumptions.loc[effect.assumptions["verdict"] == "fails", "check"].tolist()
    )
    assert effect.sensitivity["analysis"].tolist() == ["without_most_influential"]


numbers = st.floats(min_value=-1e3, max_value=1e3)


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=30), st.floats(-100, 100))
def test_change_turns_with_the_order_and_ignores_a_shift(pairs, shift):
    before, after = np.array(pairs).T
    assume(np.ptp(after - before) > 1e-3)
    forth, back = (paired_change(*both, unit="points") for both in ((before, after), (after, before)))
    assert forth.estimate == pytest.approx(-back.estimate, abs=ROUNDING)
    assert forth.lower == pytest.approx(-back.upper, abs=1e-6)
    assert forth.lower <= forth.estimate <= forth.upper
    moved = paired_change(before + shift, after + shift, unit="points")
    assert moved.estimate == pytest.approx(forth.estimate, abs=1e-6)
    assert (forth.p_value < 0.05) == (not forth.lower <= 0 <= forth.upper) or abs(forth.p_value - 0.05) < 1e-6


def test_people_are_joined_by_their_index_and_dropout_is_told():
    before = pd.Series([10.0, 12.0, 14.0, 9.0, 11.0], index=list("abcde"))
    after = pd.Series([16.0, 13.0, 11.0, 20.0], index=list("cbax"))
    originals = before.copy(), after.copy()
    effect = paired_change(before, after, unit="points")
    assert effect.estimate == pytest.approx(4 / 3)
    assert effect.n == {"paired": 3, "only_before": 2, "only_after": 1}
    assert "dropout" in effect.caveats
    checks = effect.assumptions.set_index("check")["verdict"]
    assert checks["dropout"] == "doubtful"
    assert "dropouts_unchanged" in effect.sensitivity["analysis"].tolist()
    pd.testing.assert_series_equal(before, originals[0])
    pd.testing.assert_series_equal(after, originals[1])


def test_dropouts_taken_as_unchanged_draw_the_estimate_to_zero():
    before = pd.Series([10.0, 12.0, 14.0, 9.0], index=list("abcd"))
    after = pd.Series([13.0, 13.0, 19.0], index=list("abc"))
    effect = paired_change(before, after, unit="points")
    row = effect.sensitivity.set_index("analysis").loc["dropouts_unchanged"]
    assert row["estimate"] == pytest.approx(effect.estimate * 3 / 4)


def test_unclear_measurements_are_refused():
    with pytest.raises(SosrakeError, match="2 people have both measurements"):
        paired_change([1, 2], [2, 4], unit="points")
    with pytest.raises(SosrakeError, match="all 3 changes are 1"):
        paired_change([1, 2, 3], [2, 3, 4], unit="points")
    with pytest.raises(SosrakeError, match="expected two lists of equal length"):
        paired_change([1, 2, 3], [2, 3], unit="points")
    with pytest.raises(SosrakeError, match="a measurement is not a number"):
        paired_change(["a", "b", "c"], [1, 2, 3], unit="points")
    twice = pd.Series([1.0, 2.0, 3.0], index=["a", "a", "b"])
    with pytest.raises(SosrakeError, match="`before` names 'a' twice"):
        paired_change(twice, twice, unit="points")


def test_an_effect_cannot_claim_more_than_its_design():
    effect = paired_change(BEFORE, AFTER, unit="points")
    with pytest.raises(SosrakeError, match="claim 'vaikutus' is more than the design allows"):
        dataclasses.replace(effect, claim=Claim.VAIKUTUS)
    with pytest.raises(SosrakeError, match="expected finite numbers, lower limit first"):
        dataclasses.replace(effect, lower=5.0, upper=1.0)
    with pytest.raises(SosrakeError, match="assumptions has columns"):
        dataclasses.replace(effect, assumptions=pd.DataFrame({"check": []}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        effect.estimate = 0.0
    with pytest.raises(TypeError):
        effect.n["paired"] = 99
    assert isinstance(effect, Effect)
    # Two results are never compared as wholes: their frames have no single truth value.
    assert effect != dataclasses.replace(effect)
