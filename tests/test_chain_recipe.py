"""Impact chains: read strictly, figures recovered from the sample, gaps said, nothing small let out."""

from __future__ import annotations

import itertools
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_chain
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.effects.design import ASSIGNMENTS, Claim
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import chains
from sosrake_lib.influence import charts_chain, claims, pages, words_chain, words_effects
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import messages

AREA = ("hva", "E1")
TABLES = (recipes_chain.CHAINS, recipes_chain.MEASURES, recipes_chain.MEASUREMENTS, "esimerkkila_asiakkaat")
SOCIAL, MONEY, PLACE = range(3)
SHARE = "kuntoutus_suunnitelma"


@pytest.fixture(scope="module")
def read():
    return recipes_chain.chains()


@pytest.fixture(scope="module")
def release():
    return protect.release(RECIPES["vaikutusketju"](None), name="vaikutusketju", preview=True)


@pytest.fixture(scope="module")
def known(release):
    return words_chain.figures(release, AREA)


@pytest.fixture(scope="module")
def people():
    return samples.table(recipes_chain.MEASUREMENTS)


@pytest.fixture
def folder(tmp_path, project):
    for name, ending in itertools.product(TABLES, ("csv", "toml")):
        shutil.copy(project / "data" / "samples" / f"{name}.{ending}", tmp_path)
    return tmp_path


def edited(folder, name, edit):
    path = folder / f"{name}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    edit(table).to_csv(path, index=False)


# --- figures ------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_sample(known, people):
    values = people.assign(value=pd.to_numeric(people["value"])).groupby("measure")["value"]
    assert known["kuntoutus_osallistujat"]["value"] == values.count()["kuntoutus_osallistujat"] == 66
    assert known["kohtaamispaikka_kavijat"]["value"] == 118
    assert known["kuntoutus_tapaamiset"]["value"] == round(values.mean()["kuntoutus_tapaamiset"], 1)
    share = known["kuntoutus_suunnitelma"]
    assert share["value"] == pytest.approx(100 * values.mean()["kuntoutus_suunnitelma"])
    assert share["lower"] < 70 < share["upper"]
    whole = samples.table("esimerkkila_asiakkaat")["assessment"].nunique()
    assert known["palvelutarve_arvioinnit"]["value"] == whole == 2500


def test_the_known_changes_are_recovered(known, people):
    own = people.loc[people["measure"] == "kuntoutus_arjen_hallinta"]
    change = (pd.to_numeric(own["value"]) - pd.to_numeric(own["before"])).dropna()
    row = known["kuntoutus_arjen_hallinta"]
    assert row["value"] == pytest.approx(change.mean())
    assert row["claim"] == "muutos" and row["lower"] < 3 < row["upper"]
    money = known["talousryhma_rahan_hallinta"]
    assert money["claim"] == "yhteys" and money["lower"] < 2.5 < money["upper"]
    lost = own["value"].isna()
    before = pd.to_numeric(own["before"])
    assert lost.sum() == 14 and before[lost].mean() < before[~lost].mean()


def test_the_comparison_is_the_regression_on_the_first_score(known, people):
    own = people.loc[people["measure"] == "talousryhma_rahan_hallinta"]
    before, after = (pd.to_numeric(own[name]).to_numpy() for name in ("before", "value"))
    treated = (own["group"] == "mukana").to_numpy(dtype=float)
    found = np.linalg.lstsq(np.column_stack([np.ones(len(own)), treated, before]), after, rcond=None)[0]
    assert known["talousryhma_rahan_hallinta"]["value"] == pytest.approx(found[1])


def test_a_small_group_is_hidden_and_said(folder):
    def shrink(table):
        place = table.groupby("measure").cumcount()
        few = table["measure"].isin(("kuntoutus_arjen_hallinta", "kuntoutus_osallistujat")) & (place >= 4)
        return table.loc[~few]

    edited(folder, recipes_chain.MEASUREMENTS, shrink)
    made = protect.release(recipes_chain.impact_chains(folder), name="vaikutusketju", preview=True)
    found = words_chain.figures(made, AREA)
    read = recipes_chain.chains(folder)
    for key in ("kuntoutus_arjen_hallinta", "kuntoutus_osallistujat"):
        assert not found[key].shown and np.isnan(found[key]["value"])
    said = " ".join(map(str, words_chain.gaps(read.chains[SOCIAL], found, read.measures)))
    assert "Tuotos: luku on suojattu" in said and "Vaikutus: luku on suojattu" in said
    assert words_chain.claim_of(read.chains[SOCIAL], found, read.measures) is None
    table = words_chain.chain_table(read.chains[SOCIAL], found, read.measures)
    assert (table.plain["Luku"] == "suojattu").sum() == 2


def test_real_peoples_tables_get_no_page(folder):
    path = folder / f"{recipes_chain.MEASUREMENTS}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(samples.AbsentTable, match="omasta taulusta esimerkkila_ketjun_mittaukset"):
        recipes_chain.impact_chains(folder)


def test_a_chain_without_any_figure_still_has_its_page(folder):
    def nothing(table):
        named = table["measure"].isin(("ei mitata", "yksinaisyys", "toimeentulotuki_25_64"))
        for column in ("why_not", "needed"):
            table.loc[~named & (table[column] == ""), column] = "Ei vielä."
        return table.assign(measure=table["measure"].where(named, "ei mitata"))

    edited(folder, recipes_chain.CHAINS, nothing)
    made = protect.release(recipes_chain.impact_chains(folder), name="vaikutusketju", preview=True)
    found = words_chain.figures(made, AREA)
    read = recipes_chain.chains(folder)
    assert found == {}
    for chain in read.chains:
        figure = charts_chain.chain(chain, found, read.measures)
        assert figure.png.startswith(b"\x89PNG") and "ei mitata" in set(figure.table.plain["Luku"])
        pages.html_of(figure)


# --- reading ------------------------------------------------------------------------------------------


def test_assignments_are_those_of_the_design():
    assert chains.ASSIGNMENTS == ASSIGNMENTS


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (0, lambda t: t.drop(columns="measure"), "column measure is missing"),
        (0, lambda t: t.assign(omistaja="x"), "saraketta omistaja ei tunneta"),
        (0, lambda t: t.assign(measure=t["measure"].where(t.index != 0, "uusi")), "rivi 1: mittaria uusi"),
        (0, lambda t: t.assign(measure=t["measure"].where(t.index != 0, "ei mitata")), "why_not on tyhjä"),
        (0, lambda t: t.assign(step=t["step"].where(t.index != 1, "tulos")), "rivi 2, sarake step: tulos"),
        (0, lambda t: t.assign(text=t["text"].where(t.index != 3, " ")), "rivi 4: sarake text on tyhjä"),
        (0, lambda t: t.loc[t["step"] != "tuotos"], "vaihe tuotos puuttuu"),
        (0, lambda t: t.iloc[:0], "ei ole yhtään riviä"),
        (1, lambda t: t.assign(measure=t["measure"].where(t.index != 0, "Oma X")), "Oma X ei kelpaa"),
        (1, lambda t: t.assign(measure=t["measure"].where(t.index != 0, "yksinaisyys")), "on jo käytössä"),
        (1, lambda t: t.assign(kind=t["kind"].where(t.index != 2, "lista")), "rivi 3, sarake kind: lista"),
        (1, lambda t: t.assign(assignment="arpa"), "sarake assignment: arpa"),
        (1, lambda t: t.assign(assignment=""), "talousryhma_rahan_hallinta on vertailuryhmä"),
        (1, lambda t: t.assign(name=""), "sarake name on tyhjä"),
        (2, lambda t: t.drop(columns="group"), "column group is missing"),
        (2, lambda t: t.assign(group=t["group"].where(t.index != 4, "muut")), "rivi 5: ryhmä muut"),
        (2, lambda t: t.assign(measure=t["measure"].where(t.index != 0, "x")), "rivi 1: mittaria x"),
        (2, lambda t: pd.concat([t, t.tail(1)]), "sama henkilö kahdesti"),
        (2, lambda t: t.loc[t["measure"] != "kohtaamispaikka_kaynnit"], "ei ole yhtään mittausta"),
        (2, lambda t: t.assign(value=t["value"].mask(t["measure"] == SHARE, "2")), "nolla tai yksi"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_file_row_and_column(folder, name, edit, message):
    edited(folder, TABLES[name], edit)
    with pytest.raises(GatherError, match=message):
        recipes_chain.impact_chains(folder)


def test_english_columns_may_be_left_out(folder):
    for name in TABLES[:2]:
        kept = lambda table: table[[one for one in table if not one.endswith("_en")]]  # noqa: E731
        edited(folder, name, kept)
        path = folder / f"{name}.toml"
        text = path.read_text(encoding="utf-8").split("\n\n")
        path.write_text("\n\n".join(one for one in text if "_en]" not in one), encoding="utf-8")
    found = recipes_chain.chains(folder)
    assert found.chains[0].name == ("Sosiaalinen kuntoutus", "Sosiaalinen kuntoutus")


def link(step, measure, text="teksti", assumption="oletus", role="rooli", follow_up="joskus"):
    pair = {name: (value, value) for name, value in locals().items() if name not in ("step", "measure")}
    empty = ("syy.", "reason.")
    return chains.Link(step=step, measure=measure, why_not=empty, needed=empty, source=("", ""), **pair)


MEASURES = {
    key: chains.Measure(key, kind, (key, key), ("", ""))
    for key, kind in (("luku", "henkiloita"), ("kerran", "keskiarvo"), ("kahdesti", "muutos"))
}


def matters(effect, impact="yksinaisyys", output="luku"):
    steps = (("panos", ""), ("toiminta", "kerran"), ("tuotos", output))
    made = [link(step, measure) for step, measure in steps]
    made += [link("vaikutus", measure) for measure in effect] + [link("vaikuttavuus", impact)]
    return [one.key for one in chains.open_matters(chains.Chain(("k", "c"), tuple(made)), MEASURES)]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (["kahdesti"], []),
        (["luku"], ["effect_by_outputs"]),
        (["kerran"], ["effect_by_outputs"]),
        (["palvelutarve_asiakkaat", "luku"], ["effect_by_outputs"]),
        (["luku", "kahdesti"], []),
        (["yksinaisyys"], ["effect_by_area_figure"]),
        ([""], ["effect_not_measured"]),
    ],
)
def test_how_the_effect_is_measured(effect, expected):
    assert matters(effect) == expected


def test_a_single_measurement_shows_no_change_and_missing_words_are_gaps():
    one = chains.Measure("loppukysely", "osuus", ("a", "a"), ("", ""))
    parts = [link(step, "luku") for step in ("panos", "toiminta", "tuotos")]
    parts[0] = link("panos", "luku", assumption="", role="", follow_up="")
    parts += [link("vaikutus", "loppukysely"), link("vaikuttavuus", "luku", assumption="")]
    found = chains.open_matters(chains.Chain(("k", "c"), tuple(parts)), MEASURES | {"loppukysely": one})
    keys = [finding.key for finding in found]
    assert keys == ["effect_measured_once", "impact_by_outputs", "no_role", "no_follow_up", "no_assumption"]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["", "luku", "kerran", "kahdesti", "yksinaisyys"]), min_size=1, max_size=4))
def test_a_chain_with_a_change_is_never_called_one_of_outputs_only(effect):
    found = matters(effect)
    assert ("effect_by_outputs" in found) == (
        any(effect) and all(one in ("luku", "kerran") for one in effect if one)
    )
    assert found.count("effect_not_measured") == effect.count("")


# --- page ---------------------------------------------------------------------------------------------


def test_the_sample_chain_of_outputs_is_told_so(read, known):
    said = {
        place: " ".join(map(str, words_chain.gaps(chain, known, read.measures)))
        for place, chain in enumerate(read.chains)
    }
    assert "Vaikutusta mitataan vain tuotoksilla" in said[PLACE]
    assert "vain tuotoksilla" not in said[SOCIAL] + said[MONEY]
    assert "Vaikuttavuutta ei mitata" in said[MONEY] and "Panos: ei mitata" in said[MONEY]
    assert "keksitystä Esimerkkilästä ei ole julkaistua lukua" in said[SOCIAL]
    claim = [words_chain.claim_of(chain, known, read.measures) for chain in read.chains]
    assert claim == [Claim.MUUTOS, Claim.YHTEYS, None]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_figure_is_traced_and_every_link_is_in_the_picture_s_table(read, known, release, language):
    ids = {str(row["result_id"]) for part in release.parts for row in rows_of(release.select(part=part))}
    for chain in read.chains:
        figure = charts_chain.chain(chain, known, read.measures, language)
        assert len(figure.table.plain) == len(chain.links)
        assert words_chain.told(chain.name, language) in figure.alt
        assert figure.png == charts_chain.chain(chain, known, read.measures, language).png
        for one in chain.links:
            cell = words_chain.figure(one, known, language)
            assert bool(cell.numbers) == (one.measure in known)
            assert {reference.rpartition(":")[0] for _, _, reference in cell.numbers} <= ids
        pages.html_of(figure, language)
        pages.html_of(words_chain.follow_up_table(chain, language), language)
        said = words_chain.dropout(chain, release, read.measures, language)
        assert bool(said) == (chain is read.chains[SOCIAL])


@pytest.mark.parametrize("language", ["fi", "en"])
def test_sentences_claim_no_more_than_the_design(read, known, language):
    for row in known.values():
        if row.has("claim") and row["claim"]:
            said = words_effects.effect(row, language, read.names(language))
            assert claims.check(said, words_effects.claim_of(row), language).empty


def test_the_designs_go_from_description_to_effect_and_mark_those_in_use():
    table = words_chain.designs([Claim.MUUTOS, None]).plain
    assert table["Mitä saa sanoa"].tolist() == [
        "kuvaus", "muutos", "ero", "yhteys", "todennäköinen vaikutus", "vaikutus",
    ]  # fmt: skip
    assert [text.startswith("* ") for text in table["Asetelma"]] == [False, True, *[False] * 4]


def test_every_finding_has_its_words_in_both_languages():
    for language in ("fi", "en"):
        told = messages.catalogue("vaikutusketju", language)
        assert {f"vaikutusketju.open.{key}" for key in chains.FINDINGS} <= set(told)


def test_the_measurements_are_what_the_script_makes(project, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(project / "tools"))
    import synthetic_chain

    monkeypatch.setattr(sys, "argv", ["synthetic_chain.py", "--to", str(tmp_path)])
    synthetic_chain.main()
    for made in sorted(tmp_path.glob("esimerkkila*")):
        assert made.read_bytes() == (project / "data" / "samples" / made.name).read_bytes(), made.name
