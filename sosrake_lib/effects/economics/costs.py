"""What a service cost: quantities times unit prices, with where each price comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.economics.strategies import one_origin
from sosrake_lib.effects.regression import check_columns, filled, numbers
from sosrake_lib.errors import FrameError, SosrakeError

COLUMNS = ("item", "quantity", "unit_price", "origin", "source")
INVENTED = MappingProxyType({"fi": "keksitty hinta", "en": "invented price"})


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Costs of a service.

    Attributes
    ----------
    items : frame `item, name, quantity, unit_price, cost, origin, source`; `name` says of an invented price
        that it is invented. totals : frame of the `by` columns and `cost, origin`.
    origin : "own" or "synthetic". caveats : ("invented_costs",) when synthetic.
    """

    items: pd.DataFrame
    totals: pd.DataFrame
    origin: str
    caveats: tuple[str, ...]
    method: str = "unit_costs"


def total_costs(data: pd.DataFrame, *, by: Sequence[str] = (), language: str = "fi") -> Costs:
    """Multiply quantities by unit prices and add up.

    Parameters
    ----------
    data : one row an item, columns item, quantity, unit_price (in euros), origin ("published", "own" or
        "synthetic": invented for an example) and source (where the price is from; not empty unless
        synthetic).
    by : columns to add up by, such as strategy or person. language : of the word that names an invented
        price.

    Returns
    -------
    Costs. Invented prices never stand with real ones in one sum.

    Raises
    ------
    FrameError when a column is missing or empty, a quantity or price is negative, a real price has no source,
    or invented and real prices are mixed.

    Examples
    --------
    >>> used = pd.DataFrame({"item": ["home visit", "group meeting"], "quantity": [10, 4]})
    >>> used = used.assign(unit_price=[60.0, 25.0], origin="synthetic", source="")
    >>> found = total_costs(used, language="en")
    >>> found.items["name"].iloc[0], float(found.totals["cost"].iloc[0]), found.caveats
    ('home visit (invented price)', 700.0, ('invented_costs',))
    """
    where = "total_costs"
    if language not in INVENTED:
        raise SosrakeError(f"{where}: language {language!r}; expected one of {', '.join(INVENTED)}")
    check_columns(data, [*COLUMNS, *by], where)
    quantity, price = _not_negative(data, "quantity", where), _not_negative(data, "unit_price", where)
    origin = one_origin(data, where)
    unsourced = (data["origin"] != "synthetic") & (data["source"].fillna("").astype("str").str.strip() == "")
    if unsourced.any():
        raise FrameError(
            f"{where}: the price of {data.loc[unsourced, 'item'].iloc[0]!r} has no source "
            f"({int(unsourced.sum())} such rows); say where it is from, or mark it synthetic when it is "
            f"invented"
        )
    item = filled(data, "item", where).astype("str")
    name = item + f" ({INVENTED[language]})" if origin == "synthetic" else item
    rows = data.assign(name=name, cost=quantity * price)
    items = rows.loc[:, [*by, "item", "name", "quantity", "unit_price", "cost", "origin", "source"]]
    if by:
        totals = rows.groupby(list(by), sort=False, as_index=False, dropna=False)["cost"].sum()
    else:
        totals = pd.DataFrame({"cost": [float(rows["cost"].sum())]})
    caveats = ("invented_costs",) if origin == "synthetic" else ()
    return Costs(items.reset_index(drop=True), totals.assign(origin=origin), origin, caveats)


def _not_negative(data: pd.DataFrame, column: str, where: str) -> np.ndarray:
    values = numbers(data, column, where)
    if (values < 0).any():
        row = int(np.argmax(values < 0))
        raise FrameError(
            f"{where}: column {column!r} is {values[row]:g} in row {data.index[row]!r}; expected 0 or more "
            f"(savings are costs of the other strategy)"
        )
    return values
