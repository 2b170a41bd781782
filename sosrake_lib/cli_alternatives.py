"""`sosrake protect-alternatives`: a coordinator's table in, ways to protect it out."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from sosrake_lib.cli_report import FINDINGS, FINE
from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

if TYPE_CHECKING:
    import pandas as pd

TABLE = "asiakkaat"
ROOM = "suojauksen_vaihtoehdot"
_INDICATOR = "asiakkaat"


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command("protect-alternatives", help="cli.protect_alternatives.help")(alternatives)


def alternatives(
    file: Annotated[Path, typer.Argument(help="cli.option.file")],
    minimum: Annotated[int, typer.Option("--minimum", help="cli.option.minimum")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.json")] = False,
    language: Speak = Language.fi,
) -> None:
    """Compare the ways to protect a table of clients by municipality, year and service."""
    from sosrake_lib import samples
    from sosrake_lib.protect.alternatives import classes, suggest
    from sosrake_lib.protect.rounding import kept_salt
    from sosrake_lib.protect.rules import rule_set

    rows = table_of(file, language)
    rules = rule_set("vakio", minimum_count=minimum)
    told = classes(suggest(rows, rules, ("region",), salt=kept_salt(samples.home())))
    if as_json:
        kept = ["alternative", "detail", "hidden_share", "clients_share", "loss", "safe", "recount", "best"]
        typer.echo(json.dumps(told[kept].to_dict("records"), ensure_ascii=False))
    else:
        typer.echo("\n".join(in_words(told, file.name, len(rows), minimum, language)))
    raise typer.Exit(FINE if told["best"].any() else FINDINGS)


def table_of(file: Path, language: str = "fi") -> pd.DataFrame:
    """Read an office table of the kind `asiakkaat` as counts, with the areas it has all municipalities of."""
    import pandas as pd

    from sosrake_lib.gather.tables import import_file

    with TemporaryDirectory() as folder:
        result = import_file(file, TABLE, Path(folder), language=language)
        if result.written is None:
            first = result.findings.iloc[0]
            raise GatherError(f"{first['reason']} {first['fix']}".strip())
        read = pd.read_csv(result.written, dtype=str)
    return counts_of(read)


def counts_of(read: pd.DataFrame) -> pd.DataFrame:
    """Turn the imported table into counts of the indicator frame, each area of the table as a sum."""
    import pandas as pd

    from sosrake_lib import regions
    from sosrake_lib.errors import RegionError

    rows = pd.DataFrame(
        {
            "region_level": "kunta",
            "region_code": read["kunta_nro"].astype(str).str.zfill(3),
            "period": read["vuosi"],
            "group": read["palvelu"],
            "value": pd.to_numeric(read["asiakkaat"]),
        }
    ).dropna(subset="value")
    codes = set(rows["region_code"])
    areas = []
    for level in ("hva", "maakunta"):
        try:
            parents = {code: str(regions.parent(code, level, regions.CURRENT_YEAR)) for code in codes}
        except RegionError:
            continue
        for area in sorted(set(parents.values())):
            if set(regions.members(level, area, regions.CURRENT_YEAR)) <= codes:
                inside = rows.loc[rows["region_code"].map(parents) == area]
                summed = inside.groupby(["period", "group"], as_index=False)["value"].sum()
                areas.append(summed.assign(region_level=level, region_code=area))
        if areas:
            break
    whole = pd.concat([rows, *areas], ignore_index=True)
    constant = {"indicator": _INDICATOR, "borders": regions.CURRENT_YEAR, "status": "ok", "origin": "own"}
    return whole.assign(**constant)


def in_words(told: pd.DataFrame, file: str, rows: int, minimum: int, language: str) -> list[str]:
    """Say of each alternative what it hides and loses, in classes, and which is the best."""
    lines = [say(f"{ROOM}.title", language, file=file, rows=str(rows), minimum=str(minimum))]
    for one in told.to_dict("records"):
        verdict = say(f"{ROOM}.{'safe' if one['safe'] else 'unsafe'}", language)
        verdict += say(f"{ROOM}.recount", language) if one["recount"] else ""
        shares = {"hidden": one["hidden_share"], "clients": one["clients_share"], "loss": one["loss"]}
        shares = {name: value.replace("-", "–") for name, value in shares.items()}
        words = {"mark": "*" if one["best"] else "-", "name": _named(one, language), "verdict": verdict}
        lines.append(say(f"{ROOM}.line", language, **words, **shares))
    best = [_named(one, language) for one in told.loc[told["best"]].to_dict("records")]
    lines.append(say(f"{ROOM}.best", language, name=best[0]) if best else say(f"{ROOM}.none", language))
    return [*lines, say(f"{ROOM}.loss", language), say(f"{ROOM}.one_only", language)]


def _named(one: dict, language: str) -> str:
    detail = one["detail"]
    if one["alternative"] == "larger_area":
        detail = say(f"{ROOM}.area.{detail}", language)
    if one["alternative"] == "longer_period":
        detail = detail.replace("/", "–")
    return say(f"{ROOM}.name.{one['alternative']}", language, detail=detail)
