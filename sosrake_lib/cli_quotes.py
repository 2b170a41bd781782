"""`sosrake quote ...`: keeping the quote bank; words come from a file or standard input only."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say

User = Annotated[str, typer.Option("--user", help="cli.option.register_user")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="cli.option.quote_day")]

quote = typer.Typer(help="cli.quote.help", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(quote, name="quote")


@quote.command(help="cli.quote.add")
def add(
    file: Annotated[Path, typer.Argument(help="cli.option.quote_file")],
    source: Annotated[str, typer.Option("--source", help="cli.option.quote_source")],
    theme: Annotated[str, typer.Option("--theme", help="cli.option.quote_theme")],
    region: Annotated[str, typer.Option("--region", help="cli.option.quote_region")],
    permitted_on: Day,
    permitted_until: Day,
    kept_at: Annotated[str, typer.Option("--kept-at", help="cli.option.quote_kept_at")],
    user: User,
    scope: Annotated[str, typer.Option("--scope", help="cli.option.quote_scope")] = "julkinen",
    use: Annotated[list[str] | None, typer.Option("--use", help="cli.option.quote_use")] = None,
    language: Speak = Language.fi,
) -> None:
    """Take a quote into the bank with its written permission; the code for withdrawing is told once."""
    from sosrake_lib import regions
    from sosrake_lib.register import open_register, quote_bank, receipts

    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    level, _, code = region.partition("-")
    regions.name(level, code)
    paper = quote_bank.Permission(
        scope, permitted_on.date(), permitted_until.date(), tuple(use or ("verkkosivu",)), kept_at
    )
    opened = open_register()
    try:
        banked = quote_bank.bank_quote(
            opened,
            receipts.new_key(),
            text,
            paper,
            source=source,
            theme=theme,
            region=(level, code),
            user=user,
        )
    finally:
        opened.close()
    typer.echo(say("register.quote.added", language, number=banked.number, code=banked.withdrawal_code))


@quote.command("list", help="cli.quote.list")
def listed(language: Speak = Language.fi) -> None:
    """List quotes by their numbers, and why each may or may not be shown today; the words stay in."""
    from sosrake_lib.register import open_register, quote_bank

    opened = open_register()
    try:
        found = quote_bank.judged(opened, date.today())
    finally:
        opened.close()
    for row in found.to_dict("records"):
        why = f"osallistava_tieto.reason.{row['reason']}" if row["reason"] else "register.quote.may_be_shown"
        state = say(why, language)
        line = say("register.quote.row", language, number=row["lainaus_id"], theme=row["theme"], state=state)
        typer.echo(line)
    if found.empty:
        typer.echo(say("register.quote.none", language))


@quote.command(help="cli.quote.review")
def review(
    number: Annotated[int, typer.Argument(help="cli.option.quote_number")],
    user: User,
    language: Speak = Language.fi,
) -> None:
    """Sign a quote as one of its two reviewers."""
    from sosrake_lib.register import open_register, quote_bank

    opened = open_register()
    try:
        quote_bank.sign(opened, number, user=user)
    finally:
        opened.close()
    typer.echo(say("register.quote.signed", language, number=number))


@quote.command(help="cli.quote.withdraw")
def withdraw(
    which: Annotated[str, typer.Argument(help="cli.option.quote_which")],
    user: User,
    language: Speak = Language.fi,
) -> None:
    """Withdraw a quote by its number or its person's code; tell the releases that have shown it."""
    from sosrake_lib.register import open_register, quote_bank

    opened = open_register()
    try:
        done = quote_bank.withdraw(opened, int(which) if which.isdecimal() else which, user=user)
    finally:
        opened.close()
    typer.echo(say("register.quote.withdrawn", language, number=done.number))
    if done.shown_in:
        typer.echo(say("register.quote.shown_in", language, releases=", ".join(done.shown_in)))
    for one in done.pages:
        typer.echo(say("register.quote.shown_on", language, page=one.page, day=one.day))
