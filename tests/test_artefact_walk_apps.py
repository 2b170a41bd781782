"""Each state of the area overview, walked by a reader: what is hidden in its release is told by no state.

The app takes published figures only (`serving.make_release` refuses others). Here the same figures are hidden
by a rule as an office's own would be, so that there is something a state could tell.
"""

from __future__ import annotations

import re

import pytest
from test_artefact_walk import artefact_records, artefact_walk, told

from sosrake_lib import protect, regions, serving
from sosrake_lib.batch.recipes import area_indicators
from sosrake_lib.influence import labels, pages
from sosrake_lib.influence.rows import rows_of

pytestmark = pytest.mark.slow
COUNTY = "12"
PERIOD = "2019"
PLACES = [("hva", COUNTY), *(("kunta", code) for code in regions.members("hva", COUNTY))]
THEMES = ("koyhyys", "tyottomyys")


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> protect.Release:
    parts = area_indicators(None)
    wanted = {*PLACES, ("maa", "SSS")}

    def of(name):
        rows = parts[name].frame
        places = zip(rows["region_level"], rows["region_code"], strict=True)
        return rows.loc[[place in wanted for place in places]].reset_index(drop=True)

    rows = of("vertailu")
    rows = rows.loc[(rows["numerator"].notna() | (rows["status"] != "ok")) & (rows["period"] == PERIOD)]
    made = {name: protect.part(of(name), "avoin") for name in ("diak", "sarja")}
    made["vertailu"] = protect.part(rows, protect.rule_set("vakio", minimum_count=10))
    home = tmp_path_factory.mktemp("app")
    return protect.release(made, name="alueindikaattorit", preview=True, home=home)


def state_of(release, place, theme, language) -> str:
    """Render one state as the app's notebook does: the same calls in the same order."""
    asked = {"alue": regions.slug(*place), "teema": theme, "jakso": PERIOD, "kieli": language, "julkaisu": ""}
    shown = serving.Overview(serving.read_choice("apps/tilannekuva", asked), release)
    assert not shown.faults
    items = [*shown.findings(), *shown.chart(), *shown.table(), *shown.series(), *shown.caveats()]
    flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
    framed = [str(part) for part in (shown.heading(), shown.controls(), shown.problem())]
    return "\n".join([*framed, *(pages.html_of(one, language) for one in flat)])


@pytest.fixture(scope="module")
def states(release, tmp_path_factory):
    """Write every state of the county's menu, and two in English, into a folder."""
    folder = tmp_path_factory.mktemp("states")
    for language, places in (("fi", PLACES), ("en", PLACES[:2])):
        for place in places:
            for theme in THEMES:
                name = f"{regions.slug(*place)}.{theme}.{language}.html"
                (folder / name).write_text(state_of(release, place, theme, language), encoding="utf-8")
    return folder


def hidden_rows(release):
    return [row for row in rows_of(release.select("vertailu")) if row["status"] == "suppressed"]


def test_something_is_hidden_and_states_show_figures(release, states):
    assert len(hidden_rows(release)) >= 5
    assert len(list(states.iterdir())) == (len(PLACES) + 2) * len(THEMES)
    assert all("data-result" in path.read_text(encoding="utf-8") for path in states.iterdir())


def test_no_state_ties_a_number_to_a_hidden_figure(release, states):
    pieces = list(artefact_walk.walk(states))
    assert told(pieces, [row["result_id"] for row in hidden_rows(release)]) == []
    shown = [row["result_id"] for row in rows_of(release.select("vertailu")) if row.shown]
    assert told(pieces, shown)


def test_no_state_has_a_number_near_a_hidden_figure(release, states):
    """On its own region's page a hidden indicator stands in lines without any number but the year."""
    seen = 0
    for row in hidden_rows(release):
        if row["region_level"] == "maa":
            continue
        slug = regions.slug(row["region_level"], row["region_code"])
        name = labels.full_name(row, "fi")
        for path in states.glob(f"{slug}.*.fi.html"):
            for one in artefact_records.of_file(path.name, path.read_bytes()):
                if not one.about.startswith(name) and f"| {name}" not in one.about:
                    continue
                seen += 1
                # ages in the indicator's own name count nobody
                rest = artefact_records.Record("", "", "", one.content.replace(name, ""))
                numbers = [number for number in rest.numbers if number != float(PERIOD)]
                country = re.search("Koko maa|koko maa|Suomi", one.about)
                assert country or not numbers, one
    assert seen
