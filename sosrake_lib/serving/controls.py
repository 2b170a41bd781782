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


def form(menus: Sequence[Menu], language: str, hidden: Mapping[str, str] | None = None) -> Markup:
    """Build the form; sending it loads the page again with the choice in the address.

    Examples
    --------
    >>> menu = Menu("teema", "Teema", "asuminen", {"": {"koyhyys": "Köyhyys", "asuminen": "Asuminen"}})
    >>> '<option value="asuminen" selected>Asuminen</option>' in form([menu], "fi")
    True
    """
    fields = [element("div", *_menu(menu)) for menu in menus]
    fields += [
        element("input", type="hidden", name=name, value=value) for name, value in (hidden or {}).items()
    ]
    button = element("div", element("button", say("serving.controls.show", language), type="submit"))
    label = say("serving.controls.label", language)
    return element("form", *fields, button, class_="controls", method="get", aria_label=label)


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
