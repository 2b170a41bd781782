"""Adapters of change of people and groups: kinds of quantity to this library's functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from sosrake_lib.effects import change as individual
from sosrake_lib.effects import groups
from sosrake_lib.effects.change import reliable
from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify.kind import Given, Kind

# The names other programs and papers use for the methods.
METHOD_NAMES = {
    "jt": "jacobson_truax",
    "jacobson-truax": "jacobson_truax",
    "gln": "gulliksen_lord_novick",
    "gulliksen-lord-novick": "gulliksen_lord_novick",
    "hll": "hsu_linn_nord",
    "hln": "hsu_linn_nord",
    "hsu-linn-nord": "hsu_linn_nord",
    "hsu-linn-lord": "hsu_linn_nord",
    "en": "edwards_nunnally",
    "edwards-nunnally": "edwards_nunnally",
    "nk": "nunnally_kotsch",
    "nunnally-kotsch": "nunnally_kotsch",
    "ha": "hageman_arrindell",
    "hageman-arrindell": "hageman_arrindell",
}
# Names of what a method knows of the measure, here and in cases.
KNOWN = {
    "mean_before": ("m_pre", "mean_pre"),
    "sd_before": ("sd_pre",),
    "mean_after": ("m_post", "mean_post"),
    "sd_after": ("sd_post",),
    "reliability_after": ("reliability_post",),
    "correlation": ("r_pre_post", "correlation"),
}
THRESHOLDS = {
    "meaningful_wanted": "improved",
    "no_meaningful_change": "unchanged",
    "meaningful_unwanted": "deteriorated",
}


def _method(given: Given) -> str:
    named = given.get("method", given.get("rci_method", given.get("variant", "jacobson_truax")))
    return METHOD_NAMES.get(str(named).lower().replace(" ", "-"), str(named))


def _told(given: Given) -> dict[str, float]:
    return {
        name: given[other]
        for name, others in KNOWN.items()
        for other in (name, *others)
        if given.get(other) is not None
    }


def _one_or_many(values: Any, as_given: Any) -> Any:
    return values.tolist() if isinstance(as_given, list) else float(values)


def _reliable_change(given: Given) -> dict[str, Any]:
    known = individual.Measured(reliability=given["reliability"], **_told(given))
    found = individual.reliable_change_index(given["pre"], given["post"], known, _method(given))
    return {
        "se": reliable.measurement_error(known.sd_before, known.reliability),
        "s_diff": found.standard_error,
        "rci": _one_or_many(found.index, given["post"]),
        "expected": _one_or_many(found.expected, given["post"]),
        "critical": found.critical,
    }


def _wide(given: Given) -> pd.DataFrame:
    if "table" not in given:
        people = given.get("ids", range(len(given["pre"])))
        return pd.DataFrame({"id": people, "before": given["pre"], "after": given["post"]}).astype(
            {"before": "float64", "after": "float64"}
        )
    wide = individual.paired_rows(
        given["table"],
        person=given["id"],
        time=given["time"],
        outcome=given["outcome"],
        first=given["pre"],
        second=given["post"],
    )
    return wide.rename(columns={given["id"]: "id"})


def _cutoff(given: Given, known: individual.Measured) -> float | None:
    wanted = given.get("cutoff", given.get("cutoff_type"))
    if not isinstance(wanted, str):
        return wanted
    found = individual.clinical_cutoffs(
        mean_clinical=given.get("m_clinical", known.mean_before),
        sd_clinical=given.get("sd_clinical", known.sd_before),
        mean_functional=given.get("m_functional"),
        sd_functional=given.get("sd_functional"),
        higher_is_better=given["better_is"] == "higher",
    )
    return float(getattr(found, wanted))


def _classified(given: Given) -> dict[str, Any]:
    options = {
        "before": "before",
        "after": "after",
        "reliability": given["reliability"],
        "higher_is_better": given.get("better_is") == "higher",
        "person": "id",
        "method": _method(given),
        "critical": given.get("critical_value"),
    }
    wide = _wide(given)
    plain = individual.individual_change(wide, **{**options, "method": "jacobson_truax"})
    known = replace(plain.known, **_told(given))
    cutoff = _cutoff(given, known)
    found = individual.individual_change(
        wide, **options, known=known, cutoff=cutoff, clinical=cutoff is not None
    )
    used = found.people.dropna(subset=["class"])
    return {
        "n_used": float(len(used)),
        "sd_pre": known.sd_before,
        "m_pre": known.mean_before,
        "sd_post": known.sd_after,
        "m_post": known.mean_after,
        "s_diff": found.reliable.standard_error,
        "critical": found.critical,
        "cutoff": found.cutoff,
        "ids": [one if isinstance(one, str) else f"{one:g}" for one in used["id"]],
        "rci": used["index"].tolist(),
        "change": used["change"].tolist(),
        "class": used["class"].tolist(),
        "counts": individual.clinical_counts(found).to_dict(),
    }


def _thresholds(judge: Callable[..., Any], improvement: str, deterioration: str) -> Callable[[Given], Any]:
    def run(given: Given) -> dict[str, Any]:
        wide = _wide(given).dropna()
        found = judge(
            wide["before"],
            wide["after"],
            smallest=given[improvement],
            smallest_unwanted=given.get(deterioration),
            higher_is_better=given.get("better_is") == "higher",
        )
        kinds = [THRESHOLDS.get(kind, "unknown") for kind in found]
        return {"counts": {name: kinds.count(name) for name in THRESHOLDS.values()}, "class": list(found)}

    return run


def _cutoffs(given: Given) -> dict[str, Any]:
    found = individual.clinical_cutoffs(
        mean_clinical=given.get("m_clinical"),
        sd_clinical=given.get("sd_clinical"),
        mean_functional=given.get("m_functional"),
        sd_functional=given.get("sd_functional"),
        higher_is_better=given["better_is"] == "higher",
    )
    return {"a": found.a, "b": found.b, "c": found.c}


def _by_level(given: Given, read: Callable[[float], Any]) -> Any:
    level = given.get("confidence", given.get("conf_level", 0.95))
    return [read(one) for one in level] if isinstance(level, list) else read(level)


def _paired(given: Given) -> dict[str, Any]:
    wide = _wide(given)

    def limits(name: str) -> Any:
        def read(level: float) -> list[float]:
            found = groups.paired_sizes(wide["before"], wide["after"], level)
            ends = ("lower", "upper") if name == "" else (f"{name}_lower", f"{name}_upper")
            return [float(getattr(found, end)) for end in ends]

        return _by_level(given, read)

    one = groups.paired_sizes(wide["before"], wide["after"])
    return {
        "n": one.n,
        "mean_change": one.mean_change,
        "sd_change": one.sd_change,
        "t": one.t,
        "df": one.df,
        "p": one.p_value,
        "ci_mean_change": limits(""),
        "cohen_dz": one.dz,
        "cohen_dz_ci_noncentral_t": limits("dz"),
        "smcr_g": one.smcr,
        "smcr_var": one.smcr_variance,
        "smcr_ci": limits("smcr"),
        "smcc_g": one.smcc,
        "smcc_var": one.smcc_variance,
        "smcc_ci": limits("smcc"),
        "correlation": one.correlation,
        **_signed_rank(given),
    }


def _signed_rank(given: Given) -> dict[str, Any]:
    try:
        wide = _wide(given)
        dropped, pratt = (
            groups.paired_signed_rank(wide["before"], wide["after"], zeros=rule)
            for rule in ("dropped", "pratt")
        )
    except SosrakeError:
        # Nobody changed: there is nothing to rank, which a source writes as empty.
        return {}
    return {
        "wilcoxon_V": dropped.positive,
        "wilcoxon_p_normal_continuity": dropped.p_normal_continuity,
        "wilcoxon_p_normal_no_continuity": dropped.p_normal,
        "wilcoxon_p_exact_zeros_dropped": dropped.p_exact,
        "wilcoxon_p_exact_pratt": pratt.p_exact,
        "matched_rank_biserial": dropped.rank_biserial,
        "p_exact_dropped": dropped.p_exact,
        "p_exact_pratt": pratt.p_exact,
        "p_normal_dropped_no_continuity": dropped.p_normal,
        "p_normal_pratt_no_continuity": pratt.p_normal,
        "p_normal_dropped_continuity": dropped.p_normal_continuity,
        "p_normal_pratt_continuity": pratt.p_normal_continuity,
    }


def _second_measurement_bounds(given: Given) -> dict[str, Any]:
    found = groups.change_bounds(
        _wide(given),
        before="before",
        after="after",
        lowest=given["lowest"],
        highest=given["highest"],
        confidence=given.get("confidence", 0.95),
    )
    return {
        "low": found.low,
        "high": found.high,
        "interval": [found.interval_low, found.interval_high],
        "complete": found.complete,
    }


def _regression_to_the_mean(given: Given) -> dict[str, Any]:
    found = individual.regression_to_the_mean(
        _wide(given),
        before="before",
        after="after",
        reliability=given["reliability"],
        population_mean=given["population_mean"],
    )
    return {
        "expected_change": found.expected_change,
        "observed_change": found.observed_change,
        "verdict": found.verdict,
    }


KINDS = {
    "reliable_change": Kind(
        _reliable_change,
        "reliable change index of one or more people by six methods; pre, post, sd_pre, reliability, and "
        "what the method needs (m_pre, m_post, sd_post, reliability_post, correlation)",
    ),
    "reliable_change + clinical_significance": Kind(
        _classified,
        "index and classes of people from a table (csv, id, time, outcome, pre, post) or lists pre, post; "
        "reliability, better_is, cutoff a, b, c or a number, m_functional, sd_functional",
    ),
    "clinical_cutoffs": Kind(
        _cutoffs, "cut-offs a, b, c; m_clinical, sd_clinical, m_functional, sd_functional"
    ),
    "anchor_change": Kind(
        _thresholds(individual.meaningful_change, "mid_improvement", "mid_deterioration"),
        "classes by a smallest important difference; inputs as of the classes, mid_improvement",
    ),
    "percentage_change": Kind(
        _thresholds(individual.percentage_change, "pct_improvement", "pct_deterioration"),
        "classes by percentage of the first score; inputs as of the classes, pct_improvement as a share",
    ),
    "regression_to_the_mean": Kind(
        _regression_to_the_mean, "change expected of chosen people; pre, post, reliability, population_mean"
    ),
    "paired_pre_post": Kind(
        _paired,
        "t, signed ranks, dz, SMCR and SMCC of pre and post; confidence",
        optional=frozenset({"matched_rank_biserial"}),
    ),
    "wilcoxon_signed_rank": Kind(
        _signed_rank, "signed ranks of pre and post with zeros dropped and by Pratt, exact and normal"
    ),
    "change_bounds": Kind(
        _second_measurement_bounds, "worst and best mean change with people lost; pre, post, lowest, highest"
    ),
}
