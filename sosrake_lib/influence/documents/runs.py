"""Inline text of a page as runs: numbers with their results, stress, language and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import LINE_BREAK, Run, Runs, plain
from sosrake_lib.influence.documents.tree import Element, squeezed

_INLINE = frozenset(("span", "strong", "em", "code", "a", "abbr", "br"))
_LANGUAGES = frozenset(("fi", "en", "sv"))


@dataclass(frozen=True, slots=True)
class _Look:
    """What the elements around a text say of it."""

    language: str
    reference: str = ""
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""

    def run(self, text: str) -> Run:
        return Run(text, self.reference, self.strong, self.emphasis, self.code, self.language, self.link)


def is_inline(element: Element) -> bool:
    """Say whether an element stands inside a line of text."""
    return element.tag in _INLINE


def runs_of_element(
    element: Element, language: str, where: str, *, strong: bool = False, code: bool = False
) -> Runs:
    """Give the runs inside an element, without space at their ends."""
    look = _Look(_known(element.attributes.get("lang") or language, where), strong=strong, code=code)
    return trimmed(run for child in element.children for run in _runs(child, look, where))


def inline(child: Element | str, language: str, where: str) -> Iterable[Run]:
    """Give the runs of one inline element or text."""
    return _runs(child, _Look(language), where)


def trimmed(runs: Iterable[Run]) -> Runs:
    """Join runs of one kind, write spaces as one, and leave out those at the ends and beside line breaks."""
    made: list[Run] = []
    for run in runs:
        if run.text == LINE_BREAK:
            made = _without_end_space(made)
            made.append(run)
            continue
        text = run.text
        if not made or made[-1].text == LINE_BREAK or made[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if not text:
            continue
        if made and made[-1].text != LINE_BREAK and replace(made[-1], text="") == replace(run, text=""):
            made[-1] = replace(run, text=made[-1].text + text)
        else:
            made.append(replace(run, text=text))
    made = _without_end_space(made)
    while made and made[-1].text == LINE_BREAK:
        made = _without_end_space(made[:-1])
    while made and made[0].text == LINE_BREAK:
        made.pop(0)
    return tuple(made)


def _without_end_space(made: list[Run]) -> list[Run]:
    while made and made[-1].text != LINE_BREAK and not made[-1].text.rstrip(" "):
        made = made[:-1]
    if made and made[-1].text != LINE_BREAK:
        made = [*made[:-1], replace(made[-1], text=made[-1].text.rstrip(" "))]
    return made


def _runs(child: Element | str, look: _Look, where: str) -> Iterable[Run]:
    if isinstance(child, str):
        if look.code and "\n" in child.strip("\n"):  # preformatted text keeps its lines
            for place, line in enumerate(child.strip("\n").split("\n")):
                yield from ([look.run(LINE_BREAK)] if place else [])
                yield look.run(line)
        elif squeezed(child):
            yield look.run(squeezed(child))
        return
    if child.tag == "br":
        yield look.run(LINE_BREAK)
        return
    if child.tag not in _INLINE and child.tag != "p":
        raise SosrakeError(
            f"document of {where}: <{child.tag}> inside a line of text is not understood, and leaving it out "
            "would drop what it says; expected text, stress, numbers and links"
        )
    inside = _look_inside(child, look, where)
    if "suojattu" in child.classes:
        yield from _hidden(child, inside, where)
        return
    for one in child.children:
        yield from _runs(one, inside, where)


def _look_inside(element: Element, look: _Look, where: str) -> _Look:
    given = element.attributes
    return _Look(
        _known(given.get("lang", look.language), where),
        given.get("data-result", look.reference),
        look.strong or element.tag == "strong",
        look.emphasis or element.tag == "em",
        look.code or element.tag == "code",
        given.get("href", look.link) if element.tag == "a" else look.link,
    )


def _hidden(element: Element, look: _Look, where: str) -> Iterable[Run]:
    """Give the mark of a hidden figure and the word that is heard in its place, with a space between."""
    parts = [plain(trimmed(_runs(child, look, where))) for child in element.children]
    yield look.run("\u00a0".join(part for part in parts if part))


def _known(language: str, where: str) -> str:
    if language not in _LANGUAGES:
        raise SosrakeError(
            f"document of {where}: language {language!r}; expected one of {', '.join(sorted(_LANGUAGES))}"
        )
    return language
