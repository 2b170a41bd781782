"""The built site as a reader, a screen reader and a printer meet it: the real plan, few regions."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest
from built_site import ENGLISH, FINNISH, LEADING, ONLY_WORDS, PAGES, PROJECT, SYNTHETIC, address, built, tree

from sosrake_lib import regions, samples
from sosrake_lib.batch import plan, releases
from sosrake_lib.influence.site_themes import six_themes
from sosrake_lib.language import say

__all__ = ["built"]  # the fixture, for pytest to find here
pytestmark = pytest.mark.slow

LOADING = ("iframe", "object", "embed", "audio", "video", "source", "base", "form")
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
PICTURE_FILE = re.compile(r"\.\./kuvat/[0-9a-f]{16}\.png")
FILES = (*LEADING, *PAGES)
MOST_BYTES = 500_000
# pages that lead to others or tell of the site itself
KINDS = (
    *("index.html", "mita_tapahtui.html", "haku.html", "menetelmat.html", "muutokset.html"),
    *("saavutettavuus.html", *(f"teemat/{theme.key}.html" for theme in six_themes())),
)
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
    assert set(FILES) <= there
    assert {path for path in there if not path.endswith(KINDS)} == {
        place for place in PAGES if not place.endswith(KINDS)
    }


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
def test_every_page_is_reached_from_the_first_by_its_regions_name(built, language, keys):
    root = "" if language == "fi" else "en/"
    first = {link.attributes["href"]: link for link in built.page(f"{root}index.html").all("a")}
    for task in full_plan(language).tasks:
        if task.key not in keys:
            continue
        title = task.title_en if language == "en" else task.title_fi
        if task.region is None:
            assert title in first[address(task.key)].text()
            continue
        name = regions.name(*task.region, language=language)
        assert name in first[f"{task.slug}/index.html"].text()
        area = built.page(f"{root}{task.slug}/index.html")
        found = {link.attributes["href"]: link for link in area.all("a")}
        assert title in found[f"{task.page}.html"].text()
        (heading,) = area.all("h1")
        assert heading.text() == name


def test_knowledge_base_and_social_reporting_come_first(built):
    index = built.page("index.html")
    tieto = next(one for one in index.all("section") if one.attributes.get("id") == "tieto")
    heads = [one.text() for one in tieto.all("h2", "h3")]
    wanted = ["TIETO", "Tietopohja alueittain", "Tietopohja teemoittain", "Sosiaalinen raportointi"]
    assert heads[:4] == wanted
    area = built.page("hva-12/index.html")
    listed = next(one for one in area.all("ul") if "sivulista" in one.classes)
    assert [link.text() for link in listed.all("a")][:2] == ["Indikaattorit teemoittain", "Alueprofiili"]


@pytest.mark.parametrize(
    ("gone", "code", "successor"), [("Pertunmaa", "588", "kunta-507"), ("Valtimo", "911", "kunta-541")]
)
def test_ceased_municipality_leads_to_its_successor(built, gone, code, successor):
    assert f"kunta-{regions.successor(code)}" == successor
    (line,) = [item for item in built.page("index.html").all("li") if gone in item.text()]
    (link,) = line.all("a")
    assert link.attributes["href"] == f"{successor}/index.html"
    assert (built.site / link.attributes["href"]).is_file()
    assert gone.casefold() in (built.site / "hakemisto.js").read_text(encoding="utf-8")
    assert gone in built.page(f"{successor}/index.html").text()
    assert not (built.site / f"kunta-{code}").exists()


def test_pages_are_small_and_their_pictures_are_files_named_by_content(built):
    for file in built.site.rglob("*.html"):
        assert file.stat().st_size <= MOST_BYTES, file.name
    for file in built.site.rglob("kuvat/*.png"):
        assert hashlib.sha256(file.read_bytes()).hexdigest()[:16] == file.stem
    pictures = [one.attributes["src"] for place in PAGES for one in built.page(place).all("img")]
    shown = {address.rpartition("/")[2] for address in pictures}
    kept = {file.name for file in built.site.rglob("kuvat/*.png")}
    assert shown == kept
    assert len(kept) > 40


@pytest.mark.parametrize("place", PAGES)
def test_every_number_leads_to_a_note_with_source_period_and_method(built, place):
    page = built.page(place)
    notes = {one.attributes["id"]: one for one in page.all("li") if "id" in one.attributes}
    (article,) = page.all("article")
    numbers = [one for one in article.all("span") if "data-result" in one.attributes]
    assert bool(numbers) != place.endswith(ONLY_WORDS)
    for number in numbers:
        link = number.parent
        if link.tag != "a":
            assert any(one.tag == "summary" for one in _around(number)), number.text()
            continue
        line = notes[link.attributes["href"].removeprefix("#")]
        group = next(one for one in _around(line) if "alkupera" in one.classes)
        told = {one.text() for one in group.all("dt")}
        language = "en" if place.startswith("en/") else "fi"
        wanted = {say(f"site.note.{name}", language) for name in ("source", "period", "method")}
        # what is hidden is told of the figures whose measure the page hides or lacks something of
        assert wanted <= told <= wanted | {say("site.note.hidden", language)}
        assert all(one.text().strip() for one in group.all("dd"))
        assert link.attributes["data-nro"] == group.attributes["id"].removeprefix("a")
    groups = [one for one in page.all("li") if "alkupera" in one.classes]
    assert len({next(one.all("dl")).text() for one in groups}) == len(groups) or len(_releases(page)) > 1


def test_notes_tell_what_is_hidden_only_where_something_is(built):
    hidden = say("site.note.hidden", "fi")
    page = built.page(address("hva-E1/palvelutarpeen_arvioinnit"))
    told = [one.following().text() for one in page.all("dt") if one.text() == hidden]
    assert told and all("suojattu" in one for one in told)
    quiet = built.page(address("kunta-697/infograafi"))
    assert not [mark for mark in quiet.all("span") if "suojattu" in mark.classes]
    of_notes = [one for one in quiet.all("dt") if any("alkupera" in up.classes for up in _around(one))]
    assert of_notes and not [one for one in of_notes if one.text() == hidden]


def _around(element):
    while element.parent is not None:
        element = element.parent
        yield element


def _releases(page):
    return {one.attributes["data-release"] for one in page.all() if "data-release" in one.attributes}


def test_a_note_holds_the_interval_and_n_of_its_row(built):
    """Kuopio's unemployment in 2019 as Sotkanet has it: 9.9 % of a labour force of over fifty thousand."""
    page = built.page("kunta-297/alueprofiili.html")
    (article,) = page.all("article")
    number = next(
        one for one in article.all("span") if "data-result" in one.attributes and one.text() == "9,9\u00a0%"
    )
    place = number.parent.attributes["href"].removeprefix("#")
    line = next(one for one in page.all("li") if one.attributes.get("id") == place)
    assert re.search(r"luottamusväli 9,\d+–10,\d+\s%, joukon koko 5\d\s\d{3}", line.text())
    assert "Kuopio" in line.text()


@pytest.mark.parametrize("place", ["kunta-297/alueprofiili.html", "hva-E1/mittarit.html"])
def test_nothing_is_said_to_come_from_nowhere(built, place):
    """Numbers of the list of notes are traced too: interval and n are those of the row."""
    page = built.page(place)
    (section,) = [one for one in page.all("section") if "mista" in one.classes]
    digits = [text for text in _loose(section) if re.search(r"\d", text)]
    assert digits == []


def _loose(element):
    for child in element.content:
        if isinstance(child, str):
            yield child
        elif not {"data-constant", "data-result"} & set(child.attributes):
            yield from _loose(child)


@pytest.mark.parametrize("code", ["12", "13", "14", "20"])
def test_county_without_a_register_says_that_nothing_is_recorded(built, code):
    file = built.site / f"hva-{code}" / "mita_tapahtui.html"
    if not (built.site / f"hva-{code}").is_dir():
        assert not file.exists()
        return
    (main,) = tree(file.read_text(encoding="utf-8")).all("main")
    assert say("site.happened.nothing", "fi") in main.text()
    assert "Keksitty" not in main.text()
    links = list(built.page(f"hva-{code}/index.html").all("a"))
    (link,) = [one for one in links if "mita_tapahtui" in one.attributes["href"]]
    assert link.text() == "Mitä kerroitte, mitä tapahtui"


def test_theme_page_tells_its_indicators_and_where_they_are(built):
    page = built.page("teemat/tyottomyys.html")
    links = {link.attributes["href"] for link in page.all("a")}
    assert {"../kunta-297/alueprofiili.html", "../hva-12/indikaattorit.html"} <= links
    (table,) = page.all("table")
    assert "Työttömien osuus työvoimasta" in table.text()
    assert "Arbetslöshet" in page.text()


def test_statement_is_a_draft_that_says_what_is_missing(built):
    page = built.page("saavutettavuus.html")
    (banner,) = [one for one in page.all("div") if "luonnos" in one.classes]
    assert "LUONNOS" in banner.text()
    for name in ("body", "address", "made_on", "method", "conformity", "feedback"):
        assert say(f"site.statement.field.{name}", "fi") in banner.text()
    assert "14 päivän kuluessa" in page.text()
    assert "Traficom" in page.text()


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
        assert int(picture.attributes["width"]) > 100
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
        if element.tag == "img":
            assert PICTURE_FILE.fullmatch(source), source
        assert "srcset" not in element.attributes
        assert element.tag not in LOADING
        if element.tag == "script":
            assert not element.text()
            assert re.fullmatch(r"(?:\.\./)?(?:site|haku|hakemisto)\.js", source)
        if source:
            assert (file.parent / source).is_file()
        if element.tag == "link":
            assert element.attributes["href"] in ("data:,", "site.css", "../site.css")
        if element.tag in ("a", "link") and not element.attributes["href"].startswith("data:"):
            _leads_somewhere(file, element, page)
    (policy,) = [one for one in page.all("meta") if "http-equiv" in one.attributes]
    assert policy.attributes["content"].startswith("default-src 'none'; img-src 'self' data:")
    assert "http" not in policy.attributes["content"]


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
WITHOUT_PICTURES = (*ONLY_WORDS, "sosiaalinen_raportti.html", "mediasuunnitelma.html")
NOT_INVENTED |= {"vaikuttamisloki.html": 1, "toteutussuunnitelma.html": 1}
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
    assert pictures or place.endswith(WITHOUT_PICTURES)
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
    if place.endswith(ONLY_WORDS):
        assert not [one for one in page.all("span") if "data-result" in one.attributes]
        return
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
    sentence = told[say("pages.basis.hidden", language)]
    none = tuple(say(f"pages.protected.{key}", language) for key in ("none", "no_protected", "no_figures"))
    assert sentence.startswith(none) != bool(shown)


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
    known = {"sosrake reports", "julkaisija.toml"}
    assert {code.text() for code in built.page(place).all("code")} - known <= {
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
        for rule in ("nav", "break-inside: avoid", "table-header-group", "details-content", "attr(data-nro)"):
            assert rule in printed
        script = (built.site / f"{root}site.js").read_text(encoding="utf-8")
        assert "beforeprint" in script  # what is folded on the screen is unfolded for the printer


def test_scripts_ask_for_nothing_and_remember_nothing(built):
    for name in ("site.js", "haku.js", "hakemisto.js"):
        script = (built.site / name).read_text(encoding="utf-8")
        for word in ("fetch", "XMLHttpRequest", "://", "cookie", "Storage", "sendBeacon", "import(", "eval"):
            assert word not in script, f"{name}: {word}"


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
    *("index.html", "hva-12/index.html", "teemat/koyhyys.html", "hva-12/mita_tapahtui.html", "haku.html"),
    *("menetelmat.html", "muutokset.html", "saavutettavuus.html"),
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
@pytest.mark.parametrize("width", [1280, 640, 360])  # 640 is a window of 1280 at 200 %
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
    if width != 640:
        violations = Axe().run(page, options={"preload": False}).response["violations"]
        found = [(one["id"], one["impact"]) for one in violations]
        assert [one for one in found if one[1] in ("serious", "critical")] == []
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_number_tells_where_it_comes_from_by_keyboard(built, browser, width):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((built.site / "kunta-297/alueprofiili.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ohita"  # the skip link comes first
    link = page.locator("article a.lahde").first
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    told = dialog.inner_text()
    for name in ("source", "period", "method"):
        assert say(f"site.note.{name}", "fi") in told
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    violations = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [one["id"] for one in violations if one["impact"] in ("serious", "critical")]
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert link.evaluate("one => one === document.activeElement")
    assert page.url.endswith("alueprofiili.html")
    page.close()


@pytest.mark.browser
def test_without_a_script_a_number_leads_to_its_note(built, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built.site / "kunta-297/alueprofiili.html").as_uri())
    link = page.locator("article a.lahde").first
    target = link.get_attribute("href")
    link.click()
    assert page.url.endswith(target)
    assert page.locator(target).is_visible()
    context.close()


@pytest.mark.browser
def test_a_folded_table_opens_for_print(built, browser):
    page = browser.new_page()
    page.goto((built.site / "kunta-297/alueprofiili.html").as_uri())
    assert page.locator("details.luvut:not([open])").count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.luvut:not([open])").count() == 0
    page.close()


@pytest.mark.browser
def test_the_list_of_numbers_is_folded_on_the_screen_and_found_by_its_address(built, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    address = (built.site / "kunta-297/alueprofiili.html").as_uri()
    page.goto(address)
    listed = page.locator("details.luettelo")
    assert listed.get_attribute("open") is None
    folded = page.evaluate("document.documentElement.scrollHeight")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#a1-1").is_visible()
    assert not listed.locator("summary").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert listed.get_attribute("open") is None
    page.goto("about:blank")
    page.goto(f"{address}#a1-1")  # as a reader with a bookmark comes
    assert page.locator("#a1-1").is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") > folded
    page.close()
