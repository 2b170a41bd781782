"""`sosrake gather ...`: figures from open sources, put under the one command line by `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_report import FINDINGS, INTERRUPTED, tell_gathered
from sosrake_lib.cli_words import Language, Speak, name_project
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

Project = Annotated[Path | None, typer.Option("--project", help="cli.option.project")]
Offline = Annotated[bool, typer.Option("--offline", help="cli.option.offline")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="cli.option.base_url")]
Unverified = Annotated[bool, typer.Option("--unverified", help="cli.option.unverified")]

gather = typer.Typer(help="cli.gather.help", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(gather, name="gather")


@gather.command(help="cli.gather.sotkanet")
def sotkanet(
    indicator: Annotated[list[int], typer.Option("--indicator", help="cli.option.indicator")],
    periods: Annotated[str, typer.Option("--periods", help="cli.option.periods")],
    sex: Annotated[list[str] | None, typer.Option("--sex", help="cli.option.sex")] = None,
    unverified: Unverified = False,
    offline: Offline = False,
    base_url: BaseUrl = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Fetch indicators from Sotkanet."""
    from sosrake_lib.gather.sotkanet import command

    name_project(project)
    gathered = command(
        indicator,
        periods,
        offline=offline,
        base_url=base_url,
        progress=typer.echo,
        sexes=tuple(sex or ("total",)),
        language=language,
        unverified=unverified,
    )
    tell_gathered(gathered, language)


@gather.command(help="cli.gather.statfin")
def statfin(
    table: Annotated[str, typer.Argument(help="cli.option.statfin_table")],
    select: Annotated[list[str], typer.Option("--select", help="cli.option.select")],
    indicator: Annotated[str | None, typer.Option("--indicator", help="cli.option.as_indicator")] = None,
    api: Annotated[int, typer.Option("--api", min=1, max=2, help="cli.option.px_version")] = 1,
    codelist: Annotated[list[str] | None, typer.Option("--codelist", help="cli.option.codelist")] = None,
    offline: Offline = False,
    base_url: BaseUrl = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Fetch a table from Statistics Finland or another service with the same interface."""
    from sosrake_lib.gather.pxweb import command

    name_project(project)
    gathered = command(
        table,
        select,
        indicator,
        offline=offline,
        base_url=base_url,
        progress=typer.echo,
        language=language,
        version=api,
        codelists=tuple(codelist or ()),
    )
    tell_gathered(gathered, language)


@gather.command(help="cli.gather.kela")
def kela(
    name: Annotated[str, typer.Argument(help="cli.option.kela_file")],
    offline: Offline = False,
    base_url: BaseUrl = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Fetch one of Kela's files, or read a downloaded one."""
    from sosrake_lib.gather.kela import command

    name_project(project)
    gathered = command(name, offline=offline, base_url=base_url, progress=typer.echo, language=language)
    tell_gathered(gathered, language)


@gather.command(help="cli.gather.survey")
def survey(
    file: Annotated[Path, typer.Argument(help="cli.option.survey_file")],
    to: Annotated[Path, typer.Option("--to", help="cli.option.to")],
    language: Speak = Language.fi,
) -> None:
    """Bring an export of one's own competence survey into a data folder."""
    from sosrake_lib.gather.survey_exports import import_export

    read = import_export(file, to, language)
    typer.echo("\n".join(read.messages))
    typer.echo(say("cli.gather.survey_done", language, count=len(read.sheets), folder=str(to)))


@gather.command(name="all", help="cli.gather.all")
def everything(
    unverified: Unverified = False,
    again: Annotated[bool, typer.Option("--again", help="cli.option.again")] = False,
    address: Annotated[list[str] | None, typer.Option("--address", help="cli.option.address")] = None,
    offline: Offline = False,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Refresh every open source the plan needs; the same command goes on after an interrupt."""
    from sosrake_lib.gather.gather_all import gather_all
    from sosrake_lib.samples import project_root

    folder = name_project(project) or project_root()
    try:
        told = gather_all(
            folder / "notebooks" / "plan.toml",
            offline=offline,
            unverified=unverified,
            again=again,
            progress=typer.echo,
            language=language,
            addresses=dict(_address(text) for text in address or ()),
        )
    except KeyboardInterrupt:
        typer.echo(say("gather_all.interrupted", language), err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo("\n".join(told.lines(language)))
    if not told.whole:
        raise typer.Exit(FINDINGS)


def _address(text: str) -> tuple[str, str]:
    source, equals, url = text.partition("=")
    if not equals or source not in ("sotkanet", "kela", "statfin"):
        raise GatherError(f"--address {text!r}; expected sotkanet=URL, kela=URL or statfin=URL; write it so")
    return source, url
