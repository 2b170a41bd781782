"""The release of the feedback audit: what forms can show, what answers tell, how coders agreed.

Free text stays here: an answer goes through the machine's rules and is forgotten. Figures of forms carry the
number of people who answered them, so that the protection counts people and not sheets of paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions
from sosrake_lib.batch import client_rows as rows_of
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.feedback import CODES, PARTS, Audit, audit
from sosrake_lib.gather.feedback.codes import code, codes_of
from sosrake_lib.gather.themes import coding
from sosrake_lib.indicators import coders, rates
from sosrake_lib.language import say

ANSWERS, FORMS = "esimerkkila_palaute", "esimerkkila_palaute_lomakkeet"
RULES = "vakio"
# The same dictionary on every machine, so that a page never depends on what else is installed.
DICTIONARY = "simplemma"
CODERS = ("koodaaja_1", "koodaaja_2")
FORM = "lomake_"
ABLE, OTHERS = "palaute_vastaukset_kykenevat", "palaute_vastaukset_muut"
PART_OF_FORM, CAN_SHOW, RECALLED = "palaute_osa", "palaute_nayttaa", "palaute_muisteltu"
FORMS_ALL, FORMS_ABLE, ASKED = "palaute_lomakkeita", "palaute_kykenevia", "palaute_kykenevalla_kysytty"
QUESTIONS, DIFFER = "palaute_kysymykset", "palaute_erimielisyydet"
ALPHA, ALIKE = "palaute_alfa", "palaute_samaa"
PRECISION, RECALL = "palaute_kone_oikein", "palaute_kone_loytyi"
# Texts of the page by key; the numerals of the note on alpha are customary limits, not results.
HEADINGS = ("told_caption", "agreement_caption", "differ_caption", "head.matter", "head.differ")
ALPHA_LIMITS = ("0,80", "0,67", "0.80", "0.67")
_STATISTICS = {"krippendorff_alpha": ALPHA, "percent_agreement": ALIKE}
DECIMALS = {ALPHA: 2, ALIKE: 1}
# Customary limits of alpha: K. Krippendorff, Content Analysis (2004), p. 241.
ENOUGH, LEAST = 0.80, 0.667


def feedback_audit(data: Path | None) -> Mapping[str, protect.Part]:
    """Make the parts of the page on the feedback audit.

    Parameters
    ----------
    data : data folder with `esimerkkila_palaute` (answers) and `esimerkkila_palaute_lomakkeet` (questions);
        the samples when left out.

    Returns
    -------
    Parts, all by the rules `vakio`: `lomakkeet` (by form, `group` lomake_<letter>: each part there or not, 1
        or 0, whether it can show an effect, whether the start is recalled), `yhteensa` (forms, those able,
        the share of people asked by an able form), `kysymykset` (share of questions by code), `vastaukset`
        (share of answers by code, on able forms and on the others), `koodaajat` (agreement by code),
        `erimielisyydet` (answers on which coders differ), `kone` (precision and recall of the machine's
        suggestion against what people ended with).

    Raises
    ------
    GatherError when a table breaks its contract or an answer names a form that has no questions.
    """
    sheet, about_forms = rows_of.read_table(FORMS, data)
    answers, about = rows_of.read_table(ANSWERS, data)
    found = audit(sheet, file=f"{FORMS}.csv", dictionary=DICTIONARY)
    people = _people(found, answers)
    codes = _codes_of_coders(answers)
    final = coding.settled(
        codes, CODES, answers.rename(columns={"id": "unit", "koodi": "codes"}), file=f"{ANSWERS}.csv"
    )
    place = _place(answers, about)
    made = {
        "lomakkeet": _forms(found, people),
        "yhteensa": _together(found, people),
        "kysymykset": _questions(found, int(people.sum())),
        "vastaukset": _told(answers, final, found),
        "koodaajat": _agreement(codes),
        "erimielisyydet": _differing(codes),
        "kone": _machine(answers, final),
    }
    source = {name: rows_of.provenance(ANSWERS, about) for name in made}
    for name in ("lomakkeet", "yhteensa", "kysymykset"):
        source[name] = rows_of.provenance(FORMS, about_forms)
    return {
        name: protect.part(_framed(rows, place, name).assign(**source[name]), rules=RULES)
        for name, rows in made.items()
    }


def _people(found: Audit, answers: pd.DataFrame) -> pd.Series:
    """Count who answered each form, in the order of the forms."""
    known = list(found.forms["form"])
    strange = sorted(set(answers["lomake"]) - set(known))
    if strange:
        raise GatherError(say("asiakaspalaute.fault.forms", file=f"{ANSWERS}.csv", form=strange[0]))
    return answers["lomake"].value_counts().reindex(known, fill_value=0)


def _codes_of_coders(answers: pd.DataFrame) -> pd.DataFrame:
    long = answers.melt("id", list(CODERS), "coder", "codes").rename(columns={"id": "unit"})
    return coding.read_codes(long.dropna(subset=["codes"]), CODES, file=f"{ANSWERS}.csv")


def _forms(found: Audit, people: pd.Series) -> pd.DataFrame:
    rows = []
    for row in found.forms.to_dict("records"):
        told = {f"{PART_OF_FORM}_{part}": row[part] for part in PARTS}
        told |= {CAN_SHOW: row["can_show"], RECALLED: row["start"] == "recalled"}
        group = FORM + str(row["form"]).lower()
        rows += [(key, group, float(value), float(people[row["form"]])) for key, value in told.items()]
    return pd.DataFrame(rows, columns=["indicator", "group", "value", "denominator"])


def _together(found: Audit, people: pd.Series) -> pd.DataFrame:
    able = found.forms.loc[found.forms["can_show"], "form"]
    everyone, asked = float(people.sum()), float(people[list(able)].sum())
    rows = pd.DataFrame(
        {
            "indicator": [FORMS_ALL, FORMS_ABLE, ASKED],
            "value": [float(len(found.forms)), float(found.able), 100 * asked / everyone],
            "per": [1.0, 1.0, 100.0],
            "numerator": [np.nan, np.nan, asked],
            "denominator": everyone,
        }
    )
    return rows.assign(group=frame.ALL_GROUPS)


def _questions(found: Audit, people: int) -> pd.DataFrame:
    share = 100 * found.questions[list(CODES)].mean()
    return pd.DataFrame(
        {"indicator": QUESTIONS, "group": list(CODES), "value": share.to_numpy(), "per": 100.0}
    ).assign(denominator=float(people))


def _told(answers: pd.DataFrame, final: pd.DataFrame, found: Audit) -> pd.DataFrame:
    """Give the share of answers by code; answers still open on that code are left out."""
    able = set(found.forms.loc[found.forms["can_show"], "form"])
    form = answers.set_index("id")["lomake"]
    rows = final.assign(able=final["unit"].map(form).isin(able)).dropna(subset=["given"])
    counted = rows.groupby(["able", "code"])["given"].agg(["sum", "count"]).reset_index()
    return pd.DataFrame(
        {
            "indicator": np.where(counted["able"], ABLE, OTHERS),
            "group": counted["code"],
            "numerator": counted["sum"].astype("float64"),
            "denominator": counted["count"].astype("float64"),
            "value": rates.per_units(counted["sum"].astype("float64"), counted["count"], 100),
            "per": 100.0,
        }
    )


def _agreement(codes: pd.DataFrame) -> pd.DataFrame:
    table = coding.yes_no(codes, CODES).rename(columns={"code": "asked"})
    figures = coders.coders(table, code="given", by=["asked"], levels=["ei", "kylla"]).figures
    kept = figures.loc[figures["statistic"].isin(_STATISTICS)]
    indicator = kept["statistic"].map(_STATISTICS)
    rounded = {
        column: [
            round(float(value), DECIMALS[name]) for value, name in zip(kept[column], indicator, strict=True)
        ]
        for column in ("value", "lower", "upper")
    }
    return pd.DataFrame(
        {
            "indicator": indicator,
            "group": kept["asked"],
            **rounded,
            "per": np.where(indicator == ALIKE, 100.0, 1.0),
            "denominator": kept["units"].astype("float64"),
            "status": np.where(kept["status"] == "ok", "ok", "missing"),
            "verdict": [
                _verdict(float(value)) if name == ALPHA else ""
                for value, name in zip(kept["value"], indicator, strict=True)
            ],
        }
    ).reset_index(drop=True)


def _verdict(alpha: float) -> str:
    if np.isnan(alpha):
        return ""
    return "reliable" if alpha >= ENOUGH else "tentative" if alpha >= LEAST else "too_low"


def _differing(codes: pd.DataFrame) -> pd.DataFrame:
    listed = coding.disagreements(codes, CODES)
    count = listed["code"].value_counts().reindex(CODES, fill_value=0)
    return pd.DataFrame(
        {"indicator": DIFFER, "group": list(CODES), "value": count.astype("float64").to_numpy()}
    )


def _machine(answers: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    """Compare the machine's suggestion with what people ended with; the text is forgotten here."""
    suggested = {
        (unit, one.code)
        for unit, text in answers[["id", "vastaus"]].dropna().itertuples(index=False)
        for one in codes_of(text, dictionary=DICTIONARY)
    }
    known = final.dropna(subset=["given"])
    machine = pd.Series(
        [key in suggested for key in zip(known["unit"], known["code"], strict=True)], known.index
    )
    human = known["given"].astype(bool)
    rows = []
    for name in CODES:
        here = known["code"] == name
        both = float((machine & human & here).sum())
        rows.append((PRECISION, name, both, float((machine & here).sum())))
        rows.append((RECALL, name, both, float((human & here).sum())))
    made = pd.DataFrame(rows, columns=["indicator", "group", "numerator", "denominator"])
    made = made.loc[made["denominator"] > 0].reset_index(drop=True)
    return made.assign(value=rates.per_units(made["numerator"], made["denominator"], 100), per=100.0)


def _place(answers: pd.DataFrame, about: dict) -> dict[str, object]:
    places = answers[["region_level", "region_code", "period"]].drop_duplicates()
    if len(places) != 1:
        raise GatherError(say("asiakaspalaute.fault.places", file=f"{ANSWERS}.csv"))
    origin = "synthetic" if about["kind"] == "synthetic" else "own"
    return {**places.iloc[0].to_dict(), "borders": regions.CURRENT_YEAR, "origin": origin}


def _framed(rows: pd.DataFrame, place: dict[str, object], name: str) -> pd.DataFrame:
    """Make an indicator frame; shares with counts get their interval, the rest keeps what it has."""
    checked = frame.check(
        rows.assign(**place, status=rows.get("status", "ok")), file=f"recipes_feedback.{name}"
    )
    if name in ("vastaukset", "kone"):
        return rates.proportion(checked)
    if name == "erimielisyydet":
        return rates.as_given(checked, "count")
    if name == "yhteensa":
        return rates.as_given(checked, "mean")
    method = "bootstrap_percentile" if name == "koodaajat" else "given"
    return frame.check(
        checked.assign(statistic="mean", method=method, confidence=0.95), file=f"recipes_feedback.{name}"
    )


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of codes, parts and forms."""
    words = {key: code(key).name(language) for key in (*CODES, *PARTS)}
    words |= {f"{PART_OF_FORM}_{part}": code(part).name(language) for part in PARTS}
    words |= {key: say(f"asiakaspalaute.row.{key}", language) for key in (CAN_SHOW, RECALLED, ABLE, OTHERS)}
    letters = (chr(place) for place in range(ord("a"), ord("z") + 1))
    return words | {
        f"{FORM}{letter}": say("asiakaspalaute.form", language, letter=letter.upper()) for letter in letters
    }
