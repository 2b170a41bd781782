"""Parts of the site one by one: pictures, notes of numbers, rounds, the search, the publisher's file."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import date

import pytest

from sosrake_lib import regions
from sosrake_lib.batch import publisher
from sosrake_lib.catalogue import supervision
from sosrake_lib.errors import BatchError, CatalogueError, SosrakeError
from sosrake_lib.influence import site, site_about, site_pictures, site_search, site_state
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext
from sosrake_lib.influence.site_background import CHECKS, Background, Found
from sosrake_lib.language import say

DAY = date(2026, 3, 1)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FILE = """
nimi = "Esimerkkilän hyvinvointialue"
osoite = "https://tieto.esimerkkila.example"
laadittu = "2026-02-01"
arviointi = "itsearviointi"
tayttaa = "osittain"
sahkoposti = "palaute@esimerkkila.example"

[[puutteet]]
kriteeri = "1.4.10"
mika_fi = "Leveät taulukot vierivät sivusuunnassa."
mika_en = "Wide tables scroll sideways."
korjataan = "2026-12-31"
"""


def page(key="alueprofiili", body="<p>Sanoja.</p>", newest="2019", code="297", **more):
    context = PageContext(key, "Alueprofiili", 2026, ("kunta", code), regions.name("kunta", code), **more)
    return Page(context, body, Facts(newest_period=newest), ())


def test_a_picture_becomes_a_file_named_by_its_content_with_its_size():
    inside = f'<img alt="x" src="data:image/png;base64,{base64.b64encode(PNG).decode()}">'
    taken = site_pictures.taken_out(inside * 2)
    ((name, content),) = taken.files.items()
    assert content == PNG
    assert name.startswith("kuvat/")
    assert taken.markup.count(f'src="../{name}" width="1" height="1"') == 2
    with pytest.raises(SosrakeError, match="no PNG"):
        site_pictures.taken_out('<img src="data:image/png;base64,QUJD">')


def test_first_round_tells_no_change_and_the_same_pages_tell_the_same_again():
    pages = {"a/b.html": page()}
    first = site_state.round_of(pages, b"", DAY)
    assert first.changes.first
    again = site_state.round_of(pages, first.content, date(2027, 1, 1))
    assert again == first


def test_next_round_tells_new_changed_and_removed_pages_with_their_periods():
    before = site_state.round_of({"a.html": page(), "b.html": page(code="420")}, b"", DAY)
    now = {"a.html": page(newest="2021", body="<p>Uutta.</p>"), "c.html": page(code="140")}
    told = site_state.round_of(now, before.content, DAY).changes
    assert (told.day, told.first) == ("2026-03-01", False)
    assert told.new == {"c.html": "Alueprofiili: Iisalmi"}
    assert told.gone == {"b.html": "Alueprofiili: Leppävirta"}
    assert told.changed == {"a.html": ("Alueprofiili: Kuopio", "2019", "2021")}
    (line,) = site_about.changes_view(told, now, "fi").changed
    assert line.note == "Uusimmat luvut 2021, aiemmin 2019"
    with pytest.raises(BatchError, match="no state of a site"):
        site_state.round_of(now, b"[]", DAY)


def test_name_of_a_release_is_no_change_of_a_page():
    one = page(body='<p data-release="aa">Osuus on <span data-result="x.1:value">9,9</span>.</p>')
    other = page(body='<p data-release="bb">Osuus on <span data-result="x.2:value">9,9</span>.</p>')
    before = site_state.round_of({"a.html": one}, b"", DAY)
    assert site_state.round_of({"a.html": other}, before.content, DAY).content == before.content


def test_building_again_on_another_day_changes_no_file(tmp_path):
    pages = [page(), page(code="420")]
    site.build_site(pages, tmp_path, background=Background(today=DAY))
    again = site.build_site(pages, tmp_path, background=Background(today=date(2026, 4, 1)))
    assert (again.written, again.removed) == (0, 0)
    fewer = site.build_site(pages[:1], tmp_path, background=Background(today=date(2026, 4, 1)))
    assert fewer.removed == 2
    told = (tmp_path / "muutokset.html").read_text(encoding="utf-8")
    assert "Alueprofiili: Leppävirta" in told
    assert "1.4.2026" in told


def test_number_without_a_row_stops_the_page(tmp_path):
    body = '<p data-release="0123456789abcdef"><span data-result="x.1:value">9,9</span></p>'
    with pytest.raises(SosrakeError):
        site.site_content([page(body=body)], background=Background(releases=tmp_path))


def test_publishers_file_is_read_and_told(tmp_path):
    assert publisher.publisher_of(tmp_path) is None
    assert publisher.fingerprint(tmp_path) == ""
    (tmp_path / publisher.FILE).write_text(FILE, encoding="utf-8")
    read = publisher.publisher_of(tmp_path)
    assert read is not None
    assert read.missing == ()
    site.build_site([page()], tmp_path / "site", background=Background(publisher=read, today=DAY))
    told = (tmp_path / "site" / "saavutettavuus.html").read_text(encoding="utf-8")
    assert "LUONNOS" not in told
    for words in (
        "Esimerkkilän hyvinvointialue",
        "1.4.10",
        "31.12.2026",
        "mailto:palaute@",
        "14 päivän kuluessa",
    ):
        assert words in told
    english = site.site_content([page(language="en")], "en", background=Background(publisher=read, today=DAY))
    assert "Wide tables scroll sideways." in english["saavutettavuus.html"].decode("utf-8")


def test_statement_tells_a_check_only_with_the_day_it_was_made(tmp_path):
    """Nothing is said to have been tried out on a site that nobody has tried out."""

    def told(publisher_, language="fi"):
        background = Background(publisher=publisher_, today=DAY)
        files = site.site_content([page(language=language)], language, background=background)
        return files["saavutettavuus.html"].decode("utf-8")

    bare = told(None)
    assert bare.count("ei ole tarkistettu.") == len(CHECKS)
    assert ": tarkistettu " not in bare
    checked = FILE + '\n[tarkistukset.nappaimisto]\ntarkistettu = "2026-02-03"\n'
    (tmp_path / publisher.FILE).write_text(checked, encoding="utf-8")
    read = publisher.publisher_of(tmp_path)
    assert "Käyttö pelkällä näppäimistöllä: tarkistettu 3.2.2026." in told(read)
    assert told(read).count("ei ole tarkistettu.") == len(CHECKS) - 1
    assert "Use with a keyboard alone: checked on 3 February 2026." in told(read, "en")
    assert told(read, "en").count(": not checked.") == len(CHECKS) - 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("puhelin = '1'", "unknown field 'puhelin'"),
        ("laadittu = 'eilen'", "expected a day"),
        ("tayttaa = 'melkein'", "expected one of taysin, osittain, ei"),
        ("sahkoposti = 'palaute'", "expected an address such as"),
        ("lomake = 'http://x.example'", "begins with https"),
        ("[[puutteet]]\nkriteeri = '1.1.1'", "lacks mika_fi"),
        ("tarkistukset = '2026-01-01'", "expected tables"),
        ("[tarkistukset.hiiri]\ntarkistettu = '2026-01-01'", "NAME one of nappaimisto"),
        ("[tarkistukset.puhelin]\ntarkistettu = 'kyllä'", "tarkistukset.puhelin.tarkistettu"),
        ("nimi = ", "mend the file"),
    ],
)
def test_publishers_file_that_does_not_hold_is_refused(tmp_path, line, said):
    (tmp_path / publisher.FILE).write_text(line, encoding="utf-8")
    with pytest.raises(BatchError, match=said):
        publisher.publisher_of(tmp_path)


def test_supervisor_is_that_of_the_day():
    assert "aluehallintovirasto" in supervision.supervisor(date(2024, 12, 31)).name("fi")
    assert "Traficom" in supervision.supervisor(date(2025, 1, 1)).name("en")
    with pytest.raises(CatalogueError, match="0 supervisors"):
        supervision.supervisor(date(2018, 1, 1))


def test_index_of_the_search_is_data_and_holds_every_local_case():
    words = site_search.place_words("kunta", "749")
    assert {"Siilinjärvi", "Siilinjärven", "Siilinjärvellä", "Siilinjärveltä", "Siilinjärvelle"} <= set(words)
    script = site_search.index_script([Found("a.html", 'Sana "x"', "sivu", words)]).decode("utf-8")
    assert script.startswith("window.sosrakeHaku = [\n")
    (line,) = json.loads(script.partition("= ")[2].rstrip(";\n"))
    assert line[:3] == ["a.html", 'Sana "x"', "sivu"]
    assert "siilinjarvella" in line[3].split()


INFLECTED = {
    "kuopiosta": "Kuopio",
    "Siilinjärvelle": "Siilinjärvi",
    "joroisissa": "Joroinen",
    "siilinjarvi": "Siilinjärvi",
    "leppävirtaan": "Leppävirta",
    "työttömyydestä": "Työttömyys",
    "köyhyyteen": "Köyhyys",
    "yksinäisyyttä": "Yksinäisyys",
    "asumisesta": "Asuminen",
    "päihteistä": "Päihteet ja mielenterveys",
    "tyött": "Työttömyys",
    "saavutettavuudesta": "Saavutettavuusseloste",
}


@pytest.mark.browser
def test_search_finds_inflected_words_without_asking_anybody(tmp_path):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is not here")
    from playwright.sync_api import sync_playwright

    site.build_site([page(code=code) for code in ("297", "749", "171", "420")], tmp_path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-quic"]
        )
        opened = browser.new_page(viewport={"width": 360, "height": 800})
        asked = []
        opened.goto((tmp_path / "haku.html").as_uri())
        opened.on("request", lambda request: asked.append(request.url))
        for typed, wanted in INFLECTED.items():
            opened.locator("#haku").fill(typed)
            found = opened.locator("#haun-tulokset a").all_inner_texts()
            assert wanted in found[:6], f"{typed}: {found[:6]}"
        opened.locator("#haku").fill("xyzzy")
        assert opened.locator("#haun-tila").inner_text() == say("site.search.none", "fi")
        opened.locator("#haku").fill("kuopiossa alueprofiili")
        assert opened.locator("#haun-tulokset a").first.inner_text() == "Alueprofiili: Kuopio"
        opened.locator("#haun-tulokset a").first.click()
        assert opened.url.endswith("kunta-297/alueprofiili.html")
        assert not [url for url in asked if not url.startswith("file:") and not url.startswith("data:")]
        browser.close()


def test_methods_page_folds_its_formulas_and_begins_each_name_as_a_sentence_does(tmp_path):
    lines = site_about.methods_used([], frozenset({"published", "wilson"}), "fi")
    assert [one.name for one in lines] == ["Julkaistu luku sellaisenaan", "Wilsonin luottamusväli osuudelle"]
    site.build_site([page()], tmp_path, background=Background(today=DAY))
    markup = (tmp_path / "menetelmat.html").read_text(encoding="utf-8")
    folded = markup.partition("<details")[2].partition("</details>")[0]
    assert '<dl class="kaavat">' in folded and "<details open" not in markup
