"""The design ladder: its order, its refusals, and that every estimator claims what the ladder says."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import tomllib
from collections.abc import Callable
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim, Design, Effect, coverage, paired_change
from sosrake_lib.effects.design import ASSIGNMENTS, FEW_UNITS, borne
from sosrake_lib.effects.ladder import Sizes, ladder, verdict
from sosrake_lib.errors import SosrakeError

DATA = tomllib.loads(resources.files("sosrake_lib.effects").joinpath("ladder.toml").read_text("utf-8"))
ESTIMATORS = DATA["estimator"]
PACKAGES = ("did", "its", "synthetic", "matching", "discontinuity", "groups", "goals", "singlecase", "change")
# Functions that build the Effect of one of the ladder's estimators, from a fit the caller already has.
BUILDERS = {"series_effect", "control_effect", "matched_effect", "jump_effect"}
# A level at one time describes; the ladder is of changes, differences and effects.
DESCRIPTIONS = {"weighted_level", "level_bounds"}


# --- order and refusals ---------------------------------------------------------------------------------


def test_claims_are_a_partial_order():
    assert not Claim.ERO.stronger_than(Claim.MUUTOS) and not Claim.MUUTOS.stronger_than(Claim.ERO)
    for one in Claim:
        assert not one.stronger_than(one)
        for other in Claim:
            assert not (one.stronger_than(other) and other.stronger_than(one))
            for third in Claim:
                if one.stronger_than(other) and other.stronger_than(third):
                    assert one.stronger_than(third)
    assert all(one is Claim.KUVAUS or one.stronger_than(Claim.KUVAUS) for one in Claim)
    assert Claim.MUUTOS.capped(Claim.ERO) is Claim.MUUTOS


def test_a_bare_before_after_is_a_change_and_says_why_no_more():
    found = ladder(1, 2)
    assert found.claim is Claim.MUUTOS
    assert "paired_group_change" in found.estimators["estimator"].tolist()
    assert "regression_to_the_mean" in found.checks["check"].tolist()
    refused = found.refused.set_index("key")
    assert refused.loc["vaikutus", "reason"] == "nothing_compared"
    assert refused.loc["ero", "kind"] == "claim"
    assert "vertailuryhmän" in refused.loc["did_2x2", "reason_fi"]
    assert "comparison group" in refused.loc["did_2x2", "reason_en"]
    assert "nousi" in found.words("fi") and "vaikutti" not in found.words("fi")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.claim = Claim.VAIKUTUS


def test_a_difference_is_no_change_and_a_change_no_difference():
    once, twice = ladder(2, 1), ladder(2, 2)
    assert once.claim is Claim.ERO and twice.claim is Claim.ERO
    reasons = [one.refused.set_index("key").loc["muutos", "reason"] for one in (once, twice)]
    assert reasons == ["one_time_only", "difference_is_another_kind"]


def test_every_estimator_is_allowed_or_refused_once_with_reasons_in_both_languages():
    for groups, times, assignment in ((1, 1, "none"), (1, 9, "none"), (2, 9, "by_rule")):
        for measure in DATA["measures"]:
            found = ladder(groups, times, assignment, measure)
            keys = [*found.estimators["estimator"], *found.refused.query("kind == 'estimator'")["key"]]
            assert sorted(keys) == sorted(ESTIMATORS)
            claims = found.refused.query("kind == 'claim'")["key"]
            assert set(claims) == {one.value for one in Claim} - {one.value for one in found.claim.permits}
            texts = found.refused[["reason_fi", "reason_en"]].to_numpy().ravel()
            assert all(text.endswith(".") and "{" not in text for text in texts)
            assert (found.refused["reason_fi"] != found.refused["reason_en"]).all()


def test_few_units_and_times_lower_the_claim():
    small = ladder(2, 8, "by_rule", "figure", Sizes(treated=2, control=11, before=5, after=3))
    rows = small.estimators.set_index("estimator")
    assert rows.loc["twfe", ["claim", "label"]].tolist() == ["yhteys", "few_units"]
    assert rows.loc["controlled_series", ["claim", "label"]].tolist() == ["ero", "few_points"]
    alone = ladder(2, 8, "by_rule", "figure", Sizes(treated=1, control=12))
    assert alone.estimators.set_index("estimator").loc["randomisation_inference", "claim"] == "ero"
    refused = alone.refused.set_index("key")
    assert refused.loc["twfe", "reason"] == "needs_treated"
    assert refused.loc["twfe", "reason_en"].endswith("2 at least in the activity, and there are 1.")
    assert ladder(2, 8, "by_rule", "figure").estimators.set_index("estimator").loc["twfe", "label"] == (
        "sizes_not_stated"
    )
    large = ladder(2, 8, "by_rule", "figure", Sizes(treated=9, control=30))
    assert large.estimators.set_index("estimator").loc["twfe", ["claim", "label"]].tolist() == [
        "todennakoinen_vaikutus",
        "",
    ]


def test_breaks_dropout_and_rules():
    broken = ladder(2, 9, "none", "figure", Sizes(broken=True))
    assert broken.refused.set_index("key").loc["synthetic_control", "reason"] == "series_breaks"
    series = ladder(1, 9, "none", "figure", Sizes(broken=True)).estimators
    assert series["label"].tolist() == ["series_breaks"]
    assert ladder(1, 2, sizes=Sizes(lost=0.0)).refused.set_index("key").loc["weighted_change", "reason"] == (
        "nobody_lost"
    )
    labels = ladder(1, 2, sizes=Sizes(lost=0.4)).estimators.set_index("estimator")["label"]
    assert labels["paired_group_change"] == "much_dropout"
    keys = ladder(2, 1, "by_rule").estimators["estimator"].tolist()
    assert "regression_discontinuity" in keys
    assert ladder(2, 2, "chosen").refused.set_index("key").loc["regression_discontinuity", "reason"] == (
        "needs_by_rule"
    )


def test_what_cannot_be_is_refused():
    with pytest.raises(SosrakeError, match="measure 'mood'; expected one of score, levels"):
        ladder(1, 2, measure="mood")
    with pytest.raises(SosrakeError, match="one group cannot be assigned"):
        ladder(1, 2, "randomised")
    with pytest.raises(SosrakeError, match="3 times before and 3 after make 6, times is 7"):
        ladder(1, 7, measure="figure", sizes=Sizes(before=3, after=3))
    with pytest.raises(SosrakeError, match=r"one group has no control units \(control=4\)"):
        ladder(1, 7, measure="figure", sizes=Sizes(control=4))
    with pytest.raises(SosrakeError, match="treated 0; expected a whole number of 1 or more"):
        Sizes(treated=0)
    with pytest.raises(SosrakeError, match=r"lost 1\.2; expected a share"):
        Sizes(lost=1.2)


counts = st.one_of(st.none(), st.integers(1, 60))


@settings(max_examples=40)
@given(st.sampled_from(ASSIGNMENTS), st.sampled_from(DATA["measures"]), st.integers(1, 30), counts, counts)
def test_no_estimator_claims_more_than_its_design_and_more_units_never_lower_it(
    assignment, measure, times, treated, control
):
    found = ladder(2, times, assignment, measure, Sizes(treated=treated, control=control))
    design = Design(2, times, assignment)
    assert found.claim in design.claim.permits
    assert {Claim(one) for one in found.estimators["claim"]} <= design.claim.permits
    if treated is None or control is None:
        return
    more = ladder(2, times, assignment, measure, Sizes(treated=treated + 5, control=control + 5))
    now = more.estimators.set_index("estimator")["claim"]
    for key, claim in found.estimators.set_index("estimator")["claim"].items():
        assert not Claim(claim).stronger_than(Claim(now[key]))


# --- agreement with the estimators ----------------------------------------------------------------------


def panel(treated: int, control: int, before: int, after: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units, times = treated + control, before + after
    unit, time = np.repeat(np.arange(units), times), np.tile(np.arange(times), units)
    on = ((unit < treated) & (time >= before)).astype(int)
    value = rng.normal(0, 1, units)[unit] + 0.2 * time + 2.0 * on + rng.normal(0, 0.5, len(unit))
    frame = pd.DataFrame({"unit": unit, "time": time, "on": on, "value": value})
    return frame.assign(
        ever=(unit < treated).astype(int), start=np.where(unit < treated, before, 10_000), post=time >= before
    ).astype({"post": int})


def people(n: int = 60, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.normal(20, 4, n)
    frame = pd.DataFrame({"before": before, "after": before + 1 + rng.normal(0, 2, n), "person": range(n)})
    frame["group"] = np.where(np.arange(n) % 2 == 0, "in", "out")
    frame["t"] = (frame["group"] == "in").astype(int)
    frame["level_before"] = rng.integers(1, 5, n)
    frame["level_after"] = np.clip(frame["level_before"] + rng.integers(-1, 2, n), 1, 5)
    frame["club"], frame["town"] = np.arange(n) % 12, np.arange(n) % 6
    return frame


def single(n: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    value = np.r_[rng.normal(5, 1, n), rng.normal(8, 1, n)]
    return pd.DataFrame({"t": range(2 * n), "v": value, "phase": ["a"] * n + ["b"] * n})


def _call(name: str) -> Callable:
    package, function = name.split(".")
    return getattr(importlib.import_module(f"sosrake_lib.effects.{package}"), function)


DID = {"outcome": "value", "unit": "unit", "time": "time"}
PAIRED = {"before": "before", "after": "after"}
COMPARED = {"group": "group", "treated": "in", "comparison": "out", "assignment": "chosen"}
MATCHED = {"outcome": "after", "treatment": "t", "assignment": "chosen", "times": 2}


def _phases():
    return _call("singlecase.phases")(
        single(), time="t", value="v", phase="phase", baseline="a", treatment="b"
    )


def _single(name: str, **more):
    return _call(f"singlecase.{name}")(_phases(), **more)


def _paired(name: str):
    return _call(f"groups.{name}")(people(), **PAIRED, unit="")


def _series(controlled: bool):
    more = {"unit": "unit", "treated": 0, "control": 1, "assignment": "by_rule"} if controlled else {}
    data = panel(1, 1 if controlled else 0, 9, 9)
    return _call("its.interrupted_series")(data, outcome="value", time="time", first_after=9, **more)


def _did(name: str, **more):
    return _call(f"did.{name}")(panel(6, 8, 5, 3), **DID, assignment="by_rule", **more)


def _goals():
    forms = people(30)[["person"]].assign(goal=1, start=-1, score=np.arange(30) % 4 - 1)
    return _call("goals.goal_change")(_call("goals.check_goals")(forms, baseline="start"))


def _jump():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 600)
    data = pd.DataFrame({"x": x, "y": x + 2 * (x >= 0) + rng.normal(0, 0.5, 600)})
    return _call("discontinuity.regression_discontinuity")(data, outcome="y", running="x", cutoff=0)


LOST = people().assign(after=lambda frame: frame["after"].where(frame["person"] % 7 != 0))
LEVELS = {"before": "level_before", "after": "level_after"}
UNITS = Sizes(treated=6, control=8, before=5, after=3)
HALVES = Sizes(treated=30, control=30)
# key -> (run on small data, the sizes of that data)
RUNS: dict[str, tuple[Callable, Sizes]] = {
    "paired_group_change": (lambda: _paired("paired_group_change"), Sizes()),
    "signed_rank_change": (lambda: _paired("signed_rank_change"), Sizes()),
    "mixed_change": (
        lambda: _call("groups.mixed_change")(
            people(), **PAIRED, group="club", municipality="town", unit=""
        ),
        Sizes(),
    ),
    "weighted_change": (lambda: _call("groups.weighted_change")(LOST, **PAIRED, unit=""), Sizes(lost=0.15)),
    "individual_change": (
        lambda: _call("change.individual_change")(
            people(), **PAIRED, reliability=0.8, higher_is_better=True
        ),
        Sizes(),
    ),
    "ordinal_change": (lambda: _call("groups.ordinal_change")(people(), **LEVELS), Sizes()),
    "goal_change": (_goals, Sizes()),
    "overlap_change": (lambda: _single("overlap_change", improvement="increase"), Sizes()),
    "piecewise_change": (lambda: _single("piecewise_change", unit=""), Sizes()),
    "randomisation_test": (
        lambda: _call("singlecase.randomisation_test")(
            single(), time="t", value="v", phase="phase", baseline="a", treatment="b",
            improvement="increase", start_was_drawn=True,
        ),
        Sizes(),
    ),
    "interrupted_series": (lambda: _series(controlled=False), Sizes(before=9, after=9)),
    "controlled_series": (lambda: _series(controlled=True), Sizes(before=9, after=9)),
    "compared_change": (
        lambda: _call("groups.compared_change")(people(), **PAIRED, **COMPARED, unit=""), HALVES
    ),
    "proportional_odds": (lambda: _call("groups.proportional_odds")(people(), **LEVELS, **COMPARED), HALVES),
    "did_2x2": (
        lambda: _call("did.did_2x2")(
            panel(6, 8, 1, 1), outcome="value", treatment="ever", post="post", assignment="by_rule"
        ),
        Sizes(treated=12, control=16),
    ),
    "did_2x2_clustered": (
        lambda: _call("did.did_2x2")(
            panel(6, 8, 1, 1), outcome="value", treatment="ever", post="post", cluster="unit",
            assignment="by_rule",
        ),
        Sizes(treated=6, control=8),
    ),
    "twfe": (lambda: _did("twfe", treatment="on"), UNITS),
    "event_study": (lambda: _did("event_study", treatment="ever", reference=4), UNITS),
    "callaway_santanna": (lambda: _did("callaway_santanna", first_treated="start", never=10_000), UNITS),
    "sun_abraham": (lambda: _did("sun_abraham", first_treated="start", never=10_000), UNITS),
    "wild_cluster_bootstrap": (lambda: _did("wild_cluster_bootstrap", treatment="on", draws=199), UNITS),
    "randomisation_inference": (lambda: _did("randomisation_inference", treatment="on", draws=199), UNITS),
    "synthetic_control": (
        lambda: _call("synthetic.synthetic_control")(
            panel(1, 12, 6, 3), **DID, treatment="on", assignment="by_rule"
        ),
        Sizes(treated=1, control=12, before=6, after=3),
    ),
    "synthetic_did": (
        lambda: _call("synthetic.synthetic_did")(
            panel(1, 12, 6, 3), **DID, treatment="on", assignment="by_rule"
        ),
        Sizes(treated=1, control=12, before=6, after=3),
    ),
    "difference_in_means": (lambda: _call("matching.difference_in_means")(people(), **MATCHED), HALVES),
    "propensity_matching": (
        lambda: _call("matching.propensity_matching")(people(), **MATCHED, covariates=["before"]), HALVES
    ),
    "inverse_probability_weighting": (
        lambda: _call("matching.inverse_probability_weighting")(people(), **MATCHED, covariates=["before"]),
        HALVES,
    ),
    "augmented_weighting": (
        lambda: _call("matching.augmented_weighting")(people(), **MATCHED, covariates=["before"]), HALVES
    ),
    "regression_discontinuity": (_jump, Sizes(treated=300, control=300)),
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(ESTIMATORS))
def test_every_estimator_claims_what_the_ladder_says(key):
    run, sizes = RUNS[key]
    result = run()
    found = getattr(result, "effect", result)
    needs = ESTIMATORS[key]
    design = found.design
    told = ladder(design.groups, design.times, design.assignment, needs["measures"][0], sizes)
    row = told.estimators.set_index("estimator").loc[key]
    if isinstance(found, Effect):
        checks = set(found.assumptions["check"])
        # A panel with one time before has no test of the times before, so no power of it either.
        assert checks <= set(needs["checks"]) and set(needs["checks"]) - checks <= {"power_of_pretrend_test"}
        failed = set(found.assumptions.loc[found.assumptions["verdict"] == "fails", "check"])
        if failed - {"comparison_group"}:
            assert found.claim in Claim(row["claim"]).permits
            return
    assert found.claim.value == row["claim"]


@pytest.mark.parametrize(("treated", "control"), [(1, 9), (2, 9), (4, 5), (5, 5)])
def test_few_units_lower_estimators_and_ladder_alike(treated, control):
    data = panel(treated, control, 5, 3)
    sizes = Sizes(treated=treated, control=control, before=5, after=3)
    told = ladder(2, 8, "by_rule", "figure", sizes).estimators.set_index("estimator")["claim"]
    asked = {**DID, "treatment": "on", "assignment": "by_rule"}
    names = ["randomisation_inference"] if treated == 1 else ["twfe", "randomisation_inference"]
    for name in names:
        more = {"draws": 99} if name == "randomisation_inference" else {}
        assert _call(f"did.{name}")(data, **asked, **more).claim.value == told[name]
    if treated == 1:
        with pytest.raises(SosrakeError, match="needs two or more in each arm"):
            _call("did.twfe")(data, **asked)


@pytest.mark.parametrize(("before", "after"), [(4, 4), (8, 7), (8, 8)])
def test_few_times_lower_the_controlled_series_and_the_ladder_alike(before, after):
    found = _call("its.interrupted_series")(
        panel(1, 1, before, after), outcome="value", time="time", first_after=before, unit="unit", treated=0,
        control=1, assignment="by_rule",
    )  # fmt: skip
    told = ladder(2, before + after, "by_rule", "figure", Sizes(before=before, after=after))
    assert found.claim.value == told.estimators.set_index("estimator").loc["controlled_series", "claim"]


def test_limits_are_those_of_the_estimators():
    reporting = importlib.import_module("sosrake_lib.effects.did.reporting")
    its = importlib.import_module("sosrake_lib.effects.its.effect")
    fit = importlib.import_module("sosrake_lib.effects.its.fit")
    assert reporting.FEW_TREATED == FEW_UNITS and DATA["few_points"] == its.FEW_POINTS
    assert DATA["verdict"]["least_df"] == its.LEAST_DF
    series = ESTIMATORS["interrupted_series"]
    assert (series["before"], series["after"]) == (fit.LEAST_BEFORE, fit.LEAST_AFTER)


def _is_result(held: object) -> bool:
    return dataclasses.is_dataclass(held)


def test_every_estimator_of_the_room_stands_on_the_ladder():
    """A function that gives an Effect, or a result that holds one, is on the ladder or builds one that is."""
    named = {needs["function"].split(".")[1] for needs in ESTIMATORS.values()}
    for package in PACKAGES:
        module = importlib.import_module(f"sosrake_lib.effects.{package}")
        for name in module.__all__:
            member = getattr(module, name)
            if not inspect.isfunction(member) or name in BUILDERS | DESCRIPTIONS:
                continue
            result = str(inspect.signature(member).return_annotation)
            held = getattr(module, result, None)
            kinds = {one.name: one.type for one in dataclasses.fields(held)} if _is_result(held) else {}
            if result == "Effect" or kinds.get("effect") == "Effect" or {"claim", "design"} <= set(kinds):
                assert name in named, f"{package}.{name} gives an effect and is not in effects/ladder.toml"
    assert all(callable(_call(needs["function"])) for needs in ESTIMATORS.values())


# --- verdict --------------------------------------------------------------------------------------------

BASE = paired_change(np.arange(30) % 7, np.arange(30) % 7 + np.tile([0.0, 1, 2], 10), unit="points")


def _effect(**changes) -> Effect:
    return dataclasses.replace(BASE, **{"caveats": (), **changes})


def test_a_direction_needs_the_interval_and_the_test():
    assert verdict(_effect(estimate=1.0, lower=0.4, upper=1.6, p_value=0.001)) == "increase"
    assert verdict(_effect(estimate=-1.0, lower=-1.6, upper=-0.4, p_value=0.001)) == "decrease"
    assert verdict(_effect(estimate=1.0, lower=-0.1, upper=2.1, p_value=0.08)) == "not_shown"
    assert verdict(_effect(estimate=1.0, lower=0.0, upper=2.0, p_value=0.05)) == "not_shown"
    # A placebo test that cannot be below 1 in 4 outweighs a narrow interval, and the other way round.
    assert verdict(_effect(estimate=1.0, lower=0.4, upper=1.6, p_value=0.25)) == "not_shown"
    assert verdict(_effect(estimate=1.0, lower=-0.1, upper=2.1, p_value=0.01)) == "not_shown"
    assert verdict(_effect(estimate=1.0, lower=0.4, upper=1.6, p_value=np.nan)) == "increase"


def test_too_little_data_is_said():
    zero = {"estimate": 1.0, "lower": -0.1, "upper": 2.1, "p_value": 0.08}
    clear = {"estimate": 1.0, "lower": 0.4, "upper": 1.6, "p_value": 0.001}
    assert verdict(_effect(**zero, caveats=("few_pairs",))) == "too_little_data"
    assert verdict(_effect(**clear, caveats=("few_pairs",))) == "increase"
    for caveat in DATA["verdict"]["never"]:
        assert verdict(_effect(**clear, caveats=(caveat,))) == "too_little_data"
    lot = {"method": "randomisation_inference", "caveats": ("one_treated_unit",)}
    assert verdict(_effect(**clear, **lot)) == "increase"
    assert verdict(_effect(**clear, df=1.0)) == "too_little_data"


@settings(max_examples=50)
@given(
    st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5), st.floats(0, 1), st.sampled_from(["", "few_pairs"])
)
def test_an_interval_that_holds_zero_is_never_a_direction(middle, down, up, p_value, caveat):
    found = verdict(
        _effect(
            estimate=middle, lower=middle - down, upper=middle + up, p_value=p_value,
            caveats=(caveat,) if caveat else (),
        )
    )  # fmt: skip
    if middle - down <= 0 <= middle + up:
        assert found in ("not_shown", "too_little_data")
    elif found in ("increase", "decrease"):
        assert (found == "increase") == (middle > 0)


# --- what simulation says -------------------------------------------------------------------------------


def test_every_estimator_is_labelled_by_its_simulation_in_both_languages():
    for groups, times, assignment in ((1, 2, "none"), (1, 9, "none"), (2, 6, "by_rule"), (2, 1, "by_rule")):
        for measure in DATA["measures"]:
            rows = ladder(groups, times, assignment, measure).estimators
            assert rows["simulation"].isin(coverage.OUTCOMES).all()
            for _, row in rows.iterrows():
                assert row["simulation_fi"].endswith(".") and row["simulation_fi"] != row["simulation_en"]
                assert (row["simulation"] == "holds") == (row["fails_in"] == "")


def test_the_label_is_the_simulated_coverage_at_the_users_size():
    cells = tomllib.loads(resources.files("sosrake_lib.effects").joinpath("coverage.toml").read_text("utf-8"))
    three = [
        cell["coverage"]
        for cell in cells["cell"]
        if cell["estimator"] == "randomisation_inference"
        and cell["size"] == "3 of 13 treated, 6 years"
        and cell["verdict"] == "fails"
    ]
    rows = ladder(2, 6, "by_rule", "figure", Sizes(treated=3, control=10)).estimators.set_index("estimator")
    found = rows.loc["randomisation_inference"]
    assert found["simulation"] == "fails" and found["coverage"] == min(three)
    assert (
        f"{100 * min(three):.0f}" in found["simulation_fi"]
        and "13 aluetta, 3 mukana" in found["simulation_fi"]
    )
    assert rows.loc["twfe", "simulation"] == rows.loc["callaway_santanna", "simulation"] == "fails_if_broken"
    assert "broken_trend" in rows.loc["twfe", "fails_in"]


def test_an_effect_carries_the_caveat_of_its_simulation():
    normal = _call("did.callaway_santanna")(
        panel(3, 10, 4, 2), **DID, first_treated="start", never=10_000, limits="normal"
    ).effect
    assert "interval_too_narrow_with_few_units" in normal.caveats
    assert verdict(normal) == "too_little_data"
    told = coverage.labelled(_effect(lower=0.4, upper=1.6, estimate=1.0, p_value=0.001))
    assert told.caveats == ("interval_failed_in_simulation",)
    assert coverage.labelled(told).caveats == told.caveats
    assert coverage.labelled(_effect(method="twfe_hc1")).caveats == ()
    twfe = coverage.labelled(_did("twfe", treatment="on"))
    assert twfe.caveats[-1] == "interval_fails_if_assumptions_break"


def test_every_way_named_was_simulated():
    cells = tomllib.loads(resources.files("sosrake_lib.effects").joinpath("coverage.toml").read_text("utf-8"))
    simulated = {(cell["estimator"], cell["variant"]) for cell in cells["cell"]}
    assert {tuple(pair) for pair in DATA["simulation"]["methods"].values()} <= simulated
    assert set(DATA["simulation"]["broken"]) <= {cell["world"] for cell in cells["cell"]}


# --- one treated unit -----------------------------------------------------------------------------------


def test_one_treated_unit_has_one_rule_for_every_comparison():
    rows = ladder(2, 16, "by_rule", "figure", Sizes(treated=1, control=12, before=8, after=8)).estimators
    claims = rows.set_index("estimator")["claim"].to_dict()
    followed = {"synthetic_control", "synthetic_did", "controlled_series"}
    assert {key for key, claim in claims.items() if claim == "yhteys"} == followed
    assert {key for key, claim in claims.items() if claim == "ero"} == set(claims) - followed
    data = panel(1, 12, 8, 8)
    said = {"assignment": "by_rule"}
    found = [
        _call("synthetic.synthetic_control")(data, **DID, treatment="on", **said),
        _call("synthetic.synthetic_did")(data, **DID, treatment="on", **said),
        _call("did.randomisation_inference")(data, **DID, treatment="on", draws=99, **said),
    ]
    assert [getattr(one, "effect", one).claim.value for one in found] == ["yhteys", "yhteys", "ero"]
    assert all("one_treated_unit" in getattr(one, "effect", one).caveats for one in found)
    for design in (Design(2, 6), Design(2, 6, "chosen"), Design(2, 6, "randomised")):
        for fewest in (1, 3, 9):
            for follows in (False, True):
                assert borne(design, fewest, follows_before=follows) in design.claim.permits


def test_names_of_checks_are_one_for_each_thing():
    checks = {check for needs in ESTIMATORS.values() for check in needs["checks"]}
    assert not checks & {"no_spill_over", "units", "number_of_clusters"}


def test_a_series_with_hardly_any_freedom_says_so():
    rng = np.random.default_rng(4)
    values = np.cumsum(rng.normal(0, 1, 12))
    data = pd.DataFrame({"t": range(12), "v": values})
    found = _call("its.interrupted_series")(data, outcome="v", time="t", first_after=6)
    assert (found.df < 2) == ("few_degrees_of_freedom" in found.caveats)
    short = pd.DataFrame({"t": range(7), "v": [3.0, 4.1, 4.9, 6.2, 9.0, 10.5, 11.2]})
    found = _call("its.interrupted_series")(short, outcome="v", time="t", first_after=4)
    assert found.df < 2 and "few_degrees_of_freedom" in found.caveats
    assert verdict(found) == "too_little_data"
