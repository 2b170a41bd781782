"""The page of the instrument calculator: one choice of an instrument, one form, one person's results.

What a page shows is about one person and is no release: it goes to the screen of those who entered it, from
memory, and nowhere else. Addresses on the page begin with `/`, as results stand at a one-time address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from markupsafe import Markup

from sosrake_lib import catalogue, parameters
from sosrake_lib.language import say
from sosrake_lib.serving import calculator_results as shown
from sosrake_lib.serving import controls
from sosrake_lib.serving.address import Choice
from sosrake_lib.serving.calculator_entry import Asked, Entered, read
from sosrake_lib.serving.calculator_form import form_markup
from sosrake_lib.serving.calculator_scores import Results, results
from sosrake_lib.serving.forms import Form
from sosrake_lib.serving.html import answer, element

# Notes that say who must already have acted: they stand out, before anything is entered.
_ACTED = ("item_9_acted_on_before", "risk_items")


@dataclass(frozen=True, eq=False)
class Calculator:
    """One view of the calculator: the address chooses the instrument, the form brings the answers."""

    choice: Choice
    form: Form

    def __repr__(self) -> str:
        """Show nothing of a person."""
        return f"Calculator({self.choice.text('mittari')})"

    @property
    def language(self) -> str:
        """Give the language of the page."""
        return self.choice.language

    @cached_property
    def asked(self) -> Asked:
        """Give the instrument and the way it is entered; one taken in as scores has no other way."""
        record = catalogue.instrument(self.choice.text("mittari"))
        by_answers = record.kind == "items" and self.choice.text("tapa") == "vastaukset"
        coded = self.choice.text("numerointi")
        return Asked(record, by_answers, record.item_min if coded == "oma" else int(coded), self.language)

    @cached_property
    def entered(self) -> Entered:
        """Read the form."""
        return read(self.asked, self.form)

    @cached_property
    def results(self) -> Results | None:
        """Give the results, when a sound form came."""
        stop = self.choice.faults or not self.form.sent or self.form.broken
        if stop or self.entered.faults or self.entered.empty:
            return None
        return results(self.asked, self.entered)

    def heading(self) -> Markup:
        """Build the title, what the page does and that nothing is stored."""
        other = "en" if self.language == "fi" else "fi"
        link = element(
            "a",
            say("mittarilaskuri.other_language", self.language),
            href=f"/{self.choice.link(kieli=other)}",
            lang=other,
            hreflang=other,
        )
        return Markup("").join(
            [
                element("h1", say("mittarilaskuri.title", self.language)),
                element("p", say("mittarilaskuri.lead", self.language)),
                element("p", say("mittarilaskuri.not_stored", self.language), class_="share"),
                element("p", link, class_="share"),
            ]
        )

    def controls(self) -> Markup:
        """Build the menus that choose the instrument and the way in; they alone stand in the address."""
        names = {one.key: one.name_en if self.language == "en" else one.name_fi for one in _offered()}
        declared = {one.name: one for one in parameters.definitions(self.choice.notebook)}
        menus = [controls.Menu("mittari", "", self.choice.text("mittari"), {"": names})]
        for name in ("tapa", "numerointi"):
            told = {
                str(one): say(f"mittarilaskuri.{name}.{one}", self.language) for one in declared[name].allowed
            }
            menus.append(controls.Menu(name, "", self.choice.text(name), {"": told}))
        labelled = [replace(menu, label=declared[menu.name].label(self.language)) for menu in menus]
        button = say("mittarilaskuri.show_form", self.language)
        return controls.form(labelled, self.language, {"kieli": self.language}, button=button, action="/")

    def problem(self) -> Markup:
        """Say what is wrong with the address or the form, without repeating an answer."""
        title, lines = "", []
        if self.choice.faults:
            title = say("serving.controls.wrong_title", self.language)
            lines = [say("mittarilaskuri.wrong.address", self.language)]
        elif self.form.broken:
            title = say("mittarilaskuri.wrong.title", self.language)
            lines = [say("mittarilaskuri.wrong.form", self.language)]
        elif self.form.sent and self.entered.faults:
            title, lines = say("mittarilaskuri.wrong.title", self.language), list(self.entered.faults)
        elif self.form.sent and self.entered.empty:
            title = say("mittarilaskuri.wrong.title", self.language)
            lines = [say("mittarilaskuri.wrong.empty", self.language)]
        return answer(title, *lines) if title else Markup("")

    def about(self) -> Markup:
        """Say what the instrument measures and how it is scored; who must already have acted stands out."""
        if self.choice.faults:
            return Markup("")
        record, english = self.asked.instrument, self.language == "en"
        parts = [element("h2", record.name_en if english else record.name_fi)]
        acted = [note for note in record.notes if note.key in _ACTED]
        parts += [
            answer(say("mittarilaskuri.acted", self.language), note.en if english else note.fi)
            for note in acted
        ]
        if record.kind == "scores" and self.choice.text("tapa") == "vastaukset":
            parts.append(element("p", say("mittarilaskuri.scores_only", self.language)))
        others = [note for note in record.notes if note not in acted]
        lines = [*shown.instrument_lines(self.asked), *(self._note(note) for note in others)]
        parts.append(element("ul", *(element("li", line) for line in lines)))
        return Markup("").join(parts)

    def entry(self) -> Markup:
        """Build the form; with results it is folded away, to be opened for a correction."""
        if self.choice.faults:
            return Markup("")
        made = form_markup(self.asked, self.form, f"/{self.choice.link()}")
        if self.results is None:
            return made
        summary = element("summary", say("mittarilaskuri.correct", self.language))
        return element("details", summary, made, class_="korjaa")

    def main(self) -> Markup:
        """Show scores and the profile; of a formative instrument the profile first, as its makers ask."""
        parts = (self.scores(), self.profile())
        return Markup("").join(reversed(parts) if self.asked.instrument.formative else parts)

    def scores(self) -> Markup:
        """Show scores and classes."""
        return Markup("") if self.results is None else shown.scores(self.asked, self.results)

    def change(self) -> Markup:
        """Show whether the change is more than error of measurement."""
        return Markup("") if self.results is None else shown.change(self.asked, self.results)

    def profile(self) -> Markup:
        """Show the profile to talk about."""
        if self.results is None or self.results.profile is None:
            return Markup("")
        return shown.profile(self.asked, self.results.profile)

    def limits(self) -> Markup:
        """Say what the result does not tell."""
        return Markup("") if self.results is None else shown.limits(self.asked)

    def _note(self, note: catalogue.InstrumentNote) -> str:
        """Give a note; what it says of an argument of a function is said of the menu."""
        if note.key == "coded_from_zero":
            return say("mittarilaskuri.from_one", self.language)
        return note.en if self.language == "en" else note.fi


def _offered() -> list[catalogue.Instrument]:
    """List the instruments with scores; a plan's goals are assessed elsewhere."""
    return [one for one in catalogue.instruments() if one.kind != "goals"]
