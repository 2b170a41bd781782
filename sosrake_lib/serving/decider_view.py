"""The decision maker's view: which released rows a choice means, and the page that tells them on a phone.

The words are those of the decision maker's page (`notebooks/4_vaikuttaminen/paattajakooste`); nothing is
computed: rows are selected from releases and given to `influence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from sosrake_lib import regions
from sosrake_lib.catalogue import themes
from sosrake_lib.influence import decisions, words_proposals
from sosrake_lib.influence import words_decider as decider
from sosrake_lib.influence.rows import rows_if_any
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection
from sosrake_lib.serving import decider_view_frame, decider_view_page
from sosrake_lib.serving.address import Choice, Fault
from sosrake_lib.serving.controls import Menu, form
from sosrake_lib.serving.html import Released, answer, element
from sosrake_lib.serving.options import region_options, theme_options

ROOM = "paattajan_nakyma"
FULL_PAGE = "paattajakooste"


@dataclass(frozen=True, eq=False)
class DeciderView:
    """One view of the app: a choice laid over the release of decision makers' pages and the words beside it.

    Attributes
    ----------
    choice : what the address asks for. figures : release `paattajalle`. words : release `paattajan_sanat`.
    """

    choice: Choice
    figures: Release
    words: Release

    @property
    def language(self) -> str:
        """Give the language of the page."""
        return self.choice.language

    @cached_property
    def options(self) -> dict[str, dict[str, str]]:
        """List the areas by group; the invented ones only while the house has recorded nothing."""
        found = region_options(self.language)
        if self.words.synthetic:
            told = {
                (str(row["region_level"]), str(row["region_code"]))
                for part in self.words.parts
                for row in rows_if_any(self.words.select(part=part))
            }
            found[say(f"{ROOM}.group.invented", self.language)] = {
                regions.slug(*area): regions.name(*area, self.language) for area in sorted(told)
            }
        return found

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Give what is wrong with the choice: in the address itself, or an area the app does not have."""
        asked, told = self.choice.text("alue"), self.choice.faults
        if any(asked in group for group in self.options.values()):
            return told
        return (*told, Fault("alue", asked, f"{asked} is not in the menu"))

    @cached_property
    def region(self) -> tuple[str, str]:
        """Give the chosen (level, code)."""
        level, _, code = self.choice.text("alue").partition("-")
        return level, code

    @property
    def invented(self) -> bool:
        """Say whether the chosen area is invented."""
        return regions.is_invented(self.region[1])

    @property
    def release(self) -> Release:
        """Give the release that tells of the chosen area: invented and real ones never meet in one."""
        return self.words if self.invented else self.figures

    @cached_property
    def finding(self) -> Selection | None:
        """Give the one row the page leads with, of the chosen theme when there is one; None without any."""
        return self._finding(self.choice.text("teema"))

    @cached_property
    def theme(self) -> str:
        """Give the theme of the page: asked for, else the finding's, else the newest proposal's."""
        asked = self.choice.text("teema")
        if asked or self.finding is not None:
            return asked or decisions.theme_of(self.finding)  # type: ignore[arg-type]
        return self.proposals.theme or "kaikki"

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """List the themes that have a finding, or a quote in an invented area, in the catalogue's order."""
        quoted = set()
        if self.invented and decider.VOICES in self.words.parts:
            voices = self.words.select(part=decider.VOICES, region=self.region)
            quoted = {str(row["group"]) for row in rows_if_any(voices)}
        return tuple(one.key for one in themes() if one.key in quoted or self._finding(one.key) is not None)

    @cached_property
    def proposals(self) -> words_proposals.Proposals:
        """Give the area's earlier proposal and the one that waits, from the release of words."""
        return words_proposals.of_area(self.words, self.region)

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Name the releases the page rests on: its figures' and, when it tells of the area, its words'."""
        told = (self.proposals.earlier, self.proposals.waiting)
        spoken = any(told) or bool(words_proposals.own_clock(self.words, self.region))
        return tuple(dict.fromkeys((self.release.id, *((self.words.id,) if spoken else ()))))

    def heading(self) -> Markup:
        """Build the title with the area, the link to the other language and the state of the page."""
        return decider_view_frame.heading(self)

    def controls(self) -> Markup:
        """Build the menus behind one button; they are open when there is something to mend."""
        asked = self.choice.text("teema")
        menus = [self._menu("alue", self.options)]
        listed = dict.fromkeys((*self.themes, *((asked,) if asked else ()))) if not self.faults else {}
        if len(listed) > 1 or asked:
            names = theme_options(self.language)
            every = {"": say(f"{ROOM}.any_theme", self.language)}
            menus.append(self._menu("teema", {"": every | {key: names[key] for key in listed}}))
        made = form(menus, self.language, {"kieli": self.language})
        label = say(f"{ROOM}.change", self.language)
        return element("details", element("summary", label), made, class_="vaihda", open=bool(self.faults))

    def problem(self) -> Markup:
        """Answer a wrong address with what is allowed and a link that works."""
        if not self.faults:
            return Markup("")
        lines = [decider_view_frame.fault_line(fault, self.language) for fault in self.faults]
        target, name = decider_view_frame.way_out(self)
        link = element("a", say("serving.controls.wrong_link", self.language, name=name), href=target)
        return answer(say("serving.controls.wrong_title", self.language), *lines, link)

    @cached_property
    def told(self) -> Released:
        """Give the body of the page with its numbers as links, and the list they lead to."""
        return decider_view_page.noted_page(self)

    def page(self) -> Markup:
        """Build the page: fate, question, finding, voice, proposal, who, when, whom it does not reach."""
        return Markup("") if self.faults else self.told.body

    def notes(self) -> Markup:
        """Build what each number rests on, behind one button; a page without numbers has none."""
        if self.faults or not self.told.notes:
            return Markup("")
        label = element("summary", say(f"{ROOM}.rests", self.language))
        help_ = element("p", say("site.note.help", self.language))
        return element("details", label, help_, self.told.notes, class_="perusta", id="perusta")

    def use(self) -> Markup:
        """Say where the whole page is and how this one is printed and shared."""
        return Markup("") if self.faults else decider_view_frame.use(self)

    def _finding(self, theme: str) -> Selection | None:
        if self.faults or decider.finding_part(theme) not in self.figures.parts:
            return None
        found = decider.finding((self.figures, self.words), self.region, theme)
        return found if len(found) else None

    def _menu(self, name: str, options: dict[str, dict[str, str]]) -> Menu:
        label = decider_view_frame.label(self.choice.notebook, name, self.language)
        return Menu(name, label, self.choice.text(name), options)
