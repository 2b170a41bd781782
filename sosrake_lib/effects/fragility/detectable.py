"""What a study of this precision could have found at all."""

from __future__ import annotations

import numpy as np

from sosrake_lib.effects.regression import t_quantile
from sosrake_lib.errors import SosrakeError


def minimum_detectable(
    standard_error: float, df: float = np.inf, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> float:
    """Give the smallest true effect that a study with this standard error finds with the power wanted.

    It speaks of the study's precision, not of its result: unlike "power at the estimate found" it does not
    follow from the p value.

    Parameters
    ----------
    standard_error, df : of the estimate. power : chance of finding the effect. alpha, sides : of the test.

    Returns
    -------
    (t(1 - alpha/sides, df) + t(power, df)) · standard_error, in the unit of the estimate.

    Raises
    ------
    SosrakeError when the standard error or df is not above 0, power or alpha is no share, sides not 1 or 2.

    Source: Bloom (1995), doi 10.1177/0193841X9501900504.

    Examples
    --------
    >>> print(round(minimum_detectable(0.5), 3))
    1.401
    """
    if not (np.isfinite(standard_error) and standard_error > 0) or not df > 0:
        raise SosrakeError(
            f"minimum_detectable: standard_error {standard_error!r}, df {df!r}; expected a finite standard "
            f"error and degrees of freedom, both above 0"
        )
    if not 0 < alpha < power < 1 or sides not in (1, 2):
        raise SosrakeError(
            f"minimum_detectable: power {power!r}, alpha {alpha!r}, sides {sides!r}; expected shares with "
            f"power above alpha, and 1 or 2 sides"
        )
    return float((t_quantile(1 - alpha / sides, df) + t_quantile(power, df)) * standard_error)
