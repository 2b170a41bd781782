"""Adapters of reliability and agreement: names of quantities to this library's functions.

They rename and reshape only.
"""

from __future__ import annotations

from typing import Any

from sosrake_lib.indicators import agreement, icc, item_answers, krippendorff, omega, reliability
from sosrake_lib.verify.kind import Given, Kind

_DELETIONS = {"complete": "listwise", "complete.obs": "listwise", "pairwise.complete.obs": "pairwise"}
_ALPHA_INTERVALS = {
    "fisher": "fisher_z",
    "hakstian": "hakstian_whalen",
    "hakstian-whalen": "hakstian_whalen",
    "koning_franses": "feldt",
    "koning": "feldt",
    "exact": "feldt",
}


def _first(given: Given, *names: str, default: Any = None) -> Any:
    """Give the input that stands under the first of several names in use."""
    return next((given[name] for name in names if given.get(name) is not None), default)


def _confidence(given: Given) -> Any:
    return _first(given, "confidence", "conf_level", "level", default=0.95)


def _scale(given: Given) -> dict[str, Any]:
    """Items, their names, and which of them are reversed."""
    reverse = _first(given, "reverse", default=())
    turned = reverse if isinstance(reverse, dict) else {"columns": reverse}
    deletion = _first(given, "deletion", "use", "missing", default="pairwise")
    return {
        "items": item_answers.table_of(_first(given, "items", "data", "table"), _first(given, "columns")),
        "reverse": [turned["columns"]] if isinstance(turned["columns"], str) else turned["columns"],
        "max_plus_min": _first(turned, "max_plus_min", default=_first(given, "max_plus_min")),
        "deletion": _DELETIONS.get(deletion, deletion),
        "formative": _first(given, "formative", default=False),
        "instrument": _first(given, "instrument"),
    }


def _alpha(given: Given) -> dict[str, Any]:
    methods = ("feldt", "duhachek", "bonett", "hakstian_whalen")
    found = reliability.cronbach_alpha(**_scale(given), confidence=_confidence(given), methods=methods)
    limits = {
        f"{method}_{side}": getattr(found.limits(method), side)
        for method in methods
        for side in ("lower", "upper")
    }
    return {
        "n": found.n,
        "k": found.k,
        "alpha": found.alpha,
        "alpha_standardised": found.alpha_standardised,
        "mean_inter_item_r": found.mean_correlation,
        "duhachek_se": found.standard_error,
        "standard_error": found.standard_error,
        "guttman_lambda6": found.lambda6,
        "item_rest_r": found.items["item_rest"],
        "item_total_r": found.items["item_total"],
        "alpha_if_dropped": found.items["alpha_if_dropped"],
        "item_mean": found.items["mean"],
        "item_sd": found.items["standard_deviation"],
        **limits,
    }


def _alpha_interval(given: Given) -> dict[str, Any]:
    method = _first(given, "method", "variant", default="feldt")
    known = dict(given)
    if _first(given, "items", "data", "table") is not None:
        found = reliability.cronbach_alpha(**_scale(given))
        known = known | {
            "alpha": found.alpha,
            "k": found.k,
            "n": found.n,
            "standard_error": found.standard_error,
        }
    limits = reliability.alpha_interval(
        known["alpha"],
        _first(known, "k", "n_var", "items_count"),
        _first(known, "n", "n_obs"),
        confidence=_confidence(given),
        method=_ALPHA_INTERVALS.get(method, method),
        two_sided=_first(given, "two_sided", default=True),
        standard_error=_first(known, "standard_error", "se", "ase", "duhachek_se"),
    )
    return {"lower": limits.lower, "upper": limits.upper, "alpha": known["alpha"]}


def _omega_total(given: Given) -> dict[str, Any]:
    scale = _scale(given)
    scale["deletion"] = scale["deletion"] if "deletion" in given else "listwise"
    found = omega.omega_total(**scale, method="none", divisor=_first(given, "divisor", default="n"))
    return {
        "n": found.n,
        "k": found.k,
        "omega_total": found.omega,
        "omega_total_standardised": found.omega_standardised,
        "loadings": found.loadings["loading"],
        "residual_variances": found.loadings["residual_variance"],
        "loadings_standardised": found.loadings["standardised_loading"],
        "uniquenesses": found.loadings["uniqueness"],
    }


def _psych_omega(given: Given) -> dict[str, Any]:
    factors = _first(given, "nfactors", "factors", default=3)
    found = omega.omega_schmid_leiman(**_scale(given), factors=factors)
    return {
        f"omega_tot_psych_{factors}factor": found.omega_total,
        f"omega_h_psych_{factors}factor": found.omega_hierarchical,
        "omega_total": found.omega_total,
        "omega_hierarchical": found.omega_hierarchical,
        "omega_limit": found.omega_limit,
        "alpha": found.alpha,
        "general_loadings": found.loadings["general"],
        "uniquenesses": found.loadings["uniqueness"],
    }


def _icc(given: Given) -> dict[str, Any]:
    found = icc.icc(
        _first(given, "ratings", "table"),
        confidence=_confidence(given),
        null_value=_first(given, "r0", "null_value", default=0.0),
        average_limits=_first(given, "average_limits", default="mcgraw_wong"),
    )
    forms = {name: found.form(name) for name in icc.FORMS}
    return {**forms, **forms.get(_form(given), {}), "n": found.targets, "raters": found.raters}


def _form(given: Given) -> str:
    """Name the one form that a case may ask for, also in the words of its source (model, type, unit)."""
    model = _first(given, "form", "model", default="")
    kind = [] if model == "oneway" else [_first(given, "type", default="consistency")]
    return model if model in icc.FORMS else "_".join([model, *kind, _first(given, "unit", default="single")])


def _cohen(given: Given) -> dict[str, Any]:
    weights = _first(given, "weights", "weight", default="none")
    options = {
        "levels": _first(given, "levels", "categories"),
        "weights": weights,
        "confidence": _confidence(given),
    }
    table = _first(given, "table")
    if table is not None:
        found = agreement.cohen_kappa_of_table(table, **options)
    elif _first(given, "ratings") is not None:
        found = agreement.cohen_kappa(*zip(*given["ratings"], strict=True), **options)
    else:
        found = agreement.cohen_kappa(given["rater1"], given["rater2"], **options)
    own = found.intervals
    return {
        "kappa": found.kappa,
        "z": found.z,
        "p": found.p,
        "n": found.n,
        "asymptotic_variance": found.asymptotic_variance,
        "null_variance": found.null_variance,
        "lower": own["lower"].tolist(),
        "upper": own["upper"].tolist(),
        "ci": own[["lower", "upper"]].to_numpy().ravel(),
        "percent_agreement": found.observed,
        **{f"ci{name}": list(found.limits(level)) for name, level in _USUAL.items()},
    }


_USUAL = {"80": 0.80, "90": 0.90, "95": 0.95, "99": 0.99, "998": 0.998}


def _fleiss(given: Given) -> dict[str, Any]:
    levels = _first(given, "categories", "levels")
    ratings = _first(given, "ratings", "table")
    if _first(given, "exact", default=False):
        found = agreement.conger_kappa(ratings, levels=levels)
    else:
        found = agreement.fleiss_kappa(ratings, counts=_first(given, "counts"), levels=levels)
    return {
        "kappa": found.kappa,
        "z": found.z,
        "p": found.p,
        "n": found.n,
        "raters": found.raters,
        "category_kappa": found.by_code["kappa"],
        "category_z": found.by_code["z"],
        "category_p": found.by_code["p"],
    }


def _conger(given: Given) -> dict[str, Any]:
    levels = _first(given, "categories", "levels")
    ratings = _first(given, "ratings", "table")
    exact = agreement.conger_kappa(ratings, levels=levels)
    common = agreement.fleiss_kappa(ratings, levels=levels)
    return {
        "kappa_conger": exact.kappa,
        "kappa_fleiss": common.kappa,
        "kappa": exact.kappa,
        "n": exact.n,
        "raters": exact.raters,
    }


def _krippendorff(given: Given) -> dict[str, Any]:
    by_observer = _first(given, "ratings_by_observer", "reliability_data")
    found = krippendorff.krippendorff_alpha(
        _first(given, "ratings", "table") if by_observer is None else by_observer,
        level=_first(given, "level", "method", "variant", default="nominal"),
        order=_first(given, "levels", "categories", "order"),
        units_in="rows" if by_observer is None else "columns",
        method="none",
    )
    return {"alpha": found.alpha, "units": found.units, "values": found.values}


def _percent(given: Given) -> dict[str, Any]:
    found = agreement.percent_agreement(_first(given, "ratings", "table"))
    return {
        "percent_agreement": found.all_agree,
        "pairwise_agreement": found.pairs_agree,
        "n": found.n,
        "raters": found.raters,
    }


_ITEMS = (
    "items (rows of answers, null = not answered) with columns, or csv; reverse {columns, max_plus_min}, "
    "deletion (pairwise, listwise), confidence"
)

KINDS = {
    "cronbach_alpha": Kind(_alpha, f"Cronbach's alpha, intervals and item analysis; {_ITEMS}"),
    "cronbach_alpha / item_total": Kind(_alpha, f"the same under another name; {_ITEMS}"),
    "cronbach_alpha_ci": Kind(
        _alpha_interval,
        "interval of alpha from alpha, k, n (or items); method (feldt, bonett, hakstian_whalen, fisher_z, "
        "duhachek with standard_error), level, two_sided",
    ),
    "mcdonald_omega_total": Kind(
        _omega_total, f"omega total of one factor by maximum likelihood; {_ITEMS}; divisor (n, n_minus_1)"
    ),
    "psych::omega": Kind(
        _psych_omega, f"omega total and hierarchical by Schmid-Leiman, another quantity; {_ITEMS}; nfactors"
    ),
    "icc": Kind(
        _icc,
        "intraclass correlations, six forms; ratings (targets in rows), confidence, r0, average_limits; or "
        "one form by model, type, unit",
    ),
    "cohen_kappa": Kind(
        _cohen,
        "kappa of two raters; rater1 and rater2, ratings (two columns) or table; levels, weights (none, "
        "linear or equal, quadratic or squared, numbers), confidence",
    ),
    "fleiss_kappa": Kind(_fleiss, "kappa of several raters; counts or ratings, categories, exact"),
    "conger_kappa": Kind(_conger, "Conger's exact kappa beside Fleiss'; ratings, levels"),
    "krippendorff_alpha": Kind(
        _krippendorff,
        "Krippendorff's alpha; ratings_by_observer (or ratings, units in rows), null = no code; level "
        "(nominal, ordinal, interval, ratio), levels (codes in order)",
    ),
    "percent_agreement": Kind(
        _percent, "units where all raters agree, and pairs that agree, per 100; ratings"
    ),
}
