"""`sosrake outputs` and `sosrake write`: every output with one command, and what people write in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sosrake_lib.cli_report import FINDINGS, FINE, INTERRUPTED, NOTEBOOK_FAILED, shown_progress
from sosrake_lib.cli_words import Language, Speak, project_folder
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.language.numbers import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sosrake_lib.batch.hand_files import Entry
    from sosrake_lib.batch.hand_texts import Written
    from sosrake_lib.batch.outputs import Field, Output
    from sosrake_lib.batch.outputs_index import Line
    from sosrake_lib.batch.outputs_run import OutputsReport
    from sosrake_lib.batch.plan import Plan

Data = Annotated[Path | None, typer.Option("--data", help="cli.option.data")]
Project = Annotated[Path | None, typer.Option("--project", help="cli.option.project")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(help="cli.outputs.help")(outputs)
    app.command(help="cli.write.help")(write)


def outputs(
    listing: Annotated[bool, typer.Option("--list", help="cli.option.outputs_list")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="cli.option.outputs_only")] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help="cli.option.outputs_region")] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="cli.option.outputs_format")] = None,
    data: Data = None,
    output: Annotated[Path | None, typer.Option("--output", help="cli.option.output")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="cli.option.workers")] = None,
    correct: Annotated[str, typer.Option("--correct", help="cli.option.correct")] = "",
    times: Annotated[Path | None, typer.Option("--times", help="cli.option.outputs_times")] = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Make every output of every region, or those asked for."""
    from sosrake_lib.batch import outputs_index, outputs_run

    if listing:
        _, table = _tables(project, language.value)
        typer.echo("\n".join(line for one in table for line in _listed(one, language)))
        return
    with shown_progress(language) as progress:
        try:
            report = outputs_run.make(
                project_folder(project),
                data=data,
                output=output,
                language=language.value,
                workers=workers,
                only=only or (),
                regions=region or (),
                formats=form or (),
                corrects=correct,
                progress=progress,
            )
        except KeyboardInterrupt:
            typer.echo(say("cli.reports.interrupted", language), err=True)
            raise typer.Exit(INTERRUPTED) from None
    if times is not None:
        times.write_text(outputs_index.times(report.lines), encoding="utf-8")
    tell(report, language)
    raise typer.Exit(NOTEBOOK_FAILED if report.failed else FINE)


def tell(report: OutputsReport, language: str) -> None:
    """Print what failed, what was left out, the time of each output and where the list is."""
    for line in report.failed:
        piece = f"{line.slug}/{line.output}{'_' if line.audience else ''}{line.audience}"
        said = say("outputs.cli.failed", language, piece=piece, format=line.format, reason=line.reason)
        typer.echo(said, err=True)
    for told in _left_out(report.lines, language):
        typer.echo(told, err=True)
    if report.pixels:
        typer.echo(say("outputs.cli.pixels", language, pieces=", ".join(report.pixels)), err=True)
    for key in dict.fromkeys(line.output for line in report.lines):
        own = [line for line in report.lines if line.output == key]
        pages = {(line.slug, line.audience): line.notebook_seconds for line in own}
        spent = sum(line.seconds for line in own) + sum(pages.values())
        typer.echo(
            say("outputs.cli.time", language, output=key, seconds=number(spent, 1, language), **_counts(own))
        )
    total = number(report.seconds, 1, language)
    typer.echo(say("outputs.cli.summary", language, seconds=total, **_counts(report.lines)))
    typer.echo(say("outputs.cli.index", language, index=str(report.index)))


def write(
    output: Annotated[str, typer.Argument(metavar="OUTPUT", help="cli.option.write_output")],
    region: Annotated[str, typer.Option("--region", help="cli.option.write_region")],
    field: Annotated[str | None, typer.Option("--field", help="cli.option.write_field")] = None,
    text: Annotated[str | None, typer.Option("--text", help="cli.option.write_text")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="cli.option.write_file")] = None,
    english: Annotated[str, typer.Option("--english", help="cli.option.write_english")] = "",
    role: Annotated[str, typer.Option("--role", help="cli.option.write_role")] = "",
    still_true: Annotated[bool, typer.Option("--still-true", help="cli.option.write_still_true")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="cli.option.write_confirm")] = False,
    data: Data = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Write a text of one's own in an output, or say what has been written."""
    from sosrake_lib.batch import outputs as tables
    from sosrake_lib.batch.hand_files import Entry

    plan, table = _tables(project, language.value)
    one = tables.output(table, output, language)
    tables.pieces(table, plan, only=[output], regions=[region])
    given = [way for way in (text is not None, file is not None, still_true) if way]
    if len(given) > 1:
        raise SosrakeError(say("outputs.cli.either", language))
    if not given:
        typer.echo("\n".join(_written(one, region, plan, data, language)))
        return
    if field is None:
        known = ", ".join(name.name for name in one.fields)
        raise SosrakeError(say("outputs.cli.needs_field", language, known=known))
    place = one.field(field, language)
    if not still_true and not role.strip():
        raise SosrakeError(say("outputs.cli.needs_role", language))
    now = _hash(one, region, plan, data)
    if still_true:
        _renew(one, region, place, now, data, language)
        return
    body = text if text is not None else _read(file)
    entry = Entry(body, role, date.today(), now, english, confirmed=confirm)
    _keep(one, region, place, entry, data, language)


def _renew(one: Output, slug: str, field: Field, now: str, data: Path | None, language: str) -> None:
    """Enter that a text was read beside the present figures, and say so."""
    from sosrake_lib.batch import hand_texts

    kept = hand_texts.still_true(one, slug, field, now, date.today(), data=data)
    told = {"output": one.key, "slug": slug, "field": field.name}
    typer.echo(say("outputs.cli.renewed", language, day=str(kept.read_again), **told))


def _keep(one: Output, slug: str, field: Field, entry: Entry, data: Path | None, language: str) -> None:
    """Write a text in its place and say what became of it; end with findings when it was not kept."""
    from sosrake_lib.batch import hand_texts

    done = hand_texts.write(one, slug, field, entry, data=data, language=str(language))
    tell_written(done, {"output": one.key, "slug": slug, "field": field.name}, entry.based_on, language)
    if done.state == "stopped":
        raise typer.Exit(FINDINGS)


def tell_written(done: Written, told: Mapping[str, str], now: str, language: str) -> None:
    """Print whether a text was kept, and what its words claim."""
    from sosrake_lib.batch.hand_findings import CONFIRMED

    stopped = done.state == "stopped"
    for line in done.personal:
        typer.echo(line, err=True)
    for remark in done.remarks.to_dict("records"):
        kind = "to_confirm" if stopped and remark["kind"] in CONFIRMED else "remark"
        words = {"phrase": remark["phrase"], "advice": remark["advice"]}
        typer.echo(say(f"outputs.cli.{kind}", language, **words), err=True)
    if stopped:
        typer.echo(say("outputs.cli.stopped", language, **told), err=True)
        return
    writer = {"role": done.entry.role, "day": str(done.entry.written)}
    typer.echo(say(f"outputs.cli.{done.state}", language, **writer, **told))
    if done.entry.based_on not in ("", now):
        typer.echo(say("outputs.cli.shown_changed", language))


def _counts(lines: Sequence[Line]) -> dict[str, int]:
    made = sum(len(line.files) for line in lines if line.made)
    failed = sum(line.state == "failed" for line in lines)
    skipped = sum(len(line.files) for line in lines if not line.made)
    return {"made": made, "skipped": skipped, "failed": failed}


def _left_out(lines: Sequence[Line], language: str) -> list[str]:
    groups: dict[tuple[str, str, str], set[str]] = {}
    for line in lines:
        if line.state in ("absent", "no_figures"):
            groups.setdefault((line.state, line.output, line.reason), set()).add(line.slug)
    return [
        say("outputs.cli.absent", language, output=output, count=len(slugs), reason=reason)
        if state == "absent"
        else say(
            "outputs.cli.no_figures", language, output=output, areas=", ".join(sorted(slugs)), reason=reason
        )
        for (state, output, reason), slugs in groups.items()
    ]


def _listed(one: Output, language: str) -> list[str]:
    head = say(
        "outputs.cli.listed",
        language,
        output=one.key,
        name=one.name(language),
        page=one.page,
        levels=", ".join(one.levels),
        formats=", ".join(one.formats),
        cadence=say(f"outputs.cadence.{one.cadence}", language),
    )
    return [head, *(_listed_field(field, language) for field in one.fields)]


def _listed_field(field: Field, language: str) -> str:
    told = {"label": field.label(language), "help": field.help(language)}
    return say("outputs.cli.listed_field", language, name=field.name, most=field.max_length, **told)


def _written(one: Output, slug: str, plan: Plan, data: Path | None, language: str) -> list[str]:
    """Say of each field what is written in it and whether figures have changed since."""
    from sosrake_lib.batch import hand_files

    there = hand_files.read(one.key, slug, data)
    now = _hash(one, slug, plan, data) if any(entry.based_on for entry in there.values()) else ""
    return [line for field in one.fields for line in _state(field, there.get(field.name), now, language)]


def _state(field: Field, entry: Entry | None, now: str, language: str) -> list[str]:
    if entry is None or not entry.text:
        return [say("outputs.cli.none_written", language, field=field.name)]
    told = {"field": field.name, "role": entry.role, "day": str(entry.written), "text": entry.text}
    lines = [say("outputs.cli.shown", language, **told)]
    if entry.based_on and entry.based_on != now:
        lines.append(say("outputs.cli.shown_changed", language))
    if entry.earlier:
        lines.append(say("outputs.cli.shown_earlier", language, count=len(entry.earlier)))
    return lines


def _hash(one: Output, slug: str, plan: Plan, data: Path | None) -> str:
    from sosrake_lib.batch import hand_texts, releases

    return hand_texts.hash_now(one, slug, plan, releases.known_recipes(), data=data, language=plan.language)


def _tables(project: Path | None, language: str) -> tuple[Plan, tuple[Output, ...]]:
    from sosrake_lib.batch import outputs_run, releases

    return outputs_run.read_tables(project_folder(project), releases.known_recipes(), language)


def _read(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8-sig") if file is not None else ""
    except (OSError, UnicodeDecodeError) as fault:
        raise SosrakeError(say("hand.unreadable", path=str(file), why=str(fault))) from None
