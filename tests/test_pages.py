"""Pages and the site: only shown things, one h1, nothing from another host, nothing hidden."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from figures_for_reading import released

from sosrake_lib.errors import BatchError, SosrakeError
from sosrake_lib.influence import charts, pages, site, tables, words
from sosrake_lib.influence.page_numbers import loose_numbers, numbers_on_page
from sosrake_lib.influence.pages import Heading, Note, PageContext, page_from_notebook
from sosrake_lib.protect import Text

LAW = Text("Sosiaalihuoltolaki 1301/2014.", "Social Welfare Act 1301/2014.", constants=("1301/2014",))


@pytest.fixture(scope="module")
def figures():
    return released()


@pytest.fixture(scope="module")
def notebook(figures):
    selection = figures.select("taso", period="2019", region_level="kunta")
    shown = [
        Heading(4, "Työttömyys 2019"),
        [words.comparison(figures.select("ero", region=("kunta", "297"), period="2019"))],
        Note(LAW),
        charts.bars_with_intervals(selection, "Työttömyys kunnittain 2019"),
        tables.table(figures.select("ero", period="2019"), ("value", "difference", "verdict"), "Ero"),
    ]
    return {
        "cells": [
            markdown(
                "# Alueprofiili\n\nLuvut **ovat** julkaistuja. <script>alert('x')</script>", en="Figures."
            ),
            markdown("Aja tämä solu.", tags=["opas"]),
            {
                "cell_type": "code",
                "source": "salainen = 4",
                "metadata": {},
                "outputs": [
                    {"output_type": "stream", "text": "salainen 4", "name": "stdout"},
                    {
                        "output_type": "execute_result",
                        "data": {"text/html": "<b>salainen</b>"},
                        "metadata": {},
                    },
                    *[output(item) for item in shown],
                ],
            },
        ]
    }


def markdown(source, *, tags=(), en=None):
    metadata = {"tags": list(tags)} | ({"sosrake": {"en": en}} if en else {})
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def output(item, language="fi"):
    markup, plain, metadata = pages._block(item, language)
    data = {"text/html": markup, "text/plain": plain}
    return {"output_type": "display_data", "data": data, "metadata": {"sosrake": metadata}}


def context(key="alueprofiili", title="Alueprofiili", code="297", name="Kuopio", **more):
    return PageContext(key, title, 2026, ("kunta", code), name, **more)


@pytest.fixture
def built(notebook, tmp_path):
    made = [
        page_from_notebook(notebook, context=context()),
        page_from_notebook(notebook, context=context("paattajakooste", "Päättäjän sivu", place=1)),
        page_from_notebook(notebook, context=context(code="420", name="Leppävirta")),
        page_from_notebook(notebook, context=context(language="en", title="Area profile")),
    ]
    invented = PageContext("tarpeet", "Palvelutarpeet", 2026, ("hva", "E1"), "Esimerkkilä", synthetic=True)
    made.append(page_from_notebook(notebook, context=invented))
    made.append(page_from_notebook(notebook, context=PageContext("hankeseuranta", "Hankeseuranta", 2026)))
    return made, site.build_site(made, tmp_path / "site"), tmp_path / "site"


class Structure(HTMLParser):
    """Collects what accessibility rests on."""

    def __init__(self, markup):
        super().__init__()
        self.headings, self.addresses, self.ids, self.tags, self.images = [], [], [], [], []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(held)
        self.addresses += [
            held[name] for name in ("src", "href") if name in held and (tag != "a" or name == "src")
        ]
        self.ids += [held["id"]] if "id" in held else []


def test_show_displays_markup_words_and_the_release(figures, monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda *given, **named: seen.append((given, named)))
    pages.show(words.level(figures.select("taso", region=("kunta", "297"), period="2019")), LAW)
    (first, named), _ = seen
    assert set(first[0]) == {"text/html", "text/plain"}
    assert named["metadata"]["sosrake"]["release"] == figures.id
    assert named["metadata"]["sosrake"]["kind"] == "sentence"
    with pytest.raises(SosrakeError, match="DataFrame is not from a release"):
        pages.show(LAW, __import__("pandas").DataFrame())
    assert len(seen) == 2  # nothing is shown when one item is refused
    with pytest.raises(SosrakeError, match="an empty list"):
        pages.show([])


def test_page_keeps_shown_things_and_words_only(notebook):
    page = page_from_notebook(notebook, context=context())
    assert "salainen" not in page.body
    assert "Aja tämä solu" not in page.body
    assert "<script>" not in page.body
    assert "<strong>ovat</strong>" in page.body
    assert "<h2>Alueprofiili" not in page.body  # the page has its own title
    assert page.facts.newest_period == "2019"
    assert page.facts.count("suppressed") == 1  # the same figure in a chart and in a table
    english = page_from_notebook(notebook, context=context(language="en"))
    assert "Figures." in english.body
    assert "julkaistuja" not in english.body


def test_page_refuses_a_failed_cell_and_an_empty_page():
    failed = {"cells": [{"cell_type": "code", "outputs": [{"output_type": "error", "ename": "KeyError"}]}]}
    with pytest.raises(SosrakeError, match=r"cell 1 failed \(KeyError\)"):
        page_from_notebook(failed, context=context())
    with pytest.raises(SosrakeError, match="no cell shows anything"):
        page_from_notebook({"cells": [markdown("x")]}, context=context())


def test_hostile_outputs_are_cleaned():
    metadata = {"sosrake": {"release": "", "kind": "text"}}
    data = {
        "text/html": '<p onclick="x()">a<img src="https://x.example/a.png"><iframe src="//x"></iframe></p>'
    }
    cell = {
        "cell_type": "code",
        "outputs": [{"output_type": "display_data", "data": data, "metadata": metadata}],
    }
    body = page_from_notebook({"cells": [cell]}, context=context()).body
    assert "onclick" not in body
    assert "example" not in body
    assert "iframe" not in body


def test_every_page_has_one_title_sane_headings_and_nothing_from_elsewhere(built):
    _, _, root = built
    files = sorted(root.rglob("*.html"))
    assert len(files) > 20  # the pages, the areas' own pages, themes, and the pages on the site itself
    for file in files:
        markup = file.read_text(encoding="utf-8")
        found = Structure(markup)
        assert found.headings.count(1) == 1
        assert all(
            later - earlier <= 1 for earlier, later in zip(found.headings, found.headings[1:], strict=False)
        )
        assert not [address for address in found.addresses if re.match(r"(https?:)?//", address)]
        assert "default-src 'none'" in markup
        assert len(found.ids) == len(set(found.ids))
        assert {"main", "nav", "header", "footer"} <= set(found.tags)
        assert all(image.get("alt") for image in found.images)
        assert '<html lang="fi">' in markup
        assert 'class="ohita" href="#sisalto"' in markup
        assert "@import" not in markup


def test_every_number_on_a_page_is_traced(built, figures):
    _, _, root = built
    markup = (root / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")
    traced = numbers_on_page(markup)
    assert len(traced) > 10
    assert set(traced["release"]) == {figures.id}
    assert loose_numbers(markup).empty


def test_a_loose_number_is_found():
    markup = (
        '<table data-release="r"><tr><td>12</td><td><span data-result="a:value">9,9</span></td></tr></table>'
    )
    assert loose_numbers(markup)["text"].tolist() == ["12"]
    assert numbers_on_page(markup)["text"].tolist() == ["9,9"]
    assert loose_numbers('<td><span data-result="a:value">9,9</span></td>')["text"].tolist() == ["9,9"]
    assert loose_numbers('<p class="lause">Osuus on 5.</p>')["text"].tolist() == ["5"]


def test_page_tells_what_it_rests_on(built):
    _, _, root = built
    markup = (root / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")
    for told in (
        "7</span> vuotta vanhaa",
        "TEM, THL Sotkanet",
        "Wilson",
        "Sivulta on suojattu yksi luku, jotta ketään ei voi tunnistaa",
        "sosrake reports",
    ):
        assert told in markup
    assert 'href="paattajakooste.html"' in markup
    assert 'href="../index.html#tieto"' in markup


def test_invented_pages_say_so(built):
    _, _, root = built
    assert "Keksitty esimerkkiaineisto" in (root / "hva-E1" / "tarpeet.html").read_text(encoding="utf-8")
    assert "Keksitty" not in (root / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")


def test_index_groups_areas_and_leads_ceased_ones_on(built):
    _, done, root = built
    markup = done.index.read_text(encoding="utf-8").partition('id="tieto"')[2]
    assert markup.index("Pohjois-Savon hyvinvointialue") < markup.index("Kuopio") < markup.index("Leppävirta")
    for word in ("TIETO", "VAIKUTTAMINEN", "HYVINVOINTI"):
        assert word in done.index.read_text(encoding="utf-8")
    assert 'href="hanke/hankeseuranta.html"' in markup
    for address in re.findall(r'<a href="([^"#:]+\.html)"', markup):
        if not address.startswith("en/"):
            assert (root / address).is_file()


def test_languages_lead_to_each_other(built):
    made, _, root = built
    site.build_site(made, root, "en")
    english = (root / "en" / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in english
    assert 'href="../../kunta-297/alueprofiili.html"' in english
    finnish = (root / "kunta-297" / "alueprofiili.html").read_text(encoding="utf-8")
    assert 'href="../en/kunta-297/alueprofiili.html"' in finnish
    assert 'href="../en/' not in (root / "kunta-420" / "alueprofiili.html").read_text(encoding="utf-8")


def test_rebuild_leaves_unchanged_files_and_removes_only_its_own(built):
    made, first, root = built
    (root / "oma.txt").write_text("oma", encoding="utf-8")
    again = site.build_site(made, root)
    assert (again.written, again.removed) == (0, 0)
    assert first.written == again.unchanged
    fewer = site.build_site([page for page in made if page.context.region != ("kunta", "420")], root)
    assert fewer.removed == 2  # the page, and the area's own page
    assert not (root / "kunta-420").exists()
    assert (root / "oma.txt").is_file()
    assert not list(root.rglob("*.part"))


def test_a_manifest_may_not_reach_outside_the_site(built):
    made, _, root = built
    outside = root.parent / "muu.txt"
    outside.write_text("x", encoding="utf-8")
    listed = json.loads((root / "site-files.json").read_text(encoding="utf-8"))
    (root / "site-files.json").write_text(json.dumps([*listed, "../muu.txt"]), encoding="utf-8")
    site.build_site(made, root)
    assert outside.is_file()


def test_messages(built, tmp_path):
    made, _, _ = built
    with pytest.raises(BatchError, match="no page in language"):
        site.build_site([], tmp_path / "tyhja")
    with pytest.raises(BatchError, match="two pages have the address"):
        site.build_site([made[0], made[0]], tmp_path / "kaksi")
    with pytest.raises(SosrakeError, match="page key"):
        context(key="../x")
    with pytest.raises(SosrakeError, match="1 is the page"):
        Heading(1, "x")


def test_a_page_of_words_rests_on_every_release_its_notebook_was_handed(notebook, figures):
    given = {
        "cell_type": "code",
        "source": '# Parameters\nkieli = "fi"\njulkaisu = ""\njulkaisu_seuranta = "0b7c09d04f5604fa"\n',
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
    }
    page = page_from_notebook({"cells": [given, *notebook["cells"]]}, context=context())
    assert page.releases == (figures.id, "0b7c09d04f5604fa")
    written = {**given, "metadata": {"tags": ["parameters"]}}
    assert page_from_notebook({"cells": [written, *notebook["cells"]]}, context=context()).releases == (
        figures.id,
    )
