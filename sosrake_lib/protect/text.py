"""Words without figures: the other thing, beside a release, that a page may hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sosrake_lib.errors import DisclosureError


@dataclass(frozen=True)
class Text:
    """A text in Finnish and English that holds no figure but declared constants.

    A figure typed into a text is traced by nobody and protected by nothing, so a numeral is refused unless it
    stands inside a declared constant: a law's number, a year of a plan, the name of a scale.

    Parameters
    ----------
    text_fi, text_en : the text in both languages.
    constants : the pieces of text that may hold numerals, exactly as written ("1301/2014", "11 §").

    Raises
    ------
    DisclosureError naming the language and the numeral, or a constant that stands in neither text.

    Examples
    --------
    >>> Text("Laki 1301/2014 velvoittaa.", "Act 1301/2014 obliges.", constants=("1301/2014",)).text_en
    'Act 1301/2014 obliges.'
    >>> Text("Asiakkaita oli 12.", "There were 12 clients.")
    Traceback (most recent call last):
        ...
    sosrake_lib.errors.DisclosureError: Text, language fi: numeral '1' in 'Asiakkaita oli 12.'; ...
    """

    text_fi: str
    text_en: str
    constants: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "constants", _constants(self.constants))
        for language, text in (("fi", self.text_fi), ("en", self.text_en)):
            if not isinstance(text, str) or not text.strip():
                raise DisclosureError(f"Text, language {language}: expected words; write the text")
            _refuse_numerals(text, language, self.constants)
        for constant in self.constants:
            if constant not in self.text_fi and constant not in self.text_en:
                raise DisclosureError(
                    f"Text: constant {constant!r} stands in neither language; write it exactly as in the text"
                )

    def text(self, language: str = "fi") -> str:
        """Give the text in `fi` or `en`."""
        if language not in ("fi", "en"):
            raise DisclosureError(f"Text: language {language!r}; expected fi or en")
        return self.text_fi if language == "fi" else self.text_en


def _constants(constants: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(constants, str):
        return (constants,)
    given = tuple(constants)
    if not all(isinstance(constant, str) and constant.strip() for constant in given):
        raise DisclosureError("Text: constants are pieces of text; write each as in the text")
    return given


def _refuse_numerals(text: str, language: str, constants: tuple[str, ...]) -> None:
    rest = text
    for constant in sorted(constants, key=len, reverse=True):
        rest = rest.replace(constant, " ")
    numerals = [character for character in rest if character.isnumeric()]
    if numerals:
        raise DisclosureError(
            f"Text, language {language}: numeral {numerals[0]!r} in {text!r}; "
            "insert figures from a release as a Sentence, or declare a constant"
        )
