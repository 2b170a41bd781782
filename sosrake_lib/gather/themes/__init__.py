"""Themes in free text: a codebook as data, the machine's suggestion, and the codes two people gave."""

from sosrake_lib.gather.themes.codebook import Code, Codebook, codebook
from sosrake_lib.gather.themes.lemmas import lemmatiser
from sosrake_lib.gather.themes.suggest import Suggestion, suggest, suggest_many

__all__ = ["Code", "Codebook", "Suggestion", "codebook", "lemmatiser", "suggest", "suggest_many"]
