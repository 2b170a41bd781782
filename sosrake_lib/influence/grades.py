"""How sure a finding is, in three grades, judged from released numbers only: its interval, test and checks.

The words of the grades stand in finding.toml. Nothing is estimated: a grade is read off released numbers.

Sources of the thresholds
-------------------------
Precision of a figure: Parker et al. 2017, National Center for Health Statistics Data Presentation Standards
for Proportions (Vital and Health Statistics 2(175)).
Sure or likely: a p-value below 0.005 is evidence, between 0.005 and 0.05 only suggestive (Benjamin et al.
2018, doi 10.1038/s41562-017-0189-z). Grades of words, and lowering them for flaws of a design: GRADE (Guyatt
et al. 2008, doi 10.1136/bmj.39489.470347.AD; wording "is", "probably is", "may be": Santesso et al. 2020,
doi 10.1016/j.jclinepi.2019.10.014).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from statistics import NormalDist

from sosrake_lib.effects.design import Claim

SURE, LIKELY, OPEN = "sure", "likely", "open"
GRADES = (SURE, LIKELY, OPEN)
# What a figure's precision is called where a difference is called sure, likely or open.
OF_PRECISION = {"precise": SURE, "rough": LIKELY, "vague": OPEN}

PRECISE_WIDTH = 5.0  # percentage points
VAGUE_WIDTH = 30.0  # percentage points
VAGUE_RELATIVE_WIDTH = 1.3  # width divided by the value
PRECISE_RELATIVE_WIDTH = 0.3  # our own bound, for figures that are no shares

SURE_BELOW = 0.005  # two-sided p-value
# These tell how far a cause may be claimed, which the claim already heeds; the figure is as sure as it is.
OF_CAUSE_ONLY = frozenset({"no_comparison_group", "comparison_group", "regression_to_the_mean"})


def certainty(width: float, value: float, *, share: bool) -> str:
    """Grade an interval: `precise`, `rough` or `vague`.

    Shares: precise up to 5 percentage points wide; vague from 30 points, or when wider than 1.3 times the
    value; rough between (Parker et al. 2017, Vital and Health Statistics 2(175)). Other figures: precise up
    to 0.3 times the value, our own bound, and vague above 1.3 times.

    Examples
    --------
    >>> certainty(0.5, 9.9, share=True), certainty(8.0, 9.9, share=True), certainty(20.0, 9.9, share=True)
    ('precise', 'rough', 'vague')
    """
    relative = width / value if value else float("inf")
    if share and width <= PRECISE_WIDTH:
        return "precise"
    if (share and width >= VAGUE_WIDTH) or relative > VAGUE_RELATIVE_WIDTH:
        return "vague"
    if not share and relative <= PRECISE_RELATIVE_WIDTH:
        return "precise"
    return "rough"


def of_difference(
    estimate: float, lower: float, upper: float, confidence: float, p_value: float = math.nan
) -> str:
    """Grade whether there is a difference at all: `open` when the interval holds zero.

    Parameters
    ----------
    estimate, lower, upper : the difference and its interval. confidence : its level, 0 to 1.
    p_value : of the method's own test; left out, the p-value that the interval's near half implies under a
        normal distribution, so that a wider level of confidence gives the same grade.

    Examples
    --------
    >>> [of_difference(2.0, *ends, 0.95) for ends in ((1.6, 2.4), (0.2, 3.8), (-1.0, 5.0))]
    ['sure', 'likely', 'open']
    """
    if lower <= 0 <= upper or not math.isfinite(estimate):
        return OPEN
    if math.isfinite(p_value):
        return SURE if p_value < SURE_BELOW else LIKELY if p_value < 1 - confidence else OPEN
    half = estimate - lower if estimate > 0 else upper - estimate
    if half <= 0:
        return SURE
    errors = abs(estimate) / half * NormalDist().inv_cdf(0.5 + confidence / 2)
    return SURE if 2 * NormalDist().cdf(-errors) < SURE_BELOW else LIKELY


def of_change(first: tuple[float, float], last: tuple[float, float]) -> str:
    """Grade a change from the intervals of two figures, when no test of the change was released.

    Overlapping intervals leave it open, though a test might find a change: looking at overlap is the stricter
    of the two (Schenker and Gentleman 2001, doi 10.1198/000313001317097960). Apart, it is likely; and sure,
    our own bound, when the wider interval would fit between them.

    Examples
    --------
    >>> [of_change((9.0, 9.4), last) for last in ((9.3, 9.9), (9.5, 9.9), (10.2, 10.6))]
    ['open', 'likely', 'sure']
    """
    gap = max(first[0], last[0]) - min(first[1], last[1])
    if gap <= 0:
        return OPEN
    return SURE if gap >= max(first[1] - first[0], last[1] - last[0]) else LIKELY


def of_design(grade: str, claim: Claim, caveats: Collection[str], checks: Collection[tuple[str, str]]) -> str:
    """Lower a grade for what the design leaves uncertain.

    Parameters
    ----------
    grade : of estimate and interval. claim : a probable effect is never more than likely.
    caveats : keys; any of them makes a sure grade likely.
    checks : (check, verdict); a doubtful one makes a sure grade likely, one that fails lowers a claim of an
        effect by a step and makes any other claim likely at the most. Caveats and checks that concern the
        cause alone do not touch a claim that says no cause.

    Examples
    --------
    >>> of_design("sure", Claim.MUUTOS, ["no_comparison_group"], [("comparison_group", "fails")])
    'sure'
    >>> of_design("sure", Claim.VAIKUTUS, ["dropout"], [])
    'likely'
    >>> [of_design("likely", claim, [], [("dropout", "fails")]) for claim in (Claim.ERO, Claim.VAIKUTUS)]
    ['likely', 'open']
    """
    causal = claim in (Claim.TODENNAKOINEN_VAIKUTUS, Claim.VAIKUTUS)
    ignored = frozenset() if causal else OF_CAUSE_ONLY
    judged = {verdict for check, verdict in checks if check not in ignored}
    if grade == SURE:
        weakened = claim is Claim.TODENNAKOINEN_VAIKUTUS or bool(set(caveats) - ignored)
        return LIKELY if weakened or judged & {"fails", "doubtful"} else SURE
    return OPEN if causal and "fails" in judged else grade
