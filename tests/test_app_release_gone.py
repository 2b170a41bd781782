"""An app opens no release that the house has withdrawn, and none with a quote that may not be shown."""

from __future__ import annotations

from datetime import date, timedelta

import publish_project
import pytest
from test_quotes_shown import banked, register, voices  # noqa: F401  (register is a fixture)

from sosrake_lib import protect, serving
from sosrake_lib.batch import releases
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import ledger_withdrawal
from sosrake_lib.register import quote_bank
from sosrake_lib.serving import session

NAME = "muut"


def figures(_data=None):
    published = publish_project.rows("palvelutarve_asiakkaat", {"297": (40.0, 50.0, 60.0)})
    published = published.assign(origin="published")
    return {"luvut": protect.part(published, "avoin")}


@pytest.fixture
def app(home, tmp_path, monkeypatch):
    """Give a function that starts an app's session over a recipe and opens its release as a page does."""
    monkeypatch.setenv("SOSRAKE_RELEASES", str(tmp_path / "istunto"))

    def started(recipe):
        monkeypatch.setattr(releases, "known_recipes", lambda: {NAME: recipe})
        made = session.make_release(NAME, tmp_path / "istunto")
        monkeypatch.setenv(session.variable_of(NAME), made)
        return made

    return started


def test_an_app_neither_starts_with_nor_goes_on_showing_a_withdrawn_release(app, home, tmp_path):
    made = app(figures)
    house = protect.release(figures(), name=NAME, home=home, folder=tmp_path / "talo")
    assert house.id == made, "the same content has the same id in the house's ledger"
    assert serving.open_release(NAME).id == made
    ledger_withdrawal.withdraw(made, "väärä taulukko", language="fi")
    gone = rf"julkaisu {made} \({NAME}\) on peruttu .*väärä taulukko; sovellus ei näytä sitä"
    with pytest.raises(DisclosureError, match=gone):
        serving.open_release(NAME)
    with pytest.raises(DisclosureError, match=gone):
        app(figures)


def test_the_refusal_is_said_in_the_apps_language(app, home, tmp_path, monkeypatch):
    made = app(figures)
    protect.release(figures(), name=NAME, home=home, folder=tmp_path / "talo")
    ledger_withdrawal.withdraw(made, "wrong table")
    monkeypatch.setenv("SOSRAKE_APP_LANGUAGE", "en")
    with pytest.raises(DisclosureError, match=rf"release {made} .*was withdrawn on .*wrong table"):
        serving.open_release(NAME)


def test_a_quote_withdrawn_while_the_app_is_open_is_not_on_its_next_page(app, register):  # noqa: F811
    quote = banked(register)
    app(lambda _data: voices(register))
    assert serving.open_release(NAME).name == NAME
    quote_bank.withdraw(register, quote.withdrawal_code, user="tp1")
    with pytest.raises(DisclosureError, match=f"lainaus {quote.number}, jota ei saa enää näyttää"):
        serving.open_release(NAME)


def test_an_app_starts_with_no_quote_whose_permission_has_ended(app, register):  # noqa: F811
    quote = banked(register, until=date.today() + timedelta(days=3))
    kept = voices(register)
    quote_bank.withdraw(register, quote.number, user="tp1")
    with pytest.raises(DisclosureError, match=f"lainaus {quote.number}"):
        app(lambda _data: kept)
