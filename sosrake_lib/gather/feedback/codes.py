"""Codes of feedback: of questions and answers, and of what a form needs to show an effect."""

from __future__ import annotations

from functools import cache

from sosrake_lib.gather.themes.codebook import Code, Codebook, read_codebook
from sosrake_lib.gather.themes.suggest import Suggestion, suggest

FEEDBACK, PART = "palaute", "osa"
CODES = (
    *("tyytyvaisyys", "prosessi", "osallistuminen", "koettu_muutos", "vaikutus_elamaan"),
    "kehittamisehdotus",
)
PARTS = ("lahtotilanne", "elamanalue", "suunta", "mika_auttoi")
# Codes by which something is learned of the person's life and not of the service.
CHANGE = ("koettu_muutos", "vaikutus_elamaan")


@cache
def feedback_codebook() -> Codebook:
    """Read the codebook of feedback (codes.toml).

    Examples
    --------
    >>> [code.key for code in feedback_codebook().of("osa")]
    ['lahtotilanne', 'elamanalue', 'suunta', 'mika_auttoi']
    """
    return read_codebook("sosrake_lib.gather.feedback", "codes.toml", (FEEDBACK, PART), {})


def codes_of(text: str, *, dictionary: str = "auto") -> tuple[Suggestion, ...]:
    """Suggest codes for one feedback question or answer; a suggestion, never a code by itself.

    Examples
    --------
    >>> [one.code for one in codes_of("Kuinka tyytyväinen olit?", dictionary="as_written")]
    ['tyytyvaisyys']
    """
    return suggest(text, dictionary=dictionary, book=feedback_codebook())


def code(key: str) -> Code:
    """Give a code or a part of a form by its key.

    Raises
    ------
    KeyError for a key that is not in the codebook.
    """
    return {one.key: one for one in feedback_codebook().codes}[key]
