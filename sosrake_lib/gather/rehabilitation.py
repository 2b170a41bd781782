"""Client tables of social rehabilitation and work activity, and providers' self-evaluations, checked.

The samples' columns are the contract (their dictionaries say what each holds); an office puts its own file of
the same columns in their place. Goals stand in pairs of columns `<theme>.start`, `<theme>.end`; the themes
are the office's own.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import GatherError, RegionError
from sosrake_lib.gather import checks
from sosrake_lib.language import say

ROOM = "sosiaalinen_kuntoutus.fault"
START, END = ".start", ".end"
PERSON = ("client", "region_code", "sex", "age")
SOCIAL = (*PERSON, "service_group", "start", "end", "end_reason", "days", "quality_before", "quality_after")
WORK = (
    *(*PERSON, "provider", "start", "end", "planned_days", "attended_days", "next_step"),
    *("goals_with_client", "work_ability_before", "work_ability_after"),
)
ANSWERS = ("provider", "year", "evaluators", "question", "step", "evidence")
END_REASONS = ("suunnitellusti", "keskeytti", "siirtyi", "muutti")
NEXT_STEPS = ("tyo", "koulutus", "tyovoimapalvelu", "muu_palvelu", "jatkaa", "ei_tiedossa")
YES_NO = ("kylla", "ei")
QUALITY, ABILITY, LEVEL = (1.0, 5.0), (0.0, 10.0), (-2.0, 2.0)


def social_rehabilitation(sheet: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check clients of social rehabilitation, one row a client.

    Parameters
    ----------
    sheet : columns SOCIAL and pairs of goals; extra columns are refused, as nobody has said what they hold.
    file : name used in messages.

    Returns
    -------
    Copy with numbers as float64, `start` and `end` as dates.

    Raises
    ------
    GatherError naming the column and row: a column that lacks or is unknown, a client twice, a municipality
    that is none, a day that cannot be read or an end before the start, an unknown code, a number off scale.
    """
    made = _clients(sheet, SOCIAL, file)
    _known(made, "end_reason", END_REASONS, file)
    made["days"] = _numbers(made, "days", (0.0, float("inf")), file)
    for column in ("quality_before", "quality_after"):
        made[column] = _numbers(made, column, QUALITY, file)
    return made


def work_activity(sheet: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check clients of rehabilitative work activity, one row a client; as `social_rehabilitation`."""
    made = _clients(sheet, WORK, file)
    _known(made, "next_step", NEXT_STEPS, file)
    _known(made, "goals_with_client", YES_NO, file)
    _filled(made, "provider", file)
    for column, ends in (
        ("planned_days", (1.0, float("inf"))),
        ("attended_days", (0.0, float("inf"))),
        ("work_ability_before", ABILITY),
        ("work_ability_after", ABILITY),
    ):
        made[column] = _numbers(made, column, ends, file)
    over = made["attended_days"] > made["planned_days"]
    if over.any():
        raise GatherError(say(f"{ROOM}.more_days", file=file, row=_row(over)))
    return made


def self_evaluations(sheet: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check providers' answers, one row a provider, year and question.

    Parameters
    ----------
    sheet : columns ANSWERS; `question` a key of `catalogue.self_evaluation()`, `step` 1 (lowest) upwards or
        empty, `evidence` kylla, ei or empty, `evaluators` how many filled the form in together.

    Returns
    -------
    Copy with year, evaluators and step as float64, and `area` of each question.

    Raises
    ------
    GatherError as `social_rehabilitation`; also for a question answered twice, or evaluators that differ.
    """
    form = catalogue.self_evaluation()
    _columns(sheet, ANSWERS, file, goals=False)
    made = sheet.reset_index(drop=True).copy()
    for column in ("provider", "year", "evaluators", "question"):
        _filled(made, column, file)
    _known(made, "question", [one.key for one in form.questions], file)
    _known(made, "evidence", YES_NO, file)
    made["step"] = _numbers(made, "step", (1.0, float(len(form.steps))), file)
    made["evaluators"] = _numbers(made, "evaluators", (1.0, float("inf")), file)
    made["year"] = _numbers(made, "year", (2001.0, 2100.0), file)
    twice = made.duplicated(["provider", "year", "question"])
    if twice.any():
        raise GatherError(say(f"{ROOM}.answered_twice", file=file, row=_row(twice)))
    differ = made.groupby(["provider", "year"])["evaluators"].transform("nunique") > 1
    if differ.any():
        raise GatherError(say(f"{ROOM}.evaluators_differ", file=file, row=_row(differ)))
    return made.assign(area=made["question"].map({one.key: one.area for one in form.questions}))


def themes(clients: pd.DataFrame) -> list[str]:
    """Name the themes of goals in a table of clients, in its own order."""
    return [str(column).removesuffix(START) for column in clients.columns if str(column).endswith(START)]


def goal_forms(clients: pd.DataFrame, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Give one row a goal: person, goal (its theme), start, score; empty score = not assessed.

    `by` are columns of the client that come along.
    """
    parts = [
        clients[["client", *by]].assign(
            goal=theme, start=clients[f"{theme}{START}"], score=clients[f"{theme}{END}"]
        )
        for theme in themes(clients)
    ]
    long = pd.concat(parts, ignore_index=True).rename(columns={"client": "person"})
    return long.loc[long["start"].notna()].reset_index(drop=True)


def _clients(sheet: pd.DataFrame, columns: tuple[str, ...], file: str) -> pd.DataFrame:
    _columns(sheet, columns, file, goals=True)
    made = sheet.reset_index(drop=True).copy()
    for column in ("client", "region_code", "start"):
        _filled(made, column, file)
    twice = made["client"].duplicated()
    if twice.any():
        raise GatherError(say(f"{ROOM}.twice", file=file, row=_row(twice)))
    _municipalities(made, file)
    for column in ("start", "end"):
        made[column] = _days(made, column, file)
    backwards = made["end"] < made["start"]
    if backwards.any():
        raise GatherError(say(f"{ROOM}.backwards", file=file, row=_row(backwards)))
    for theme in themes(made):
        for ending in (START, END):
            name = f"{theme}{ending}"
            made[name] = _numbers(made, name, LEVEL, file, whole=True)
        odd = made[f"{theme}{END}"].notna() & made[f"{theme}{START}"].isna()
        if odd.any():
            raise GatherError(say(f"{ROOM}.no_start", file=file, row=_row(odd), column=f"{theme}{START}"))
    return made


def _columns(sheet: pd.DataFrame, columns: tuple[str, ...], file: str, *, goals: bool) -> None:
    names = [str(column) for column in sheet.columns]
    pairs = {f"{theme}{ending}" for theme in themes(sheet) for ending in (START, END)} if goals else set()
    lacking = [name for name in (*columns, *sorted(pairs)) if name not in names]
    if lacking or (goals and not pairs):
        column = lacking[0] if lacking else f"<teema>{START}"
        raise GatherError(say(f"{ROOM}.lacking", file=file, column=column))
    lines = list(enumerate(sheet.astype("object").itertuples(index=False, name=None), start=2))
    found = checks.personal(names, lines, {*columns, *pairs})
    if found:
        raise GatherError(say(f"{ROOM}.personal", file=file, column=str(found[0].column)))
    strange = [name for name in names if name not in {*columns, *pairs}]
    if strange:
        raise GatherError(say(f"{ROOM}.strange", file=file, column=strange[0]))


def _municipalities(made: pd.DataFrame, file: str) -> None:
    for code in dict.fromkeys(made["region_code"]):
        try:
            regions.region("kunta", code, regions.CURRENT_YEAR)
        except RegionError as problem:
            raise GatherError(
                say(f"{ROOM}.municipality", file=file, row=_row(made["region_code"] == code), code=str(code))
            ) from problem


def _filled(made: pd.DataFrame, column: str, file: str) -> None:
    empty = made[column].isna()
    if empty.any():
        raise GatherError(say(f"{ROOM}.empty", file=file, row=_row(empty), column=column))


def _known(made: pd.DataFrame, column: str, codes: Collection[str], file: str) -> None:
    strange = made[column].notna() & ~made[column].isin(list(codes))
    if strange.any():
        known = ", ".join(codes)
        raise GatherError(say(f"{ROOM}.code", file=file, row=_row(strange), column=column, known=known))


def _days(made: pd.DataFrame, column: str, file: str) -> pd.Series:
    days = pd.to_datetime(made[column], format="%Y-%m-%d", errors="coerce")
    wrong = days.isna() & made[column].notna()
    if wrong.any():
        raise GatherError(say(f"{ROOM}.day", file=file, row=_row(wrong), column=column))
    return days


def _numbers(
    made: pd.DataFrame, column: str, ends: tuple[float, float], file: str, *, whole: bool = False
) -> pd.Series:
    given = made[column]
    read = pd.to_numeric(given, errors="coerce").astype("float64")
    wrong = (read.isna() & given.notna()) | (read < ends[0]) | (read > ends[1])
    if whole:
        wrong |= read.notna() & (read % 1 != 0)
    if wrong.any():
        low, high = (f"{end:g}" for end in ends)
        key = "number_from" if high == "inf" else "number"
        raise GatherError(
            say(f"{ROOM}.{key}", file=file, row=_row(wrong), column=column, lowest=low, highest=high)
        )
    return read


def _row(wrong: pd.Series) -> int:
    """Name the first wrong row as a spreadsheet numbers it below its heading; never what stands in it."""
    return int(wrong.to_numpy().argmax()) + 1
