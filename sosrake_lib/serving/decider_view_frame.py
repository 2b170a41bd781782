"""What stands around the decision maker's view: title, state, wrong addresses, how to print and share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from sosrake_lib import parameters, regions
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext, state_told
from sosrake_lib.language import say
from sosrake_lib.protect.approval import approval_of
from sosrake_lib.serving.address import Choice, Fault
from sosrake_lib.serving.html import element
from sosrake_lib.serving.options import county_list, successor_of, theme_options

if TYPE_CHECKING:
    from sosrake_lib.serving.decider_view import DeciderView

ROOM = "paattajan_nakyma"
FULL_PAGE = "paattajakooste"


def heading(view: DeciderView) -> Markup:
    """Build the title, the link to the other language, the state, and whether the area is invented."""
    language = view.language
    other = "en" if language == "fi" else "fi"
    told = say(f"{ROOM}.title", language)
    if not view.faults:
        told = say(f"{ROOM}.title_of", language, name=regions.name(*view.region, language))
    link = element(
        "a", say(f"{ROOM}.other_language", language), href=view.choice.link(kieli=other), lang=other,
        hreflang=other,
    )  # fmt: skip
    made = element("p", link, class_="kieli") + element("h1", told)
    if view.faults:
        return made
    page = context_page(view)
    made += element("p", state_told(page), class_="hyvaksytty" if page.context.approval else "luonnos")
    if view.invented:
        made += element("p", say("pages.synthetic", language), class_="answer", role="note")
    return made


def context_page(view: DeciderView, body: str = "") -> Page:
    """Give the view as a page: its context, with the approval its release has in the ledger, and a body."""
    context = PageContext(
        FULL_PAGE,
        say(f"{ROOM}.title", view.language),
        regions.CURRENT_YEAR,
        region=view.region,
        region_name=regions.name(*view.region, view.language),
        synthetic=view.invented,
        language=view.language,
        section="vaikuttaminen",
        approval=approval_of(view.rests_on),
    )
    return Page(context, body, Facts(), view.rests_on)


def use(view: DeciderView) -> Markup:
    """Say where the whole page is, how this one is printed and how its address is shared."""
    language = view.language
    lines = [say(f"{ROOM}.print", language), say("serving.controls.share", language)]
    told = [element("p", line) for line in lines]
    if not view.invented:
        told.insert(0, element("p", *_full_page(view)))
    return element("h2", say(f"{ROOM}.heading.use", language)) + Markup("").join(told)


def fault_line(fault: Fault, language: str) -> str:
    """Say what is wrong with one thing of the address and what is allowed."""
    themes = ", ".join(f"{key} ({name})" for key, name in theme_options(language).items())
    known = {"teema": themes, "kieli": "fi, en", "alue": county_list(language)}
    if fault.name not in known:
        return fault.message
    line = say(f"tilannekuva.wrong.{fault.name}", language, value=fault.value, allowed=known[fault.name])
    successor = successor_of(fault.value) if fault.name == "alue" else None
    return f"{line} {say('tilannekuva.wrong.ceased', language, **successor)}" if successor else line


def way_out(view: DeciderView) -> tuple[str, str]:
    """Give an address that works, as near to what was asked as can be, and the name of its area."""
    default = {one.name: one.default for one in parameters.definitions(view.choice.notebook)}
    wrong = {fault.name: fault.value for fault in view.faults}
    sound = {name: default[name] if name in wrong else value for name, value in view.choice.values.items()}
    successor = successor_of(wrong.get("alue", ""))
    sound |= {"kieli": view.language} | ({"alue": successor["slug"]} if successor else {})
    level, _, code = str(sound["alue"]).partition("-")
    return Choice(view.choice.notebook, sound, view.language).link(), regions.name(level, code, view.language)


def label(notebook: str, name: str, language: str) -> str:
    """Give the label of a parameter."""
    return {one.name: one for one in parameters.definitions(notebook)}[name].label(language)


def _full_page(view: DeciderView) -> list[Markup | str]:
    """Give a link to the page on the published site, else say in which file of the site it is."""
    from sosrake_lib.batch.publisher import publisher_of

    folder = "" if view.language == "fi" else f"{view.language}/"
    file = f"{folder}{regions.slug(*view.region)}/{FULL_PAGE}.html"
    publisher = publisher_of()
    if publisher is None or not publisher.address.startswith(("https://", "http://")):
        told = say(f"{ROOM}.full_file", view.language)
        return [f"{told} ", element("code", f"reports/site/{file}")]
    address = f"{publisher.address.rstrip('/')}/{file}"
    return [element("a", say(f"{ROOM}.full_link", view.language), href=address)]
