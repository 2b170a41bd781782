"""What scoring gives: a row a person and scale, with what the study of change needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.catalogue import Instrument, InstrumentNote, ScoredScale
from sosrake_lib.errors import FrameError, SosrakeError


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Scores of people.

    They are about single people: never show `people` in a notebook's output. Keep it in memory for change and
    for counts of groups, which leave the house through `protect` only.

    Attributes
    ----------
    people : one row a person (and time) and scale: `person`, `time` and kept columns, then
        `instrument, scale, score, items_answered, items` (the last two empty for ready scores);
        `status` (ok, missing), `reason` ("", too_many_items_missing, form_incomplete, no_score,
        no_goal_assessed), `missing_rule` (published, complete, own, ready_score, assessed_goals);
        `band` (key of the class, NaN = none), `band_reason` ("", no_classes, not_verified,
        sex_or_age_needed, no_score); `summary, direction, higher_is_better, minimum, maximum`;
        `reliability` (NaN = none known), `reliability_kind, clinical, cutoff`.
    notes : what a reader must be told with the figures, in Finnish and English.
    caveats : text keys that depend on these data: lowest_answer_never_used, class_without_sex_or_age,
        cutoff_not_verified, own_missing_rule, unverified_scoring.
    """

    people: pd.DataFrame
    notes: tuple[InstrumentNote, ...]
    caveats: tuple[str, ...]

    def scale(self, scale: str) -> pd.DataFrame:
        """Give the rows of one scale, ready for `effects.change.paired_rows` (outcome="score")."""
        rows = self.people.loc[self.people["scale"] == scale]
        if rows.empty:
            known = ", ".join(self.people["scale"].unique())
            raise SosrakeError(f"Scored.scale: no scale {scale!r}; expected one of {known}")
        return rows.reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """What `effects.change.individual_change` must know of a scale; `reliability_kind` says what it is."""

    higher_is_better: bool
    reliability: float
    reliability_kind: str
    clinical: bool
    cutoff: float | None

    def arguments(self) -> dict[str, Any]:
        """Give the options as arguments of `individual_change`."""
        return {
            "higher_is_better": self.higher_is_better,
            "reliability": self.reliability,
            "clinical": self.clinical and self.cutoff is not None,
            "cutoff": self.cutoff if self.clinical else None,
        }


def change_options(instrument: str, scale: str, reliability: float | None = None) -> ChangeOptions:
    """Say how change on a scale is judged: the wanted direction, reliability, and a clinical cut-off.

    Parameters
    ----------
    reliability : your own, best test-retest over the time between the measurements; left out, the published
        one of the catalogue.

    Raises
    ------
    SosrakeError when no reliability is known and none is given; nothing is invented.

    Examples
    --------
    >>> change_options("core_om", "total", reliability=0.9).arguments()
    {'higher_is_better': False, 'reliability': 0.9, 'clinical': True, 'cutoff': 10.0}
    """
    record = catalogue.instrument(instrument)
    one = record.scale(scale)
    known = one.known_reliability
    if reliability is None and known is None:
        why = (
            "it is formative, so internal consistency says nothing of it; give a test-retest reliability"
            if record.formative
            else "no published figure was verified; give one that fits your people and interval"
        )
        raise SosrakeError(f"change_options: {instrument}, {scale} has no reliability: {why} (reliability=)")
    value = known.value if reliability is None and known is not None else float(reliability or np.nan)
    if not 0 < value < 1:
        raise SosrakeError(f"change_options: reliability {reliability!r}; expected between 0 and 1")
    kind = known.kind if reliability is None and known is not None else "given"
    return ChangeOptions(one.higher_is_better, value, kind, record.clinical, one.cutoff)


def combine(scored: Sequence[Scored]) -> Scored:
    """Put scores of several instruments into one.

    Raises
    ------
    SosrakeError for nothing to combine, and when PHQ-8 and PHQ-9 of the same people would stand together:
    their difference is the answer to the question on self-harm, which is never shown.

    Examples
    --------
    >>> from sosrake_lib.effects.instruments import import_scores, score_instrument
    >>> data = pd.DataFrame({"person": ["a"], "lonely": [5], "work": [6]})
    >>> lonely = score_instrument(data, "yksinaisyys_thl", items=["lonely"])
    >>> work = import_scores(data, "kykyviisari", scores={"tyokyky": "work"})
    >>> combine([lonely, work]).people[["instrument", "score"]].values.tolist()
    [['yksinaisyys_thl', 5.0], ['kykyviisari', 6.0]]
    """
    if not scored:
        raise SosrakeError("combine: nothing to combine; expected results of score_instrument")
    rows = [one.people for one in scored]
    people = {
        key: {who for part in rows for who in part.loc[part["instrument"] == key, "person"]}
        for key in ("phq8", "phq9")
    }
    if people["phq8"] & people["phq9"]:
        raise SosrakeError(
            "combine: PHQ-8 and PHQ-9 of the same people; their difference is the answer to the ninth "
            "question, which is never shown. Keep PHQ-8 only"
        )
    joined = pd.concat(rows, ignore_index=True)
    again = joined.duplicated(subset=[*_names(rows), "instrument", "scale"])
    if again.any():
        first = joined.loc[again].iloc[0]
        raise FrameError(
            f"combine: {first['instrument']}, {first['scale']} of one person stands twice; combine each "
            "result once, or give time="
        )
    return Scored(
        people=joined,
        notes=tuple(dict.fromkeys(note for one in scored for note in one.notes)),
        caveats=tuple(dict.fromkeys(caveat for one in scored for caveat in one.caveats)),
    )


def scale_constants(instrument: Instrument, scale: ScoredScale) -> dict[str, object]:
    """Give what is the same on every row of a scale."""
    known = scale.known_reliability
    top = scale.maximum if scale.top_coded is None else scale.top_coded
    return {
        "instrument": instrument.key,
        "scale": scale.key,
        "summary": scale.summary,
        "direction": scale.direction,
        "higher_is_better": scale.higher_is_better,
        "minimum": scale.minimum,
        "maximum": top,
        "reliability": np.nan if known is None else known.value,
        "reliability_kind": "" if known is None else known.kind,
        "clinical": instrument.clinical,
        "cutoff": np.nan if scale.cutoff is None else scale.cutoff,
    }


def _names(rows: Sequence[pd.DataFrame]) -> list[str]:
    return ["person", *(["time"] if any("time" in part for part in rows) else [])]
