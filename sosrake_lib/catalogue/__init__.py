"""The catalogue: what each indicator, theme, support need, competence and standard population is."""

from sosrake_lib.catalogue.competence import competence_framework
from sosrake_lib.catalogue.loader import (
    by_sotkanet,
    competences,
    descriptions,
    indicator,
    indicators,
    needs,
    themes,
)
from sosrake_lib.catalogue.model import (
    CompetenceDomain,
    CompetenceFramework,
    CompetenceItem,
    CompetenceScale,
    CourseUnit,
    Indicator,
    Need,
    SkillLevel,
    Theme,
)
from sosrake_lib.catalogue.populations import StandardPopulation, standard_population, standard_populations
from sosrake_lib.catalogue.training import TrainingRule, TrainingRules, training_rules

__all__ = [
    "CompetenceDomain",
    "CompetenceFramework",
    "CompetenceItem",
    "CompetenceScale",
    "CourseUnit",
    "Indicator",
    "Need",
    "SkillLevel",
    "StandardPopulation",
    "Theme",
    "TrainingRule",
    "TrainingRules",
    "by_sotkanet",
    "competence_framework",
    "competences",
    "descriptions",
    "indicator",
    "indicators",
    "needs",
    "standard_population",
    "standard_populations",
    "themes",
    "training_rules",
]
