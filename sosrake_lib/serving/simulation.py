"""The page of the effect simulator: sliders in a form, a naive and an honest estimate in the answer.

Everything on the page is drawn by a seeded computer; no figure is about people or areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from sosrake_lib import parameters
from sosrake_lib.effects import simulator
from sosrake_lib.language import numbers, say
from sosrake_lib.serving import simulation_results as shown
from sosrake_lib.serving.address import Choice
from sosrake_lib.serving.controls import Menu, Slider, form
from sosrake_lib.serving.html import answer, element
from sosrake_lib.serving.simulation_results import Outcome

DRAWS = 500
# Sliders: (parameter, step, spaces between the numbers under it, how its value is written).
SLIDERS = (
    ("vaikutus", 1, 3, "points"),
    ("valitaan", 10, 3, "percent"),
    ("luotettavuus", 5, 3, "percent"),
    ("keskeyttaa", 5, 5, "percent"),
    ("asiakkaita", 20, 3, "people"),
)


@dataclass(frozen=True, eq=False)
class Simulation:
    """One view of the simulator: the address says what is true, the page what would be seen."""

    choice: Choice

    @property
    def language(self) -> str:
        """Give the language of the page."""
        return self.choice.language

    @cached_property
    def setting(self) -> simulator.Setting:
        """Give what is true in the simulated service."""
        values = {name: int(self.choice.text(name)) for name, _, _, _ in SLIDERS}
        return simulator.Setting(
            clients=values["asiakkaita"],
            chosen=values["valitaan"] / 100,
            reliability=values["luotettavuus"] / 100,
            effect=float(values["vaikutus"]),
            lost=values["keskeyttaa"] / 100,
            worse_leave=self.choice.text("keskeyttajat") == "heikommin",
            compared=self.choice.text("vertailu") == "on",
        )

    @cached_property
    def outcome(self) -> Outcome:
        """Draw, and estimate in both ways; the first draw is the one told of, all of them are counted."""
        drawn = simulator.draw(self.setting, DRAWS, int(self.choice.text("arvonta")))
        naive, honest = simulator.naive(drawn), simulator.honest(drawn, self.setting)
        effect = self.setting.effect
        return Outcome(
            self.setting, DRAWS, naive, honest, *(simulator.told(one, effect) for one in (naive, honest))
        )

    def heading(self) -> Markup:
        """Build the title, the question of the page and that everything is invented."""
        other = "en" if self.language == "fi" else "fi"
        link = element(
            "a", say("simulaattori.other_language", self.language), href=self.choice.link(kieli=other),
            lang=other, hreflang=other,
        )  # fmt: skip
        parts = [
            element("h1", say("simulaattori.title", self.language)),
            element("p", say("simulaattori.lead", self.language)),
            element("p", say("simulaattori.invented", self.language), class_="answer"),
            element("p", link, class_="share"),
        ]
        return Markup("").join(parts)

    def controls(self) -> Markup:
        """Build sliders and menus; sending them makes the address, which can be shared."""
        made: list[Menu | Slider] = [self._slider(*one) for one in SLIDERS[:3]]
        made += [self._slider(*SLIDERS[3]), self._menu("keskeyttajat"), self._menu("vertailu")]
        made.append(self._slider(*SLIDERS[4]))
        hidden = {"arvonta": self.choice.text("arvonta"), "kieli": self.language}
        sent = form(made, self.language, hidden, button=say("simulaattori.draw", self.language))
        again = int(self.choice.text("arvonta")) % int(self._declared["arvonta"].high or 1) + 1
        link = element("a", say("simulaattori.again", self.language), href=self.choice.link(arvonta=again))
        return sent + element("p", link)

    def problem(self) -> Markup:
        """Answer a wrong address with what is allowed and a link that works."""
        if not self.choice.faults:
            return Markup("")
        lines = [
            fault.message if fault.name not in self._declared else self._allowed(fault.name)
            for fault in self.choice.faults
        ]
        link = element("a", say("simulaattori.defaults", self.language), href=f"?kieli={self.language}")
        return answer(say("serving.controls.wrong_title", self.language), *lines, link)

    def findings(self) -> Markup:
        """Say what was seen in this draw and in many."""
        return Markup("") if self.choice.faults else shown.findings(self.outcome, self.language)

    def chart(self) -> Markup:
        """Draw both estimates beside the truth."""
        return Markup("") if self.choice.faults else shown.figure(self.outcome, self.language)

    def table(self) -> Markup:
        """Lay out what the chart shows."""
        return Markup("") if self.choice.faults else shown.table(self.outcome, self.language)

    def why(self) -> Markup:
        """Say what happened and why, and what to do with real clients."""
        return Markup("") if self.choice.faults else shown.why(self.outcome, self.language)

    @cached_property
    def _declared(self) -> dict[str, parameters.Parameter]:
        return {one.name: one for one in parameters.definitions(self.choice.notebook)}

    def _slider(self, name: str, step: int, spaces: int, kind: str) -> Slider:
        one = self._declared[name]
        low, high = int(one.low or 0), int(one.high or 0)
        value = int(self.choice.text(name))
        places = range(low, high + 1, (high - low) // spaces)
        marks = [numbers.count(place, self.language) for place in places]
        text = say(f"simulaattori.value.{kind}", self.language, value=numbers.count(value, self.language))
        return Slider(name, one.label(self.language), value, text, low, high, step, marks)

    def _menu(self, name: str) -> Menu:
        one = self._declared[name]
        options = {str(value): say(f"simulaattori.{name}.{value}", self.language) for value in one.allowed}
        return Menu(name, one.label(self.language), self.choice.text(name), {"": options})

    def _allowed(self, name: str) -> str:
        one = self._declared[name]
        if one.allowed:
            allowed = ", ".join(str(value) for value in one.allowed)
        else:
            allowed = numbers.interval(one.low or 0, one.high or 0, 0, self.language)
        return say("simulaattori.wrong", self.language, name=one.label(self.language), allowed=allowed)
