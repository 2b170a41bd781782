"""Finnish case forms of names, recognised by stem and ending.

A name's stems are made once from its basic form (Virtanen: virtase-, virtas-, virtasi-; Pekka: pekka-,
peka-, pekoi-; Lahti: lahti-, lahte-, lahde-); a word is a form of the name when it is a stem and a case
ending, with or without an enclitic. More forms are accepted than are good Finnish: a form that nobody writes
harms nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

VOWELS = "aeiouyäöåé"
_CASES = ("ssa", "sta", "lla", "lta", "na", "tta", "a", "ta")
ENDINGS = frozenset(
    [*_CASES, *(ending.replace("a", "ä") for ending in _CASES)]
    + ["n", "t", "lle", "ksi", "den", "tten", "ten", "seen", "neen"]
    + [f"{start}{vowel}n" for vowel in "aeiouyäö" for start in ("", "h")]
)
_CLITIC = re.compile(r"(?<=.{3})(?:kin|kaan|kään|kohan|köhän|ko|kö|han|hän|pa|pä)$")
_LONGEST = max(map(len, ENDINGS))
# Two consonants of the strong grade and what stands for them in the weak grade.
_PAIRS = {
    **{"kk": "k", "pp": "p", "tt": "t", "nk": "ng", "mp": "mm", "lt": "ll", "rt": "rr", "nt": "nn"},
    **{"ht": "hd", "lk": "l", "rk": "r", "hk": "h"},
}
_SINGLE = {"k": "", "p": "v", "t": "d"}
_QUANTITY = {"kk": "k", "pp": "p", "tt": "t", "nt": "nn"}
# Nouns in -i that bend like tuomi, tuomen; they end many surnames.
_E_NOUNS = (
    *(
        "järvi",
        "niemi",
        "mäki",
        "joki",
        "lahti",
        "koski",
        "lampi",
        "saari",
        "salmi",
        "vuori",
        "tuomi",
        "suomi",
    ),
    *(
        "lehti",
        "kivi",
        "nurmi",
        "hirvi",
        "sormi",
        "kieli",
        "meri",
        "lumi",
        "tammi",
        "jousi",
        "uusi",
        "susi",
        "korpi",
    ),
    *(
        "kaari",
        "torvi",
        "lohi",
        "hanki",
        "kärki",
        "kuusi",
        "talvi",
        "pilvi",
        "onni",
        "tähti",
        "helmi",
        "nummi",
    ),
)


def stems(name: str, *, given: bool) -> frozenset[str]:
    """Give the stems, in small letters, that a name's case endings are put on.

    Parameters
    ----------
    name : the basic form.
    given : a first name changes only the length of its consonants (Pekka, Pekan), a surname also their kind
        (Ranta, Rannan).

    Examples
    --------
    >>> sorted(stems("Virtanen", given=False))
    ['virtanen', 'virtas', 'virtase', 'virtasei', 'virtasi']
    >>> "peka" in stems("Pekka", given=True), "ranna" in stems("Ranta", given=False)
    (True, True)
    """
    word = name.lower()
    strong = set(_strong(word))
    pairs = _QUANTITY if given else _PAIRS
    every = strong | {weak for stem in strong for weak in _weakened(stem, pairs, single=not given)}
    if given and word[-2:] in ("tu", "ti", "to", "ta") and word[-3:-2] in VOWELS:
        every.add(f"{word[:-2]}d{word[-1]}")
    return frozenset(every | {plural for stem in every for plural in _plural(stem)} | {word})


def bases(word: str) -> Iterator[str]:
    """Give what a word in small letters could be a form of: each way of taking an ending off it."""
    yield from _without_ending(word)
    shorter = _CLITIC.sub("", word)
    if shorter != word:
        yield from _without_ending(shorter)


def forms_table(names: Iterable[str], *, given: bool) -> dict[str, str]:
    """Give stem -> name of a list of names; a name's own basic form wins over another's stem."""
    table: dict[str, str] = {}
    for name in names:
        for stem in stems(name, given=given):
            table.setdefault(stem, name)
    table.update((name.lower(), name) for name in names)
    return table


def _without_ending(word: str) -> Iterator[str]:
    yield word
    for size in range(1, min(_LONGEST, len(word) - 2) + 1):
        if word[-size:] in ENDINGS and _fits(word[:-size], word[-size:]):
            yield word[:-size]


def _fits(stem: str, ending: str) -> bool:
    """Tell whether Finnish puts the ending on a stem that ends so: Virtas-ta, but not Peka-ta."""
    last = stem[-1]
    vowel = last in VOWELS
    double = vowel and stem[-2] in VOWELS
    if ending in ("ta", "tä", "ten"):
        return double or not vowel
    if ending in ("seen", "hin"):
        return double
    if ending in ("den", "tten", "neen"):
        return last == "i"
    if len(ending) == 2 and ending[1] == "n":
        return ending[0] == last or (ending == "en" and last == "i")
    if len(ending) == 3 and ending[0] == "h":
        return double and ending[1] == last
    return vowel


def _strong(word: str) -> Iterator[str]:
    """Give the stems before consonant gradation."""
    if word.endswith("nen") and len(word) > 4:
        yield from (f"{word[:-3]}se", f"{word[:-3]}s", f"{word[:-3]}si")
        return
    if word[-1] not in VOWELS:
        yield f"{word}i"
        if word[-1] == "s" and len(word) > 3 and word[-2] in VOWELS:
            yield from (f"{word[:-1]}kse", f"{word[:-1]}ksi", f"{word[:-1]}{word[-2]}", word)
            yield from _strengthened(word[:-1])
        return
    yield word
    if word.endswith("e"):
        yield f"{word}e"
    if word.endswith("i") and word.endswith(_E_NOUNS):
        yield from (f"{word[:-1]}e", word[:-1])
        if word.endswith("si"):
            yield from (f"{word[:-2]}te", f"{word[:-2]}t")


def _strengthened(stem: str) -> Iterator[str]:
    """Kangas, Kankaan: the basic form is in the weak grade and the stem in the strong one."""
    found = re.fullmatch(r"(.*)(ng|mm|ll|rr|nn|hd)([aä])", stem)
    back = {"ng": "nk", "mm": "mp", "ll": "lt", "rr": "rt", "nn": "nt", "hd": "ht"}
    if found:
        yield f"{found[1]}{back[found[2]]}{found[3]}{found[3]}"


def _weakened(stem: str, pairs: dict[str, str], *, single: bool) -> Iterator[str]:
    """Give the weak grade of a stem's last syllable."""
    if len(stem) < 4 or stem[-1] not in VOWELS:
        return
    before, ending = stem[:-1], stem[-1]
    if before[-2:] in pairs:
        yield f"{before[:-2]}{pairs[before[-2:]]}{ending}"
    elif single and before[-1] in _SINGLE and before[-2] in f"{VOWELS}lr":
        yield f"{before[:-1]}{_SINGLE[before[-1]]}{ending}"


def _plural(stem: str) -> Iterator[str]:
    """Give the stem before the plural's i: Mäkelöi-, Pekoi-, Matei-."""
    before, last = stem[:-1], stem[-1:]
    if last == "a":
        yield from (f"{before}oi", f"{before}i")
    elif last == "ä":
        yield from (f"{before}öi", f"{before}i")
    elif last == "i":
        yield f"{before}ei"
    elif last == "e":
        yield f"{before}i"
    elif last and last in "ouyö":
        yield f"{stem}i"
