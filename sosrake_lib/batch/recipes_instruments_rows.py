"""Frames of the page on instruments: each takes one scale as measured and gives rows ready for protection.

Classes of change are released in the finest preset division in which nobody stands alone; with one class
hidden the rest of the people would give it back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import protect
from sosrake_lib.batch.outcome_data import FIRST, SECOND, OutcomePlace, ScaleData
from sosrake_lib.effects import change as effects
from sosrake_lib.effects.groups import paired_group_change
from sosrake_lib.effects.groups.bounds import change_bounds
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import rates, scales

CODES = {"reliable_unwanted": 1, "no_reliable_change": 2, "reliable_wanted": 3, "recovered": 4}
MEANING = {"meaningful_unwanted": 1, "no_meaningful_change": 2, "meaningful_wanted": 3}
STATES = {"complete": 1, "filled": 2, "unscored": 3}
WANTED = ("reliable_wanted", "recovered")
# From fine to coarse: spans of codes that are told as one class.
WITH_RECOVERED = (((1, 1), (2, 2), (3, 3), (4, 4)), ((1, 1), (2, 2), (3, 4)), ((1, 2), (3, 4)))
WITHOUT = (((1, 1), (2, 2), (3, 3)), ((1, 2), (3, 3)))
LITTLE_BETTER = (4,)
LOST = {"ennallaan": "lost_unchanged", "pienimmat": "lost_lowest", "suurimmat": "lost_highest"}
_CONFIDENCE = 0.95


def classified(one: ScaleData, method: str = "jacobson_truax") -> effects.IndividualChange | None:
    """Sort the people of a scale into classes of reliable change; None where that cannot be done.

    There are no classes without a known reliability, with fewer than three pairs or without variation.
    """
    if not np.isfinite(one.reliability):
        return None
    cutoff = one.scale.cutoff if one.record.clinical else None
    try:
        return effects.individual_change(
            one.wide,
            before="before",
            after="after",
            person="person",
            by=("group",),
            reliability=one.reliability,
            higher_is_better=one.scale.higher_is_better,
            method=method,
            clinical=cutoff is not None,
            cutoff=cutoff,
        )
    except SosrakeError:
        return None


def classes(one: ScaleData, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Count the classes of reliable change: `.luokka` of everyone, `.luokka_palvelut` also by group.

    Everyone together can be told in finer classes than groups, so the two stand apart.
    """
    found = classified(one)
    if found is None:
        return frames.empty()
    known = found.people.loc[found.people["class"].notna()]
    divisions = WITH_RECOVERED if np.isfinite(found.cutoff) else WITHOUT
    codes = known["class"].map(CODES)
    everyone = pd.Series(frames.ALL_GROUPS, index=codes.index)
    whole = divided(codes, everyone, f"{one.key}.luokka", divisions, place, rules)
    whole["caveats"] = " ".join(found.caveats)
    if known["group"].nunique() < 2:
        return whole
    by_group = divided(codes, known["group"], f"{one.key}.luokka_palvelut", divisions, place, rules)
    return frames.combine([whole, by_group.assign(caveats=" ".join(found.caveats))])


def meanings(one: ScaleData, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Tell the smallest important difference by people's own view, and the classes of change by it.

    Returns
    -------
    Row `<key>.mid` (mean change of those who felt a little better, `people_compared`, `correlation`,
    `caveats`); where it can be used, rows of `<key>.merkitys` and `<key>.molemmat` (share of those whose
    change is both reliable and important, towards the wanted).
    """
    better = one.scale.higher_is_better
    try:
        anchor = effects.anchor_difference(
            one.wide, before="before", after="after", view="own_view", a_little_better=LITTLE_BETTER,
            higher_is_better=better, confidence=_CONFIDENCE,
        )  # fmt: skip
    except FrameError:
        return frames.empty()
    row = _analysed(f"{one.key}.mid", place, "mean", "mean_t") | {
        "value": anchor.smallest, "lower": anchor.lower, "upper": anchor.upper,
        "denominator": float(anchor.people), "people_compared": float(anchor.compared),
        "correlation": anchor.correlation, "caveats": " ".join(anchor.caveats),
    }  # fmt: skip
    parts = [frames.check(pd.DataFrame([row]))]
    if not anchor.caveats:
        moved = effects.meaningful_change(
            one.wide["before"], one.wide["after"], smallest=anchor.smallest, higher_is_better=better
        )
        kinds = pd.Series(moved).map(MEANING)
        everyone = pd.Series(frames.ALL_GROUPS, index=kinds.index)
        item = f"{one.key}.merkitys"
        parts.append(divided(kinds.dropna(), everyone[kinds.notna()], item, WITHOUT, place, rules))
        parts += _both(one, moved, place)
    return frames.combine(parts)


def _both(one: ScaleData, moved: np.ndarray, place: OutcomePlace) -> list[pd.DataFrame]:
    found = classified(one)
    if found is None:
        return []
    joined = pd.Series(effects.combined_change(found.people["class"], moved)).dropna()
    return [_proportions([_share(f"{one.key}.molemmat", int(joined.isin(WANTED).sum()), len(joined), place)])]


def formulas(one: ScaleData, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Sort the same people by every formula: group = the formula."""
    rows = []
    for method in effects.METHODS:
        found = classified(one, method)
        if found is not None:
            counts = found.people["class"].value_counts()
            limit = found.critical * found.reliable.standard_error
            rows.append(_sorted_row(f"{one.key}.kaava", method, counts, limit, place, minimum))
    return _proportions(rows)


def reliabilities(one: ScaleData, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Sort the same people with other reliabilities: group "r80" for 0.80."""
    found = classified(one)
    if found is None:
        return frames.empty()
    rows = []
    for tried in effects.over_reliability(found).to_dict("records"):
        counts = pd.Series({kind: tried[kind] for kind in CODES if kind in tried})
        group = f"r{round(100 * tried['reliability'])}"
        limit = tried["smallest_reliable_change"]
        rows.append(_sorted_row(f"{one.key}.luotettavuus", group, counts, limit, place, minimum))
    return _proportions(rows)


def _sorted_row(
    indicator: str, group: str, counts: pd.Series, limit: float, place: OutcomePlace, minimum: int
) -> dict[str, object]:
    total = int(counts.sum())
    wanted = int(sum(counts.get(kind, 0) for kind in WANTED))
    away = int(counts.get("reliable_unwanted", 0))
    told = 100 * away / total if total and not 0 < away < minimum else np.nan
    return _share(indicator, wanted, total, place, group) | {"unwanted": told, "limit": limit}


def dropout(one: ScaleData, place: OutcomePlace) -> pd.DataFrame:
    """Tell who has a second measurement, and whether those who have not began elsewhere."""
    began = one.wide.loc[one.wide["before"].notna()]
    if began.empty:
        return frames.empty()
    table = effects.second_measurement(began, before="before", after="after", by=("group",)).table
    rows = []
    for row in table.to_dict("records"):
        lower, upper = row["difference_lower"], row["difference_upper"]
        verdict = "not_testable"
        if np.isfinite(lower):
            verdict = "higher" if lower > 0 else "lower" if upper < 0 else "similar"
        share = _share(f"{one.key}.uudelleen", row["measured_again"], row["people"], place, row["group"])
        kept = ("before_stayed", "before_left", "difference", "difference_lower", "difference_upper")
        figures = {column: row[column] for column in kept} | {"difference_confidence": _CONFIDENCE}
        rows.append(share | figures | {"verdict": verdict})
    return _proportions(rows)


def mean_change(one: ScaleData, place: OutcomePlace, source: str) -> pd.DataFrame:
    """Measure the mean change of everyone and of each group; a group without three pairs has no row."""
    rows = []
    for group, people in _with_all(one.wide):
        try:
            found = paired_group_change(
                people, before="before", after="after", person="person", unit="points",
                scale=(one.scale.minimum, one.scale.maximum), confidence=_CONFIDENCE, source=source,
            )  # fmt: skip
        except SosrakeError:
            continue
        told = protect.effect_frame(
            found, place.of(group), indicator=f"{one.key}.muutos", people="n", origin=place.origin
        )
        # Sizes of arms stay here: who was lost is told, and protected, by `dropout`.
        told = told.loc[told["statistic"] == "effect"]
        both = people.dropna(subset=["before", "after"])
        rows.append(told.assign(mean_before=both["before"].mean(), mean_after=both["after"].mean()))
    return pd.concat(rows, ignore_index=True) if rows else frames.empty()


def if_lost_were_known(one: ScaleData, place: OutcomePlace) -> pd.DataFrame:
    """Say what the mean change would be if those lost had not changed, or had ended at either end."""
    try:
        table = change_bounds(
            one.wide, before="before", after="after", lowest=one.scale.minimum, highest=one.scale.maximum,
            confidence=_CONFIDENCE,
        ).table.set_index("analysis")  # fmt: skip
    except SosrakeError:
        return frames.empty()
    began = one.wide["before"].notna()
    lost = int((began & one.wide["after"].isna()).sum())
    rows = []
    for group, analysis in LOST.items():
        if analysis not in table.index:
            continue
        row = _analysed(f"{one.key}.poisjaaneet", place, "mean", "mean_t") | {"group": group}
        figures = {
            name: table.at[analysis, was]
            for name, was in (("value", "estimate"), ("lower", "lower"), ("upper", "upper"))
        }
        # The figure tells of those lost: it is protected by their number.
        rows.append(row | figures | {"denominator": float(lost), "people": float(began.sum())})
    return frames.check(pd.DataFrame(rows)) if rows else frames.empty()


def towards_the_mean(one: ScaleData, place: OutcomePlace) -> pd.DataFrame:
    """Set the change of people chosen by this scale's score beside the change their choice alone gives."""
    chosen = one.wide.loc[one.wide["chosen_by"].eq(one.record.key)]
    try:
        found = effects.regression_to_the_mean(
            chosen, before="before", after="after", reliability=one.reliability,
            population_mean=float(one.wide["before"].mean()), confidence=_CONFIDENCE,
        )  # fmt: skip
    except SosrakeError:
        return frames.empty()
    figures = {
        "odotettu": (found.expected_change, np.nan, np.nan),
        "havaittu": (found.observed_change, found.lower, found.upper),
        "ylittava": (found.beyond, found.beyond_lower, found.beyond_upper),
    }
    rows = [
        _analysed(f"{one.key}.tasoittuminen", place, "mean", "mean_t")
        | {"group": group, "value": value, "lower": lower, "upper": upper}
        | {"denominator": float(found.people), "verdict": found.verdict}
        | {"chosen_mean": found.chosen_mean, "population_mean": found.population_mean}
        for group, (value, lower, upper) in figures.items()
    ]
    return frames.check(pd.DataFrame(rows))


def scoring(one: ScaleData, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Count how the forms of the first measurement were scored: whole, filled by the rule, not scored."""
    if one.answered.empty or len(one.scale.items) < 2:
        return frames.empty()
    everyone = pd.Series(frames.ALL_GROUPS, index=one.answered.index)
    spans = (((1, 1), (2, 2), (3, 3)), ((1, 2), (3, 3)))
    item = f"{one.key}.pisteytys"
    return divided(one.answered.map(STATES), everyone, item, spans, place, rules)


def beyond_cutoff(one: ScaleData, place: OutcomePlace) -> pd.DataFrame:
    """Share of people in the higher of two classes of scores, before and after, of those in both."""
    bands = sorted({(band.at_least, band.key) for band in one.scale.bands})
    keys = list(dict.fromkeys(key for _, key in bands))
    if len(keys) != 2:
        return frames.empty()
    table = one.bands.loc[one.bands["band"].notna()].pivot(index="person", columns="time", values="band")
    table = table.reindex(columns=[FIRST, SECOND]).dropna()
    if table.empty:
        return frames.empty()
    return _proportions(
        [
            _share(f"{one.key}.raja", int(table[time].eq(keys[1]).sum()), len(table), place, time)
            for time in (FIRST, SECOND)
        ]
    )


def divided(
    codes: pd.Series,
    groups: pd.Series,
    item: str,
    divisions: Sequence[tuple[tuple[int, int], ...]],
    place: OutcomePlace,
    rules: protect.RuleSet,
) -> pd.DataFrame:
    """Count classes in the finest division in which no group large enough to be shown has a small class.

    The point of a class is its lowest and highest code, 34 for codes 3 and 4 together. What is small even in
    the coarsest division is hidden by `protect`, together with what would give it back.
    """
    where = scales.Place(place.region_level, place.region_code, place.borders, place.period, place.origin)
    counted = frames.empty()
    for spans in divisions:
        point = {code: 10 * low + high for low, high in spans for code in range(low, high + 1)}
        answers = pd.DataFrame({"item": item, "answer": codes.map(point).astype("float64"), "group": groups})
        one_group = set(groups) == {frames.ALL_GROUPS}
        points = [10 * low + high for low, high in spans]
        counted = scales.distribution(answers, points, where, by=None if one_group else "group")
        large = counted["denominator"] >= rules.minimum_denominator
        if not (counted["numerator"].between(1, rules.minimum_count - 1) & large).any():
            break
    return rates.proportion(counted.drop(columns=["not_answered"]))


def _with_all(people: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(frames.ALL_GROUPS, people), *((str(name), part) for name, part in people.groupby("group"))]


def _share(
    indicator: str, count: int, total: int, place: OutcomePlace, group: str = frames.ALL_GROUPS
) -> dict[str, object]:
    return place.columns() | {
        "indicator": indicator, "group": group, "per": 100.0, "numerator": float(count),
        "denominator": float(total), "value": 100 * count / total if total else np.nan,
        "status": "ok" if total else "missing",
    }  # fmt: skip


def _proportions(rows: list[dict[str, object]]) -> pd.DataFrame:
    return rates.proportion(pd.DataFrame(rows)) if rows else frames.empty()


def _analysed(indicator: str, place: OutcomePlace, statistic: str, method: str) -> dict[str, object]:
    return place.columns() | {
        "indicator": indicator, "group": frames.ALL_GROUPS, "per": 1.0, "status": "ok",
        "statistic": statistic, "method": method, "confidence": _CONFIDENCE,
    }  # fmt: skip
