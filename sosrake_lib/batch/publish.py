"""Publishing: the approved pages of the built site into a folder that goes out, with an index of only these.

The pages are made again from the same executed notebooks, so that no link leads to a page that is left out.
A page goes out when every release it rests on is approved and none is withdrawn, judged now and not when
the site was built. What an earlier publishing wrote and this one does not is removed; what others wrote is
never touched. Files of outputs (PDF, Word, slides, pictures, figures) go by the same rule: `publish_files`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch import approving, publish_files, quotes_shown, releases, runner, site_stage
from sosrake_lib.batch import plan as plans
from sosrake_lib.batch.journal import Journal, hold
from sosrake_lib.batch.outputs_render import Renderer, by_documents
from sosrake_lib.batch.publisher import background_of
from sosrake_lib.errors import BatchError, SosrakeError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page
    from sosrake_lib.influence.site_background import Background
    from sosrake_lib.influence.site_downloads import Download
    from sosrake_lib.protect.approval import Approval
    from sosrake_lib.protect.ledger_withdrawal import Withdrawal


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: pages that are out (`fi/kunta-297/alueprofiili`), why others are not, files.

    `files` are addresses of the outputs' files that are out, `files_left_out` says of pages that are out why
    their files are not.
    """

    folder: Path
    pages: tuple[str, ...]
    left_out: Mapping[str, str]
    written: int
    unchanged: int
    removed: int
    files: tuple[str, ...] = ()
    files_left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides whether a page goes out."""

    approved: Mapping[str, Approval]
    withdrawn: Mapping[str, Withdrawal]
    names: Mapping[str, str]


def publish(
    project: Path,
    folder: Path,
    *,
    data: Path | None = None,
    output: Path | None = None,
    language: str = "fi",
    renderer: Renderer = by_documents,
) -> Published:
    """Put the approved pages of the built site into a folder, in both languages, with their files.

    Parameters
    ----------
    project, data, output : as `runner.run`; they say where the built site is.
    folder : where the pages go; it may hold files of others, which are left alone.
    language : of messages and of the reasons in the report.
    renderer : the one `sosrake outputs` made the files with.

    Returns
    -------
    Published. Without any approved page `pages` is empty; what had been published before is then removed.

    Raises
    ------
    BatchError when there is no site, the folder is where the site is made, or a file of somebody else stands
    where a page would go; then nothing is written.
    """
    project, place = Path(project).resolve(), runner.output_folder(Path(project).resolve(), data, output)
    target = Path(folder).resolve()
    if target == place or target.is_relative_to(place) or place.is_relative_to(target / "en"):
        raise BatchError(say("ledger.publish.inside", language, folder=str(folder)))
    from sosrake_lib.protect.approval import approvals

    site = place / site_stage.SITE
    with hold(place, language), closing(Journal(place)) as journal:
        listed = approving.pages_of_site(site)
        if not any(listed.values()):
            raise BatchError(say("ledger.approve.no_site", language, folder=str(site)))
        plan = plans.load(project, recipes=releases.known_recipes(), language=language)
        made, left_out = _approved_pages(plan, journal, listed)
        table = publish_files.table_of(project, place, plan)
        beside = _variants(table, journal) if made else {}
        both = {**made, **beside}
        stands = quotes_shown.on_pages(both, releases.release_folder(place))
        _note_quotes(both, left_out, stands, language)
        files = publish_files.collect(table, both, renderer)
    made = {name: page for name, page in made.items() if name in both}
    around = background_of(made.values(), releases.release_folder(place), data, approvals())
    counts = _write(made, target, language, around, files.offered)
    out = tuple(
        one.address if tongue == "fi" else f"{tongue}/{one.address}"
        for tongue, offered in files.offered.items()
        for one in offered
    )
    return Published(target, tuple(sorted(made)), left_out, *counts, tuple(sorted(out)), files.left_out)


def _approved_pages(
    plan: plans.Plan, journal: Journal, listed: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[dict[str, Page], dict[str, str]]:
    """Make the pages that may go out, and say of each other one why it may not."""
    from sosrake_lib.protect.approval import approvals
    from sosrake_lib.protect.ledger_withdrawal import withdrawals

    known = _Known(approvals(), withdrawals(), approving.release_names())
    tasks = {task.key: task for task in plan.tasks}
    order = list(dict.fromkeys(task.page for task in plan.tasks))
    made: dict[str, Page] = {}
    left_out: dict[str, str] = {}
    for tongue, pages in listed.items():
        for key, rests_on in pages.items():
            name = f"{tongue}/{key}"
            why = _why_not(rests_on, known, plan.language)
            task = tasks.get(key)
            if why or task is None:
                left_out[name] = why or say("ledger.publish.reason.stale", plan.language)
                continue
            notebook = journal.output / runner.NOTEBOOKS / tongue / task.slug / f"{task.page}.ipynb"
            source = site_stage.PageSource(task, notebook, order.index(task.page))
            try:
                page = site_stage.page_of(source, tongue, known.approved) if notebook.is_file() else None
            except SosrakeError as refusal:
                left_out[name] = say("ledger.publish.reason.failed", plan.language, reason=str(refusal))
                continue
            whole = page is not None and journal.is_whole(name, notebook)
            if page is None or not whole or set(page.releases) != set(rests_on):
                left_out[name] = say("ledger.publish.reason.stale", plan.language)
                continue
            made[name] = page
    return made, left_out


def _variants(table: publish_files.Table, journal: Journal) -> dict[str, Page]:
    """Make the pages behind files that are no pages of the site, those that may go out."""
    from sosrake_lib.protect.approval import approvals
    from sosrake_lib.protect.ledger_withdrawal import withdrawals

    known = _Known(approvals(), withdrawals(), {})
    found: dict[str, Page] = {}
    for tongue in approving.LANGUAGES:
        for key, piece in publish_files.variants(table).items():
            source = publish_files.source_of(table, piece, tongue)
            name = f"{tongue}/{key}"
            if not source.notebook.is_file() or not journal.is_whole(name, source.notebook):
                continue
            page = site_stage.page_of(source, tongue, known.approved)
            if not _why_not(page.releases, known, table.plan.language):
                found[name] = page
    return found


def _note_quotes(
    made: dict[str, Page], left_out: dict[str, str], stands: Sequence[quotes_shown.Stands], language: str
) -> None:
    """Leave out pages with a quote that may not be shown today, and note where the others stand.

    Noted before anything is written: a page that then fails to be written is one place too many to look at,
    a page that was written and not noted would be one too few.
    """
    today = date.today()
    for name, why in quotes_shown.refused(stands, today, language).items():
        left_out[name] = why
        made.pop(name)
    quotes_shown.note_pages([one for one in stands if one.page in made], today)


def _why_not(rests_on: Sequence[str], known: _Known, language: str) -> str:
    """Say why a page may not go out; empty when it may."""
    for release in rests_on:
        if release in known.withdrawn:
            one = known.withdrawn[release]
            told = {"release": release, "day": one.day, "reason": one.reason}
            return say("ledger.publish.reason.withdrawn", language, **told)
    drafts = [release for release in rests_on if release not in known.approved]
    if drafts:
        named = ", ".join(f"{release} ({known.names.get(release, '?')})" for release in drafts)
        return say("ledger.publish.reason.draft", language, releases=named)
    return "" if rests_on else say("ledger.publish.reason.no_release", language)


def _write(
    made: Mapping[str, Page],
    target: Path,
    language: str,
    around: Background,
    offered: Mapping[str, tuple[Download, ...]],
) -> tuple[int, int, int]:
    """Write each language's pages, or take down what it had; give files written, left alone and removed."""
    from sosrake_lib.influence.site import previous_round, site_content, site_root
    from sosrake_lib.influence.site_files import clear, foreign, write_all

    content: dict[str, dict[str, bytes | Path]] = {}
    for tongue in approving.LANGUAGES:
        if any(page.context.language == tongue for page in made.values()):
            files = offered.get(tongue, ())
            previous = previous_round(site_root(target, tongue))
            beside = replace(around, previous=previous, downloads=files)
            pages = site_content(made.values(), tongue, background=beside)
            content[tongue] = {**pages, **{one.address: one.source for one in files}}
            stranger = foreign(site_root(target, tongue), content[tongue])
            if stranger:
                raise BatchError(say("ledger.publish.foreign", language, file=stranger))
    written = unchanged = removed = 0
    for tongue in approving.LANGUAGES:
        root = site_root(target, tongue)
        if tongue not in content:
            removed += clear(root) if root.is_dir() else 0
            continue
        done = write_all(root, content[tongue])
        written, unchanged = written + done.written, unchanged + done.unchanged
        removed += done.removed
    return written, unchanged, removed
