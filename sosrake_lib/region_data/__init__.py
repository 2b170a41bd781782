"""The region tables as data: municipalities, memberships, regions, named sets and the invented county.

Written by tools/make_region_data.py; README.md beside the tables says where each fact comes from.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pandas as pd

_WHOLE_NUMBERS = ("valid_from", "valid_to", "sotkanet_id", "sotkanet_old_id", "inhabitants", "year")


@cache
def table(name: str) -> pd.DataFrame:
    """Give one table (`municipalities`, `memberships`, `regions`, `sets`, `invented`); do not change it.

    Codes and names are text, years and Sotkanet's ids nullable whole numbers.
    """
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as stream:
        loaded = pd.read_csv(stream, dtype=str, keep_default_na=False)
    for column in loaded.columns.intersection(list(_WHOLE_NUMBERS)):
        loaded[column] = pd.to_numeric(loaded[column].replace("", pd.NA)).astype("Int64")
    return loaded
