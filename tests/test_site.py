"""The built site as a reader, a screen reader and a printer meet it: the real plan, few regions."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest
from built_site import ENGLISH, FILES, FINNISH, PAGES, PROJECT, SYNTHETIC, address, built, tree

from sosrake_lib import regions, samples
from sosrake_lib.batch import plan, releases
from sosrake_lib.language import say

__all__ = ["built"]  # the fixture, for pytest to find here
pytestmark = pytest.mark.slow

LOADING = ("script", "iframe", "object", "embed", "audio", "video", "source", "base", "form")
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
MACHINE_PATH = re.compile(r"(?<![\w/.])/(?:work|tmp|root|home|usr|var|opt|mnt)/\w|\b[A-Z]:\\|file:/")
TRACES_OF_CODE = ("Traceback", "Error:", "Warning:", "In [", "Out[", "select(part", "import ", "DataFrame")


def words_of(built, place):
    """Give a page's markup without its pictures, whose letters mean nothing."""
    return PICTURE.sub("", built.markup(place))


def titles(markup_tree):
    return [element.text().strip() for element in markup_tree.all("h1", "h2", "h3", "h4")]


def full_plan(language="fi"):
    return plan.load(PROJECT, recipes=releases.known_recipes(), language=language)


def test_run_made_every_page_it_was_asked_for(built):
    assert built.finnish.failed == ()
    assert built.english.failed == ()
    assert set(built.finnish.made + built.finnish.skipped) == set(FINNISH)
    assert set(built.english.made + built.english.skipped) == set(ENGLISH)
    assert built.finnish.index == built.site / "index.html"
    there = {path.relative_to(built.site).as_posix() for path in built.site.rglob("*.html")}
    assert there == set(FILES)


def test_plan_makes_a_page_of_every_region_it_names():
    """The rest of the plan is the same notebooks over other regions; here each region is there by name."""
    keys = {task.key for task in full_plan().tasks}
    assert len(regions.members("joukko", "alue51")) == 51
    for code in regions.members("joukko", "alue51"):
        assert {f"kunta-{code}/alueprofiili", f"kunta-{code}/paattajakooste"} <= keys
    for code in ("12", "13", "14", "20"):
        assert {f"hva-{code}/{page}" for page in ("alueprofiili", "paattajakooste", "indikaattorit")} <= keys
    assert set(FINNISH) <= keys


@pytest.mark.parametrize(("language", "keys"), [("fi", FINNISH), ("en", ENGLISH)])
def test_index_lists_every_page_under_its_regions_name(built, language, keys):
    place = "index.html" if language == "fi" else "en/index.html"
    root = "" if language == "fi" else "en/"
    index = built.page(place)
    links = [link for link in index.all("a") if "katso" not in link.text()]  # those of ceased ones apart
    found = {link.attributes["href"]: link for link in links}
    for task in full_plan(language).tasks:
        if task.key not in keys:
            assert task.address not in found
            continue
        link = found[address(task.key, language).removeprefix(root)]
        title = task.title_en if language == "en" else task.title_fi
        assert title in link.text()
        if task.region:
            name = regions.name(*task.region, language=language)
            beside = link.attributes.get("aria-label", "") + link.text()
            assert name in beside


@pytest.mark.parametrize(
    ("gone", "code", "successor"), [("Pertunmaa", "588", "kunta-507"), ("Valtimo", "911", "kunta-541")]
)
def test_ceased_municipality_leads_to_its_successor(built, gone, code, successor):
    assert f"kunta-{regions.successor(code)}" == successor
    (line,) = [item for item in built.page("index.html").all("li") if gone in item.text()]
    (link,) = line.all("a")
    assert link.attributes["href"].startswith(f"{successor}/")
    assert (built.site / link.attributes["href"]).is_file()
    assert gone.casefold() in line.attributes["data-haku"]
    assert not (built.site / f"kunta-{code}").exists()


@pytest.mark.parametrize("place", FILES)
def test_structure_reads_well_by_ear(built, place):
    page = built.page(place)
    (html,) = page.all("html")
    assert html.attributes["lang"] == ("en" if place.startswith("en/") else "fi")
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(title for title in titles(page))
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for part in ("header", "nav", "main", "footer"):
        assert list(page.all(part)), part
    (title,) = page.all("title")
    assert say("pages.name", html.attributes["lang"]) in title.text()
    for picture in page.all("img"):
        assert len(picture.attributes["alt"]) > 40
    for table in page.all("table"):
        (caption,) = table.all("caption")
        assert caption.text().strip()
        assert all(cell.attributes.get("scope") in ("col", "row") for cell in table.all("th"))
    assert all(link.text().strip() for link in page.all("a"))


@pytest.mark.parametrize("place", PAGES)
def test_each_picture_is_followed_by_its_table(built, place):
    for figure in built.page(place).all("figure"):
        (picture,) = figure.all("img")
        (told,) = figure.all("figcaption")
        beside = figure.following()
        tables = list(beside.all("table")) if beside is not None else []
        assert beside is not None and beside.tag in ("div", "details")
        assert len(tables) == 1, f"{place}: {picture.attributes['alt'][:60]}"
        (caption,) = tables[0].all("caption")
        assert caption.text() == told.text()
        assert len(list(tables[0].all("tr"))) > 1


def test_pages_have_pictures(built):
    """The test above holds nothing of a page without one."""
    count = {place: len(list(built.page(place).all("figure"))) for place in PAGES}
    assert sum(count.values()) >= 20
    assert all(count[address(key)] >= 2 for key in FINNISH if "alueprofiili" in key)


@pytest.mark.parametrize("place", FILES)
def test_nothing_is_loaded_from_elsewhere_and_every_link_leads_somewhere(built, place):
    page = built.page(place)
    file = built.site / place
    for element in page.all():
        assert not [name for name in element.attributes if name.startswith("on")], element.attributes
        assert "style" not in element.attributes
        source = element.attributes.get("src", "")
        assert not source or PICTURE.fullmatch(source), source
        assert "srcset" not in element.attributes
        if element.tag in LOADING:
            assert element.tag == "script"
            assert not element.attributes
            assert "//" not in element.text()
            assert "fetch" not in element.text()
        if element.tag == "link":
            assert element.attributes["href"] in ("data:,", "site.css", "../site.css")
        if element.tag in ("a", "link") and not element.attributes["href"].startswith("data:"):
            _leads_somewhere(file, element, page)


def _leads_somewhere(file, element, page):
    found = urlsplit(element.attributes["href"])
    if found.scheme:
        assert (element.tag, found.scheme) in {("a", "http"), ("a", "https"), ("a", "mailto")}
        return
    assert not found.netloc
    assert not found.path.startswith("/"), "a plain folder has no root"
    target = (file.parent / unquote(found.path)).resolve() if found.path else file
    assert target.is_file(), f"{file.name}: {element.attributes['href']}"
    if found.fragment and target.suffix == ".html":
        other = page if target == file else tree(target.read_text(encoding="utf-8"))
        assert found.fragment in {one.attributes.get("id") for one in other.all()}


NOT_INVENTED = {"vaikuttavuus.html": 1, "paatoksentekijan_tietotarve.html": 1}
REAL_TABLES = re.compile("toimeentulotu|social assistance", re.IGNORECASE)


@pytest.mark.parametrize("place", PAGES)
def test_only_invented_pages_say_that_they_are_invented(built, place):
    language = "en" if place.startswith("en/") else "fi"
    said = "Invented example data" if language == "en" else "Keksitty esimerkkiaineisto"
    page = built.page(place)
    invented = place in {address(key, code) for key in SYNTHETIC for code in ("fi", "en")}
    (main,) = page.all("main")
    assert (said in main.text()) == invented
    if not invented:
        about_an_area = not place.startswith("hanke/")  # pages on the project may speak of invented data
        assert not (about_an_area and re.search("keksit|invented", words_of(built, place), re.IGNORECASE))
        return
    (note,) = [one for one in page.all("p") if "keksitty" in one.classes]
    assert note.text().startswith(said)
    pictures = list(page.all("img"))
    assert pictures
    # A published series as an illustration, and the calendar of decisions, are not invented.
    real = [picture for picture in pictures if not picture.attributes["alt"].startswith(said)]
    assert len(real) == NOT_INVENTED.get(place.rpartition("/")[2], 0)
    for table in page.all("table"):
        figures = [one for one in table.all("span") if "data-result" in one.attributes]
        caption = " ".join(one.text() for one in table.all("caption"))
        if figures and not REAL_TABLES.search(caption):
            assert caption.startswith(said), caption


@pytest.mark.parametrize("place", PAGES)
def test_page_tells_age_source_method_uncertainty_and_what_is_hidden(built, place):
    language = "en" if place.startswith("en/") else "fi"
    page = built.page(place)
    (age,) = [one for one in page.all("p") if "ika" in one.classes]
    assert re.search(r"\b20[012]\d\b", age.text())
    (basis,) = [one for one in page.all("section") if "perusta" in one.classes]
    told = {}
    for name, text in pairwise(next(basis.all("dl")).children):
        if name.tag == "dt":
            told[name.text().strip()] = text.text().strip()
    for name in ("sources", "methods", "uncertainty", "hidden", "refresh", "release"):
        assert told[say(f"pages.basis.{name}", language)], name
    assert re.search("CC BY 4.0|MIT", told[say("pages.basis.sources", language)])
    assert "sosrake reports" in told[say("pages.basis.refresh", language)]
    shown = [mark for mark in page.all("span") if "suojattu" in mark.classes]
    shown = shown or [cell for cell in page.all("td") if cell.text().strip() == "suojattu"]
    assert (say("pages.hidden.suppressed", language) in told[say("pages.basis.hidden", language)]) == bool(
        shown
    )


def test_something_is_hidden_and_each_hidden_cell_looks_the_same(built):
    page = built.page(address("hva-E1/palvelutarpeen_arvioinnit"))
    hidden = [mark for mark in page.all("span") if "suojattu" in mark.classes]
    assert len(hidden) > 10
    assert len({mark.text() for mark in hidden}) == 1
    assert {tuple(mark.parent.attributes.items()) for mark in hidden} == {(("class", "sana"),)}


@pytest.mark.parametrize("place", FILES)
def test_no_code_no_failure_and_no_machine_path_is_seen(built, place):
    markup = words_of(built, place)
    text = "\n".join(main.text() for main in built.page(place).all("main"))
    assert not MACHINE_PATH.search(markup)
    assert not [sign for sign in TRACES_OF_CODE if sign in text]
    assert not list(built.page(place).all("pre"))
    assert {code.text() for code in built.page(place).all("code")} - {"sosrake reports"} <= {
        folder.name for folder in (built.output / "releases").iterdir()
    }


@pytest.mark.parametrize("key", FINNISH)
def test_no_line_of_the_notebooks_code_is_on_its_page(built, key):
    notebook = json.loads((built.output / "notebooks" / "fi" / f"{key}.ipynb").read_text(encoding="utf-8"))
    text = built.page(address(key)).text(without=("script",))
    lines = {
        line.strip()
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        for line in "".join(cell["source"]).splitlines()
    }
    assert not [line for line in lines if len(line) >= 12 and line in text]


def test_page_prints_well(built):
    for root in ("", "en/"):
        css = (built.site / f"{root}site.css").read_text(encoding="utf-8")
        assert "url(" not in css
        assert "@import" not in css
        printed = css[css.index("@media print") :]
        for rule in ("nav", "break-inside: avoid", "table-header-group", "details-content"):
            assert rule in printed
    # what is folded on the screen is unfolded for the printer
    assert "beforeprint" in built.markup(PAGES[0])


@pytest.mark.parametrize("key", ENGLISH)
def test_english_page_is_english_and_the_languages_lead_to_each_other(built, key):
    finnish, english = built.page(address(key)), built.page(address(key, "en"))
    assert not set(titles(finnish)) & set(titles(english))
    assert len(titles(finnish)) == len(titles(english))
    captions = [
        {one.text() for one in page.all("caption", "figcaption", "summary", "dt")}
        for page in (finnish, english)
    ]
    assert not captions[0] & captions[1]
    (there,) = [link for link in finnish.all("a") if link.attributes.get("hreflang") == "en"]
    (back,) = [link for link in english.all("a") if link.attributes.get("hreflang") == "fi"]
    folder = (built.site / address(key)).parent
    assert (folder / there.attributes["href"]).resolve() == built.site / address(key, "en")
    folder = (built.site / address(key, "en")).parent
    assert (folder / back.attributes["href"]).resolve() == built.site / address(key)


def test_page_without_a_translation_offers_none(built):
    page = built.page(address("kunta-297/alueprofiili"))
    assert not [link for link in page.all("a") if "hreflang" in link.attributes]


def test_no_person_of_the_records_or_the_survey_is_anywhere(built):
    clients = samples.table("esimerkkila_asiakkaat")
    people = {*clients["client"], *clients["assessment"], *samples.table("osaamiskartoitus")["respondent"]}
    assert len(people) > 4000
    name = re.compile(r"\b[A-Z]\d{2,6}\b")
    seen = {found for place in FILES for found in name.findall(words_of(built, place))}
    assert not seen & people
    for file in (built.output / "notebooks").rglob("*.ipynb"):
        outputs = PICTURE.sub("", file.read_text(encoding="utf-8"))
        assert not set(name.findall(outputs)) & people, file.name
    for file in (built.output / "releases").rglob("*"):
        if file.is_file():
            held = set(name.findall(file.read_bytes().decode("latin-1")))
            assert not held & people, file.name


OPENED = (
    "index.html",
    "kunta-297/alueprofiili.html",
    "kunta-697/paattajakooste.html",
    "hva-E1/osaamiskartoitus.html",
    "hanke/hankeseuranta.html",
    "en/kunta-697/alueprofiili.html",
)


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is not here")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("place", OPENED)
def test_a_page_opens_from_a_plain_folder_for_everyone(built, browser, place, width):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, troubles = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto((built.site / place).as_uri())
    assert not [url for url in asked if urlsplit(url).scheme not in ("file", "data")]
    assert troubles == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    violations = Axe().run(page).response["violations"]
    assert [
        (one["id"], one["impact"]) for one in violations if one["impact"] in ("serious", "critical")
    ] == []
    page.close()


@pytest.mark.browser
def test_a_folded_table_opens_for_print(built, browser):
    page = browser.new_page()
    page.goto((built.site / "kunta-297/alueprofiili.html").as_uri())
    assert page.locator("details.luvut:not([open])").count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.luvut:not([open])").count() == 0
    page.close()
