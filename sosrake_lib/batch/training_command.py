"""`sosrake training-plan`: the plan in words, joined with what a person has made of it, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, regions, samples
from sosrake_lib.batch import recipes_survey, recipes_training, training_file, training_merge
from sosrake_lib.batch.training_merge import GENERATED, ID, Merged
from sosrake_lib.errors import RegionError, SosrakeError
from sosrake_lib.indicators import scales, training_plan
from sosrake_lib.influence import training
from sosrake_lib.language import LANGUAGES, numbers, say

ROOM = "koulutussuunnitelma.file"


@dataclass(frozen=True, eq=False)
class PlanReport:
    """A plan: `merged` rows as they are or would be written, what the rules made, and the file written."""

    merged: Merged
    plan: training_plan.TrainingPlan
    written: Path | None

    def lines(self, language: str = "fi") -> list[str]:
        """Write it out for a person."""
        rows = self.merged.rows.to_dict("records")
        total = sum(float(row["tunnit"].replace(",", ".") or 0) for row in rows)
        months = [row["kuukausi"] for row in rows if row["kuukausi"]]
        first = training.months(min(months), max(months), language) if months else "–"
        told = [
            say(
                f"{ROOM}.open",
                language,
                rows=numbers.count(len(rows), language),
                hours=numbers.number(total, 0 if total == int(total) else 1, language),
                first=first,
            )
        ]
        for row in rows:
            told += _row_lines(row, language)
        return [*told, *_changes(self.merged, language), *self._end(language)]

    def _end(self, language: str) -> list[str]:
        told = []
        if len(self.plan.unjudged):
            keys = self.plan.unjudged["key"].unique()
            count = numbers.count(len(self.plan.unjudged), language)
            told.append(say(f"{ROOM}.unjudged", language, count=count, keys=", ".join(keys)))
        if self.written is None:
            return [*told, say(f"{ROOM}.dry", language)]
        return [*told, say(f"{ROOM}.written", language, file=str(self.written))]


def make_training_plan(
    data: Path | None = None,
    *,
    start: str | None = None,
    write: bool = False,
    to: Path | None = None,
    region: str | None = None,
    period: str | None = None,
    language: str = "fi",
) -> PlanReport:
    """Make the training plan of a data folder's survey, keeping what a person has changed in its file.

    Parameters
    ----------
    data : data folder with the table `osaamiskartoitus`; the samples when left out.
    start : first month, such as 2027-01; the rules' own when left out.
    write : write the file; without it nothing is written.
    to : folder of the plan's file; the data folder when left out. The samples are never written to.
    region, period : where and when the answers were given (hva-12, 2026); only and always for real answers.

    Raises
    ------
    GatherError when the survey or the plan's file cannot be read; SosrakeError when `start` is no month, the
    folder may not be written to, or real answers lack their place.
    """
    about = samples.dictionary(recipes_survey.TABLE, data)
    survey = recipes_survey.survey_parts(data, _place(str(about["kind"]), region, period, language))
    plan = recipes_training.plan_of(survey, data, start)
    folder = (to or samples.folder(data)).expanduser()
    if write:
        _check_folder(folder, language)
    kept = training_file.read_plan(folder, language)
    generated = as_text(plan.rows, language)
    merged = training_merge.merge(
        generated,
        _words(language),
        edited=None if kept is None else kept.rows,
        base=None if kept is None else kept.base,
        struck=() if kept is None else kept.struck,
    )
    written = training_file.write_plan(folder, merged, str(about["kind"]), language) if write else None
    return PlanReport(merged, plan, written)


def as_text(rows: pd.DataFrame, language: str = "fi") -> pd.DataFrame:
    """Give the plan's rows in words, as the file holds them: `tunnus` and `training_merge.GENERATED`."""
    return pd.DataFrame(
        [_in_words(row, language) for row in rows.to_dict("records")], columns=[ID, *GENERATED]
    )


def _in_words(row: Mapping[str, object], language: str) -> dict[str, str]:
    framework, rules = catalogue.competence_framework(), catalogue.training_rules()
    domain = next(one for one in framework.domains if one.key == row["domain"])
    rule = rules.rule(str(row["rule"]))
    figures = {name: float(str(row[name])) for name in training_plan.COLUMNS[1:]}
    return {
        ID: str(row["row"]),
        "osa_alue": domain.name_en if language == "en" else domain.name_fi,
        "vaittama": training.heading(str(row["item"]), language).text if row["item"] else "",
        "kohderyhma": training.target(rule.key, language),
        "tavoite": training.aim(rule.key, str(row["aim"]), language),
        "muoto": training.form(str(row["form"]), str(row["unit"]), language).text,
        "tunnit": f"{float(str(row['hours'])):g}".replace(".", ","),
        "vastuu": "",
        "kuukausi": str(row["month"]),
        "paattyy": str(row["last_month"]),
        "mittari": training.measure(rule.key, language),
        "huomautus": "",
        "perustelu": training.plain_reason(rule, figures, language),
        "saanto": rule.key,
    }


def _row_lines(row: Mapping[str, str], language: str) -> list[str]:
    when = row["kuukausi"] and training.months(row["kuukausi"], row["paattyy"] or row["kuukausi"], language)
    hours = f"{row['tunnit'] or '–'} h"
    state = f" [{row['tila']}]" if row["tila"] else ""
    mine = f" [{training_merge.CHANGED}: {row['muokattu']}]" if row["muokattu"] else ""
    what = row["vaittama"] or row["osa_alue"] or row[ID]
    head = say(f"{ROOM}.line", language, what=what, form=row["muoto"], hours=hours, when=when or "–")
    pairs = (("for", "target", "kohderyhma"), ("aim", "aim", "tavoite"), ("measure", "measure", "mittari"))
    told = [
        say(f"{ROOM}.{key}", language, **{name: row[column]}) for key, name, column in pairs if row[column]
    ]
    if row["perustelu"]:
        told.append(say(f"{ROOM}.reason", language, reason=row["perustelu"]))
    return [f"{head}{state}{mine}", *told]


def _changes(merged: Merged, language: str) -> list[str]:
    counts = {
        "kept": merged.kept_cells,
        "added": len(merged.own),
        "struck": len(merged.out),
        "fresh": len(merged.new),
    }
    told = [
        say(f"{ROOM}.{key}", language, count=numbers.count(count, language))
        for key, count in counts.items()
        if count
    ]
    if merged.gone:
        count, keys = numbers.count(len(merged.gone), language), ", ".join(merged.gone)
        told.append(say(f"{ROOM}.lost_ground", language, count=count, keys=keys))
    return told


def _place(kind: str, region: str | None, period: str | None, language: str) -> scales.Place:
    """Give where the answers belong: the invented county, or what a person says of real ones."""
    if kind == "synthetic":
        return recipes_survey.PLACE
    if not region or not period:
        raise SosrakeError(say(f"{ROOM}.no_place", language))
    level, _, code = region.partition("-")
    try:
        regions.name(level, code)
    except RegionError as unknown:
        raise SosrakeError(say(f"{ROOM}.wrong_place", language, region=region)) from unknown
    return scales.Place(level, code, regions.CURRENT_YEAR, period, "own")


def _check_folder(folder: Path, language: str) -> None:
    if not folder.is_dir():
        raise SosrakeError(say(f"{ROOM}.no_folder", language, folder=str(folder)))
    if samples.is_shipped(folder):
        raise SosrakeError(say(f"{ROOM}.shipped", language, folder=str(folder)))
    place = folder.resolve()
    tree = next((one for one in (place, *place.parents) if (one / ".git").exists()), None)
    if tree is not None:
        raise SosrakeError(say(f"{ROOM}.in_git", language, folder=str(folder), tree=str(tree)))


def _words(language: str) -> training_merge.Words:
    said = {name: say(f"{ROOM}.{name}", language) for name in ("new", "gone", "own")}
    known = tuple(
        say(f"{ROOM}.{name}", other) for name in said for other in LANGUAGES if other in ("fi", "en")
    )
    return training_merge.Words(**said, known=known)


__all__ = ["PlanReport", "as_text", "make_training_plan"]
