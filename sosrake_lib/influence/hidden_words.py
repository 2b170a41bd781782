"""One sentence on how many figures a page does not show, and why.

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
    """Say in one sentence how many figures are protected and how many a source does not give.

    Examples
    --------
    >>> hidden_sentence(Facts(hidden=(("a", "suppressed"), ("b", "suppressed"))))
    'Sivulta on suojattu 2 lukua, jotta ketään ei voi tunnistaa.'
    >>> hidden_sentence(Facts())
    'Sivulta ei ole suojattu yhtään lukua, eikä lähteistä puutu yhtään lukua.'
    """
    absent = [_told(status, facts.count(status), language) for status in _ABSENT if facts.count(status)]
    protected = facts.count("suppressed")
    if not absent and not protected:
        return say("pages.protected.none", language)
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
