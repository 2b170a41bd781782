"""`sosrake register ...`: keeping the register, put under the one command line by `cli`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sosrake_lib.cli_report import FINDINGS
from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.register.redaction import Redaction

To = Annotated[Path | None, typer.Option("--to", help="cli.option.register_to")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="cli.option.register_on")]
User = Annotated[str, typer.Option("--user", help="cli.option.register_user")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="cli.option.register_dry_run")]

register = typer.Typer(help="cli.register.help", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(register, name="register")


@register.command(help="cli.register.backup")
def backup(to: To = None, language: Speak = Language.fi) -> None:
    """Write a backup and say where it is."""
    from sosrake_lib import register as room

    opened = room.open_register()
    try:
        made = room.backup(opened, to)
    finally:
        opened.close()
    typer.echo(say("register.cli.backup", language, file=made.file, sha256=made.sha256, entries=made.entries))


@register.command(help="cli.register.restore")
def restore(
    file: Annotated[Path, typer.Argument(help="cli.option.register_backup")],
    replace: Annotated[bool, typer.Option("--replace", help="cli.option.register_replace")] = False,
    language: Speak = Language.fi,
) -> None:
    """Bring a backup back as the register."""
    from sosrake_lib import register as room

    made = room.restore(file, replace=replace)
    typer.echo(say("register.cli.restored", language, entries=made.entries, content=made.content))


@register.command(help="cli.register.verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="cli.option.register_verify")] = None,
    language: Speak = Language.fi,
) -> None:
    """Check the trail of the register, or a backup against what was written beside it."""
    from sosrake_lib import register as room

    if file is not None:
        made = room.check_backup(file)
        typer.echo(say("register.cli.backup_whole", language, file=made.file, entries=made.entries))
        return
    opened = room.open_register()
    try:
        trail = room.verify_trail(opened)
    finally:
        opened.close()
    if not trail.intact:
        typer.echo(say("register.cli.broken", language, reason=trail.reason))
        raise typer.Exit(FINDINGS)
    typer.echo(say("register.cli.intact", language, entries=trail.entries, last_hash=trail.last_hash))


@register.command(help="cli.register.export")
def export(
    to: Annotated[Path, typer.Option("--to", help="cli.option.register_to")],
    level: Annotated[str | None, typer.Option("--level", help="cli.option.register_level")] = None,
    language: Speak = Language.fi,
) -> None:
    """Write unprotected counts and the document that says what they are."""
    from sosrake_lib import register as room
    from sosrake_lib.register.counts import write_rollup

    opened = room.open_register()
    try:
        table, about = write_rollup(room.rollup(opened, level=level), to)
    finally:
        opened.close()
    typer.echo(say("register.cli.exported", language, table=str(table), about=str(about)))


@register.command(help="cli.register.retain")
def retain(dry_run: DryRun = False, on: Day = None, user: User = "", language: Speak = Language.fi) -> None:
    """Delete what has been kept long enough, or list it."""
    from sosrake_lib import register as room

    opened = room.open_register()
    try:
        due = room.retain(opened, on.date() if on else date.today(), dry_run=dry_run, user=user)
    finally:
        opened.close()
    reason = "reason_en" if language == "en" else "reason_fi"
    counted = due.value_counts(["table", reason], sort=False).reset_index(name="count")
    for table, why, count in counted.itertuples(index=False):
        typer.echo(say("register.cli.due", language, table=table, count=int(count), reason=why))
    typer.echo(say("register.cli.would" if dry_run else "register.cli.done", language, count=len(due)))


@register.command(help="cli.register.redact")
def redact(
    table: Annotated[str, typer.Argument(help="cli.option.register_table")],
    row: Annotated[int, typer.Argument(help="cli.option.register_row")],
    reason: Annotated[str, typer.Option("--reason", help="cli.option.register_reason")],
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Delete the words of one row from the register, the trail and the backups."""
    from sosrake_lib import register as room

    opened = room.open_register()
    try:
        done = room.redact(opened, table, row, reason=reason, user=user)
    finally:
        opened.close()
    _tell(done, language)


@register.command(help="cli.register.pending")
def pending(language: Speak = Language.fi) -> None:
    """Bring backups that could not be reached to the words the register has."""
    from sosrake_lib import register as room
    from sosrake_lib.register.redaction import finish

    opened = room.open_register()
    try:
        done = finish(opened)
    finally:
        opened.close()
    _tell(done, language)


@register.command(help="cli.register.receive")
def receive(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="cli.option.port")] = 8765,
    language: Speak = Language.fi,
) -> None:
    """Receive forms on this machine until interrupted; this process can only insert."""
    from sosrake_lib import register as room

    counter = room.open_counter()
    try:
        receiver = room.Receiver(counter, port)
        typer.echo(say("register.cli.receiving", language, address=receiver.address))
        receiver.serve()
    except KeyboardInterrupt:
        return
    finally:
        counter.close()


@register.command(help="cli.register.front")
def front(
    role: Annotated[str | None, typer.Option("--role", help="cli.option.register_role")] = None,
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Make the front, give a role its rights, take in what has arrived and bring receipts up to date."""
    from sosrake_lib import register as room
    from sosrake_lib.register.front import grant_counter

    desk = room.open_desk(user or "komentorivi")
    try:
        if role is not None:
            grant_counter(desk.front, role)
        drained = desk.take_in()
    finally:
        desk.shut()
    typer.echo(
        say(
            "register.cli.drained",
            language,
            saved=drained.saved,
            supplements=drained.supplements,
            refused=drained.refused,
        )
    )


@register.command(help="cli.register.unanswered")
def unanswered(language: Speak = Language.fi) -> None:
    """List the observations whose reporter still waits for an answer: for the desk, on no page."""
    from sosrake_lib import register as room
    from sosrake_lib.register import feedback

    opened = room.open_register()
    try:
        waiting = feedback.unanswered(opened)
    finally:
        opened.close()
    typer.echo(say("register.cli.unanswered", language, count=len(waiting)))
    for row in waiting.to_dict("records"):
        state = say(f"register.state.{row['tila']}", language)
        told = {"number": row["havainto_id"], "day": row["saapunut"], "days": row["days"], "state": state}
        typer.echo(say("register.cli.unanswered_one", language, **told))


@register.command(help="cli.register.samples")
def samples(language: Speak = Language.fi) -> None:
    """Fill an empty register with all that is invented of Esimerkkilä."""
    from sosrake_lib import register as room
    from sosrake_lib.batch.followup_source import fill_samples

    opened = room.open_register()
    try:
        filled = fill_samples(opened)
    finally:
        opened.close()
    counts = {"observations": filled.observations, "phenomena": filled.phenomena}
    counts |= {"proposals": filled.proposals, "entries": filled.entries}
    typer.echo(say("register.cli.filled", language, **counts))


def _tell(done: Redaction, language: str) -> None:
    typer.echo(say("register.cli.redacted", language, count=len(done.reached)))
    for file in done.pending:
        typer.echo(say("register.cli.pending", language, file=file))
    if done.pending:
        raise typer.Exit(FINDINGS)
