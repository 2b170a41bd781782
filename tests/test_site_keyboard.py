"""The site by keyboard, magnified and on grey paper; faults planted to be found."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from sosrake_lib import regions
from sosrake_lib.influence import site
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import everything_site
import keyboard

PAGES = (
    *("index", "haku", "menetelmat", "muutokset", "saavutettavuus", "teemat/koyhyys", "hva-12/index"),
    *("hva-12/mita_tapahtui", "kunta-297/alueprofiili"),
)
BODY = """<h2>Luvut</h2><p>Sanoja <a href="#t">alas</a>.</p>
<div class="vieritys" tabindex="0" role="region" aria-label="Taulukko"><table id="t">
<tr><th scope="row">Osuus</th><td>suuri</td></tr></table></div>
<details class="luvut"><summary>Lisää</summary><p><a href="#t">ylös</a></p></details>"""
# Tables that are wider than a sheet unless their columns give way: ten periods, and many words in a line.
PERIODS = range(2010, 2020)
YEARS = "".join(f'<th scope="col">{year}–{year + 2}</th>' for year in PERIODS)
FIGURES = "".join(f'<td class="arvo"><span class="luku">{year - 1900},1 %</span></td>' for year in PERIODS)
WORDED = ("Kaksi ohjaajaa, kokemusasiantuntija ja tilat", "Ohjaajan työtunteja asiakasta kohti")
INTERVAL = "25,0&nbsp;tuntia (95&nbsp;%:n luottamusväli 22,8–27,2)"
CELLS = "".join(f'<td class="sana">{one}</td>' for one in (*WORDED, "Yksilölliseen tukeen on aikaa."))
WIDE = "".join(
    f'<div class="vieritys" tabindex="0" role="region" aria-label="{name}"><table>{rows}</table></div>'
    for name, rows in (
        ("Jaksot", f'<tr><th scope="col">Mitä luku kertoo</th>{YEARS}</tr>'
         f'<tr><th scope="row">Huono-osaisuus yhteensä</th>{FIGURES}</tr>'),
        ("Ketju", f'<tr><th scope="row">Toiminta</th>{CELLS}<td class="arvo">{INTERVAL}</td></tr>'),
    )
)  # fmt: skip
SKIP = '<a class="ohita" href="#sisalto">Siirry sisältöön</a>'
STYLE = "<style>main a:focus { outline: none !important; }</style></head>"
MANY = """<a href="#t" tabindex="3">ensin</a><p style="width:900px">leveä</p><p style="color:#bbb">haalea</p>
<p style="font-size:7pt">pieni</p><div style="display:flex;flex-direction:column-reverse">
<a href="#t">alempi</a><a href="#t">ylempi</a></div></main>"""
TRAP = """<button onkeydown="if (event.key === 'Tab') event.preventDefault()">ansa</button></main>"""
COVER = '</main><div style="position:fixed;inset:0;background:#fff;z-index:5"></div>'
# what is planted into the municipality's page -> what the walk must say of it
PLANTED = {
    "many": (
        {"</main>": MANY},
        *("order: ", "upwards: a alempi -> a ylempi", "640 px, scrolls sideways"),
        *("print, contrast: haalea", "print, small: pieni", "print, wider than the sheet"),
    ),
    "unmarked": ({"</head>": STYLE, SKIP: ""}, "no mark: a alas", "skip link: "),
    "covered": ({"</main>": COVER}, "out of sight: a alas"),
    "trap": ({"</main>": TRAP}, "not reached: a", "trapped: button ansa"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sivusto")
    pages = []
    for level, code in (("kunta", "297"), ("hva", "12"), ("kunta", "140")):
        name = regions.name(level, code)
        context = PageContext("alueprofiili", "Alueprofiili", 2026, (level, code), name)
        pages.append(Page(context, BODY + WIDE, Facts(newest_period="2019"), ()))
    site.build_site(pages, folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    if shutil.which("chromium") is None:
        pytest.skip("Debian's chromium is not here")
    with everything_site.opened_browser() as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_page_is_used_by_keyboard_magnified_and_on_grey_paper(built, browser, name):
    walked = keyboard.check(browser, built / f"{name}.html")
    assert walked.faults == ()
    assert walked.steps > 10  # the navigation alone, at two widths


@pytest.mark.browser
@pytest.mark.parametrize("name", PLANTED)
def test_planted_faults_are_found(built, browser, name):
    planted, *said = PLANTED[name]
    markup = (built / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")
    start = markup.index("<meta http-equiv")
    markup = markup[:start] + markup[markup.index(">", start) + 1 :]  # planted styles are let in
    for old, new in planted.items():
        assert markup.count(old) == 1
        markup = markup.replace(old, new)
    spoilt = built / "kunta-297" / "koe.html"
    spoilt.write_text(markup, encoding="utf-8")
    faults = keyboard.check(browser, spoilt).faults
    for one in said:
        assert any(one in fault for fault in faults), (one, faults)


def test_one_page_of_each_kind_is_named(built):
    kinds = keyboard.one_of_each(built)
    assert {"index", "alue", "teemat", "haku", "alueprofiili", "mita_tapahtui"} <= set(kinds)
    assert kinds["index"] == built / "index.html"
