"""Releases for the batch and for a person at a notebook: made over all regions at once, opened anywhere."""

from __future__ import annotations

import hmac
import inspect
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch.faults import without_values
from sosrake_lib.batch.journal import Journal, digest, file_hash, folder_hash
from sosrake_lib.errors import BatchError, SosrakeError
from sosrake_lib.language import say
from sosrake_lib.regions_sums import CountsClash

if TYPE_CHECKING:
    from sosrake_lib.batch.plan import Plan, ReleasePlan
    from sosrake_lib.protect import Part, Release
    from sosrake_lib.protect.ledger_withdrawal import Withdrawal

HAND_TEXTS = "omat_tekstit"  # folder of the data folder, and part of a release, that people's own texts are
REGISTER_ENTRIES = "seuranta"  # source of rows that are entries of the house's own register
Recipe = Callable[[Path | None], "Mapping[str, Part]"]

# Tables of the register whose rows are shown nowhere: noting them makes no page again.
_NOT_SHOWN = ("lainausjulkaisu", "lainaussivu", "varmuuskopio")
# What a released figure or an executed page depends on beside this library's own files.
_PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "seaborn",
    "statsmodels",
    "pyarrow",
    "papermill",
    "nbclient",
)


@dataclass(frozen=True)
class Made:
    """Release ids by name; names made in this run; a line for each that could not be made, or lacks data.

    `withdrawn` are those whose very content has been withdrawn: their pages are left out.
    """

    ids: Mapping[str, str]
    fresh: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)


def open_release(name: str, release_id: str = "", data: Path | None = None) -> Release:
    """Open a release by its id, or preview it from the recipe when there is no id yet.

    A notebook opened by hand has `julkaisu = ""`: the recipe is cooked from the samples (or `data`) and shown
    as a preview, which leaves nothing in the ledger. In the batch the id is given and nothing is computed.

    Raises
    ------
    BatchError when the name is no recipe, or the id belongs to a release of another name.
    """
    from sosrake_lib.protect import Release, release

    if release_id:
        opened = Release.load(release_id)
        if opened.name != name:
            raise BatchError(f"release {release_id} is named {opened.name!r}; expected {name!r}; give its id")
        return opened
    recipes = known_recipes()
    if name not in recipes:
        raise BatchError(f"release {name!r}: there is no such recipe; known are {', '.join(recipes)}")
    return release(recipes[name](data), name=name, preview=True)


def known_recipes() -> Mapping[str, Recipe]:
    """Give the recipes of the library by name."""
    from sosrake_lib.batch.recipes import RECIPES

    return RECIPES


def make_releases(
    plan: Plan,
    journal: Journal,
    *,
    data: Path | None,
    recipes: Mapping[str, Recipe],
    library: str,
    corrects: str = "",
    said: Callable[[int, str], None] = lambda done, name: None,
    opened: Collection[str] | None = None,
) -> Made:
    """Make the releases that the plan's tasks open, over all regions; skip what is unchanged.

    With `opened`, the names that the asked pages open, the others are not made again: they stay as they last
    were, and are not there when they never were.

    A release is unchanged when the journal knows it under the same fingerprint (data files, gathered files,
    recipe, rule sets, `library`) and its files still have the hash they had. One that is refused does not
    stop the others. One whose table a user's own folder does not hold is `absent`; the shipped samples hold
    every table, so there it is refused.
    """
    from sosrake_lib import samples
    from sosrake_lib.protect.ledger_withdrawal import withdrawals

    gone = withdrawals()
    needed = {name for task in plan.tasks for name in task.releases}
    common = {
        "data": data_fingerprint(data) if needed else "",
        "register": register_fingerprint(),
        "library": library,
    }
    ids: dict[str, str] = {}
    fresh: list[str] = []
    refused: dict[str, str] = {}
    absent: dict[str, str] = {}
    withdrawn: dict[str, str] = {}
    left = 0
    for one in plan.releases:
        if one.name not in needed:
            continue
        if opened is not None and one.name not in opened:
            last, content = journal.last_release(one.name)
            if last in gone:
                withdrawn[one.name] = _withdrawn(gone[last], one.name, plan.language)
            elif last and folder_hash(release_folder(journal.output) / last) == content:
                ids[one.name] = last
                left += 1
            continue
        recipe = recipes[one.recipe]
        fingerprint = digest(
            {**common, "recipe": one.recipe, "rules": list(one.rules), "source": _source(recipe)}
        )
        known, content = journal.release(one.name, fingerprint)
        if known in gone:
            withdrawn[one.name] = _withdrawn(gone[known], one.name, plan.language)
            continue
        if known and folder_hash(release_folder(journal.output) / known) == content:
            ids[one.name] = known
            continue
        said(len(ids) - left + len(refused) + len(absent), one.name)
        try:
            make = partial(_make, one, recipe, journal, data, corrects, plan.language)
            ids[one.name] = without_values(one.name, make, plan.language)
        except samples.AbsentTable as lacking:
            if samples.is_shipped(data):
                refused[one.name] = str(lacking)
            else:
                absent[one.name] = (
                    say("batch.no_table", plan.language, table=lacking.table)
                    if lacking.table
                    else str(lacking)
                )
            continue
        except SosrakeError as refusal:
            # made again with the very content that was withdrawn: the ledger refused it
            again = str(refusal) in {_withdrawn(each, one.name, plan.language) for each in gone.values()}
            (withdrawn if again else refused)[one.name] = _refusal(refusal, plan.language)
            continue
        content = folder_hash(release_folder(journal.output) / ids[one.name])
        journal.enter_release(one.name, fingerprint, ids[one.name], content)
        fresh.append(one.name)
    return Made(ids, tuple(fresh), refused, absent, withdrawn)


def release_folder(output: Path) -> Path:
    """Give the folder of an output folder's releases."""
    return output / "releases"


def data_fingerprint(data: Path | None, leave_out: tuple[str, ...] = ()) -> str:
    """Give one hash over the data folder's files, what was gathered, and the owner's own rules.

    Parameters
    ----------
    leave_out : folders of the data folder that do not count.
    """
    from sosrake_lib import samples
    from sosrake_lib.protect.owner_rules import FILE_NAME
    from sosrake_lib.protect.rounding import kept_salt

    folder = samples.folder(data)
    gathered = samples.home() / "gathered"
    rules = file_hash(samples.home() / FILE_NAME)
    content = digest(
        {"data": folder_hash(folder, leave_out=leave_out), "gathered": folder_hash(gathered), "rules": rules}
    )
    if samples.is_shipped(data):
        return content
    # The journal stands beside the pages: a hash in the clear could be tried against the few possible values
    # of an office's small table, so it is sealed with the house's secret.
    return hmac.new(kept_salt(samples.home()), content.encode("ascii"), "sha256").hexdigest()


def read_fingerprint(project: Path, data: Path | None) -> str:
    """Give one hash over what a notebook may read besides its releases: the data folder and the register.

    A project may have no data folder of its own; then its notebooks read none. Hand-written texts reach a
    notebook through its release, so writing one runs only the pages of that release again.
    """
    from sosrake_lib import samples

    named = data is not None or "SOSRAKE_DATA" in os.environ
    there = named or (project / samples.SHIPPED).is_dir()
    read = data_fingerprint(data, leave_out=(HAND_TEXTS,)) if there else ""
    return digest({"data": read, "register": register_fingerprint()})


def register_fingerprint() -> str:
    """Give one hash of the register as it stands; empty when there is none.

    It changes with every line of the trail but those that only tell what was done with what is there (where
    quotes were shown, backups), and with the quotes that may be shown today: a permission may end by itself.
    """
    from sosrake_lib.batch.quotes_shown import permitted_today
    from sosrake_lib.register.trail import newest_hash

    newest = newest_hash(leave_out=_NOT_SHOWN)
    return digest({"trail": newest, "quotes": permitted_today()}) if newest else ""


def library_fingerprint() -> str:
    """Give one hash over the library's own files and the versions of what computes and draws."""
    package = Path(__file__).resolve().parents[1]
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return digest({"files": folder_hash(package), "versions": versions})


def ledger_home(data: Path | None, parts: Mapping[str, Part] | None = None) -> Path:
    """Give the folder of the ledger that what is made from a data folder goes to.

    Figures made from the shipped samples have a ledger of their own. Over the samples a recipe may still read
    the house's own register: a release with one row of its own that is no sum of published figures belongs to
    the house's own ledger, whatever the data folder.

    Parameters
    ----------
    parts : what the recipe gave; without them only the data folder is looked at.
    """
    from sosrake_lib import samples
    from sosrake_lib.protect.ledger import SAMPLES

    home = samples.home()
    return home / SAMPLES if samples.is_shipped(data) and not _of_the_house(parts or {}) else home


def _of_the_house(parts: Mapping[str, Part]) -> bool:
    """Say whether a part holds a row that the house has counted itself and no source has published."""
    for part in parts.values():
        own = part.frame["origin"] == "own"
        if "made_from" in part.frame:
            own &= part.frame["made_from"] != "published"
        if own.any():
            return True
    return False


def areas_of(release_id: str, folder: Path) -> frozenset[tuple[str, str]]:
    """Name the areas (level, code) a saved release tells something of.

    That is a figure, a figure it protects, or an entry in words of the house's own register.
    """
    from sosrake_lib.protect import Release, protected_frame

    release = Release.load(release_id, folder=folder)
    found: set[tuple[str, str]] = set()
    for part in release.parts:
        rows = protected_frame(release.select(part=part))
        entered = rows["source"] == REGISTER_ENTRIES if "source" in rows else False
        told = rows.loc[rows["status"].isin(("ok", "suppressed")) | entered]
        found |= set(zip(told["region_level"], told["region_code"], strict=True))
    return frozenset(found)


def _make(
    one: ReleasePlan, recipe: Recipe, journal: Journal, data: Path | None, corrects: str, language: str
) -> str:
    from sosrake_lib import protect
    from sosrake_lib.protect.owner_rules import rules_of

    with rules_of(data):
        parts = recipe(data)
    for name, part in parts.items():
        if part.rules.name not in one.rules:
            raise BatchError(
                say(
                    "batch.rules",
                    language,
                    release=one.name,
                    part=name,
                    used=part.rules.name,
                    allowed=", ".join(one.rules),
                )
            )
    made = protect.release(
        parts,
        name=one.name,
        home=ledger_home(data, parts),
        folder=release_folder(journal.output),
        corrects=corrects or _samples_changed(data, parts),
        language=language,
    )
    return made.id


def _refusal(refusal: SosrakeError, language: str) -> str:
    """Say a refusal in the plan's language where it can be: a value at odds with its own counts."""
    from sosrake_lib.protect.ledger_clash import in_words

    if not isinstance(refusal, CountsClash):
        return str(refusal)
    return say("batch.counts_clash", language, figure=in_words(refusal.figure, language))


def _withdrawn(one: Withdrawal, name: str, language: str) -> str:
    return say("ledger.withdrawn", language, release=one.release, name=name, day=one.day, reason=one.reason)


def _samples_changed(data: Path | None, parts: Mapping[str, Part]) -> str | None:
    """Give the reason why the shipped samples' figures changed: with the library or what was gathered."""
    from sosrake_lib import samples

    if not samples.is_shipped(data) or _of_the_house(parts):
        return None
    return "the shipped samples, what was gathered over them, or their recipe changed"


def _source(recipe: Recipe) -> str:
    file = inspect.getsourcefile(inspect.unwrap(recipe))
    return file_hash(Path(file)) if file else ""
