"""Invented data of the effects benchmark, equal in our interpreter and the peers'; numpy and pandas only."""

from __future__ import annotations

import numpy as np
import pandas as pd


def panel(units: int, years: int, treated: int, start: int) -> pd.DataFrame:
    """Units in years; the first `treated` units have the treatment from year `start` on."""
    rng = np.random.default_rng(11)
    unit, year = np.divmod(np.arange(units * years), years)
    ever = (unit < treated).astype("float64")
    post = (year >= start).astype("float64")
    y = rng.standard_normal(units)[unit] + rng.standard_normal(years)[year] + rng.standard_normal(len(unit))
    on = ever * post
    return pd.DataFrame(
        {"unit": unit, "year": 2000 + year, "ever": ever, "post": post, "on": on, "y": y + 0.3 * on}
    )


def large_panel(rows: int) -> pd.DataFrame:
    """Twenty years of rows / 20 units, half of them treated from the eleventh year on."""
    return panel(rows // 20, 20, rows // 40, 10)


def people(controls: int) -> pd.DataFrame:
    """Controls and 185 treated who differ from them in eight measured things."""
    rng = np.random.default_rng(12)
    treated = np.r_[np.ones(185), np.zeros(controls)]
    x = rng.standard_normal((len(treated), 8)) + 0.3 * treated[:, None]
    y = x.sum(axis=1) + treated + rng.standard_normal(len(treated))
    return pd.DataFrame(x, columns=[f"x{place}" for place in range(8)]).assign(t=treated, y=y)
