"""`sosrake ledger`, `approve`, `approvals`, `publish`: the memory of what left, and what may go out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sosrake_lib.cli_report import FINDINGS
from sosrake_lib.cli_words import Language, Speak, project_folder
from sosrake_lib.language import say

Samples = Annotated[bool, typer.Option("--samples", help="cli.option.ledger_samples")]
Json = Annotated[bool, typer.Option("--json", help="cli.option.ledger_json")]
Data = Annotated[Path | None, typer.Option("--data", help="cli.option.data")]
Output = Annotated[Path | None, typer.Option("--output", help="cli.option.output")]
Project = Annotated[Path | None, typer.Option("--project", help="cli.option.project")]

ledger = typer.Typer(help="cli.ledger.help", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(ledger, name="ledger")
    app.command(help="cli.approve.help")(approve)
    app.command(help="cli.approvals.help")(approvals)
    app.command(help="cli.publish.help")(publish)


@ledger.command("list", help="cli.ledger.list")
def list_releases(as_json: Json = False, samples: Samples = False, language: Speak = Language.fi) -> None:
    """Tell what left the house, when, and to which page."""
    from sosrake_lib.protect import ledger_listing

    listed, corrected = ledger_listing.listed(_home(samples)), ledger_listing.corrections(_home(samples))
    if as_json:
        told = {"releases": listed.to_dict("records"), "corrections": corrected.to_dict("records")}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=int))
        return
    if listed.empty:
        typer.echo(say("ledger.list.none", language))
    for one in listed.to_dict("records"):
        typer.echo("\n".join(_release_lines(one, language)))
    for one in corrected.to_dict("records"):
        typer.echo(say("ledger.list.correction", language, **{**_renamed(one)}))


@ledger.command(help="cli.ledger.export")
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="cli.option.ledger_export")],
    samples: Samples = False,
    language: Speak = Language.fi,
) -> None:
    """Write every published figure into a file."""
    from sosrake_lib.protect import ledger_listing

    count = ledger_listing.export(to, home=_home(samples), language=language)
    typer.echo(say("ledger.export.done", language, count=count, file=to.name))


@ledger.command(help="cli.ledger.backup")
def backup(
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.ledger_to")] = None,
    samples: Samples = False,
    language: Speak = Language.fi,
) -> None:
    """Copy the ledger as it stands and tell the copy's hash."""
    from sosrake_lib.protect import ledger_keeping

    made = ledger_keeping.backup(to, home=_home(samples), language=language)
    told = {"file": made.file, "sha256": made.sha256, "newest": made.newest}
    typer.echo(say("ledger.keeping.backed_up", language, **told, entries=made.entries, figures=made.figures))


@ledger.command(help="cli.ledger.restore")
def restore(
    file: Annotated[Path, typer.Argument(help="cli.option.ledger_backup")],
    replace: Annotated[bool, typer.Option("--replace", help="cli.option.ledger_replace")] = False,
    samples: Samples = False,
    language: Speak = Language.fi,
) -> None:
    """Bring a backup back as the ledger."""
    from sosrake_lib.protect import ledger_keeping

    made = ledger_keeping.restore(file, home=_home(samples), replace=replace, language=language)
    told = {"file": made.copy.file, "figures": made.copy.figures, "entries": made.copy.entries}
    typer.echo(say("ledger.keeping.restored", language, **told))
    if made.aside is not None:
        typer.echo(say("ledger.keeping.aside", language, file=made.aside.name))


@ledger.command(help="cli.ledger.verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="cli.option.ledger_verify")] = None,
    data: Data = None,
    output: Output = None,
    project: Project = None,
    samples: Samples = False,
    language: Speak = Language.fi,
) -> None:
    """Check every line and hash, and the releases that are still saved; or a backup."""
    from sosrake_lib.protect import ledger_keeping

    if file is not None:
        made = ledger_keeping.check_backup(file, language)
        told = {"newest": made.newest, "entries": made.entries}
        typer.echo(say("ledger.verify.backup", language, file=made.file, **told))
        return
    folder = _output(project, data, output) / "releases"
    found = ledger_keeping.verify(home=_home(samples), releases=folder, language=language)
    for kind, number in found.chain.faults:
        typer.echo(say(f"ledger.verify.fault.{kind}", language, number=number))
    for release in found.damaged:
        typer.echo(say("ledger.verify.damaged", language, release=release))
    chain = found.chain
    if not chain.faults:
        counts = {"entries": chain.entries, "lines": chain.lines}
        typer.echo(say("ledger.verify.intact", language, **counts, newest=chain.newest))
    counts = {name: len(getattr(found, name)) for name in ("whole", "damaged", "elsewhere")}
    typer.echo(say("ledger.verify.store", language, **counts))
    if not found.intact:
        raise typer.Exit(FINDINGS)


@ledger.command(help="cli.ledger.withdraw")
def withdraw(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="cli.option.ledger_release")],
    reason: Annotated[str, typer.Option("--reason", help="cli.option.ledger_reason")],
    language: Speak = Language.fi,
) -> None:
    """Withdraw a release: it is no longer built, published or exported."""
    from sosrake_lib.protect.ledger_withdrawal import withdraw as enter

    new = enter(release, reason, language=language)
    typer.echo(say("ledger.withdraw.done" if new else "ledger.withdraw.before", language, release=release))


def approve(
    role: Annotated[str, typer.Option("--role", help="cli.option.approve_role")],
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="cli.option.ledger_release")
    ] = None,
    page: Annotated[str | None, typer.Option("--page", help="cli.option.approve_page")] = None,
    all_of: Annotated[str | None, typer.Option("--all-of", help="cli.option.approve_all_of")] = None,
    back: Annotated[bool, typer.Option("--take-back", help="cli.option.approve_take_back")] = False,
    data: Data = None,
    output: Output = None,
    project: Project = None,
    language: Speak = Language.fi,
) -> None:
    """Approve a release, the releases of a page, or all that carry a name, by role and day."""
    from sosrake_lib.batch import approving, quotes_shown
    from sosrake_lib.errors import SosrakeError
    from sosrake_lib.protect import approval

    given = [one for one in (release, page, all_of) if one]
    if len(given) != 1:
        raise SosrakeError(say(f"ledger.approve.{'one_way' if given else 'nothing'}", language))
    role = approval.checked_role(role, language)
    chosen = tuple(given)
    if not release:
        site = _output(project, data, output) / "site"
        find = approving.releases_of_page if page else approving.releases_of_name
        chosen = find(site, given[0], language)
    if not back:
        releases = _output(project, data, output) / "releases"
        _tell_standing(chosen, releases, language)
        quotes_shown.note_approved(chosen, releases, language=language)
    enter = approval.take_back if back else approval.approve
    changed, names = enter(chosen, role, language=language), approving.release_names()
    message = "ledger.approve.taken_back" if back else "ledger.approve.done"
    for one in changed:
        typer.echo(say(message, language, release=one, name=names[one], role=role))
    typer.echo(say("ledger.approve.next" if changed else "ledger.approve.same", language))


def approvals(as_json: Json = False, language: Speak = Language.fi) -> None:
    """List the releases that are approved now."""
    from sosrake_lib.batch.approving import release_names
    from sosrake_lib.protect import approval

    names = release_names()
    found = [
        {"release": release, "name": names[release], "role": one.role, "approved_on": one.approved_on}
        for release, one in sorted(approval.approvals().items(), key=lambda pair: names[pair[0]])
    ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        told = {name: one[name] for name in ("release", "name", "role")}
        typer.echo(say("ledger.approvals.one", language, **told, day=one["approved_on"]))
    if not found:
        typer.echo(say("ledger.approvals.none", language))


def publish(
    folder: Annotated[Path, typer.Argument(help="cli.option.publish_folder")],
    data: Data = None,
    output: Output = None,
    project: Project = None,
    language: Speak = Language.fi,
) -> None:
    """Put the approved pages into a folder that goes out, with an index of only these."""
    from sosrake_lib.batch.publish import publish as put
    from sosrake_lib.errors import DisclosureError

    done = put(project_folder(project), folder, data=data, output=output, language=language)
    for page, reason in done.left_out.items():
        typer.echo(say("ledger.publish.left_out", language, page=page, reason=reason))
    counts = {"written": done.written, "unchanged": done.unchanged, "removed": done.removed}
    told = {"folder": str(done.folder), "pages": len(done.pages), **counts}
    if done.pages:
        typer.echo(say("ledger.publish.done", language, **told))
        typer.echo(say("ledger.publish.files", language, files=len(done.files)))
        for why in dict.fromkeys(done.files_left_out.values()):
            pages = [page for page, reason in done.files_left_out.items() if reason == why]
            said = {"count": len(pages), "page": pages[0], "reason": why}
            typer.echo(say("ledger.publish.left_out_files", language, **said), err=True)
        return
    if done.removed:
        typer.echo(say("ledger.publish.emptied", language, **told))
    raise DisclosureError(say("ledger.publish.none", language))


def _tell_standing(chosen: tuple[str, ...], releases: Path, language: str) -> None:
    """Say before the approval what stands in the hand-written texts it covers."""
    from sosrake_lib.batch.hand_findings import standing

    found = standing(chosen, releases, language)
    for one in found.to_dict("records"):
        told = {name: one[name] for name in ("place", "phrase", "advice")}
        typer.echo(say("ledger.approve.standing", language, **told), err=True)
    if len(found):
        typer.echo(say("ledger.approve.standing_count", language, count=len(found)), err=True)


def _release_lines(one: dict[str, Any], language: str) -> list[str]:
    counts = {"figures": int(one["figures"]), "hidden": int(one["hidden"])}
    state = say(f"ledger.list.state.{one['state']}", language)
    told = {name: one[name] for name in ("release", "name", "day")}
    lines = [say("ledger.list.release", language, **told, **counts, state=state)]
    pages = ", ".join(one["pages"])
    lines.append(say("ledger.list.pages" if pages else "ledger.list.no_pages", language, pages=pages))
    if one["corrected"]:
        lines.append(say("ledger.list.corrected", language, count=int(one["corrected"])))
    if one["role"]:
        lines.append(say("ledger.list.approved", language, role=one["role"], day=one["approved_on"]))
    if one["withdrawn_on"]:
        lines.append(say("ledger.list.withdrawn", language, day=one["withdrawn_on"], reason=one["reason"]))
    return lines


def _renamed(one: dict[str, Any]) -> dict[str, Any]:
    """Give a correction's columns as its message names them."""
    return {("cell" if name == "key" else name): value for name, value in one.items()}


def _home(samples: bool) -> Path:
    from sosrake_lib.protect.ledger import homes

    own, of_samples = homes()
    return of_samples if samples else own


def _output(project: Path | None, data: Path | None, output: Path | None) -> Path:
    from sosrake_lib.batch.runner import output_folder

    return output_folder(project_folder(project), data, output)
