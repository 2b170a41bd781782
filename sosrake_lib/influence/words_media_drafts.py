"""Drafts of a media kit that people publish under their own name: an opinion with its sources, and a blog.

What a machine can say is said from one released finding; what only the writer can say is left open in words
that tell so. Nothing is claimed beyond the finding's design.
"""

from __future__ import annotations

import pandas as pd

from sosrake_lib.influence import decisions, words
from sosrake_lib.influence.pages import Heading, Note
from sosrake_lib.influence.sentence import Sentence, join
from sosrake_lib.influence.texts import about_place, said
from sosrake_lib.influence.words_media import ROOM, Region, Shown, request, title, what_next, without_figure
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection

BLOG = ("open", "figure", "meaning", "voice", "ask", "sources")


def opinion(
    finding: Selection, release: Release, region: Region, bodies: pd.DataFrame, language: str = "fi"
) -> Shown:
    """Draft an opinion for a newspaper: title, what is seen, what it does not tell, the request, sources.

    Parameters
    ----------
    finding, release, bodies : as in `words_media.request`.

    Returns
    -------
    For `pages.show(*opinion(...))`: a note that it is a draft; paragraphs, of which some are for the writer
    to write; and the list of sources: the figure's, and the acts by which the named bodies decide.
    """
    note = Note(said(f"{ROOM}.opinion.draft"))
    asked = request(finding, release, region, bodies, language)
    if not len(finding):
        start = [note, *without_figure(asked, language)]
        if asked.entry is None:
            return [*start]
        return [*start, said(f"{ROOM}.opinion.own"), what_next(asked, language), said(f"{ROOM}.opinion.end")]
    told = words.finding(finding, language)
    return [
        note,
        title(told.headline),
        about_place(f"{ROOM}.opinion.open", region),
        join([told.full, told.sureness]),
        join(list(told.unknown)),
        said(f"{ROOM}.opinion.own"),
        what_next(asked, language),
        said(f"{ROOM}.opinion.end"),
        Heading(3, say(f"{ROOM}.opinion.sources", language)),
        words.source_line(finding, language),
        *decisions.who_decides(bodies, region[0], decisions.theme_of(finding))[:1],
    ]


def blog_template(finding: Selection, language: str = "fi") -> Shown:
    """Give the template of a blog: what each paragraph does, and the source to name."""
    steps = [Sentence(say(f"{ROOM}.blog.{name}", language), language) for name in BLOG]
    return [steps, *([words.source_line(finding, language)] if len(finding) else [])]
