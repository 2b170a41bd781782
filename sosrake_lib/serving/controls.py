"""Controls as a plain HTML form: they work with keyboard and screen reader, and make the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sosrake_lib.language import say
from sosrake_lib.serving.html import element


@dataclass(frozen=True)
class Menu:
    """One labelled menu: parameter name, label, the chosen value and options by group (value -> text).

    The group "" has no heading.
    """

    name: str
    label: str
    chosen: str
    options: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Slider:
    """One labelled slider: parameter name, label, the value as a number and as text, and its scale.

    `marks` are texts under the slider, at even distances from its low to its high end: they tell a value to
    the eye while it is moved, as the page has no script.
    """

    name: str
    label: str
    value: float
    shown: str
    low: float
    high: float
    step: float
    marks: Sequence[str]


def form(
    menus: Sequence[Menu | Slider],
    language: str,
    hidden: Mapping[str, str] | None = None,
    *,
    button: str = "",
    action: str | None = None,
) -> Markup:
    """Build the form; sending it loads the page again (or `action`) with the choice in the address.

    Examples
    --------
    >>> menu = Menu("teema", "Teema", "asuminen", {"": {"koyhyys": "Köyhyys", "asuminen": "Asuminen"}})
    >>> '<option value="asuminen" selected>Asuminen</option>' in form([menu], "fi")
    True
    """
    fields = [
        element("div", *(_menu(one) if isinstance(one, Menu) else _slider(one, language)), class_="control")
        for one in menus
    ]
    fields += [
        element("input", type="hidden", name=name, value=value) for name, value in (hidden or {}).items()
    ]
    sent = element("button", button or say("serving.controls.show", language), type="submit")
    label = say("serving.controls.label", language)
    return element(
        "form",
        *fields,
        element("div", sent),
        class_="controls",
        method="get",
        action=action,
        aria_label=label,
    )


def _menu(menu: Menu) -> tuple[Markup, Markup]:
    parts: list[Markup] = []
    for group, options in menu.options.items():
        made = [
            element("option", text, value=value, selected=value == menu.chosen)
            for value, text in options.items()
        ]
        parts += [element("optgroup", *made, label=group)] if group else made
    name = f"valinta-{menu.name}"
    return element("label", menu.label, for_=name), element("select", *parts, name=menu.name, id=name)


def _slider(one: Slider, language: str) -> tuple[Markup, ...]:
    name = f"valinta-{one.name}"
    now = say("serving.controls.now", language, value=one.shown)
    marks = element(
        "span", *(element("span", text) for text in one.marks), class_="marks", aria_hidden="true"
    )
    slider = element(
        "input",
        type="range",
        name=one.name,
        id=name,
        min=f"{one.low:g}",
        max=f"{one.high:g}",
        step=f"{one.step:g}",
        value=f"{one.value:g}",
        aria_describedby=f"{name}-nyt",
    )
    return (
        element("label", one.label, for_=name),
        slider,
        marks,
        element("p", now, class_="now", id=f"{name}-nyt"),
    )
