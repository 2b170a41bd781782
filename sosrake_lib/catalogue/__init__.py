"""The catalogue: what each indicator, theme, support need, competence and standard population is."""

from sosrake_lib.catalogue.competence import competence_framework
from sosrake_lib.catalogue.evaluation_form import (
    EvaluationArea,
    EvaluationQuestion,
    SelfEvaluation,
    self_evaluation,
)
from sosrake_lib.catalogue.instrument import (
    FREE_TEXT_LICENCES,
    Band,
    GoalLevel,
    Instrument,
    InstrumentItem,
    InstrumentNote,
    Reliability,
    ScoredScale,
    TextLicence,
)
from sosrake_lib.catalogue.instrument_files import instrument, instruments
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
    "FREE_TEXT_LICENCES",
    "Band",
    "CompetenceDomain",
    "CompetenceFramework",
    "CompetenceItem",
    "CompetenceScale",
    "CourseUnit",
    "EvaluationArea",
    "EvaluationQuestion",
    "GoalLevel",
    "Indicator",
    "Instrument",
    "InstrumentItem",
    "InstrumentNote",
    "Need",
    "Reliability",
    "ScoredScale",
    "SelfEvaluation",
    "SkillLevel",
    "StandardPopulation",
    "TextLicence",
    "Theme",
    "TrainingRule",
    "TrainingRules",
    "by_sotkanet",
    "competence_framework",
    "competences",
    "descriptions",
    "indicator",
    "indicators",
    "instrument",
    "instruments",
    "needs",
    "self_evaluation",
    "standard_population",
    "standard_populations",
    "themes",
    "training_rules",
]
