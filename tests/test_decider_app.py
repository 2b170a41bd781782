"""The decision maker's view: what it shows of a release, in which words; no state tells what is hidden."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from sosrake_lib import frame, protect, regions, samples, serving
from sosrake_lib.batch.followup_source import open_followup
from sosrake_lib.batch.recipes import area_indicators
from sosrake_lib.batch.recipes_decider import for_deciders, voices_of
from sosrake_lib.batch.recipes_decider_view import CODES, DAYS, WORDS, decider_words, proposal_rows
from sosrake_lib.influence import words
from sosrake_lib.influence import words_decider as decider
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.protect.approval import approve
from sosrake_lib.serving import session

KUOPIO, COUNTY = ("kunta", "297"), ("hva", "12")
PLACES = [COUNTY, *(("kunta", code) for code in regions.members(*COUNTY))]
THEMES = ("", "koyhyys", "tyottomyys", "asuminen", "perustiedot")
SMALL = [code for _, code in PLACES[1::2]]
FATE, NO_VOICE = "Aiempaa ehdotusta ei ole kirjattu", "ei ole lainausta, jonka saisi näyttää"


@pytest.fixture(scope="module")
def compared():
    return area_indicators(None)


@pytest.fixture(scope="module")
def parts(compared):
    return for_deciders(lambda data: compared)(None)


@pytest.fixture(scope="module")
def figures(parts, tmp_path_factory):
    return protect.release(parts, name="paattajalle", preview=True, home=tmp_path_factory.mktemp("h"))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(tmp_path_factory.mktemp("w")))
        return decider_words(None)


@pytest.fixture(scope="module")
def invented(spoken, tmp_path_factory):
    home = tmp_path_factory.mktemp("i")
    return protect.release(spoken, name="paattajan_sanat", preview=True, home=home)


def proposal(**changed):
    row = {
        "teema": "asuminen", "ehdotus": "Perustetaan asumisneuvonta.", "paattaja": "aluehallitus",
        "kustannus": "95000", "pvm": "2025-10-14", "paatospaiva": "2025-12-09", "tila": "kesken",
        "tunnus": "ehdotus_1", "missa": "rekisteri, ehdotus 1", "alue_taso": KUOPIO[0],
        "alue_koodi": KUOPIO[1],
    }  # fmt: skip
    return {**dict.fromkeys((*WORDS, *CODES, *DAYS), ""), **row, **changed}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Give the words of a house that has recorded a proposal of Kuopio."""
    told = open_followup(tmp_path_factory.mktemp("empty"))
    about = {"producer": "", "source": "", "licence": ""}
    frames = {"ehdotukset": proposal_rows([proposal()], told, "own"), "vuosikello": frame.empty()}
    made = {name: protect.part(rows.assign(**about), rules="vakio") for name, rows in frames.items()}
    return protect.release(made, name="paattajan_sanat", preview=True, home=tmp_path_factory.mktemp("o"))


def view(query, figures, beside):
    return serving.DeciderView(serving.read_choice("apps/paattajan_nakyma", query=query), figures, beside)


def markup(one) -> str:
    built = (one.heading(), one.problem(), one.controls(), one.page(), one.notes(), one.use())
    return "\n".join(map(str, built))


def text(one) -> str:
    apart = re.sub(r"<(?!/?(?:span|a)\b)[^>]+>", " ", markup(one))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", apart)).split())


class Read(HTMLParser):
    """Collect ids, links to places of the page, and the numbers with what they rest on."""

    def __init__(self, source):
        super().__init__()
        self.ids, self.links, self.results, self.level, self.levels = [], [], [], 0, []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.ids += [held["id"]] if "id" in held else []
        self.links += [held["href"]] if held.get("href", "").startswith("#") else []
        self.results += [held["data-result"]] if "data-result" in held else []
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def test_the_page_says_what_the_decision_makers_page_says(figures, invented):
    one = view("alue=kunta-297", figures, invented)
    told, found = text(one), words.finding(figures.select("nosto_valtuutettu", region=KUOPIO))
    for sentence in (found.headline, found.full, found.sureness, *found.unknown):
        assert sentence.text.replace("\u00a0", " ") in told
    assert FATE in told and NO_VOICE in told and "Ehdotusta ei ole kirjattu" in told
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", markup(one))
    assert headings == [
        "Mitä edelliselle ehdotukselle tapahtui", "Kysymys", "Havainto", "Yksi ääni",
        "Ehdotus, kustannus ja hyöty", "Kuka päättää", "Milloin", "Keitä tieto ei tavoita",
        "Mistä luku on", "Koko sivu, tulostus ja jakaminen",
    ]  # fmt: skip
    assert "reports/site/kunta-297/paattajakooste.html" in told
    assert told.startswith("In English Päättäjän näkymä: Kuopio LUONNOS:")


def test_the_figure_is_the_published_one_with_its_interval_and_comparison(figures, invented):
    published = samples.indicator_frame(None).query("indicator == 'pienituloisuusaste' and period == '2019'")
    here = published.loc[published["region_code"] == "297", "value"].item()
    there = published.loc[published["region_level"] == "maa", "value"].item()
    panel = re.search(r'<div class="paaluku">(.*?)</div>', markup(view("alue=kunta-297", figures, invented)))
    numbers = re.findall(r"data-result=\"[^\"]+:(\w+)\">([\d,]+)", panel[1])
    assert [name for name, _ in numbers] == ["value", "lower", "upper", "reference_value"]
    shown = {name: float(number.replace(",", ".")) for name, number in numbers}
    assert shown["value"] == round(here, 1) and shown["reference_value"] == round(there, 1)
    assert shown["lower"] < shown["value"] < shown["upper"]


@pytest.mark.parametrize("query", ["alue=kunta-297", "alue=hva-13&kieli=en", "alue=kunta-697&teema=koyhyys"])
def test_each_number_leads_to_what_it_rests_on(figures, invented, query):
    one = view(query, figures, invented)
    read = Read(markup(one))
    assert len(read.results) >= 8 and len(set(read.ids)) == len(read.ids)
    assert {link[1:] for link in read.links} <= set(read.ids)
    body = str(one.page())
    assert body.count('class="lahde"') == len(Read(body).results), "each number of the body is a link"
    label = {"fi": "Menetelmä", "en": "Method"}[one.language]
    assert str(one.notes()).count(f"<dt>{label}</dt>") >= 2
    assert all(after - before <= 1 for before, after in zip(read.levels, read.levels[1:], strict=False))


def test_the_theme_menu_has_the_themes_with_a_finding_and_a_theme_changes_the_page(figures, invented):
    one = view("alue=kunta-297", figures, invented)
    assert one.themes == tuple(
        key
        for key in ("koyhyys", "tyottomyys", "asuminen", "perustiedot")
        if len(figures.select(f"nosto_teema_{key}", region=KUOPIO))
    )
    assert all(f'value="{key}"' in str(one.controls()) for key in one.themes)
    other = view("alue=kunta-297&teema=tyottomyys", figures, invented)
    assert "kun aiheena on työttömyys" in text(other)
    assert rows_of(other.finding)[0]["indicator"] != rows_of(one.finding)[0]["indicator"]
    nothing = text(view("alue=kunta-297&teema=yksinaisyys", figures, invented))
    assert "ei ole havaintoa" in nothing and "Mistä luku on" not in nothing


def test_the_invented_county_shows_a_proposal_and_a_voice_and_says_it_is_invented(figures, invented):
    told = text(view("alue=hva-E1", figures, invented))
    assert "Keksitty esimerkkiaineisto" in told and "LUONNOS" in told
    assert "Viimeksi ehdotettiin 20.5.2025" in told and "Ehdotus hylättiin (14.10.2025)." in told
    assert "Hain asuntoa yli vuoden" in told and NO_VOICE not in told
    assert "95 000 euroa. Odotettu hyöty kirjaajan sanoin: ”Työryhmän arvion mukaan" in told
    assert "Tästä ehdotuksesta päättää aluehallitus." in told and "31.8.2026: Päättäjien sivut" in told
    assert "Ehdotuksen päätöspäiväksi on kirjattu 9.12.2025. Päätöstä ei ole vielä kirjattu." in told
    found = words.finding(invented.select("nosto_valtuutettu"))
    assert found.full.text.replace("\u00a0", " ") in told and "ei ole havaintoa" not in told
    assert "poikkeaa keksitystä vertailumaasta" in told and "koko maa" not in told
    assert "Sekä alueen että vertailumaan luvut ovat keksittyjä." in told and "reports/site" not in told
    english = text(view("alue=hva-E1&kieli=en&teema=koyhyys", figures, invented))
    assert "Invented example" in english and "The last proposal, 20 May 2025" in english
    assert "The form is online but I have no bank codes." in english and "Lomake on verkossa" not in english


def test_a_house_with_entries_of_its_own_shows_them_and_no_invented_area(figures, own, parts):
    one = view("alue=kunta-297", figures, own)
    assert "”Perustetaan asumisneuvonta.” Arvioitu kustannus: 95 000 euroa." in text(one)
    assert "E1" not in str(one.controls()) and "Keksitty" not in text(one)
    assert view("alue=hva-E1", figures, own).faults[0].name == "alue"
    assert "Ehdotusta ei ole kirjattu" in text(view("alue=hva-13", figures, own))
    quotes = pd.DataFrame(
        [
            {
                "lainaus_id": 1, "text": "Vuokra vie kaiken.", "source": "haastattelu", "theme": "koyhyys",
                "region_level": "kunta", "region_code": "297", "origin": "own",
            }
        ]
    )  # fmt: skip
    aanet = protect.part(voices_of(quotes), rules="vakio")
    heard = protect.release({**parts, decider.VOICES: aanet}, name="paattajalle", preview=True)
    assert "”Vuokra vie kaiken.” Lainaus on julkaistu" in text(view("alue=kunta-297", heard, own))
    assert NO_VOICE in text(view("alue=kunta-297&teema=asuminen", heard, own))


def test_an_approved_release_is_no_draft(parts, invented, home, tmp_path):
    made = protect.release(parts, name="paattajalle", home=home, folder=tmp_path)
    assert "LUONNOS" in text(view("alue=kunta-297", made, invented))
    approve([made.id], "tietosuojavastaava")
    told = text(view("alue=kunta-297", made, invented))
    assert "LUONNOS" not in told and "Hyväksytty julkaistavaksi: tietosuojavastaava" in told


def test_the_session_makes_the_pages_own_release_and_lets_words_in(
    parts, spoken, figures, tmp_path, monkeypatch
):
    made = {"paattajalle": lambda data: parts, "paattajan_sanat": lambda data: spoken}
    monkeypatch.setattr("sosrake_lib.batch.releases.known_recipes", lambda: made)
    assert session.make_release("paattajalle", tmp_path) == figures.id
    opened = protect.Release.load(session.make_release("paattajan_sanat", tmp_path), tmp_path)
    assert opened.synthetic and {"aanet", "ehdotukset", "vuosikello", "nosto_valtuutettu"} <= set(
        opened.parts
    )


def test_words_only_is_no_way_for_figures(parts, spoken):
    rows = parts["nosto_valtuutettu"].frame.head(2)
    hidden = rows.assign(value=float("nan"), status="suppressed")
    for told in (rows, hidden, hidden.assign(status="missing", numerator=3.0)):
        numbers = {name: told[name] if name in told else float("nan") for name in frame.NUMBERS}
        assert not session.words_only(type("Given", (), {"frame": told.assign(**numbers)}))
    assert all(session.words_only(spoken[name]) for name in ("aanet", "ehdotukset", "vuosikello"))


def test_invented_figures_may_be_shown_and_real_ones_only_when_published(parts, spoken):
    assert all(session.may_be_shown(one) for one in spoken.values())
    own = parts["nosto_valtuutettu"].frame.head(2).assign(origin="own", made_from="")
    assert not session.may_be_shown(protect.part(own, rules="vakio"))
    invented = spoken["nosto_valtuutettu"].frame
    mixed = pd.concat([invented, own], ignore_index=True)
    assert session.invented_only(type("Given", (), {"frame": invented}))
    assert not session.invented_only(type("Given", (), {"frame": mixed}))
    assert not session.invented_only(type("Given", (), {"frame": invented.head(0)}))


@pytest.mark.parametrize(
    ("query", "said", "way_out"),
    [
        ("alue=kunta-588", "Mäntyharju (kunta-507)", "alue=kunta-507"),
        ("alue=kunta-999&kieli=en", "kunta-999", "alue=kunta-297"),
        ("alue=kunta-297&teema=%3Cscript%3E", "Teemaa ”&lt;script&gt;” ei ole", "alue=kunta-297"),
        ("alue=hva-E9", "hva-E9", "alue=kunta-297"),
    ],
)
def test_a_wrong_address_is_answered_and_shows_no_figure(figures, invented, query, said, way_out):
    one = view(query, figures, invented)
    assert one.faults and said in markup(one) and way_out in str(one.problem())
    assert "data-result" not in markup(one) and "<script" not in markup(one)


def test_a_published_site_is_linked(figures, invented, monkeypatch, tmp_path):
    (tmp_path / "julkaisija.toml").write_text('osoite = "https://sivut.esimerkkila.fi/"\n', encoding="utf-8")
    monkeypatch.setattr("sosrake_lib.samples.folder", lambda data=None: tmp_path)
    made = str(view("alue=kunta-297&kieli=en", figures, invented).use())
    assert 'href="https://sivut.esimerkkila.fi/en/kunta-297/paattajakooste.html"' in made


@pytest.fixture(scope="module")
def guarded(parts, compared, tmp_path_factory):
    """Hide figures of the county's areas as an office's own would be: a state could tell something."""
    few = {"numerator": 4.0, "denominator": 80.0, "value": 5.0, "lower": 2.0, "upper": 12.2}
    wanted = {*PLACES, ("maa", "SSS")}

    def of(rows):
        here = zip(rows["region_level"], rows["region_code"], strict=True)
        kept = rows.loc[[place in wanted for place in here]]
        kept = kept.loc[kept["numerator"].notna() | (kept["status"] != "ok")].reset_index(drop=True)
        small = kept["region_code"].isin(SMALL) & (kept["status"] == "ok")
        return kept.assign(**{name: kept[name].mask(small, number) for name, number in few.items()})

    made = {name: protect.part(of(one.frame), "vakio") for name, one in parts.items()}
    country = compared["vertailu"].frame.query("region_level == 'maa'")
    made["maa"] = protect.part(of(country), "vakio")
    return protect.release(made, name="paattajalle", preview=True, home=tmp_path_factory.mktemp("g"))


def test_no_state_tells_a_hidden_figure(guarded, invented):
    hidden = {
        row["result_id"]: row
        for part in guarded.parts
        for row in rows_of(guarded.select(part))
        if row["status"] == "suppressed"
    }
    assert len(hidden) >= 5
    leading, shown = 0, 0
    for place in PLACES:
        for theme in THEMES:
            one = view(f"alue={regions.slug(*place)}&teema={theme}", guarded, invented)
            page = markup(one)
            told = {result.rpartition(":")[0] for result in Read(page).results}
            assert not told & set(hidden)
            shown += bool(told)
            row = rows_of(one.finding)[0] if one.finding is not None else None
            if row is not None and not row.shown:
                leading += 1
                assert 'class="paaluku"' not in page or 'class="paaluku"></div>' in page
                block = re.search(r'<div class="lohko havainto">(.*?)Luku on valittu', page, re.DOTALL)[1]
                plain = re.sub(r"<[^>]+>", "", block).replace(words_name(row), "")
                assert not set(re.findall(r"\d[\d,]*", plain)) - {"2019"}
                assert "suojattu" in plain
    assert leading and shown


def words_name(row):
    from sosrake_lib.influence import labels

    return labels.full_name(row, "fi")
