"""The classes of individual change: reliable (wanted or unwanted), not reliable, recovered."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share, numbers, once_each
from sosrake_lib.effects.change.intervals import wilson
from sosrake_lib.effects.change.reliable import METHODS, Measured, ReliableChange, reliable_change_index
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.errors import FrameError, SosrakeError

CLASSES = ("recovered", "reliable_wanted", "no_reliable_change", "reliable_unwanted")
# The words readers meet; "recovered" exists for clinical instruments with a cut-off only.
CLASS_NAMES = MappingProxyType(
    {
        "fi": MappingProxyType(
            {
                "recovered": "toipunut",
                "reliable_wanted": "luotettava muutos toivottuun suuntaan",
                "no_reliable_change": "ei luotettavaa muutosta",
                "reliable_unwanted": "luotettava muutos ei-toivottuun suuntaan",
            }
        ),
        "en": MappingProxyType(
            {
                "recovered": "recovered",
                "reliable_wanted": "reliable change in the wanted direction",
                "no_reliable_change": "no reliable change",
                "reliable_unwanted": "reliable change in the unwanted direction",
            }
        ),
    }
)
FEW_PEOPLE = 20


@dataclass(frozen=True, slots=True, eq=False)
class IndividualChange:
    """Who changed more than error of measurement explains.

    Attributes
    ----------
    people : the data's columns `person` (where given) and `by`, then `before, after, change, expected,
        index, unclear_from, unclear_to` (scores after that would not be a reliable change), `class` (None
        without both measurements) and `crossed` ("to_functional", "to_clinical", "no").
    counts : `class, name_fi, name_en, people, share, lower, upper` (Wilson), with `by` columns first.
    known : the measure as used; what was not given is taken from the people with both measurements.
    reliable : index and standard error.
    critical : limit of the index.
    cutoff : of a clinical instrument, or NaN.
    higher_is_better : the wanted direction.
    caveats : text keys a reader must be told.
    design, claim : two times, one group: `muutos`.
    """

    people: pd.DataFrame
    counts: pd.DataFrame
    known: Measured
    reliable: ReliableChange
    critical: float
    cutoff: float
    higher_is_better: bool
    caveats: tuple[str, ...]
    design: Design
    claim: Claim


def individual_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    reliability: float,
    higher_is_better: bool,
    person: str | None = None,
    by: tuple[str, ...] = (),
    method: str = "jacobson_truax",
    known: Measured | None = None,
    critical: float | None = None,
    clinical: bool = False,
    cutoff: float | None = None,
    confidence: float = 0.95,
) -> IndividualChange:
    """Sort people into classes of reliable change.

    Parameters
    ----------
    data : one row a person; `before` and `after` are columns of scores, NaN = not measured.
    reliability : of the measure, best over the time between the measurements.
    higher_is_better : the wanted direction; there is no default, scales run both ways.
    person : column that names people; each may stand once.
    by : columns to count the classes by.
    method : see reliable_change_index.
    known : the measure and the people, where norms are known. Left out, deviations, means and correlation
        come from the people with both measurements and the caveat `sd_from_these_people` says so.
    critical : limit of the index; left out, the method's own (1.96; 1.65 of hageman_arrindell).
    clinical, cutoff : only of a clinical instrument with a cut-off: people who changed reliably from its
        clinical side to the other are `recovered`.
    confidence : of the intervals of shares.

    Raises
    ------
    FrameError for a missing or unreadable column, a person twice, no pair; SosrakeError for a cut-off of an
    instrument that is not clinical, or a reliability outside 0 to 1.

    A class says how the scores of one person moved against error of measurement. It does not say why.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [20, 24, 18, 30], "after": [12, 23, 25, 14]})
    >>> found = individual_change(
    ...     data, before="before", after="after", reliability=0.9, higher_is_better=False
    ... )
    >>> print(found.people["class"].tolist())
    ['reliable_wanted', 'no_reliable_change', 'reliable_unwanted', 'reliable_wanted']
    """
    where = "individual_change"
    need_columns(data, [before, after, person, *by], where)
    need_share(confidence, "confidence", where)
    if person is not None:
        once_each(data, [person], where)
    _check_cutoff(clinical, cutoff)
    first, second = (numbers(data, column, where) for column in (before, after))
    measured = known if known is not None else describe(first, second, reliability)
    found = reliable_change_index(first, second, measured, method)
    limit = METHODS[method].critical if critical is None else float(critical)
    if not limit > 0:
        raise SosrakeError(f"{where}: critical {limit!r}; expected above 0, such as 1.96")
    people = data.loc[:, [*([person] if person is not None else []), *by]].copy()
    people = people.assign(**_measures(first, second, found, limit))
    crossed = _crossed(first, second, np.nan if cutoff is None else float(cutoff), higher_is_better)
    people["class"] = _classes(found.index, limit, higher_is_better, crossed)
    people["crossed"] = crossed
    return IndividualChange(
        people=people,
        counts=_counts(people, list(by), cutoff is not None, confidence),
        known=measured,
        reliable=found,
        critical=limit,
        cutoff=np.nan if cutoff is None else float(cutoff),
        higher_is_better=higher_is_better,
        caveats=_caveats(first, second, known),
        design=Design(groups=1, times=2),
        claim=Claim.MUUTOS,
    )


def describe(before: Floats, after: Floats, reliability: float) -> Measured:
    """Take means, deviations and correlation from the people with both measurements.

    Examples
    --------
    >>> found = describe(np.array([1.0, 2, 3, np.nan]), np.array([2.0, 2, 5, 9]), 0.8)
    >>> print(found.sd_before, found.mean_after)
    1.0 3.0
    """
    both = np.isfinite(before) & np.isfinite(after)
    if both.sum() < 3:
        raise FrameError(
            f"individual_change: {int(both.sum())} people have both measurements; at least three are needed "
            "to estimate the deviation, or give `known` from norms"
        )
    first, second = before[both], after[both]
    deviations = float(first.std(ddof=1)), float(second.std(ddof=1))
    if deviations[0] == 0:
        raise FrameError(
            f"individual_change: all {len(first)} first scores are {first[0]:g}; without variation the error "
            "of measurement cannot be estimated; give `known` from norms"
        )
    return Measured(
        reliability=reliability,
        sd_before=deviations[0],
        mean_before=float(first.mean()),
        sd_after=deviations[1] if deviations[1] > 0 else None,
        mean_after=float(second.mean()),
        correlation=float(np.corrcoef(first, second)[0, 1]) if deviations[1] > 0 else None,
    )


def clinical_counts(change: IndividualChange) -> pd.Series:
    """Count the five classes of clinical significance as the field's literature names them.

    recovered: reliable and across the cut-off; improved: reliable, not across; unchanged; deteriorated:
    reliable away from the wanted; harmed: that, and across the cut-off into the clinical side.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [20, 24, 18, 30], "after": [5, 23, 29, 14]})
    >>> found = individual_change(
    ...     data, before="before", after="after", reliability=0.9, higher_is_better=False,
    ...     clinical=True, cutoff=10,
    ... )
    >>> clinical_counts(found).to_dict()
    {'recovered': 1, 'improved': 1, 'unchanged': 1, 'deteriorated': 1, 'harmed': 0}
    """
    kinds = change.people["class"]
    away = kinds.eq("reliable_unwanted")
    into = change.people["crossed"].eq("to_clinical")
    return pd.Series(
        {
            "recovered": int(kinds.eq("recovered").sum()),
            "improved": int(kinds.eq("reliable_wanted").sum()),
            "unchanged": int(kinds.eq("no_reliable_change").sum()),
            "deteriorated": int((away & ~into).sum()),
            "harmed": int((away & into).sum()),
        }
    )


def _check_cutoff(clinical: bool, cutoff: float | None) -> None:
    if cutoff is not None and not clinical:
        raise SosrakeError(
            f"individual_change: cutoff {cutoff!r} of an instrument that is not clinical; 'recovered' is "
            "said of clinical instruments only. Leave the cut-off out, or set clinical=True if it is one"
        )
    if cutoff is not None and not np.isfinite(cutoff):
        raise SosrakeError(f"individual_change: cutoff {cutoff!r}; expected a score of the instrument")


def _measures(first: Floats, second: Floats, found: ReliableChange, limit: float) -> dict[str, Floats]:
    return {
        "before": first,
        "after": second,
        "change": second - first,
        "expected": found.expected,
        "index": found.index,
        "unclear_from": found.expected - limit * found.standard_error,
        "unclear_to": found.expected + limit * found.standard_error,
    }


def _crossed(first: Floats, second: Floats, cutoff: float, higher_is_better: bool) -> NDArray[np.object_]:
    sign = 1.0 if higher_is_better else -1.0
    before, after = sign * (first - cutoff), sign * (second - cutoff)
    out = (before < 0) & (after > 0)
    back = (before > 0) & (after < 0)
    return np.where(out, "to_functional", np.where(back, "to_clinical", "no")).astype(object)


def _classes(
    index: Floats, limit: float, higher_is_better: bool, crossed: NDArray[np.object_]
) -> NDArray[np.object_]:
    wanted = index if higher_is_better else -index
    kinds = np.full(index.shape, "no_reliable_change", dtype=object)
    kinds[wanted < -limit] = "reliable_unwanted"
    kinds[wanted > limit] = "reliable_wanted"
    kinds[(wanted > limit) & (crossed == "to_functional")] = "recovered"
    kinds[np.isnan(index)] = None
    return kinds


def _counts(people: pd.DataFrame, by: list[str], with_cutoff: bool, confidence: float) -> pd.DataFrame:
    shown = [kind for kind in CLASSES if with_cutoff or kind != "recovered"]
    known = people.loc[people["class"].notna()].astype({"class": pd.CategoricalDtype(shown)})
    keys = [*by, "class"]
    counted = known.groupby(keys, observed=False)["index"].size().reset_index(name="people")
    counted = counted.astype({"class": "str"})
    if by:
        total = counted.groupby(by, observed=False)["people"].transform("sum").to_numpy()
    else:
        total = np.full(len(counted), counted["people"].sum())
    lower, upper = wilson(counted["people"], total, confidence)
    for language in ("fi", "en"):
        counted[f"name_{language}"] = counted["class"].map(dict(CLASS_NAMES[language]))
    counted = counted.assign(share=counted["people"] / total, lower=lower, upper=upper)
    columns = [*by, "class", "name_fi", "name_en", "people", "share", "lower", "upper"]
    return counted[columns]


def _caveats(first: Floats, second: Floats, known: Measured | None) -> tuple[str, ...]:
    paired = np.isfinite(first) & np.isfinite(second)
    told = ["no_comparison_group", "regression_to_the_mean", "reliability_is_an_assumption"]
    if known is None:
        told.append("sd_from_these_people")
    if (np.isfinite(first) & ~paired).any():
        told.append("dropout")
    if paired.sum() < FEW_PEOPLE:
        told.append("few_people")
    return tuple(told)
