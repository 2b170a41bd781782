"""A release: the protected form of frames, and the only thing pages and apps may show figures from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import ledger, ledger_clash, store
from sosrake_lib.protect.mask import result_ids
from sosrake_lib.protect.part import Part, check_part
from sosrake_lib.protect.protecting import figures, protect

Region = tuple[str, str] | list[tuple[str, str]] | None

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_ARITHMETIC = [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "floordiv",
    "rfloordiv",
    "mod",
    "rmod",
    "pow",
    "rpow",
    "matmul",
    "rmatmul",
    "neg",
    "pos",
    "abs",
    "round",
    "lt",
    "le",
    "gt",
    "ge",
    "int",
    "float",
    "array",
    "getitem",
    "iter",
    "contains",
]


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    raise DisclosureError(
        f"{type(self).__name__}: a release is selected from and shown, never reckoned with; "
        "compute in a recipe before protect.release, or select rows with .select(...)"
    )


class _ShownOnly:
    """Refuses arithmetic, comparison, indexing and conversion to arrays."""


for _operation in _ARITHMETIC:
    setattr(_ShownOnly, f"__{_operation}__", _refuse)


@dataclass(frozen=True, eq=False, repr=False)
class Selection(_ShownOnly):
    """Rows of one part of a release, to be shown by `sosrake_lib.influence`."""

    release_id: str
    part: str
    synthetic: bool
    _rows: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Selection({self.part} of release {self.release_id}, {len(self)} rows)"

    def select(self, region: Region = None, **filters: object) -> Selection:
        """Narrow the selection further; the same filters as `Release.select`."""
        rows = _filtered(self.part, self._rows, region, filters)
        return Selection(self.release_id, self.part, self.synthetic, rows)


@dataclass(frozen=True, eq=False, repr=False)
class Release(_ShownOnly):
    """Protected frames under the hash of their content; made by `release`, read by `Release.load`.

    Attributes
    ----------
    id : first 16 hex digits of the content's sha256.
    name : the recipe's name.
    synthetic : True when every row is invented; a release is never mixed.
    parts : names of the parts.
    minimum_count : the rule a reader is told ("fewer than 5").
    """

    id: str
    name: str
    synthetic: bool
    parts: tuple[str, ...]
    minimum_count: int
    _frames: Mapping[str, pd.DataFrame] = field(repr=False)

    def __repr__(self) -> str:
        return f"Release({self.name} {self.id}, parts {', '.join(self.parts)})"

    @classmethod
    def load(cls, id: str, folder: Path | None = None) -> Release:
        """Read a saved release; refuses one whose content is not what the id names."""
        if not re.fullmatch(r"[0-9a-f]{16}", id):
            raise DisclosureError(f"release {id!r}: expected 16 hexadecimal digits, as release(...).id gives")
        head, read = store.load(release_folder(folder) / id)
        return cls(id, head["name"], head["synthetic"], tuple(head["parts"]), head["minimum_count"], read)

    def select(self, part: str | None = None, region: Region = None, **filters: object) -> Selection:
        """Choose rows of a part.

        Parameters
        ----------
        part : its name; may be left out when the release has one part.
        region : (level, code), or a list of such pairs.
        filters : key or text columns; a value or a list of values, such as period="2019", sex=["male",
            "female"].

        Raises
        ------
        DisclosureError when the part or column does not exist, or a filter is on a figure.
        """
        if part is None and len(self.parts) == 1:
            part = self.parts[0]
        if part is None or part not in self._frames:
            raise DisclosureError(
                f"release {self.name}: part {part!r} does not exist; expected one of {', '.join(self.parts)}"
            )
        rows = _filtered(part, self._frames[part], region, filters)
        return Selection(self.id, part, self.synthetic, rows)


def release(
    parts: Mapping[str, Part],
    *,
    name: str,
    preview: bool = False,
    home: Path | None = None,
    folder: Path | None = None,
    corrects: str | None = None,
    language: str = "en",
) -> Release:
    """Protect all parts together, audit them, and let them leave the house.

    Counts under the rule's minimum are hidden, then further cells until no hidden count can be reckoned back
    from this release and everything in the ledger (`suppress`, `audit`). A hidden row shows one mark and
    nothing else.

    Parameters
    ----------
    parts : name -> `part(...)`; all regions at once. A name is a-z, 0-9 and _.
    name : what is released, such as the recipe's name; it enters the content hash.
    preview : protect in the same way, but record nothing and save nothing.
    home : folder of the ledger (default `samples.home()`).
    folder : where releases are saved (default $SOSRAKE_RELEASES, else reports/releases of the project).
    corrects : reason why published figures have changed.
    language : of a refusal that names an earlier figure, `fi` or `en`.

    Returns
    -------
    Release, equal bytes for equal content.

    Raises
    ------
    DisclosureError when a part breaks its rules, a figure cannot be protected or left with another value, or
    the very same release has been withdrawn.
    """
    _check(parts, name)
    with ledger.opened(home, write=not preview) as book:
        indicators = {indicator for given in parts.values() for indicator in given.frame["indicator"]}
        try:
            protected = protect(parts, book.earlier(indicators), book.declared())
        except DisclosureError as refusal:
            raise ledger_clash.told(refusal, book, language) from None
        made = _release(parts, name, protected)
        if not preview:
            declared = {
                indicator: given.totals
                for given in parts.values()
                for indicator in set(given.frame["indicator"])
            }
            book.record((made.id, name), figures(parts, protected), declared, corrects, language)
    if not preview:
        # After the ledger: a recorded release without files can be made again, the contrary is never audited.
        store.save(release_folder(folder) / made.id, _head(parts, made), protected)
    return made


def protected_frame(selection: Selection) -> pd.DataFrame:
    """Give the rows of a selection to `influence`, which draws and words them; for no other use.

    Hidden rows have status `suppressed` and no number. `result_id` names each row for good.
    """
    if not isinstance(selection, Selection):
        raise DisclosureError(
            f"protected_frame: expected a Selection, got {type(selection).__name__}; use Release.select(...)"
        )
    return selection._rows.reset_index(drop=True).copy()


def release_folder(folder: Path | None = None) -> Path:
    """Say where releases are saved."""
    if folder is not None:
        return Path(folder)
    if os.environ.get("SOSRAKE_RELEASES"):
        return Path(os.environ["SOSRAKE_RELEASES"])
    from sosrake_lib import samples

    return samples.project_root() / "reports" / "releases"


def _check(parts: Mapping[str, Part], name: str) -> None:
    if not parts:
        raise DisclosureError(f"release {name}: it has no parts; give at least one part(...)")
    for part_name, given in parts.items():
        if not _NAME.fullmatch(part_name) or not _NAME.fullmatch(name):
            raise DisclosureError(f"release {name}: part {part_name!r}: names are a-z, 0-9 and _")
        if not isinstance(given, Part):
            raise DisclosureError(f"release {name}: part {part_name}: make it with protect.part(...)")
        check_part(part_name, given)
    origins = {origin for given in parts.values() for origin in given.frame["origin"]}
    if "synthetic" in origins and origins != {"synthetic"}:
        raise DisclosureError(
            f"release {name}: synthetic parts stand among real ones; invented and real figures never meet: "
            "make two releases"
        )


def _rules(parts: Mapping[str, Part]) -> dict[str, dict]:
    return {name: asdict(given.rules) for name, given in sorted(parts.items())}


def _release(parts: Mapping[str, Part], name: str, protected: dict[str, pd.DataFrame]) -> Release:
    for part_name, frame in protected.items():
        frame["result_id"] = pd.Series(result_ids(part_name, frame), dtype="str", index=frame.index)
    content = store.content_hash(name, _rules(parts), protected)
    synthetic = any("synthetic" in set(given.frame["origin"]) for given in parts.values())
    guarded = [given.rules.minimum_count for given in parts.values() if not given.rules.open]
    minimum = guarded[0] if guarded else next(iter(parts.values())).rules.minimum_count
    return Release(content[: store.ID_LENGTH], name, synthetic, tuple(sorted(protected)), minimum, protected)


def _head(parts: Mapping[str, Part], made: Release) -> dict:
    return {
        "form": store.FORM,
        "id": made.id,
        "sha256": store.content_hash(made.name, _rules(parts), made._frames),
        "name": made.name,
        "synthetic": made.synthetic,
        "minimum_count": made.minimum_count,
        "parts": list(made.parts),
        "rules": _rules(parts),
    }


def _filtered(part: str, rows: pd.DataFrame, region: Region, filters: Mapping[str, object]) -> pd.DataFrame:
    chosen = pd.Series(True, index=rows.index)
    if region is not None:
        pairs = {region} if isinstance(region, tuple) else set(region)
        here = zip(rows["region_level"], rows["region_code"], strict=True)
        chosen &= np.array([pair in pairs for pair in here], dtype=bool)
    for column, wanted in filters.items():
        figure = column in frames.NUMBERS or (
            column in rows and column not in ("borders", "confidence") and rows[column].dtype.kind == "f"
        )
        if column not in rows or figure:
            raise DisclosureError(
                f"part {part}: no selection by {column}; it is no key or text column of this part"
            )
        values = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
        chosen &= rows[column].isin(values)
    return rows[chosen].reset_index(drop=True)
