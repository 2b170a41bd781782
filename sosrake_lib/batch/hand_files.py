"""Hand-written texts on disk: one file an output and region, replaced whole, with what was written earlier.

`omat_tekstit/<output>/<slug>.toml` in the data folder has one table a field. The file can be edited by hand
as well; `sosrake write` keeps the earlier versions in it.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sosrake_lib import samples
from sosrake_lib.batch.journal import digest
from sosrake_lib.batch.releases import HAND_TEXTS
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.language import say

FOLDER = HAND_TEXTS
MOST_EARLIER = 20  # earlier versions kept of one field
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WAIT = 10.0  # seconds one writer waits for another
_FILE_KEYS = ("output", "region", "kind")
_ENTRY_KEYS = ("text", "text_en", "role", "written", "based_on", "read_again", "confirmed")
_HEAD = (
    "# Ihmisen kirjoittamat kohdat. Komento `sosrake write` kirjoittaa tämän tiedoston ja säilyttää aiemmat\n"
    "# versiot. Jos muokkaat tekstiä itse, vaihda myös rooli ja päivä (written).\n"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hand-written text.

    Attributes
    ----------
    text : as it was written, paragraphs parted by an empty line; text_en : the same in English, or "".
    role : who wrote it, by role and never by name. written : day of writing.
    based_on : hash of the figures beneath at the time of writing, or "" when it is not known.
    read_again : day someone read it beside changed figures and found it still true.
    confirmed : a person has said that what looks like personal data is none.
    earlier : versions before this one, the newest first.
    """

    text: str
    role: str
    written: date
    based_on: str = ""
    text_en: str = ""
    read_again: date | None = None
    confirmed: bool = False
    earlier: tuple[Entry, ...] = ()


def path_of(output: str, slug: str, data: Path | None = None) -> Path:
    """Give the file of one output and region."""
    return samples.folder(data) / FOLDER / output / f"{slug}.toml"


def slugs(output: str, data: Path | None = None) -> tuple[str, ...]:
    """Name the regions (slugs) that have hand-written texts in an output."""
    return tuple(sorted(path.stem for path in (samples.folder(data) / FOLDER / output).glob("[a-z]*.toml")))


def read(output: str, slug: str, data: Path | None = None) -> dict[str, Entry]:
    """Read the texts of one output and region by field; an empty dict when there is no file.

    Raises
    ------
    GatherError naming file, field and what is wrong with it.
    """
    path = path_of(output, slug, data)
    try:
        # utf-8-sig: editors of Windows put a mark at the start
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise GatherError(say("hand.unreadable", path=str(path), why=str(fault))) from None
    named = found.get("output", output), found.get("region", slug)
    if named != (output, slug):
        raise GatherError(say("hand.misplaced", path=str(path), output=str(named[0]), region=str(named[1])))
    return {name: _entry(path, name, one) for name, one in found.items() if name not in _FILE_KEYS}


def change(output: str, slug: str, field: str, entry: Entry | None, data: Path | None = None) -> Entry | None:
    """Put a text in the place of the present one, which goes among the earlier ones; None removes it.

    The same words by the same role are no other version: the present one is then replaced.

    The file is read and replaced while no other writer may, in one step: a reader, and a machine whose power
    fails, sees the old file or the new one.

    Raises
    ------
    GatherError when another writer keeps the file for ten seconds, or the present file cannot be read.
    """
    path = path_of(output, slug, data)
    with _only_writer(path):
        there = read(output, slug, data)
        before = there.pop(field, None)
        if entry is not None:
            same = before if before is not None and same_words(before, entry) else None
            there[field] = replace(entry, earlier=same.earlier if same else _with(before, entry.earlier))
        elif before is not None and before.text:
            # what was written is kept even when nothing is shown any more
            there[field] = replace(before, text="", text_en="", earlier=_with(before, ()))
        body = as_toml(output, slug, there)
        replace_file(path, body.encode("utf-8"))
        return there.get(field)


def same_words(one: Entry, other: Entry) -> bool:
    """Say whether two texts are the same words, in both languages, by the same role."""
    return (one.text, one.text_en, one.role) == (other.text, other.text_en, other.role)


def as_toml(output: str, slug: str, entries: Mapping[str, Entry]) -> str:
    """Write the texts of one output and region as a file.

    Examples
    --------
    >>> from datetime import date
    >>> written = as_toml("koe", "hva-E1", {"arvio": Entry("Hyvä.", "sosiaalityöntekijä", date(2026, 5, 4))})
    >>> print(written.splitlines()[-3])
    text = "Hyvä."
    """
    lines = [_HEAD + f"output = {_text(output)}", f"region = {_text(slug)}"]
    if _is_invented(slug):
        lines.append('kind = "synthetic"  # keksitty esimerkki')
    for name, entry in entries.items():
        lines += ["", f"[{name}]", *_entry_lines(entry)]
        for one in entry.earlier:
            lines += ["", f"[[{name}.earlier]]", *_entry_lines(one)]
    return "\n".join(lines) + "\n"


def tidy(text: str) -> str:
    r"""Give a text in the one form it is kept in: plain line ends, no control characters, no loose spaces.

    Examples
    --------
    >>> tidy("  Yksi\r\nkaksi  \r\n\r\n\r\nkolme ")
    'Yksi\nkaksi\n\nkolme'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    # Lone halves of surrogate pairs and control characters are no text and no file may hold them.
    plain = re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]", "", plain)
    lines = [line.strip() for line in plain.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _with(before: Entry | None, others: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if before is None:
        return others[:MOST_EARLIER]
    told = (replace(before, earlier=()),) if before.text else ()
    return (*told, *before.earlier)[:MOST_EARLIER]


def _entry(path: Path, name: str, table: Any) -> Entry:
    if not isinstance(table, Mapping) or not _NAME.fullmatch(name.removesuffix(".earlier")):
        raise GatherError(say("hand.no_table", path=str(path), field=name))
    for key in table:
        if key not in (*_ENTRY_KEYS, "earlier"):
            known = ", ".join(_ENTRY_KEYS)
            raise GatherError(say("hand.extra", path=str(path), field=name, name=key, known=known))
    days = {key: _day(path, name, key, table.get(key)) for key in ("written", "read_again")}
    texts = {}
    for key in ("text", "text_en", "role", "based_on"):
        given = table.get(key, "")
        if not isinstance(given, str):
            raise GatherError(say("hand.no_text", path=str(path), field=name, name=key))
        texts[key] = tidy(given)
    if days["written"] is None or not texts["role"]:
        raise GatherError(say("hand.lacks", path=str(path), field=name))
    earlier = table.get("earlier", ())
    if not isinstance(earlier, list | tuple):
        raise GatherError(say("hand.no_table", path=str(path), field=f"{name}.earlier"))
    return Entry(
        **texts,
        written=days["written"],
        read_again=days["read_again"],
        confirmed=table.get("confirmed") is True,
        earlier=tuple(_entry(path, f"{name}.earlier", one) for one in earlier),
    )


def _day(path: Path, name: str, key: str, given: Any) -> date | None:
    if given is None or given == "":
        return None
    try:
        return given if type(given) is date else date.fromisoformat(str(given))
    except ValueError:
        raise GatherError(say("hand.no_day", path=str(path), field=name, name=key, day=str(given))) from None


def _entry_lines(entry: Entry) -> list[str]:
    lines = [f"text = {_text(entry.text)}"]
    if entry.text_en:
        lines.append(f"text_en = {_text(entry.text_en)}")
    lines += [f"role = {_text(entry.role)}", f"written = {entry.written.isoformat()}"]
    if entry.based_on:
        lines.append(f"based_on = {_text(entry.based_on)}")
    if entry.read_again:
        lines.append(f"read_again = {entry.read_again.isoformat()}")
    return [*lines, "confirmed = true"] if entry.confirmed else lines


def _text(given: str) -> str:
    if "\n" not in given:
        return json.dumps(given, ensure_ascii=False)
    body = given.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    body = body[:-1] + '\\"' if body.endswith('"') else body
    return f'"""\n{body}"""'


def _is_invented(slug: str) -> bool:
    from sosrake_lib import regions

    return "-" in slug and regions.is_invented(slug.partition("-")[2])


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Keep a file for one writer; the operating system lets the lock go when its process ends."""
    folder = samples.home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(
        folder / f"{digest(str(path.resolve()))[:16]}.sqlite", timeout=_WAIT, isolation_level=None
    )
    try:
        try:
            lock.execute("begin exclusive")
        except sqlite3.OperationalError:
            raise GatherError(say("hand.busy", path=str(path))) from None
        yield
    finally:
        lock.close()
