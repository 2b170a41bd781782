"""What a notebook, an address line or a widget may ask for, and the check that holds them to it.

`notebooks/parameters.toml` has one table a notebook (its path under `notebooks/` without `.ipynb`) and in it
one table a parameter: type, allowed values, range, default and labels. Nothing reaches a kernel unchecked.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sosrake_lib import regions
from sosrake_lib.errors import FrameError, ParameterError, RegionError
from sosrake_lib.frame import period_end
from sosrake_lib.language import say

TYPES = ("text", "integer", "number", "boolean", "choice", "region", "period")
Value = str | int | float | bool

_FIELDS = {"type", "default", "label_fi", "label_en", "allowed", "low", "high", "level", "within", "pattern"}
_TRUE = ("true", "1", "kyllä", "kylla", "yes")
_FALSE = ("false", "0", "ei", "no")
_MEANINGFUL = {
    "allowed": ("choice", "integer", "period"),
    "low": ("integer", "number"),
    "high": ("integer", "number"),
    "level": ("region",),
    "within": ("region",),
    "pattern": ("text",),
}


@dataclass(frozen=True)
class Parameter:
    """One thing a notebook may be asked: its type, limits, default and what it is called on a page.

    `level` of a region is either a region level (`kunta`) or the name of the parameter that holds it
    (`alue_taso`); `within` names the set of municipalities (`alue51`) the region must belong to.
    """

    name: str
    type: str
    default: Value
    label_fi: str
    label_en: str
    allowed: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    level: str = ""
    within: str = ""
    pattern: str = ""

    def label(self, language: str = "fi") -> str:
        """Give the label of this parameter in Finnish or English."""
        return self.label_en if language == "en" else self.label_fi


def notebooks(project: Path | None = None) -> tuple[str, ...]:
    """Name the notebooks that declare parameters."""
    return tuple(_tables(project))


def definitions(notebook: str, *, project: Path | None = None, language: str = "fi") -> tuple[Parameter, ...]:
    """Give the parameters a notebook declares, in the order of the file.

    Parameters
    ----------
    notebook : path under `notebooks/` without `.ipynb`, such as `3_tiedon_tyostaminen/alueprofiili`.
    project : folder that holds `notebooks/`; without it SOSRAKE_PROJECT, else the nearest parent.

    Raises
    ------
    ParameterError when the notebook has no table, or its table is not well formed.
    """
    tables = _tables(project)
    if notebook not in tables:
        known = ", ".join(tables)
        raise ParameterError(say("parameters.no_table", language, notebook=notebook, known=known))
    return tuple(_parameter(notebook, name, table) for name, table in tables[notebook].items())


def check(
    notebook: str, values: Mapping[str, object], *, project: Path | None = None, language: str = "fi"
) -> dict[str, Value]:
    """Return the checked values of every parameter of a notebook; what was not given has its default.

    Raises
    ------
    ParameterError naming notebook, parameter, value, what is expected; for a ceased region its successor.
    """
    declared = {one.name: one for one in definitions(notebook, project=project, language=language)}
    for name in values:
        if name not in declared:
            names = ", ".join(declared)
            raise ParameterError(
                say("parameters.unknown", language, notebook=notebook, name=name, names=names)
            )
    given = {name: values.get(name, one.default) for name, one in declared.items()}
    checked = {name: _typed(notebook, one, given[name], language) for name, one in declared.items()}
    for one in declared.values():
        if one.type == "region":
            _check_region(notebook, one, checked, language)
    return checked


def from_query(
    notebook: str, query: str, *, project: Path | None = None, language: str = "fi"
) -> dict[str, Value]:
    """Read the parameters of a notebook from an address line (`alue_taso=kunta&alue_koodi=297`).

    Text of the address is turned into the declared type first (`1,5` and `1.5` are the same number, `kyllä`
    and `true` the same truth), then checked as in `check`.
    """
    declared = {one.name: one for one in definitions(notebook, project=project, language=language)}
    values: dict[str, object] = {}
    for name, text in parse_qsl(query.lstrip("?"), keep_blank_values=True):
        if name in values:
            raise ParameterError(say("parameters.twice", language, notebook=notebook, name=name))
        values[name] = _from_text(declared[name], text) if name in declared else text
    return check(notebook, values, project=project, language=language)


def to_query(values: Mapping[str, Value]) -> str:
    """Write checked values as an address line that `from_query` reads back.

    >>> to_query({"alue_taso": "kunta", "alue_koodi": "046"})
    'alue_taso=kunta&alue_koodi=046'
    """
    texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
    return urlencode(texts)


def _project(project: Path | None) -> Path:
    # samples.project_root stands below this module, so the rule is said again in its short form
    if project is not None:
        return Path(project)
    if os.environ.get("SOSRAKE_PROJECT"):
        return Path(os.environ["SOSRAKE_PROJECT"])
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / "parameters.toml").is_file():
            return folder
    return Path(__file__).resolve().parents[1]


def _tables(project: Path | None) -> dict[str, dict]:
    path = _project(project) / "notebooks" / "parameters.toml"
    try:
        return _read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParameterError(
            f"{path}: not found; give the folder that holds notebooks/ with --project"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ParameterError(f"{path}: not valid TOML ({fault}); mend the file") from None


@lru_cache(maxsize=2)
def _read(text: str) -> dict[str, dict]:
    """Read the file's text; kept, as a plan asks for it twice a task. Nobody writes into what is given."""
    return tomllib.loads(text)


def _parameter(notebook: str, name: str, table: object) -> Parameter:
    where = f"parameters.toml [{notebook!r}] {name}"
    if not isinstance(table, dict):
        raise ParameterError(f"{where}: expected a table with type, default, label_fi, label_en")
    lacking = [field for field in ("type", "default", "label_fi", "label_en") if field not in table]
    if lacking:
        raise ParameterError(f"{where}: {lacking[0]} is missing; write it")
    if table["type"] not in TYPES:
        raise ParameterError(f"{where}: type {table['type']!r}; expected one of {', '.join(TYPES)}")
    for field in table:
        if field not in _FIELDS or table["type"] not in _MEANINGFUL.get(field, TYPES):
            raise ParameterError(f"{where}: {field} means nothing for type {table['type']}; remove it")
    if table["type"] == "choice" and not table.get("allowed"):
        raise ParameterError(f"{where}: a choice needs its allowed values; write allowed = [...]")
    if table["type"] == "region" and not table.get("level"):
        raise ParameterError(f"{where}: a region needs its level or the parameter that holds it; write level")
    return Parameter(name=name, **{**table, "allowed": tuple(table.get("allowed", ()))})


def _typed(notebook: str, one: Parameter, value: Any, language: str) -> Value:
    expected = _expected_instead(one, value, language)
    if expected:
        raise ParameterError(
            say(
                "parameters.wrong_value",
                language,
                notebook=notebook,
                name=one.name,
                value=repr(value),
                expected=expected,
            )
        )
    return value


def _expected_instead(one: Parameter, value: Any, language: str) -> str:
    """Say what was expected of a value that does not fit its declaration; empty when it fits."""
    if not _fits(one, value):
        return say(f"parameters.type.{one.type}", language)
    if one.allowed and value not in one.allowed:
        return say("parameters.one_of", language, allowed=", ".join(map(str, one.allowed)))
    if (one.low is not None and value < one.low) or (one.high is not None and value > one.high):
        low = "−∞" if one.low is None else one.low
        high = "∞" if one.high is None else one.high
        return say("parameters.range", language, low=str(low), high=str(high))
    if one.pattern and not re.fullmatch(one.pattern, value):
        return say("parameters.pattern", language, pattern=one.pattern)
    return ""


def _fits(one: Parameter, value: Any) -> bool:
    if one.type == "choice":
        return type(value) in {type(allowed) for allowed in one.allowed}
    if one.type == "boolean":
        return isinstance(value, bool)
    if one.type in ("integer", "number"):
        number = isinstance(value, int) or (one.type == "number" and isinstance(value, float))
        return number and not isinstance(value, bool) and math.isfinite(value)
    if one.type == "period" and isinstance(value, str):
        try:
            period_end(value)
        except (FrameError, ValueError):
            return False
    return isinstance(value, str)


def _check_region(notebook: str, one: Parameter, checked: Mapping[str, Value], language: str) -> None:
    level = str(checked.get(one.level, one.level))
    code = str(checked[one.name])
    try:
        regions.region(level, code)
    except RegionError as fault:
        raise ParameterError(
            say(
                "parameters.region",
                language,
                notebook=notebook,
                name=one.name,
                level=level,
                code=code,
                reason=str(fault),
            )
        ) from None
    if one.within and not regions.is_invented(code) and not _is_inside(level, code, one.within):
        raise ParameterError(
            say(
                "parameters.outside",
                language,
                notebook=notebook,
                name=one.name,
                level=level,
                code=code,
                within=one.within,
            )
        )


def _is_inside(level: str, code: str, within: str) -> bool:
    members = regions.members("joukko", within)
    return code in (members if level == "kunta" else {regions.parent(member, level) for member in members})


def _from_text(one: Parameter, text: str) -> object:
    """Turn address text into the declared type; text that cannot be turned is left for `check` to refuse."""
    kind = one.type
    if kind == "choice":
        return next((allowed for allowed in one.allowed if str(allowed) == text), text)
    if kind == "integer" and re.fullmatch(r"[-−]?\d{1,18}", text):
        return int(text.replace("−", "-"))
    if kind == "number" and re.fullmatch(r"[-−]?\d{1,15}(?:[.,]\d{1,15})?", text):
        return float(text.replace("−", "-").replace(",", "."))
    if kind == "boolean" and text.lower() in (*_TRUE, *_FALSE):
        return text.lower() in _TRUE
    return text
