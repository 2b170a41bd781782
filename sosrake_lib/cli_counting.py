"""`sosrake count`: counts in the database where the records are, put under the one command line by `cli`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say

_HIDDEN = "••"


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(help="cli.count.help")(count)


def count(
    database: Annotated[str, typer.Option("--database", help="cli.option.count_database")],
    table: Annotated[str, typer.Option("--table", help="cli.option.count_table")],
    what: Annotated[str, typer.Option("--what", help="cli.option.count_what")],
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.count_to")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.json")] = False,
    language: Speak = Language.fi,
) -> None:
    """Count in a database; only counts come back, and small ones are not shown on the screen."""
    from sosrake_lib.gather import counting
    from sosrake_lib.gather.cache import replace_file
    from sosrake_lib.gather.table_files import refuse_git
    from sosrake_lib.protect import rule_set

    target = None if to is None else to.expanduser().resolve()
    if target is not None:
        refuse_git(target)
    counted = counting.count(database, table, counting.aggregation(what))
    minimum = rule_set("vakio").minimum_count
    shown = counting.shown_counts(counted, minimum)
    # beside one hidden group the number of all rows would give that group back
    marked = bool(shown.isin([_HIDDEN]).any(axis=None))
    if as_json:
        rows = None if marked else counted.counted_rows
        told = {"engine": counted.engine, "rows": rows, "groups": shown.to_dict("records")}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(shown.to_string(index=False) if len(shown) else say("counting.no_match", language))
        done = {
            "rows": _HIDDEN if marked else counted.counted_rows,
            "groups": len(shown),
            "engine": counted.engine,
        }
        typer.echo(say("counting.done", language, **done))
        typer.echo(say("counting.hidden", language, minimum=minimum, mark=_HIDDEN))
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        file = target / f"{counted.what.name}.csv"
        replace_file(
            file, counting.as_table(counted).to_csv(index=False, lineterminator="\n").encode("utf-8")
        )
        typer.echo(say("counting.written", language, file=str(file)), err=as_json)
        typer.echo(say("counting.small", language), err=as_json)
