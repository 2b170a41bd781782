"""What people have written for an output, on its way to the page: checked, dated, held against the figures.

A text leaves as a row of words in the release of its page (part `omat_tekstit`), so that a kernel reads no
file of a person's. Beside it goes whether the figures beneath have changed since it was written.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch import hand_files, hand_findings
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.invented import Recipe
from sosrake_lib.batch.journal import digest
from sosrake_lib.batch.outputs import ONCE_SLUG, Field, Output
from sosrake_lib.batch.releases import ledger_home
from sosrake_lib.errors import BatchError, GatherError
from sosrake_lib.gather import identifiers
from sosrake_lib.gather.identifiers.entity import PROBABLE, SURE
from sosrake_lib.gather.identifiers.masking import told
from sosrake_lib.language import say
from sosrake_lib.protect.owner_rules import rules_of

if TYPE_CHECKING:
    from sosrake_lib.batch.plan import Plan

PART = "omat_tekstit"
RULES = "vakio"
CHANGED = "changed"
WHOLE = ("maa", "SSS")  # the area that rows of a page about no region are written to
_WORDS = ("name_fi", "name_en", "label_fi", "label_en", "category", "note", "retrieved", "source", "producer")
_LONGEST_ROLE = 80


@dataclass(frozen=True, slots=True)
class Written:
    """What writing did: the text as it now stands, and remarks on its words (kind, phrase, advice).

    state : "written"; "same" when these words by this role were there already; "stopped" when nothing was
        kept, as the writer must confirm or change some of the remarks or of `personal`.
    personal : of a stopped text, a line for each language that looks as if it held personal data: the kinds
        of what was found, never the words.
    """

    entry: Entry
    remarks: pd.DataFrame
    state: str = "written"
    personal: tuple[str, ...] = ()


def with_texts(
    make: Recipe, *outputs: str, figures: tuple[str, ...] = (), invented_only: bool | tuple[str, ...] = False
) -> Recipe:
    """Give a recipe that adds the part `omat_tekstit` with what people wrote for the outputs named.

    The part is there only when somebody has written: a release without a text of anyone's stays the same
    release. A notebook asks for it with `words_hand.texts_of`.

    Parameters
    ----------
    make : the recipe of the figures. outputs : keys of `notebooks/outputs.toml`. figures : parts of it that
        lie beneath the texts; all of them when left out.
    invented_only : outputs (True: all of them) of which the recipe carries texts of the invented county
        alone, as their page opens a release of published figures too, which carries those of real areas.
    """
    apart = outputs if invented_only is True else tuple(invented_only or ())

    @functools.wraps(make)
    def recipe(data: Path | None) -> Mapping[str, protect.Part]:
        parts = dict(make(data))
        taken = outputs if _is_invented(parts) else tuple(one for one in outputs if one not in apart)
        texts = part(taken, parts, data, figures)
        return {**parts, PART: texts} if len(texts.frame) else parts

    # read by `hash_now`
    recipe.written_in, recipe.beneath = outputs, figures  # type: ignore[attr-defined]
    recipe.invented_only = apart  # type: ignore[attr-defined]
    return recipe


def part(
    outputs: str | tuple[str, ...],
    parts: Mapping[str, protect.Part],
    data: Path | None,
    beneath: tuple[str, ...] = (),
) -> protect.Part:
    """Make the part of a release that holds what people wrote for one or more outputs.

    Parameters
    ----------
    outputs : keys of outputs. parts : the release's other parts; they tell whether the release is invented
        and whether figures have changed since the writing. data : data folder; the samples when left out.
        beneath : names of the parts that lie beneath the texts; all of them when left out.

    Returns
    -------
    Part by the rules `vakio`, a row of words a text: `indicator` = field, `group` = output, region,
    `label_fi` and `label_en` = text, `category` = role, `retrieved` = day of writing, `note` = "changed"
    when figures beneath have changed since. No rows when nobody has written.

    Raises
    ------
    GatherError when a file is broken or a text holds personal data; the message repeats no word of it.
    """
    invented = _is_invented(parts)
    rows = []
    shown: dict[str, pd.DataFrame] | None = None
    for output in (outputs,) if isinstance(outputs, str) else outputs:
        for slug in hand_files.slugs(output, data):
            region = region_of(slug)
            if regions.is_invented(region[1]) != invented:
                continue
            entries = {name: one for name, one in hand_files.read(output, slug, data).items() if one.text}
            for name, entry in entries.items():
                refuse_personal(entry, f"{hand_files.FOLDER}/{output}/{slug}.toml [{name}]")
            if any(entry.based_on for entry in entries.values()) and shown is None:
                shown = as_shown(parts, beneath, ledger_home(data, parts))
            now = hash_of(shown or {}, region)
            rows += [_row(output, region, name, entry, now, invented) for name, entry in entries.items()]
    return protect.part(_as_frame(rows), rules=RULES)


def figures_hash(
    parts: Mapping[str, protect.Part],
    region: tuple[str, str],
    beneath: tuple[str, ...] = (),
    home: Path | None = None,
) -> str:
    """Give one hash over what a reader sees of a region's figures beneath a text: 16 hexadecimal digits.

    The figures are protected first, against the ledger in `home`, and what is hidden, for whatever reason, is
    hidden in the hash too: a few possible values would be found by trying, and a text that is flagged when
    only hidden figures have changed would tell that they have.
    """
    return hash_of(as_shown(parts, beneath, home), region)


def as_shown(
    parts: Mapping[str, protect.Part], beneath: tuple[str, ...] = (), home: Path | None = None
) -> dict[str, pd.DataFrame]:
    """Protect parts together, recording nothing, and give those that lie beneath texts as a reader sees them.

    Raises
    ------
    DisclosureError when they could not leave the house.
    """
    figures = {name: one for name, one in parts.items() if name != PART}
    if not figures:
        return {}
    made = protect.release(figures, name=PART, preview=True, home=home)
    wanted = [name for name in made.parts if not beneath or name in beneath]
    return {name: protect.protected_frame(made.select(name)) for name in wanted}


def hash_of(shown: Mapping[str, pd.DataFrame], region: tuple[str, str]) -> str:
    """Hash protected rows of a region (of a page about no region: all rows).

    Values are taken to five significant digits, so that another machine's last digits change nothing.
    """
    told = {}
    for name, rows in sorted(shown.items()):
        if region != WHOLE:
            rows = rows.loc[(rows["region_level"] == region[0]) & (rows["region_code"] == region[1])]
        keys = rows[list(frame.KEY)].astype("str").agg("|".join, axis=1) if len(rows) else pd.Series([])
        words = zip(keys, rows["status"], rows["value"], strict=True)
        told[name] = sorted(
            f"{key}={status}:{'' if np.isnan(value) else f'{value:.5g}'}" for key, status, value in words
        )
    return digest({name: lines for name, lines in told.items() if lines})[:16]


def region_of(slug: str) -> tuple[str, str]:
    """Give the region of a slug: `hva-E1` -> ("hva", "E1"), `hanke` -> the whole.

    Raises
    ------
    GatherError when there is no such region.
    """
    if slug == ONCE_SLUG:
        return WHOLE
    level, _, code = slug.partition("-")
    try:
        regions.name(level, code)
    except Exception as unknown:
        raise GatherError(say("hand.no_region", slug=slug)) from unknown
    return level, code


def refuse_personal(entry: Entry, where: str, language: str = "fi") -> None:
    """Refuse a text or role that holds personal data; probable finds pass when someone has confirmed them.

    Raises
    ------
    GatherError with the kinds of what was found, never the words.
    """
    for text in (entry.text, entry.text_en):
        identifiers.refuse(text, where, language=language, confirmed=entry.confirmed)
    judged = identifiers.check(entry.role)
    if judged.blocked or judged.asks:  # a role is written again: nobody can confirm it
        what = told(judged.kinds(SURE, PROBABLE), language)
        raise GatherError(say("hand.role_personal", language, what=what))


def write(
    output: Output,
    slug: str,
    field: Field,
    entry: Entry,
    *,
    data: Path | None = None,
    language: str = "fi",
) -> Written:
    """Check a text and put it in its place; the present one goes among the earlier ones.

    Returns
    -------
    Written with remarks (`influence.claims.check_written`), advice in `language`. A text that tells a cause,
    labels people, tells of one person or looks as if it held personal data is kept only when
    `entry.confirmed`: one answer to all of these, so they are told together. The same words again change
    nothing.

    Raises
    ------
    GatherError when the text is empty, too long or surely holds personal data, or the role is none.
    """
    tidied = replace(
        entry,
        text=hand_files.tidy(entry.text),
        text_en=hand_files.tidy(entry.text_en),
        role=" ".join(entry.role.split()),
    )
    _check_length(tidied, field, language)
    refuse_personal(replace(tidied, confirmed=True), field.label(language), language)
    personal = hand_findings.personal(tidied, field.label(language), language)
    # the mark in the file is of personal data alone; whoever sees the findings judges each anew
    checked = replace(tidied, confirmed=tidied.confirmed and bool(personal))
    remarks = hand_findings.findings(checked, language)
    present = hand_files.read(output.key, slug, data).get(field.name)
    there = present is not None and hand_files.same_words(present, checked)
    if present is not None and there and (present.confirmed or not personal):
        return Written(present, remarks, "same")
    if not entry.confirmed and (personal or len(hand_findings.to_confirm(remarks))):
        return Written(checked, remarks, "stopped", personal)
    kept = hand_files.change(output.key, slug, field.name, checked, data)
    return Written(kept or checked, remarks)


def still_true(
    output: Output, slug: str, field: Field, based_on: str, on: date, *, data: Path | None = None
) -> Entry:
    """Enter that a text was read beside changed figures and found true: it rests on the present ones.

    Raises
    ------
    GatherError when there is no text.
    """
    present = hand_files.read(output.key, slug, data).get(field.name)
    if present is None or not present.text:
        raise GatherError(say("hand.nothing", output=output.key, field=field.name, slug=slug))
    renewed = replace(present, based_on=based_on, read_again=on, earlier=())
    return hand_files.change(output.key, slug, field.name, renewed, data) or renewed


def hash_now(
    output: Output,
    slug: str,
    plan: Plan,
    recipes: Mapping[str, Recipe],
    *,
    data: Path | None = None,
    language: str = "fi",
) -> str:
    """Compute the figures beneath an output's texts and hash them, as its recipe will.

    Raises
    ------
    BatchError when no release of the output's page holds hand-written texts.
    """
    names = next((task.releases for task in plan.tasks if task.page == output.page), ())
    planned = {one.name: one.recipe for one in plan.releases}
    region = region_of(slug)
    written_in = [
        recipe
        for recipe in (recipes[planned[name]] for name in names)
        if output.key in getattr(recipe, "written_in", ())
    ]
    apart = [one for one in written_in if output.key in getattr(one, "invented_only", ())]
    fit = apart if regions.is_invented(region[1]) else [one for one in written_in if one not in apart]
    for recipe in fit or written_in:
        with rules_of(data):
            parts = recipe(data)
        home = ledger_home(data, parts)
        return figures_hash(parts, region, recipe.beneath, home)  # type: ignore[attr-defined]
    raise BatchError(say("hand.no_part", language, output=output.key, page=output.page))


def _check_length(entry: Entry, field: Field, language: str) -> None:
    if not entry.text:
        raise GatherError(say("hand.empty", language, field=field.label(language)))
    if not 3 <= len(entry.role) <= _LONGEST_ROLE:
        raise GatherError(say("hand.role_length", language, most=_LONGEST_ROLE))
    for text in (entry.text, entry.text_en):
        if len(text) > field.max_length:
            size = {"length": len(text), "most": field.max_length}
            raise GatherError(say("hand.too_long", language, field=field.label(language), **size))


def _is_invented(figures: Mapping[str, protect.Part]) -> bool:
    origins = {origin for one in figures.values() for origin in one.frame["origin"].unique()}
    return bool(origins) and origins == {"synthetic"}


def _row(
    output: str, region: tuple[str, str], name: str, entry: Entry, now: str, invented: bool
) -> dict[str, Any]:
    stale = bool(entry.based_on) and entry.based_on != now
    return {
        "indicator": name,
        "region_level": region[0],
        "region_code": region[1],
        "borders": regions.CURRENT_YEAR,
        "period": str(entry.written.year),
        "group": output,
        "value": np.nan,
        "status": "missing",
        "origin": "synthetic" if invented else "own",
        "label_fi": entry.text,
        "label_en": entry.text_en,
        "category": entry.role,
        "retrieved": entry.written.isoformat(),
        "note": CHANGED if stale else "",
        "name_fi": entry.read_again.isoformat() if entry.read_again else "",
        "name_en": "",
        "source": f"{hand_files.FOLDER}/{output}",
        "producer": entry.role,
    }


def _as_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return frame.empty().assign(**dict.fromkeys(_WORDS, ""))
    return frame.check(pd.DataFrame(rows), file=PART)


def folder(data: Path | None = None) -> Path:
    """Give the folder of hand-written texts in the data folder."""
    return samples.folder(data) / hand_files.FOLDER
