"""`sosrake feedback`: the audit of feedback forms, put under the one command line by `cli`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sosrake_lib.cli_report import FINDINGS, FINE
from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say

if TYPE_CHECKING:
    import pandas as pd

    from sosrake_lib.gather.feedback import Audit


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(help="cli.feedback.help")(feedback)


def feedback(
    form: Annotated[Path, typer.Argument(metavar="FORM", help="cli.option.feedback_form")],
    answers: Annotated[Path | None, typer.Option("--answers", help="cli.option.feedback_answers")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.json")] = False,
    language: Speak = Language.fi,
) -> None:
    """Say what feedback forms can show, and which questions would let them show more."""
    from sosrake_lib.gather.feedback import audit, forms

    found = audit(forms.read_sheet(form), file=form.name)
    told = None if answers is None else forms.answers(forms.read_sheet(answers), file=answers.name)
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join([*_lines(found, language), *_of_answers(told, language)]))
    raise typer.Exit(FINE if found.able == len(found.forms) else FINDINGS)


def _lines(found: Audit, language: str) -> Iterable[str]:
    from sosrake_lib.gather.feedback.questions import better_questions

    room = "asiakaspalaute.cli"
    total = len(found.forms)
    yield say(f"{room}.share", language, able=found.able, total=total)
    if found.forms["suggested"].any():
        dictionary = next(by for by in found.questions["by"] if ":" in by).partition(":")[2]
        yield say(f"{room}.suggestion", language, dictionary=dictionary)
    for form in found.forms.to_dict("records"):
        yield ""
        yield from _of_form(found, form, language)
    yield ""
    yield say(f"{room}.better", language)
    for number, one in enumerate(better_questions(), start=1):
        when = say(f"asiakaspalaute.when.{one.when}", language)
        yield f"  {number}. {one.text(language)} ({when})"
    yield say("asiakaspalaute.recall_note", language)


def _of_form(found: Audit, form: dict[str, Any], language: str) -> Iterable[str]:
    from sosrake_lib.gather.feedback import CODES
    from sosrake_lib.gather.feedback.codes import code
    from sosrake_lib.gather.feedback.questions import beside, for_lacking

    room, name = "asiakaspalaute.cli", form["form"]
    yield say(f"{room}.{'able' if form['can_show'] else 'not_able'}", language, form=name)
    lacking = found.lacking(name)
    if lacking:
        yield "  " + say(f"{room}.lacks", language, parts=", ".join(code(p).name(language) for p in lacking))
        for one in for_lacking(lacking):
            yield "  " + say(f"{room}.add", language, question=one.text(language))
    if form["start"] == "recalled":
        yield "  " + say(f"{room}.recalled", language)
    rows = found.questions.loc[found.questions["form"] == name]
    for row in rows.to_dict("records"):
        codes = [key for key in CODES if row[key]]
        names = ", ".join(code(key).name(language) for key in codes) or say(f"{room}.no_code", language)
        by = say(f"{room}.by_{'human' if row['by'] == 'ihminen' else 'machine'}", language)
        yield f"  {row['number']}. {row['question']} [{names}; {by}]"
        better = beside(codes)
        if better is not None and codes:
            yield "     -> " + better.text(language)


def _of_answers(told: pd.DataFrame | None, language: str) -> Iterable[str]:
    """Tell counts of answers by code; a small one is not told, and no answer is printed."""
    if told is None:
        return
    from sosrake_lib.gather.feedback.answers import counts
    from sosrake_lib.gather.feedback.codes import code
    from sosrake_lib.protect import rule_set

    least = rule_set("vakio").minimum_count
    yield ""
    yield say("asiakaspalaute.cli.answers", language, total=len(told), least=least)
    for row in counts(told).to_dict("records"):
        few = 0 < row["answers"] < least
        shown = say("asiakaspalaute.cli.few", language, least=least) if few else str(row["answers"])
        yield f"  {code(row['code']).name(language)}: {shown}"


def _plain(found: Audit) -> dict[str, Any]:
    return {
        "forms": json.loads(str(found.forms.to_json(orient="records"))),
        "questions": json.loads(str(found.questions.to_json(orient="records"))),
        "able": found.able,
    }
