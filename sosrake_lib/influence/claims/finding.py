"""Findings of a text as a table: what, where, why, and how to say it better."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence.claims.kinds import Hit, hits
from sosrake_lib.influence.claims.patterns import known
from sosrake_lib.influence.claims.sentences import paragraphs
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.language import say

COLUMNS = ("kind", "phrase", "start", "end", "why", "better")
# Spaces that keep a number on one line are read as spaces.
SPACES = {0x00A0: " ", 0x202F: " ", 0x2009: " ", 0x2007: " "}
WRITTEN_COLUMNS = (*COLUMNS, "advice")


def find(
    text: str | Sentence, claim: Claim = Claim.KUVAUS, results: Iterable[str] = (), language: str = "fi"
) -> pd.DataFrame:
    """Find in a text what a reader would be misled, hurt or lost by.

    Parameters
    ----------
    text : a text that is to be published, one sentence or many.
    claim : what the design behind the text allows; a description when nothing is known.
    results : the numbers that results hold, as they are written; a `Sentence` knows its own.
    language : `fi` or `en`.

    Returns
    -------
    DataFrame `kind`, `phrase` as it stands in the text, `start`, `end`, `why`, `better`; empty when nothing
    was found. Kinds: `claim` (a causal word beyond the design), `number` (a number no result holds),
    `source` (a figure or an appeal to research without a source and a period in the same paragraph),
    `stigma`, `rank` (areas, units or people in order), `person` (somebody may be known), `abbreviation` (not
    opened up), `actor` (a decision or demand without who does it), `long` (over 25 words, in English 35),
    `word` (*vaikuttava* for effectiveness).

    Rules are lists and patterns: they err, and a person decides each finding.

    Raises
    ------
    SosrakeError for a language texts are not checked in.

    Examples
    --------
    >>> found = find("Valmennus paransi arkea. Jonossa on 40 ihmistä.")
    >>> found[["kind", "phrase"]].values.tolist()
    [['claim', 'paransi'], ['number', '40'], ['source', '40']]
    >>> find("Tavoitteena on parantaa arkea. Muutoksen syytä ei tiedetä.").empty
    True
    """
    body = str(text)
    own = [body[start:end] for start, end, _ in text.numbers] if isinstance(text, Sentence) else []
    free = [body[start:end] for start, end in text.constants] if isinstance(text, Sentence) else []
    held = [str(one).translate(SPACES) for one in (*results, *own, *free)]
    return _table(body, claim, held, language, language)


def better(text: str, language: str = "fi", claim: Claim = Claim.KUVAUS) -> list[str]:
    """Give a line for each finding that its writer can act on: the phrase, why, and how to say it better.

    Examples
    --------
    >>> better("Narkomaanien asuttaminen herättää huolta.")[0].partition(":")[0]
    '”Narkomaanien”'
    """
    found = find(text, claim, (), language)
    return [say("claims.line", language, **_words(row)) for row in found.to_dict("records")]


def check_written(
    text: str, language: str = "fi", claim: Claim = Claim.KUVAUS, *, advice: str = ""
) -> pd.DataFrame:
    """Find what to tell a person who has written a text by hand; it stops nothing.

    Numbers of a written text are the writer's own: a number is asked for its source and period, not for a
    result of the workbook, once in each paragraph.

    Parameters
    ----------
    text, claim : as of `find`. language : of the text, by whose rules it is checked.
    advice : language of `why`, `better` and `advice`; that of the text when left out.

    Returns
    -------
    DataFrame as of `find`, without the kind `number`, and `advice`: why and how better in one text.

    Examples
    --------
    >>> check_written("Jonossa on 40 ihmistä.")["kind"].tolist()
    ['source']
    """
    found = _table(text, claim, (), language, advice or language)
    found = once_sourced(found[found["kind"] != "number"], text)
    return found.assign(advice=found["why"] + " " + found["better"])[list(WRITTEN_COLUMNS)]


def once_sourced(found: pd.DataFrame, text: str) -> pd.DataFrame:
    """Keep of a paragraph's missing sources the first: one source and period answers them all."""
    ends = [end for _, end in paragraphs(text)]
    paragraph = found["start"].map(
        lambda start: next(place for place, end in enumerate(ends) if start <= end)
    )
    again = (found["kind"] == "source") & found.assign(paragraph=paragraph).duplicated(["kind", "paragraph"])
    return found[~again].reset_index(drop=True)


def _table(body: str, claim: Claim, held: Iterable[str], language: str, advice: str) -> pd.DataFrame:
    """Find by the rules of one language and give the words of another."""
    # A sign stands for a sign, so places in the text stay.
    found = [_row(body, hit, known(advice)) for hit in hits(body.translate(SPACES), claim, held, language)]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _row(body: str, hit: Hit, language: str) -> tuple[str, str, int, int, str, str]:
    return (
        hit.kind,
        body[hit.start : hit.end],
        hit.start,
        hit.end,
        say(f"claims.why.{hit.kind}", language),
        say(f"claims.better.{hit.better}", language),
    )


def _words(row: dict) -> dict[str, str]:
    phrase = row["phrase"] if len(row["phrase"]) <= 60 else f"{row['phrase'][:57]}…"
    return {"phrase": phrase, "why": row["why"], "better": row["better"]}
