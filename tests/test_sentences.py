"""docs/sentences.md: no template is missing, every example is whole, and what the Finnish must not hold."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from sosrake_lib.language import keys
from sosrake_lib.language.messages import Formatter, catalogue

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tools"))

import make_sentences  # noqa: E402
from shown_sentences import Shown, _Reader  # noqa: E402

# Officialese that a reader stumbles on (Kotus, Hyvän virkakielen ohjeita).
HEAVY = re.compile(
    r"\b(kyseinen|kyseisen|kyseistä|mikäli|koskien|johtuen|liittyen|toimesta|suoritetaan|toteutetaan|"
    r"puitteissa|taholta|omaava|mahdollistaa|edellyttäen että|ao\.|ko\.)\b",
    re.IGNORECASE,
)


def texts(language: str) -> dict[str, str]:
    files = {key.partition(".")[0] for key in keys(language)}
    return {key: text for file in files for key, text in catalogue(file, language).items()}


@pytest.fixture(scope="module")
def finnish() -> dict[str, str]:
    return texts("fi")


def test_no_template_is_missing_from_the_pages(finnish):
    parts = {part: make_sentences.page(part) for part in make_sentences.PAGES}
    for key, text in finnish.items():
        page = parts["messages" if make_sentences.is_message(key) else "pages"]
        file, _, short = key.partition(".")
        topic = page.partition(f"\n## {file}\n")[2].partition("\n## ")[0]
        assert f"`{short}`" in topic, key
        if make_sentences.is_sentence(text):
            row = next(line for line in topic.splitlines() if line.endswith(f"| `{short}` |"))
            told = _bare(row.replace("\\|", "|"))
            own = [_bare(literal) for literal, _, _, _ in Formatter().parse(text)]
            assert all(one.casefold() in told.casefold() for one in own), key


def _bare(text: str) -> str:
    """Take out what the page adds: bold marks and its own blanks."""
    return " ".join(text.replace("*", "").split())


def test_examples_are_filled(finnish):
    shown = make_sentences.shown_texts()
    assert len(shown) > 500
    taken = 0
    for key, text in finnish.items():
        if make_sentences.is_message(key) or "{" not in text:
            continue
        told = make_sentences.example(key, text, shown)
        assert told.startswith(("● ", "○ "))
        assert not re.search(r"(?<!\{)\{\w+\}", told), told
        taken += told.startswith("●")
    assert taken > 150


def read(markup: str) -> list[Shown]:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.told()


def test_an_example_is_taken_from_a_shown_text_and_its_bold_places_are_the_pages_own_marks():
    one = Shown("Alku. Kuopiossa 9,9 % vuonna 2019. Loppu.", ((16, 21), (29, 33)))
    assert make_sentences.example("x.y", "{place_in} 9,9 % vuonna {year}.", [one]).startswith("○")
    template = "{place_in}: yksimielisyys riittää, alfa {alpha}{interval}."
    markup = (
        '<p><span class="lause">Tyytyväisyys: yksimielisyys riittää, alfa '
        '<span data-result="a:value">0,82</span>'
        ' (<span data-constant="">95</span> %:n luottamusväli <span data-result="a:lower">0,77</span>–'
        '<span data-result="a:upper">0,87</span>).</span> Muuta.</p>'
    )
    told = make_sentences.example("x.y", template, read(markup))
    expected = "Tyytyväisyys: yksimielisyys riittää, alfa **0,82** (**95** %:n luottamusväli **0,77–0,87**)."
    assert told == f"● {expected}"
    assert make_sentences.example("x.y", "Näin se on.", ()) == "Näin se on."
    assert make_sentences.stand_ins("x.y", ("place_in", "olematon")) == ("Kuopiossa", "‹olematon›")


def test_a_shown_text_ends_where_a_block_does_and_an_alt_text_has_no_marks():
    told = read(
        '<ul><li>Yksi &amp; kaksi</li><li>Kolme</li></ul><img alt="Kuviossa on 4 lukua."><style>x</style>'
    )
    assert told == [Shown("Yksi & kaksi"), Shown("Kolme"), Shown("Kuviossa on 4 lukua.")]


def test_no_example_is_cut_in_the_middle_of_a_bold_place():
    for part in make_sentences.PAGES:
        page = make_sentences.page(part)
        assert "****" not in page
        for row in re.findall(r"^\| (● .*?) \|", page, re.MULTILINE):
            pieces = row.split("**")
            assert len(pieces) % 2 == 1, row
            assert not any(before[-1:].isalnum() for before in pieces[:-1:2]), row


def test_the_place_of_a_countys_template_is_a_county(finnish):
    of_county = re.compile(r"kunnasta riippuen|kuntien (?:väli|ero)|eroa kuntien", re.IGNORECASE)
    towns = re.compile(r"Kuopio|Siilinjärv|Mikkeli")
    seen = 0
    for key, text in finnish.items():
        if make_sentences.is_message(key) or not of_county.search(text) or "{place" not in text:
            continue
        told = make_sentences.example(key, text, make_sentences.shown_texts())
        seen += 1
        assert not towns.search(told), told
    assert seen > 8


def test_finnish_is_written_as_it_is_written(finnish):
    for key, text in finnish.items():
        if make_sentences.is_message(key) or ".list." in key:
            continue
        assert "  " not in text.strip(), key
        assert not re.search(r"\s[,.;:](?:\s|$)", text), key
        assert not re.search(r"\d\.\d{1,2}(?:\s*%| prosent)", text), f"{key}: decimal point"
        assert not re.search(r"\d %", text), f"{key}: a blank that may break before the sign"
        assert '"' not in text, f"{key}: quotes are ” and ”"


def test_finnish_has_no_officialese(finnish):
    found = {key: HEAVY.search(text) for key, text in finnish.items()}
    assert not {key: match.group() for key, match in found.items() if match}
