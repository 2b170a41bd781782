"""Invented tables for the tests of protect, and a reader who sees only what was released."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import protect, regions
from sosrake_lib.protect.audit import Target, audit, exact

COUNTY = ("hva", "E1")
CODES = regions.members(*COUNTY, 2026)
GROUPS = ("asuminen", "perhetyo", "tyotoiminta", "velkaneuvonta")


def row(code, group="all", count=10.0, **other):
    level = "hva" if code == "E1" else "kunta"
    filled = {
        "indicator": "asiakkaat",
        "region_level": level,
        "region_code": code,
        "borders": 2026,
        "period": "2024",
        "group": group,
        "value": float(count),
        "numerator": float(count),
        "status": "ok",
        "origin": "synthetic",
    }
    return filled | other


def table(counts, **other):
    """Make municipality x group with every total from an array (8, groups)."""
    rows = []
    for place, code in enumerate([*CODES, "E1"]):
        line = counts.sum(axis=0) if code == "E1" else counts[place]
        rows += [row(code, group, count, **other) for group, count in zip(GROUPS, line, strict=False)]
        rows.append(row(code, "all", line.sum(), **other))
    return pd.DataFrame(rows)


def counts_of(seed, groups=4, scale=9.0):
    random = np.random.default_rng(seed)
    return random.poisson(random.gamma(0.6, scale, size=(len(CODES), groups))).astype(float)


def rules(k=5):
    return protect.rule_set("vakio", minimum_count=k)


def released(frame, k=5, totals=("region", "group"), **other):
    """Release one part without a trace and give its rows."""
    made = protect.release({"osa": protect.part(frame, rules(k), totals)}, name="koe", preview=True, **other)
    return protect.protected_frame(made.select("osa"))


def attack(shown, k=5):
    """Reckon as a reader: municipality x group counts, every total shown, every hidden mark."""
    groups = [group for group in GROUPS if group in set(shown["group"])]
    cell = {key: place for place, key in enumerate((code, group) for code in CODES for group in groups)}
    statements, targets = [], []
    for entry in shown.itertuples():
        codes = CODES if entry.region_code == "E1" else (entry.region_code,)
        inner = [
            cell[code, group]
            for code in codes
            for group in (groups if entry.group == "all" else [entry.group])
        ]
        if entry.status == "ok":
            statements.append(exact(inner, entry.numerator))
        else:
            targets.append(Target(f"{entry.region_code} {entry.group}", tuple(inner), k))
    return audit(len(cell), statements, targets)
