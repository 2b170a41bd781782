"""`sosrake followup ...`: plans and follow-up in the register, put under the one command line by `cli`."""

from __future__ import annotations

import secrets
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sosrake_lib.cli_report import FINDINGS
from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Kind = Annotated[str, typer.Argument(help="cli.option.followup_kind")]
Number = Annotated[int, typer.Argument(help="cli.option.followup_number")]
Fields = Annotated[list[str] | None, typer.Option("--field", help="cli.option.followup_field")]
State = Annotated[str, typer.Option("--state", help="cli.option.followup_state")]
Region = Annotated[str, typer.Option("--region", help="cli.option.followup_region")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="cli.option.followup_on")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="cli.option.followup_version")]
Confirm = Annotated[bool, typer.Option("--confirm", help="cli.option.followup_confirm")]
User = Annotated[str, typer.Option("--user", help="cli.option.register_user")]

followup = typer.Typer(help="cli.followup.help", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(followup, name="followup")


@followup.command(help="cli.followup.add")
def add(
    kind: Kind,
    region: Region,
    field: Fields = None,
    file: Annotated[Path | None, typer.Option("--file", help="cli.option.followup_file")] = None,
    state: State = "",
    on: Day = None,
    confirm: Confirm = False,
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Add an entry from fields on the line, or from a TOML file of them."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import add_entry

    given = {**_of_file(file), **_of_line(field or ())}
    opened = room.open_register()
    try:
        number = add_entry(
            opened, secrets.token_hex(16), kind, given, region=_region(region), state=state, user=user,
            on=_day(on), confirmed=confirm,
        )  # fmt: skip
    finally:
        opened.close()
    typer.echo(say("register.followup.added", language, number=number, kind=kind))
    _advise(kind, given, language)


@followup.command(help="cli.followup.change")
def change(
    number: Number,
    field: Fields = None,
    state: State = "",
    version: Version = None,
    on: Day = None,
    confirm: Confirm = False,
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Write a new version of an entry; the earlier ones stay."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import change_entry, read_entry

    given = _of_line(field or ())
    opened = room.open_register()
    try:
        stood = read_entry(opened, number)
        seen = version or int(stood["nro"])
        made = change_entry(
            opened,
            number,
            given,
            expected_version=seen,
            state=state,
            user=user,
            on=_day(on),
            confirmed=confirm,
        )
    finally:
        opened.close()
    typer.echo(say("register.followup.changed", language, number=number, version=made))
    # What a change may claim can stand in a field that this line leaves as it was.
    meant = {"muutoksen_luonne": str(stood.get("muutoksen_luonne", "")), **given}
    _advise(stood["kind"], meant, language)


@followup.command(help="cli.followup.close")
def close(number: Number, on: Day = None, user: User = "", language: Speak = Language.fi) -> None:
    """End an entry: its last state, told in a new version."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import close_entry, read_entry

    opened = room.open_register()
    try:
        seen = int(read_entry(opened, number)["nro"])
        made = close_entry(opened, number, expected_version=seen, user=user, on=_day(on))
    finally:
        opened.close()
    typer.echo(say("register.followup.changed", language, number=number, version=made))


@followup.command("list", help="cli.followup.list")
def list_entries(
    kind: Annotated[str | None, typer.Argument(help="cli.option.followup_kind")] = None,
    region: Annotated[str | None, typer.Option("--region", help="cli.option.followup_region")] = None,
    language: Speak = Language.fi,
) -> None:
    """List entries as they stand, of one kind or of all."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import entries
    from sosrake_lib.register.followup_kinds import kind as of
    from sosrake_lib.register.followup_kinds import kinds

    opened = room.open_register()
    try:
        for name in (kind,) if kind else kinds():
            found = entries(opened, name, _region(region) if region else None)
            about = of(name)
            typer.echo(f"{name}: {about.title_en if language == 'en' else about.title_fi} ({len(found)})")
            for row in found.to_dict("records"):
                day = row[about.when] if about.when else row["pvm"]
                where = f"{row['alue_taso']}:{row['alue_koodi']}"
                typer.echo(
                    f"  {row['seuranta_id']} v{row['nro']} {day} {where} [{row['tila']}] {row[about.names]}"
                )
    finally:
        opened.close()


@followup.command(help="cli.followup.history")
def history(number: Number, language: Speak = Language.fi) -> None:
    """Show every version of an entry: day, state, and the fields that changed."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import history as versions

    opened = room.open_register()
    try:
        told = versions(opened, number)
    finally:
        opened.close()
    before: dict[str, str] = {}
    for row in told.to_dict("records"):
        fields = {str(name): str(row[name]) for name in told.columns if name not in ("nro", "tila", "pvm")}
        changed = {name: value for name, value in fields.items() if before.get(name, "") != value}
        typer.echo(
            say("register.followup.version", language, version=row["nro"], day=row["pvm"], state=row["tila"])
        )
        for name, value in changed.items():
            typer.echo(f"  {name} = {value}")
        before = fields


@followup.command("import", help="cli.followup.import")
def import_table(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="cli.option.file")],
    confirm: Confirm = False,
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Bring a spreadsheet of entries in: all of it or nothing; known ids get a new version."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup_import import import_entries
    from sosrake_lib.register.followup_kinds import kind as of

    of(kind)
    table = _read_table(file, kind, language)
    opened = room.open_register()
    try:
        brought = import_entries(opened, kind, table, user=user, confirmed=confirm)
    finally:
        opened.close()
    counts = {name: len(getattr(brought, name)) for name in ("added", "changed", "same")}
    typer.echo(say("register.followup.brought", language, **counts))
    for place, row in enumerate(table.to_dict("records"), start=1):
        _advise(kind, {str(name): str(value) for name, value in row.items()}, language, place)


@followup.command(help="cli.followup.propose")
def propose(
    card: Number,
    on: Day = None,
    cost: Annotated[str, typer.Option("--cost", help="cli.option.followup_cost")] = "",
    benefit: Annotated[str, typer.Option("--benefit", help="cli.option.followup_benefit")] = "",
    confirm: Confirm = False,
    user: User = "",
    language: Speak = Language.fi,
) -> None:
    """Make a workshop card's proposal a proposal of the register."""
    from sosrake_lib import register as room
    from sosrake_lib.register.followup import read_entry
    from sosrake_lib.register.workshop import propose as make

    opened = room.open_register()
    try:
        seen = int(read_entry(opened, card)["nro"])
        day = _day(on) or date.today()
        number = make(
            opened, card, expected_version=seen, proposed_on=day, user=user, cost=cost, benefit=benefit,
            confirmed=confirm,
        )  # fmt: skip
    finally:
        opened.close()
    typer.echo(say("register.followup.proposed", language, card=card, number=number))


def _read_table(file: Path, kind: str, language: str) -> pd.DataFrame:
    """Read a spreadsheet through the importer, which checks it as any table of the office."""
    import pandas as pd

    from sosrake_lib.gather.tables import import_file

    with tempfile.TemporaryDirectory(prefix="sosrake-") as place:
        made = import_file(file, kind, Path(place), language=language)
        if made.written is None:
            for row in made.findings.to_dict("records"):
                typer.echo(f"{row['row']} {row['column']}: {row['reason']} {row['fix']}", err=True)
            raise typer.Exit(FINDINGS)
        return pd.read_csv(made.written, dtype="str", keep_default_na=False)


def _of_line(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise SosrakeError(f"followup: --field {one!r}; expected NAME=TEXT, such as paiva=2026-03-31")
        found[name.strip()] = value.strip()
    return found


def _of_file(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    import tomllib

    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise SosrakeError(
            f"followup: {file} cannot be read ({problem}); give a TOML file of fields"
        ) from None
    return {name: str(value) for name, value in read.items()}


def _region(text: str) -> tuple[str, str]:
    """Read an area as pages name it: hva-11, kunta-297."""
    level, _, code = text.partition("-")
    return level, code


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _advise(kind: str, given: Mapping[str, str], language: str, row: int = 0) -> None:
    """Tell of words a reader may take otherwise; the entry is saved, and a person decides.

    A sentence on what changed that says more than a description is told apart: no page shows it so.
    """
    from sosrake_lib.batch.recipes_followup import DESCRIBE, beyond_description
    from sosrake_lib.register.followup_kinds import kind as of
    from sosrake_lib.serving.desk_advice import entry_advice
    from sosrake_lib.serving.desk_followup_fields import named_field

    told = set()
    start = say("register.followup.of_row", language, row=row) if row else ""
    for field in DESCRIBE:
        for phrase in beyond_description(given.get(field, "")):
            told.add((field, phrase))
            typer.echo(
                start + say("register.followup.beyond", language, field=field, phrase=phrase), err=True
            )
    for one in entry_advice(of(kind), given, language):
        if (one.field, one.phrase) not in told:
            words = {"field": named_field(one.field, language), "phrase": one.phrase, "advice": one.advice}
            typer.echo(start + say("register.followup.advice", language, **words), err=True)
