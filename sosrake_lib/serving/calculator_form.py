"""The calculator's form for one instrument: it is sent by POST, so that no answer stands in an address."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from sosrake_lib.language import numbers, say
from sosrake_lib.serving.calculator_entry import SEXES, TIMES, Asked, plain, questions, time_name
from sosrake_lib.serving.forms import Form, number_of
from sosrake_lib.serving.html import element


def form_markup(asked: Asked, form: Form, action: str) -> Markup:
    """Build the form with what was written in it; `action` is the address that chose the instrument."""
    language = asked.language
    parts = [_table(asked, form)]
    if asked.needs_sex_and_age:
        parts.append(_person(asked, form))
    parts.append(_error_fields(asked, form))
    button = element("button", say("mittarilaskuri.count", language), type="submit")
    note = element("p", say("mittarilaskuri.not_stored_short", language), class_="share")
    # autocomplete="off": the browser neither remembers what was typed nor keeps it for a restored session
    return element(
        "form",
        *parts,
        element("div", button),
        note,
        class_="vastaukset",
        method="post",
        action=action,
        autocomplete="off",
        aria_label=say("mittarilaskuri.form_label", language),
    )


def _table(asked: Asked, form: Form) -> Markup:
    language = asked.language
    rows: list[Markup] = []
    for key, label, low, _, whole in questions(asked):
        cells = []
        for time in TIMES:
            written, told = _written(asked, form, key, time), f"{label}, {time_name(time, language)}"
            cells.append(element("td", _input(f"{time}_{key}", told, written, whole=whole and low >= 0)))
        rows.append(element("tr", element("th", label, scope="row"), *cells))
    _, _, low, high, _ = next(questions(asked))
    ends = {"low": plain(low, language), "high": plain(high, language)} if asked.by_answers else {}
    caption = say(f"mittarilaskuri.caption.{'answers' if asked.by_answers else 'scores'}", language, **ends)
    heads = [say("mittarilaskuri.asked", language), *(time_name(time, language) for time in TIMES)]
    return _grid(caption, heads, rows)


def _grid(caption: str, heads: list[str], rows: list[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", text, scope="col") for text in heads)))
    return element("table", element("caption", caption), head, element("tbody", *rows), class_="kysymykset")


def _written(asked: Asked, form: Form, key: str, time: str) -> str:
    """Give a field back as it was written; a total above the highest shown is never given back."""
    text = form.text(f"{time}_{key}")
    top = None if asked.by_answers else asked.instrument.scale(key).top_coded
    try:
        over = top is not None and number_of(text) > top
    except ValueError:
        over = False
    return f"{top:g}" if over else text


def _person(asked: Asked, form: Form) -> Markup:
    language, chosen = asked.language, form.text("sukupuoli")
    options = [
        element(
            "option",
            say(f"mittarilaskuri.sex.{sex or 'unknown'}", language),
            value=sex,
            selected=sex == chosen,
        )
        for sex in ("", *SEXES)
    ]
    sex = element("select", *options, name="sukupuoli", id="sukupuoli")
    age = _input("ika", None, form.text("ika"), whole=True)
    return element(
        "fieldset",
        element("legend", say("mittarilaskuri.person", language)),
        element("p", say("mittarilaskuri.person_why", language)),
        element("div", element("label", say("mittarilaskuri.sex_label", language), for_="sukupuoli"), sex),
        element("div", element("label", say("mittarilaskuri.age", language), for_="ika"), age),
        class_="henkilo",
    )


def _error_fields(asked: Asked, form: Form) -> Markup:
    language = asked.language
    rows: list[Markup] = []
    for scale in asked.scales:
        words, known = {"scale": asked.scale_name(scale)}, scale.known_reliability
        ready = "" if known is None else numbers.number(known.value, 3, language).rstrip("0")
        start = {"hajonta": "", "luotettavuus": "" if form.sent else ready}
        cells = []
        for name, kind in (("hajonta", "sd"), ("luotettavuus", "reliability")):
            told = say(f"mittarilaskuri.field.{kind}", language, **words)
            written = form.text(f"{name}_{scale.key}") or start[name]
            cells.append(element("td", _input(f"{name}_{scale.key}", told, written)))
        rows.append(element("tr", element("th", asked.scale_name(scale), scope="row"), *cells))
    heads = [say(f"mittarilaskuri.{name}", language) for name in ("asked_scale", "sd", "reliability")]
    table = _grid(say("mittarilaskuri.caption.error", language), heads, rows)
    why = [element("p", say("mittarilaskuri.error_why", language)), *_sources(asked)]
    summary = element("summary", say("mittarilaskuri.error_summary", language))
    opened = any(form.text(f"hajonta_{scale.key}") for scale in asked.scales)
    return element("details", summary, *why, table, open=opened)


def _sources(asked: Asked) -> Iterator[Markup]:
    """Say where a reliability that is filled in ready comes from."""
    for scale in asked.scales:
        known = scale.known_reliability
        if known is None:
            continue
        value = numbers.number(known.value, 3, asked.language).rstrip("0")
        line = say(
            f"mittarilaskuri.known.{known.kind}", asked.language, scale=asked.scale_name(scale), value=value
        )
        source = element("span", f"{known.population}; {known.source}", lang="en")
        yield element("p", line, " ", source, ".", class_="share")


def _input(name: str, label: str | None, written: str, *, whole: bool = False) -> Markup:
    mode = "numeric" if whole else "decimal"
    return element(
        "input",
        type="text",
        inputmode=mode,
        name=name,
        id=name,
        value=written,
        size="5",
        maxlength="9",
        aria_label=label,
    )
