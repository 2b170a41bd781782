"""How many figures a page does not show, and why, in one sentence or two.

The count is of the page's own marks: a figure that stands hidden in two of its tables is one, and what
another page hides is never counted. So it tells nothing that the marks do not: whoever counts them comes to
the same number, and two pages compared tell no more than their tables do. It is never split by why a figure
was protected, and no sum is made over pages.
"""

from __future__ import annotations

from sosrake_lib.influence.facts import Facts
from sosrake_lib.language import numbers, say

_ABSENT = ("missing", "not_published_at_level")


def hidden_sentence(facts: Facts, language: str = "fi") -> str:
    """Say how many figures are protected and, in a sentence of its own, how many a source does not give.

    Examples
    --------
    >>> hidden_sentence(Facts(hidden=(("a", "suppressed"), ("b", "suppressed"))))
    'Sivulta on suojattu 2 lukua, jotta ketään ei voi tunnistaa.'
    >>> hidden_sentence(Facts("2019"))
    'Sivun taulukoissa ja kuvioissa ei ole suojattuja eikä puuttuvia lukuja.'
    >>> hidden_sentence(Facts())
    'Sivulla ei näytetä yhtään lukua.'
    """
    absent = [_told(status, facts.count(status), language) for status in _ABSENT if facts.count(status)]
    protected = facts.count("suppressed")
    if not absent and not protected:
        # without a figure there is nothing to say that none is missing of: they may all be
        return say(f"pages.protected.{'none' if facts.newest_period else 'no_figures'}", language)
    none = say("pages.protected.no_protected", language)
    first = _told("suppressed", protected, language) if protected else none
    if not absent:
        return f"{first}."
    joined = say("pages.protected.and", language).join(absent)
    kind = "and_absent" if protected else "but_absent"
    return say(f"pages.protected.{kind}", language, first=first, absent=joined)


def _told(status: str, count: int, language: str) -> str:
    form = "one" if count == 1 else "many"
    return say(f"pages.protected.{status}.{form}", language, count=numbers.count(count, language))
