"""From a table of answers, or of ready scores, to scores of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import catalogue
from sosrake_lib.catalogue import Instrument, ScoredScale
from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.effects.instruments import answers as reading
from sosrake_lib.effects.instruments import gates
from sosrake_lib.effects.instruments.scored import Scored, scale_constants
from sosrake_lib.effects.instruments.scoring import bands_of, item_scores, turned
from sosrake_lib.errors import FrameError, SosrakeError

# Fewer answers than this may well hold no lowest one.
MANY_ANSWERS = 50
_COLUMNS = (
    *("instrument", "scale", "score", "items_answered", "items", "status", "reason", "missing_rule"),
    *("band", "band_reason", "summary", "direction", "higher_is_better", "minimum", "maximum"),
    *("reliability", "reliability_kind", "clinical", "cutoff"),
)


def score_instrument(
    data: pd.DataFrame,
    instrument: str,
    *,
    person: str = "person",
    items: Sequence[str] | None = None,
    time: str | None = None,
    sex: str | None = None,
    age: str | None = None,
    keep: tuple[str, ...] = (),
    scales: tuple[str, ...] | None = None,
    coded_from: int | None = None,
    max_missing: int | None = None,
    unverified: bool = False,
) -> Scored:
    """Score people's answers to an instrument.

    The result is about single people: never put it into a notebook's output.

    Parameters
    ----------
    data : one row a person (and time), a column an item, answers as marked on the form: nothing reversed.
    instrument : key of the catalogue, such as "3x10d", "audit_c", "core_om".
    person, time : columns: who, and when where people answered more than once.
    items : columns in the order of the form; left out, "<key>_1", "<key>_2", ...
    sex, age : columns for cut-offs that depend on them (AUDIT-C): "male", "female", "other"; years.
    keep : columns of the person to carry along (group, municipality).
    scales : keys of the scales wanted; left out, all but sensitive ones (the risk items of CORE-OM).
    coded_from : code of the lowest answer in the data (1 when a form numbers its answers from one).
    max_missing : your own rule of how many items of a scale may be empty, in the place of the published one.
    unverified : also use scoring and cut-offs that were not verified in a source.

    Returns
    -------
    Scored; a scale with too many empty items has status missing, never a score from the rest.

    Raises
    ------
    FrameError naming column, row, value and range; SosrakeError for an instrument taken in as scores only,
    not verified, or with a rule that cannot be.

    Examples
    --------
    >>> data = pd.DataFrame({"person": ["a", "b"], "q1": [3, 1], "q2": [1, 2], "q3": [2, None],
    ...     "sex": ["female", "male"], "age": [44, 51]})
    >>> found = score_instrument(data, "audit_c", items=["q1", "q2", "q3"], sex="sex", age="age")
    >>> print(found.people[["person", "score", "status", "band"]].to_string(index=False))
    person  score  status               band
         a    6.0      ok at_or_above_cutoff
         b    NaN missing                NaN
    """
    where = "score_instrument"
    record = catalogue.instrument(instrument)
    gates.refuse_kind(record, "items", where)
    wanted = gates.wanted_scales(record, scales, unverified, where)
    columns = reading.item_columns(record, items, where)
    reading.check_people(data, person, time, [sex, age, *keep, *columns], where)
    values = reading.answer_matrix(data, columns, record, coded_from, where)
    ready = turned(values, record.reverse, record.item_min, record.item_max)
    people = _people(data, person, time, keep)
    sexes, ages = reading.sexes_of(data, sex, where), reading.ages_of(data, age, where)
    whole = _whole_forms(values, record, max_missing)
    parts = []
    for scale in wanted:
        used = ready[:, np.asarray(scale.items, dtype=np.intp) - 1]
        allowed = scale.max_missing if max_missing is None else gates.own_rule(max_missing, scale, where)
        found = item_scores(
            used, method=scale.method, factor=scale.factor, shift=scale.shift, max_missing=allowed
        )
        score = np.where(whole, found.score, np.nan)
        reason = np.where(
            np.isfinite(score), "", np.where(whole, "too_many_items_missing", "form_incomplete")
        )
        part = {"score": score, "items_answered": found.answered, "items": len(scale.items), "reason": reason}
        classes = _classes(score, scale, sexes, ages, unverified)
        parts.append(people.assign(**part, **classes, **scale_constants(record, scale)))
    rule = _rule(record, max_missing)
    caveats = _answer_caveats(values, record, max_missing, unverified)
    return _scored(record, parts, rule, caveats)


def import_scores(
    data: pd.DataFrame,
    instrument: str,
    *,
    scores: Mapping[str, str],
    person: str = "person",
    time: str | None = None,
    sex: str | None = None,
    age: str | None = None,
    keep: tuple[str, ...] = (),
    unverified: bool = False,
) -> Scored:
    """Take in scores counted elsewhere, check their range and give their classes.

    The result is about single people: never put it into a notebook's output.

    Parameters
    ----------
    data : one row a person (and time).
    instrument : any key of the catalogue; Kykyviisari and PHQ-9 come this way only.
    scores : scale -> column, such as {"tyokyky": "work_ability"}.
    person, time, sex, age, keep, unverified : as in score_instrument.

    PHQ-9: answers are never taken in, no kept column may hold them, and totals above 24, which only a
    positive answer to the ninth question can give, are shown as 24 (see the instrument's notes).

    Raises
    ------
    FrameError naming column, row, value and range; SosrakeError for a scale that is not verified.

    Examples
    --------
    >>> data = pd.DataFrame({"person": ["a", "b"], "points": [26, 7]})
    >>> found = import_scores(data, "phq9", scores={"total": "points"})
    >>> found.people[["score", "band"]].values.tolist(), found.notes[0].key
    ([[24.0, 'severe'], [7.0, 'mild']], 'item_9_acted_on_before')
    """
    where = "import_scores"
    record = catalogue.instrument(instrument)
    if record.kind == "goals":
        raise SosrakeError(f"{where}: {record.key} is made of goals; use plan_goals")
    if not scores:
        raise SosrakeError(f"{where}: no scores named; expected scores={{scale: column}}")
    wanted = gates.wanted_scales(record, tuple(scores), unverified, where)
    gates.refuse_answers(record, keep, where)
    reading.check_people(data, person, time, [sex, age, *keep, *scores.values()], where)
    people = _people(data, person, time, keep)
    sexes, ages = reading.sexes_of(data, sex, where), reading.ages_of(data, age, where)
    parts = []
    for scale in wanted:
        named = f"{record.key}, {scale.key}"
        score = reading.score_column(data, scores[scale.key], scale.minimum, scale.maximum, named, where)
        classes = _classes(score, scale, sexes, ages, unverified)
        shown = score if scale.top_coded is None else np.minimum(score, scale.top_coded)
        reason = np.where(np.isfinite(score), "", "no_score")
        part = {"score": shown, "items_answered": np.nan, "items": np.nan, "reason": reason}
        parts.append(people.assign(**part, **classes, **scale_constants(record, scale)))
    caveats = ("unverified_scoring",) if any(not scale.verified for scale in wanted) else ()
    return _scored(record, parts, "ready_score", caveats)


def _people(data: pd.DataFrame, person: str, time: str | None, keep: tuple[str, ...]) -> pd.DataFrame:
    taken = {"person", "time", *_COLUMNS} & set(keep)
    if taken:
        raise FrameError(f"instruments: kept column {min(taken)!r} is a name of the result; rename it")
    named = {"person": data[person], **({} if time is None else {"time": data[time]})}
    return pd.DataFrame({**named, **{column: data[column] for column in keep}}).reset_index(drop=True)


def _whole_forms(values: Floats, record: Instrument, max_missing: int | None) -> NDArray[np.bool_]:
    if record.form_max_missing is None or max_missing is not None:
        return np.ones(len(values), dtype=bool)
    return np.isnan(values).sum(axis=1) <= record.form_max_missing


def _classes(
    score: Floats,
    scale: ScoredScale,
    sexes: NDArray[np.object_] | None,
    ages: Floats | None,
    unverified: bool,
) -> dict[str, NDArray[np.object_]]:
    bands = [band for band in scale.bands if band.verified or unverified]
    found = bands_of(score, bands, sexes, ages)
    why = "sex_or_age_needed" if bands else "not_verified" if scale.bands else "no_classes"
    reason = np.where(np.isnan(score), "no_score", np.where(pd.isna(found), why, ""))
    return {"band": found, "band_reason": reason.astype(object)}


def _rule(record: Instrument, max_missing: int | None) -> str:
    if max_missing is not None:
        return "own"
    return "published" if record.missing_source else "complete"


def _answer_caveats(
    values: Floats, record: Instrument, max_missing: int | None, unverified: bool
) -> tuple[str, ...]:
    told = []
    given = values[np.isfinite(values)]
    if len(given) >= MANY_ANSWERS and not (given == record.item_min).any():
        told.append("lowest_answer_never_used")
    if max_missing is not None:
        told.append("own_missing_rule")
    if unverified and not record.verified:
        told.append("unverified_scoring")
    return tuple(told)


def _scored(record: Instrument, parts: list[pd.DataFrame], rule: str, caveats: tuple[str, ...]) -> Scored:
    joined = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    joined["status"] = np.where(joined["score"].notna(), "ok", "missing")
    joined["missing_rule"] = rule
    told = list(caveats)
    if joined["band_reason"].eq("sex_or_age_needed").any():
        told.append("class_without_sex_or_age")
    used = [record.scale(key) for key in joined["scale"].unique()]
    if any(not band.verified for scale in used for band in scale.bands):
        told.append("cutoff_not_verified")
    carried = [column for column in joined.columns if column not in _COLUMNS]
    return Scored(joined[[*carried, *_COLUMNS]], record.notes, tuple(told))
