"""The catalogue: what each indicator, theme, support need and competence is. Data beside, one loader."""

from sosrake_lib.catalogue.loader import (
    by_sotkanet,
    competences,
    descriptions,
    indicator,
    indicators,
    needs,
    themes,
)
from sosrake_lib.catalogue.model import CompetenceDomain, CompetenceItem, Indicator, Need, Theme

__all__ = [
    "CompetenceDomain",
    "CompetenceItem",
    "Indicator",
    "Need",
    "Theme",
    "by_sotkanet",
    "competences",
    "descriptions",
    "indicator",
    "indicators",
    "needs",
    "themes",
]
