"""The rows a weighting estimator works on: trimmed by their scores, and scored again."""

from __future__ import annotations

from dataclasses import dataclass

from sosrake_lib.effects.matching.arms import Comparison, Floats
from sosrake_lib.effects.matching.scored import Scored
from sosrake_lib.effects.matching.scores import Overlap, common_support, need_overlap, score_fit
from sosrake_lib.effects.regression import LogitFit
from sosrake_lib.errors import FrameError


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows with scores.

    Attributes
    ----------
    comparison : the rows kept. scores : (n,). fit : the logit they come from, None for given scores or
    scores kept from before trimming. overlap : of the rows kept. trimmed : rows left out by their score.
    """

    comparison: Comparison
    scores: Floats
    fit: LogitFit | None
    overlap: Overlap
    trimmed: int


def sample_of(scored: Scored, trim: float, *, refit: bool, where: str) -> Sample:
    """Trim rows already scored.

    Parameters
    ----------
    trim : rows with a score below this or above 1 - this are left out. refit : estimate the scores again on
        those kept (not when they were given).

    Raises
    ------
    FrameError for a trim outside 0 to 0.5, or fewer than two rows left in an arm.
    """
    if not 0 <= trim < 0.5:
        raise FrameError(f"{where}: trim {trim!r}; expected a share of 0 or more, below 0.5, such as 0.05")
    if trim == 0:
        return Sample(scored.comparison, scored.scores, scored.fit, scored.overlap, 0)
    return _trimmed(scored, trim, where, refit=refit and scored.fit is not None)


def _trimmed(scored: Scored, trim: float, where: str, *, refit: bool) -> Sample:
    inside = (scored.scores >= trim) & (scored.scores <= 1 - trim)
    kept, scores = scored.comparison.kept(inside), scored.scores[inside]
    sizes = kept.sizes
    if min(sizes.values()) < 2:
        raise FrameError(
            f"{where}: scores from {trim:g} to {1 - trim:g} leave {sizes['treated']} treated and "
            f"{sizes['control']} control rows; at least two of each are needed, trim less"
        )
    fit = score_fit(kept, where) if refit else None
    if fit is not None:
        scores = fit.probabilities
    overlap = common_support(scores, kept.treated)
    need_overlap(overlap, where)
    return Sample(kept, scores, fit, overlap, int((~inside).sum()))
