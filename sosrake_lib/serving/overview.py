"""The area overview: which released rows a choice means, and the words, chart and table that show them.

Nothing is computed: rows are selected from a release and given to `influence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from sosrake_lib import catalogue, frame, parameters, regions
from sosrake_lib.influence import charts, labels, pages, tables, words
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import numbers, places, say
from sosrake_lib.protect import Release, Selection, Text
from sosrake_lib.serving import controls
from sosrake_lib.serving.address import Choice, Fault
from sosrake_lib.serving.html import answer, element
from sosrake_lib.serving.options import (
    AREA,
    county_list,
    region_options,
    slug_region,
    successor_of,
    theme_options,
)

COUNTRY = ("maa", "SSS")
# Where a row is looked for, in this order: compared figures, the panel's newest, series over time.
PARTS = ("vertailu", "diak", "sarja")


@dataclass(frozen=True, eq=False)
class Overview:
    """One view of the app: a choice laid over a release."""

    choice: Choice
    release: Release

    @property
    def language(self) -> str:
        """Give the language of the page."""
        return self.choice.language

    @cached_property
    def region(self) -> tuple[str, str]:
        """Give the chosen (level, code)."""
        return slug_region(self.choice.text("alue"))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Give what is wrong with the choice: in the address itself, or a region that is not in the area."""
        asked = self.choice.text("alue")
        known = {value for group in region_options("fi").values() for value in group}
        told = self.choice.faults
        return told if asked in known else (*told, Fault("alue", asked, f"{asked} is not in the menu"))

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """List the periods this region has figures of this theme for, newest first."""
        found = {str(row["period"]) for row in self._rows if row.shown}
        return tuple(sorted(found, key=frame.period_end, reverse=True))

    @cached_property
    def period(self) -> str:
        """Give the period that is shown: the one asked for or, said on the page, the newest there is."""
        asked = self.choice.text("jakso")
        return asked if asked in self.periods or not self.periods else self.periods[0]

    def heading(self) -> Markup:
        """Build the page's title and, when the view is sound, whose overview it is."""
        title = element("h1", say("tilannekuva.title", self.language))
        other = "en" if self.language == "fi" else "fi"
        link = element(
            "a",
            say("tilannekuva.other_language", self.language),
            href=self.choice.link(kieli=other),
            lang=other,
            hreflang=other,
        )
        return title + element("p", say("tilannekuva.lead", self.language)) + element("p", link)

    def controls(self) -> Markup:
        """Build the three menus; the period menu lists what the chosen theme has in the chosen region."""
        periods = self.periods if not self.faults else ()
        listed = dict.fromkeys((*periods, *(() if periods else (self.choice.text("jakso"),))))
        menus = [
            controls.Menu(
                "alue", self._label("alue"), self.choice.text("alue"), region_options(self.language)
            ),
            controls.Menu(
                "teema", self._label("teema"), self.choice.text("teema"), {"": theme_options(self.language)}
            ),
            controls.Menu(
                "jakso",
                self._label("jakso"),
                self.period if not self.faults else self.choice.text("jakso"),
                {"": {period: numbers.period(period, self.language) for period in listed}},
            ),
        ]
        made = controls.form(menus, self.language, {"kieli": self.language})
        return made + element("p", say("serving.controls.share", self.language), class_="share")

    def problem(self) -> Markup:
        """Build the answer to a wrong address, with what is allowed and a link that works, if it is wrong."""
        if not self.faults:
            return self._other_period()
        lines = [self._fault_line(fault) for fault in self.faults]
        target, name = self._way_out()
        link = element("a", say("serving.controls.wrong_link", self.language, name=name), href=target)
        return answer(say("serving.controls.wrong_title", self.language), *lines, link)

    def findings(self) -> list:
        """Say each figure of the theme, beside the country where it can be compared."""
        if self.faults:
            return []
        heading = pages.Heading(2, self._titled("tilannekuva.heading.findings"))
        told = [words.comparison(row, self.language) for row in self._compared()]
        told += [words.level(row, self.language) for part in self._others() for row in rows_of(part)]
        return [heading, told] if told else [heading, self._nothing()]

    def chart(self) -> list:
        """Draw the theme's first comparable figure in the region, its county, the area and the country."""
        row = self._lead()
        if row is None:
            return []
        chosen = self.release.select(
            "vertailu", region=self._company(), indicator=row["indicator"], period=self.period, sex="total"
        )
        name = labels.short_name(str(row["indicator"]), self.language)
        caption = say(
            "tilannekuva.caption.chart",
            self.language,
            name=name,
            period=numbers.period(self.period, self.language),
        )
        return [
            pages.Heading(2, say("tilannekuva.heading.chart", self.language)),
            charts.bars_with_intervals(chosen, caption, self.language, highlight=self.region),
        ]

    def table(self) -> list:
        """Lay out the theme's figures of the period with their intervals and the country's figure."""
        if self.faults:
            return []
        compared, made = self._selection("vertailu"), []
        caption = self._titled("tilannekuva.caption.table")
        if len(compared):
            columns = ("value", "interval", "reference_value", "verdict")
            made.append(tables.table(compared, columns, caption, self.language))
        for part in self._others():
            made.append(tables.table(part, ("value",), caption, self.language))
        return [pages.Heading(2, say("tilannekuva.heading.table", self.language)), *made] if made else []

    def series(self) -> list:
        """Draw and tell how a figure of the theme has changed, where it is released over time."""
        if self.faults:
            return []
        made: list = []
        for one in catalogue.indicators(self.choice.text("teema")):
            told = (
                self.release.select("sarja", region=self.region, indicator=one.key, sex="total")
                if "sarja" in self.release.parts
                else None
            )
            if told is None or len({row["period"] for row in _shown(told)}) < 2:
                continue
            caption = say(
                "tilannekuva.caption.series",
                self.language,
                name=labels.short_name(one.key, self.language),
                place=self._place(),
            )
            made += [charts.series(told, caption, self.language), words.change(told, self.language)]
            break
        return [pages.Heading(2, say("tilannekuva.heading.series", self.language)), *made] if made else []

    def caveats(self) -> list:
        """Say where the figures come from and what they do not tell."""
        shown = (
            []
            if self.faults
            else [part for part in (self._selection("vertailu"), *self._others()) if len(part)]
        )
        if not shown:
            return []
        notes = [words.source_line(part, self.language) for part in shown]
        limits = Text(say("tilannekuva.limits", "fi"), say("tilannekuva.limits", "en"))
        return [pages.Heading(2, say("tilannekuva.heading.caveats", self.language)), limits, notes]

    @cached_property
    def _rows(self) -> tuple[Row, ...]:
        found: list[Row] = []
        for part in PARTS:
            chosen = self._in_part(part)
            found += rows_of(chosen) if chosen is not None and len(chosen) else ()
        return tuple(found)

    def _in_part(self, part: str) -> Selection | None:
        if part not in self.release.parts:
            return None
        keys = [one.key for one in catalogue.indicators(self.choice.text("teema"))]
        return self.release.select(part, region=self.region, indicator=keys, sex="total")

    def _selection(self, part: str) -> Selection:
        chosen = self._in_part(part)
        return (
            self.release.select(self.release.parts[0], region=[])
            if chosen is None
            else chosen.select(period=self.period)
        )

    def _others(self) -> list[Selection]:
        """Give the period's rows of the other parts, leaving out indicators that an earlier part has told."""
        told = {row["indicator"] for row in _shown(self._selection("vertailu"), all_rows=True)}
        found = []
        for part in PARTS[1:]:
            chosen = self._selection(part)
            fresh = [row["indicator"] for row in _shown(chosen) if row["indicator"] not in told]
            told |= set(fresh)
            if fresh:
                found.append(chosen.select(indicator=fresh))
        return found

    def _compared(self) -> list[Row]:
        """Give the compared rows in the catalogue's order, which puts a theme's leading indicator first."""
        order = [one.key for one in catalogue.indicators(self.choice.text("teema"))]
        rows = _shown(self._selection("vertailu"), all_rows=True)
        return sorted(rows, key=lambda row: order.index(str(row["indicator"])))

    def _lead(self) -> Row | None:
        if self.faults:
            return None
        return next((row for row in self._compared() if row.shown), None)

    def _company(self) -> list[tuple[str, str]]:
        level, code = self.region
        county = regions.parent(code, "hva") if level == "kunta" else None
        return list(dict.fromkeys([self.region, *([("hva", county)] if county else []), AREA, COUNTRY]))

    def _nothing(self) -> Text:
        return Text(say("tilannekuva.nothing", "fi"), say("tilannekuva.nothing", "en"))

    def _place(self) -> str:
        return places.place(regions.name(*self.region), "in", self.language)

    def _titled(self, key: str) -> str:
        theme = theme_options(self.language)[self.choice.text("teema")]
        return say(
            key,
            self.language,
            theme=theme,
            place=self._place(),
            period=numbers.period(self.period, self.language),
        )

    def _label(self, name: str) -> str:
        declared = {one.name: one for one in parameters.definitions(self.choice.notebook)}
        return declared[name].label(self.language)

    def _other_period(self) -> Markup:
        asked = self.choice.text("jakso")
        if not self.periods or asked == self.period:
            return Markup("")
        line = say(
            "tilannekuva.other_period",
            self.language,
            asked=numbers.period(asked, self.language),
            shown=numbers.period(self.period, self.language),
            allowed=", ".join(numbers.period(one, self.language) for one in self.periods),
        )
        return element("p", line, class_="answer", role="status")

    def _fault_line(self, fault: Fault) -> str:
        themes = ", ".join(f"{key} ({name})" for key, name in theme_options(self.language).items())
        known = {"teema": themes, "kieli": "fi, en", "alue": county_list(self.language)}
        if fault.name in known:
            line = say(
                f"tilannekuva.wrong.{fault.name}", self.language, value=fault.value, allowed=known[fault.name]
            )
            successor = successor_of(fault.value) if fault.name == "alue" else None
            return (
                f"{line} {say('tilannekuva.wrong.ceased', self.language, **successor)}" if successor else line
            )
        if fault.name == "jakso":
            return say("tilannekuva.wrong.jakso", self.language, value=fault.value)
        return fault.message

    def _way_out(self) -> tuple[str, str]:
        default = {one.name: one.default for one in parameters.definitions(self.choice.notebook)}
        wrong = {fault.name: fault.value for fault in self.faults}
        sound = {
            name: default[name] if name in wrong else value for name, value in self.choice.values.items()
        }
        successor = successor_of(wrong.get("alue", ""))
        sound |= {"kieli": self.language} | ({"alue": successor["slug"]} if successor else {})
        alue, theme = str(sound["alue"]), theme_options(self.language)[str(sound["teema"])]
        name = f"{regions.name(*slug_region(alue), self.language)}, {theme}"
        return Choice(self.choice.notebook, sound, self.language).link(), name


def _shown(selection: Selection, *, all_rows: bool = False) -> tuple[Row, ...]:
    rows = rows_of(selection) if len(selection) else ()
    return tuple(row for row in rows if all_rows or row.shown)
