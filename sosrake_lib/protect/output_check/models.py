"""Model outputs in text: how many observations, how many degrees of freedom, how much explained."""

from __future__ import annotations

import re

from sosrake_lib.protect.output_check.limits import Limits, Risk

_NUMBER = r"[=:]?\s*\(?\s*([0-9][0-9\s\u00a0]*(?:[.,][0-9]+)?)"
_DEGREES = re.compile(
    r"(?:df\s*resid\w*|residual\s+(?:df|degrees of freedom)|vapausaste\w*|degrees of freedom)\s*" + _NUMBER,
    re.IGNORECASE,
)
# R writes "on 8 degrees of freedom", Stata "F(2, 8)".
_DEGREES_AFTER = re.compile(r"on\s+([0-9]+)\s+degrees of freedom", re.IGNORECASE)
_F_TEST = re.compile(r"\bF\(\s*[0-9]+\s*,\s*([0-9]+)\s*\)")
_OBSERVATIONS = re.compile(
    r"(?:no\.?\s*observations|number of obs\w*|n\s*obs|havaintoja|havaintojen määrä|\bn\b)\s*" + _NUMBER,
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"(?:multiple\s+)?(?:r-?squared|r2|r²|selitysaste)\s*[=:]?\s*([0-9][.,]?[0-9]*)", re.IGNORECASE
)
_MODEL = re.compile(
    r"(regression|std\.?\s*err|coef|estimate|kerroin|regressio|residual|p>\|[tz]\||pr\(>)", re.IGNORECASE
)


# R prints the residuals of a small model one by one: each is a person's.
_RESIDUALS = re.compile(r"Residuals:\s*\n\s*1\s+2\s+3\b")
# Stata's `summarize, detail`, R's `summary`, SPSS's extreme values.
_EXTREMES = re.compile(
    r"\b(?:Smallest|Largest|Min\.\s+1st Qu\.|Extreme Values|Percentiles\b.*\bSmallest)", re.IGNORECASE
)


def text_risks(text: str) -> list[Risk]:
    """Find what a program prints of single people: outer values, residuals one by one.

    Examples
    --------
    >>> [risk.kind for risk in text_risks("   Min. 1st Qu.  Median  Mean 3rd Qu. Max.")]
    ['extreme']
    """
    found = []
    if places := len(_EXTREMES.findall(text)):
        found.append(Risk("extreme", "summary", places))
    if places := len(_RESIDUALS.findall(text)):
        found.append(Risk("person_rows", "Residuals", places))
    return found


def model_risks(text: str, limits: Limits) -> list[Risk]:
    """Find model outputs that rest on few people, or repeat the data.

    Examples
    --------
    >>> [risk.kind for risk in model_risks("OLS Regression  Df Residuals: 4  R-squared: 1.000", Limits())]
    ['few_degrees', 'saturated']
    """
    if not _MODEL.search(text):
        return []
    found = []
    degrees = [_number(one) for one in _DEGREES.findall(text)]
    degrees += [_number(one) for pattern in (_DEGREES_AFTER, _F_TEST) for one in pattern.findall(text)]
    if few := sum(one < limits.degrees for one in degrees):
        found.append(Risk("few_degrees", "model", few))
    observations = [_number(one) for one in _OBSERVATIONS.findall(text)]
    if few := sum(one < limits.behind_summary for one in observations):
        found.append(Risk("few_behind", "model", few))
    if full := sum(_number(one) >= 0.9995 for one in _EXPLAINED.findall(text)):
        found.append(Risk("saturated", "model", full))
    if not degrees and not observations:
        found.append(Risk("no_count", "model"))
    return found


def _number(text: str) -> float:
    return float(re.sub(r"[\s\u00a0]", "", text).rstrip(".,").replace(",", "."))
