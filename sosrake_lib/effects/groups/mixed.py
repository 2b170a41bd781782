"""Mean change of clients within groups within municipalities, by a mixed model (slow: iterated fitting)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.prepost import DROPOUT_DOUBTFUL
from sosrake_lib.effects.regression import check_confidence, cr2, fit_ols, t_quantile, two_sided
from sosrake_lib.errors import FrameError

ENOUGH_MUNICIPALITIES = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Nested:
    mean: float
    error: float
    municipality: float
    group: float
    client: float
    converged: bool


def mixed_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    group: str,
    municipality: str,
    unit: str,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Mean change where clients of one group, and groups of one municipality, go together.

    Parameters
    ----------
    data : one row a client, NaN = not measured.
    group, municipality : columns; groups of the same name in two municipalities are two.
    unit : what a score counts.

    Formula: change = μ + u(municipality) + v(group) + e, restricted maximum likelihood (statsmodels MixedLM).
    Estimate μ; t interval with (municipalities - 1) degrees of freedom, as few municipalities tell little.

    Returns
    -------
    Effect with claim `muutos`; `details`: variances and the share of each level (intraclass correlation);
    `sensitivity`: every client alike (paired t), clustered by municipality (CR2), mean of municipality means.
    A variance of 0 is common with few groups and is said, not hidden.

    Raises
    ------
    FrameError for missing columns, an empty group or municipality, fewer than three municipalities, as many
    groups as clients, or changes all alike.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> place = np.repeat(np.arange(6), 10)
    >>> data = pd.DataFrame({"m": place, "g": np.tile(np.repeat([1, 2], 5), 6), "b": rng.normal(20, 4, 60)})
    >>> data["a"] = data["b"] + 2 + rng.normal(0, 1, 6)[place] + rng.normal(0, 2, 60)
    >>> found = mixed_change(data, before="b", after="a", group="g", municipality="m", unit="points")
    >>> print(found.df, found.claim.value, found.n["groups"])
    5.0 muutos 12
    """
    where = "mixed_change"
    check_confidence(confidence, where)
    need_columns(data, [before, after, group, municipality], where)
    first, second = (numbers(data, column, where) for column in (before, after))
    both = np.isfinite(first) & np.isfinite(second)
    change = second[both] - first[both]
    kept = data.loc[both, [municipality, group]]
    if kept.isna().any(axis=None):
        raise FrameError(f"{where}: a client's {municipality} or {group} is empty; name both of everyone")
    place = pd.factorize(kept[municipality])[0]
    nested = pd.MultiIndex.from_frame(kept).factorize()[0]
    lost = int((np.isfinite(first) & ~both).sum())
    _check_levels(change, place, nested, where)
    found = _fitted(change, place, nested)
    freedom = float(place.max())
    half = float(t_quantile(0.5 + confidence / 2, freedom)) * found.error
    return Effect(
        estimate=found.mean,
        standard_error=found.error,
        lower=found.mean - half,
        upper=found.mean + half,
        p_value=float(two_sided(found.mean / found.error, freedom)),
        df=freedom,
        confidence=confidence,
        n={
            "paired": len(change),
            "groups": int(nested.max()) + 1,
            "municipalities": int(place.max()) + 1,
            "only_before": lost,
        },
        unit=unit,
        design=Design(groups=1, times=2),
        claim=Claim.MUUTOS,
        method="mixed_change",
        assumptions=_assumptions(found, place, lost, len(change)),
        sensitivity=_sensitivity(change, place, confidence),
        details=_details(found),
        caveats=_caveats(place, lost),
        source=source,
    )


def _fitted(change: Floats, place: np.ndarray, nested: np.ndarray) -> _Nested:
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    # Indicators of each municipality's own groups, as the variance component of groups.
    designs, names = [], []
    for one in range(place.max() + 1):
        own = nested[place == one]
        found = np.unique(own)
        designs.append((own[:, None] == found[None, :]).astype("float64"))
        names.append([f"group_{number}" for number in found])
    components = VCSpec(["group"], [names], [designs])
    with warnings.catch_warnings():
        # The optimiser warns at variances of 0, which are told in the result instead.
        warnings.simplefilter("ignore")
        model = MixedLM(
            change,
            np.ones((len(change), 1)),
            groups=place,
            exog_re=np.ones((len(change), 1)),
            exog_vc=components,
        )
        fitted = model.fit(reml=True, method=["bfgs", "powell", "lbfgs"])
    return _Nested(
        mean=float(fitted.fe_params[0]),
        error=float(fitted.bse_fe[0]),
        municipality=float(np.asarray(fitted.cov_re)[0, 0]),
        group=float(fitted.vcomp[0]),
        client=float(fitted.scale),
        converged=bool(fitted.converged),
    )


def _check_levels(change: Floats, place: np.ndarray, nested: np.ndarray, where: str) -> None:
    if len(change) < 3 or place.max() + 1 < 3:
        raise FrameError(
            f"{where}: {int(place.max(initial=-1)) + 1} municipalities with {len(change)} clients measured "
            "twice; expected three municipalities or more; use paired_group_change for one or two"
        )
    if nested.max() + 1 == len(change):
        raise FrameError(
            f"{where}: every group has one client; groups and clients cannot be told apart; name the "
            "municipality as the group too"
        )
    if np.ptp(change) == 0:
        raise FrameError(f"{where}: every change is {change[0]:g}; no interval without variation")


def _details(found: _Nested) -> pd.DataFrame:
    total = found.municipality + found.group + found.client
    values = {
        "variance_municipality": found.municipality,
        "variance_group": found.group,
        "variance_client": found.client,
        "share_municipality": found.municipality / total,
        "share_group": found.group / total,
        "share_client": found.client / total,
    }
    return pd.DataFrame({"quantity": list(values), "value": list(values.values())})


def _assumptions(found: _Nested, place: np.ndarray, lost: int, pairs: int) -> pd.DataFrame:
    number, share = int(place.max()) + 1, lost / (pairs + lost)
    rows = [
        ("comparison_group", "none", "fails"),
        ("regression_to_the_mean", "not measured", "not_testable"),
        (
            "number_of_municipalities",
            str(number),
            "doubtful" if number < ENOUGH_MUNICIPALITIES else "holds",
        ),
        ("fitting_ended", str(found.converged).lower(), "holds" if found.converged else "doubtful"),
        ("dropout", f"{share:.3f}", "doubtful" if share > DROPOUT_DOUBTFUL else "holds"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _sensitivity(change: Floats, place: np.ndarray, confidence: float) -> pd.DataFrame:
    fit = fit_ols(change, np.ones((len(change), 1)))
    robust = cr2(fit, place)
    means = np.bincount(place, change) / np.bincount(place)
    rows = []
    for name, estimate, error, df in (
        ("every_client_alike", fit.coefficients[0], np.sqrt(fit.classical[0, 0]), len(change) - 1),
        ("clustered_by_municipality", robust.estimate[0], robust.standard_error[0], robust.df[0]),
        ("mean_of_municipalities", means.mean(), means.std(ddof=1) / np.sqrt(len(means)), len(means) - 1),
    ):
        half = float(t_quantile(0.5 + confidence / 2, df) * error)
        rows.append((name, float(estimate), float(estimate) - half, float(estimate) + half))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _caveats(place: np.ndarray, lost: int) -> tuple[str, ...]:
    told = ["no_comparison_group", "regression_to_the_mean"]
    if place.max() + 1 < ENOUGH_MUNICIPALITIES:
        told.append("few_municipalities")
    if lost:
        told.append("dropout")
    return tuple(told)
