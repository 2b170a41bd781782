"""One index computed over and over under other choices, each intermediate step kept once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.composite_aggregate import check_positive, climb
from sosrake_lib.indicators.composite_framework import AGGREGATIONS, with_weights
from sosrake_lib.indicators.composite_normalise import normalise_columns
from sosrake_lib.indicators.composite_scaling import check_finite, check_matrix, scalings
from sosrake_lib.indicators.composite_treat import IMPUTATIONS, filled_values
from sosrake_lib.indicators.composite_tree import Tree, compiled, pruned, reweighted
from sosrake_lib.indicators.composite_weights import principal_components
from sosrake_lib.indicators.composite_wide import Wide

Floats = NDArray[np.float64]


class Rerun:
    """Computes the total of a framework for one combination of labels (normalisation, ..., leave_out).

    `levels` is choice -> label -> setting. What several combinations share is computed once and kept.
    """

    def __init__(
        self, wide: Wide, framework: pd.DataFrame, missing: str, levels: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._wide, self._framework, self._missing, self._levels = wide, framework, missing, levels
        self._filled: dict[str, Floats] = {}
        self._normalised: dict[tuple[str, str], Floats] = {}
        self._trees: dict[tuple[str, ...], Tree] = {}

    def total(self, labels: tuple[str, ...]) -> Floats:
        """Give the index of every area for the labels in the order of CHOICES."""
        normalisation, aggregation, weights, imputation, leave_out = labels
        leaves = self._leaves(normalisation, imputation)
        tree = self._tree(aggregation, weights, imputation, leave_out)
        at = [self._wide.indicators.index(key) for key in tree.indicators]
        codes = self._wide.units["region_code"].to_numpy()
        check_positive(leaves[:, at], tree, self._missing, codes, self._name)
        return climb(leaves[:, at], tree, self._missing)[tree.total]

    @cached_property
    def _name(self) -> str:
        return self._wide.name_of(np.arange(len(self._wide.values)))

    @cached_property
    def _signs(self) -> Floats:
        return compiled(self._framework).directions

    def _values(self, imputation: str) -> Floats:
        if imputation not in self._filled:
            method = self._levels["imputation"][imputation]
            if method not in IMPUTATIONS or str(method).startswith("group_"):
                raise FrameError(
                    f"composite_sensitivity: imputation {method!r}; use none, mean, median or "
                    f"earlier_period, "
                    "or impute by groups beforehand"
                )
            self._filled[imputation] = filled_values(self._wide, method)[0]
        return self._filled[imputation]

    def _leaves(self, normalisation: str, imputation: str) -> Floats:
        key = (normalisation, imputation)
        if key not in self._normalised:
            matrix = self._values(imputation)
            chosen = scalings(self._levels["normalisation"][normalisation], self._wide.indicators)
            check_matrix(matrix, self._wide.indicators, chosen, self._name)
            found = normalise_columns(matrix, chosen, self._signs, None)
            check_finite(matrix, found, self._wide.indicators, chosen)
            self._normalised[key] = found
        return self._normalised[key]

    def _tree(self, aggregation: str, weights: str, imputation: str, leave_out: str) -> Tree:
        # Weights of principal components follow the filled values; others do not.
        key = (aggregation, weights, imputation if self._is_pca(weights) else "", leave_out)
        if key not in self._trees:
            tree = self._whole(aggregation, weights)
            gone = self._levels["leave_out"][leave_out]
            tree = tree if gone == "nothing" else pruned(tree, gone)
            if self._is_pca(weights):
                tree = reweighted(tree, self._pca(tree, self._values(imputation)))
            self._trees[key] = tree
        return self._trees[key]

    def _whole(self, aggregation: str, weights: str) -> Tree:
        key = (aggregation, weights)
        if key not in self._trees:
            setting = self._levels["weights"][weights]
            own = self._is_pca(weights) or (isinstance(setting, str) and setting == "framework")
            table = self._framework if own else with_weights(self._framework, setting)
            self._trees[key] = self._compiled(table, aggregation)
        return self._trees[key]

    def _compiled(self, table: pd.DataFrame, aggregation: str) -> Tree:
        setting = self._levels["aggregation"][aggregation]
        if isinstance(setting, str) and setting == "framework":
            return compiled(table)
        name, exponent = (setting, 1.0) if isinstance(setting, str) else setting
        if name not in AGGREGATIONS:
            raise SosrakeError(
                f"composite_sensitivity: aggregation {name!r} is not known; use 'framework' or one of "
                f"{', '.join(AGGREGATIONS)}"
            )
        return compiled(table.assign(aggregation="", exponent=np.nan), name, exponent)

    def _is_pca(self, weights: str) -> bool:
        setting = self._levels["weights"][weights]
        return isinstance(setting, str) and setting == "pca"

    def _pca(self, tree: Tree, matrix: Floats) -> dict[str, float]:
        columns = [self._wide.indicators.index(key) for key in tree.indicators]
        centred = (matrix - np.nanmean(matrix, axis=0)) / np.nanstd(matrix, axis=0, ddof=1) * self._signs
        at = {key: centred[:, column] for key, column in zip(tree.indicators, columns, strict=True)}
        found: dict[str, float] = {}
        for branch in tree.branches:
            parts = np.stack([at[child] for child in branch.children], axis=1)
            at[branch.key] = parts @ np.asarray(branch.weights)
            if len(branch.children) > 1:
                found |= dict(zip(branch.children, principal_components(parts).weights, strict=True))
        return found
