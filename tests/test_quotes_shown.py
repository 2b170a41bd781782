"""Where quotes go: noted by page and day when they are published, told when somebody withdraws."""

from __future__ import annotations

from datetime import date, timedelta

import nbformat
import publish_project
import pytest
from typer.testing import CliRunner

from sosrake_lib import cli, protect
from sosrake_lib.batch import publish, quotes_shown, releases
from sosrake_lib.batch.recipes_decider import VOICES, voices_of
from sosrake_lib.batch.recipes_reporting import wordy
from sosrake_lib.errors import BatchError
from sosrake_lib.influence import words_decider, words_social_report
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext, html_of
from sosrake_lib.register import open_register, quote_bank
from sosrake_lib.register.quotes import review_quote
from sosrake_lib.register.receipts import new_key

TODAY = date.today()
DECIDER = "Odotin vastausta <kolme> vuoroa & 12 viikkoa, eikä kukaan soittanut."
REPORT = "Kun sain oman avaimen, aloin nukkua öitä."
AREA, COUNTY = ("kunta", "297"), ("hva", "11")
PAGES = ("fi/kunta-297/paattajakooste", "fi/kunta-297/infograafi", "en/kunta-297/paattajakooste")
REPORTED = "fi/hva-11/sosiaalinen_raportti"


@pytest.fixture
def register(home):
    opened = open_register()
    yield opened
    opened.close()


def banked(register, words=DECIDER, region=AREA, until=TODAY + timedelta(days=99)):
    paper = quote_bank.Permission("julkinen", TODAY, until, ("verkkosivu",), "arkistokaappi")
    made = quote_bank.bank_quote(
        register, new_key(), words, paper, source="haastattelu", theme="asuminen", region=region, user="tp1"
    )
    review_quote(register, made.number, expected_version=1, user="tp1")
    review_quote(register, made.number, expected_version=2, user="tp2")
    return made


def voices(register, day=TODAY):
    """Make the part of voices as the decision maker's recipe makes it."""
    return {VOICES: protect.part(voices_of(quote_bank.publishable(register, day)), "vakio")}


def released(parts, folder, name="paattajakooste"):
    return protect.release(parts, name=name, home=folder / "muisti", folder=folder)


def page(release, shown):
    body = "".join(html_of(item) for item in shown)
    return Page(PageContext("sivu", "Sivu", 2026, AREA), body, Facts(), (release.id,))


def test_a_quote_is_noted_by_page_and_day_once_and_a_withdrawal_tells_the_pages(register, tmp_path):
    one, two = banked(register), banked(register, REPORT, COUNTY)
    release = released(voices(register), tmp_path)
    shown = page(release, words_decider.voice(release, AREA, "asuminen"))
    made = dict.fromkeys(PAGES, shown)
    made["fi/kunta-297/muu"] = page(release, ())  # of the same release, without the quote
    stands = quotes_shown.on_pages(made, tmp_path)
    assert [(each.page, each.numbers) for each in stands] == [(name, (one.number,)) for name in PAGES]
    quotes_shown.note_pages(stands, TODAY)
    quotes_shown.note_pages(stands, TODAY + timedelta(days=1))
    noted = quote_bank.shown_on(register, one.number)
    assert [(each.page, each.day) for each in noted] == [(name, TODAY.isoformat()) for name in PAGES]
    assert quote_bank.shown_on(register, two.number) == ()
    gone = quote_bank.withdraw(register, one.withdrawal_code, user="tp1")
    assert gone.pages == noted and gone.shown_in == (release.id,)
    assert list(quotes_shown.refused(stands, TODAY)) == list(PAGES)
    assert quote_bank.shown_on(register, one.number) == noted, "where it stood is still known"


def test_a_quote_of_the_social_report_is_noted(register, tmp_path):
    quote = banked(register, REPORT, COUNTY)
    row = wordy(COUNTY, f"aani_{quote.number}", "2026-H1", "own")
    row |= {"label_fi": REPORT, "label_en": REPORT, "theme": "asuminen", "category": "haastattelu"}
    from sosrake_lib.batch.recipes_reporting import as_words

    release = released({VOICES: protect.part(as_words([row]), "vakio")}, tmp_path, "sosiaalinen_raportti")
    made = {REPORTED: page(release, words_social_report.voices(release, COUNTY))}
    quotes_shown.note_pages(quotes_shown.on_pages(made, tmp_path), TODAY)
    assert [each.page for each in quote_bank.shown_on(register, quote.number)] == [REPORTED]


def test_invented_quotes_open_no_register_and_write_to_none(home, tmp_path):
    row = wordy(("hva", "E1"), "aani_L02", "2026-H1", "synthetic")
    row |= {"label_fi": REPORT, "label_en": REPORT, "theme": "asuminen", "category": "haastattelu"}
    from sosrake_lib.batch.recipes_reporting import as_words

    about = {"producer": "Keksitty", "source": "esimerkkila_lainaukset.csv", "licence": "MIT"}
    parts = {VOICES: protect.part(as_words([row]).assign(**about), "vakio")}
    release = released(parts, tmp_path, "sosiaalinen_raportti")
    shown = page(release, words_social_report.voices(release, ("hva", "E1")))
    assert REPORT in shown.body
    stands = quotes_shown.on_pages({REPORTED: shown}, tmp_path)
    assert stands == () and quotes_shown.refused(stands, TODAY) == {}
    quotes_shown.note_pages(stands, TODAY)
    quotes_shown.note_approved([release.id], tmp_path)
    assert not (home / "register.sqlite").exists()


def test_a_quote_whose_permission_has_ended_stays_in_and_is_not_approved(register, tmp_path):
    quote = banked(register, until=TODAY + timedelta(days=3))
    release = released(voices(register), tmp_path)
    later = TODAY + timedelta(days=4)
    made = {
        PAGES[0]: page(release, words_decider.voice(release, AREA, "asuminen")),
        "fi/muu": page(release, ()),
    }
    stands = quotes_shown.on_pages(made, tmp_path)
    assert quotes_shown.refused(stands, TODAY) == {}
    assert f"lainaus {quote.number}" in quotes_shown.refused(stands, later)[PAGES[0]]
    quotes_shown.note_approved([release.id], tmp_path, TODAY)
    with pytest.raises(BatchError, match=f"quote {quote.number}, which may no longer be shown"):
        quotes_shown.note_approved([release.id], tmp_path, later, "en")
    assert quote_bank.withdraw(register, quote.number, user="tp1").shown_in == (release.id,)


def test_without_the_register_a_page_with_a_quote_does_not_go_out(register, tmp_path, monkeypatch):
    banked(register)
    release = released(voices(register), tmp_path)
    made = {PAGES[0]: page(release, words_decider.voice(release, AREA, "asuminen"))}
    stands = quotes_shown.on_pages(made, tmp_path)
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "toinen"))
    assert list(quotes_shown.refused(stands, TODAY)) == [PAGES[0]]
    with pytest.raises(BatchError, match="no register"):
        quotes_shown.note_pages(stands, TODAY)


def test_noting_makes_no_release_again_but_a_withdrawal_and_an_ended_permission_do(register, monkeypatch):
    quote = banked(register, until=TODAY + timedelta(days=3))
    before = releases.register_fingerprint()
    quote_bank.note_shown(register, [quote.number], "abc", TODAY, user="tp1", pages=PAGES)
    assert releases.register_fingerprint() == before

    class Later(date):
        @classmethod
        def today(cls):
            return TODAY + timedelta(days=4)

    with monkeypatch.context() as patch:
        patch.setattr(quotes_shown, "date", Later)
        assert releases.register_fingerprint() != before
    quote_bank.withdraw(register, quote.number, user="tp1")
    assert releases.register_fingerprint() != before


# --- from the bank to a published page and back -----------------------------------------------------------

SHOW = """
from sosrake_lib import batch
from sosrake_lib.influence import pages, tables, words_decider
avattu = batch.open_release("muut", julkaisu)
pages.show(tables.table(avattu.select("luvut"), columns=("value",), caption="Luvut"))
pages.show(*words_decider.voice(avattu, ("kunta", "297"), "asuminen"))
"""


def recipe_of_voices(_data):
    opened = open_register()
    try:
        rows = publish_project.rows("palvelutarve_asiakkaat", {"297": (40.0, 50.0, 60.0)})
        own = rows.loc[rows["region_code"] == "297"].assign(origin="own")
        return voices(opened) | {"luvut": protect.part(own, "vakio")}
    finally:
        opened.close()


def project_of_voices(tmp_path, monkeypatch):
    """Make a project whose page `muut` shows a quote, and let every command find it."""
    folder = publish_project.make(tmp_path / "project")
    file = folder / "notebooks" / "muut.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[-1].source = SHOW
    nbformat.write(notebook, file)
    monkeypatch.setitem(publish_project.RECIPES, "muut", recipe_of_voices)
    monkeypatch.setattr(releases, "known_recipes", lambda: publish_project.RECIPES)
    monkeypatch.setenv("SOSRAKE_PROJECT", str(folder))
    return folder


def test_publishing_notes_the_page_and_the_command_tells_it_at_withdrawal(register, tmp_path, monkeypatch):
    quote = banked(register)
    folder = project_of_voices(tmp_path, monkeypatch)
    assert publish_project.run(folder).failed == ()
    run = CliRunner().invoke
    told = run(cli.app, ["approve", "--page", "muut", "--role", "tietosuojavastaava"])
    assert told.exit_code == 0, told.output
    assert publish_project.run(folder).made == (), "noting makes nothing again"
    done = publish.publish(folder, tmp_path / "ulos")
    assert "fi/muut" in done.pages
    assert [each.page for each in quote_bank.shown_on(register, quote.number)] == ["fi/muut"]
    again = publish.publish(folder, tmp_path / "ulos")
    assert again.pages == done.pages and len(quote_bank.shown_on(register, quote.number)) == 1
    told = run(cli.app, ["quote", "withdraw", quote.withdrawal_code, "--user", "tp1"])
    assert f"sivulla fi/muut alkaen {TODAY.isoformat()}" in told.output
    gone = publish.publish(folder, tmp_path / "ulos")
    assert "fi/muut" not in gone.pages and f"lainaus {quote.number}" in gone.left_out["fi/muut"]
    assert not list((tmp_path / "ulos").rglob("muut.html")), "the page with the words is taken down"


def test_publishing_leaves_out_a_page_whose_quote_may_not_be_shown_any_more(register, tmp_path, monkeypatch):
    quote = banked(register)
    folder = project_of_voices(tmp_path, monkeypatch)
    publish_project.run(folder)
    told = CliRunner().invoke(cli.app, ["approve", "--page", "muut", "--role", "tietosuojavastaava"])
    assert told.exit_code == 0, told.output
    target = tmp_path / "ulos"
    assert "fi/muut" in publish.publish(folder, target).pages
    assert [path for path in target.rglob("*.html") if "vuoroa" in path.read_text(encoding="utf-8")]
    quote_bank.withdraw(register, quote.withdrawal_code, user="tp1")
    done = publish.publish(folder, target)
    assert "fi/muut" not in done.pages
    assert f"lainaus {quote.number}" in done.left_out["fi/muut"]
    assert not [path for path in target.rglob("*.html") if "vuoroa" in path.read_text(encoding="utf-8")]
