"""The survey's exports, waves and invited: headings and scales read, persons kept out, counts that fit."""

from __future__ import annotations

import subprocess

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import catalogue, cli, samples
from sosrake_lib.errors import CatalogueError, GatherError
from sosrake_lib.gather import survey, survey_exports, survey_waves
from sosrake_lib.gather.survey_answers import answer_of, item_and_scale
from sosrake_lib.gather.survey_background import class_of, merged_classes, option_of, question_of

FRAMEWORK = catalogue.competence_framework()
ITEMS = {item.key: item for item in FRAMEWORK.items}
MEDIA = ITEMS["media"].name_fi
ROLE = next(one for one in FRAMEWORK.background if one.key == "rooli")


def webropol():
    """Two respondents as a form service writes them: matrix headings, text scales, one column a choice."""
    return pd.DataFrame(
        {
            "Vastaajanumero": ["11", "12"],
            "Vastausaika": ["1.9.2020 10:12", "2.9.2020 8:01"],
            "1. Organisaatio": ["Järvelän sosiaalipalvelut", "Järvelän sosiaalipalvelut"],
            "2. Nykyinen rooli": ["Sosiaalityöntekijä", "lähiesimies"],
            "Palvelutehtävä: Lastensuojelu": ["1", "1"],
            "Palvelutehtävä: Vammaispalvelut": ["0", "x"],
            f"3. {MEDIA} [Tärkeys omassa työssä]": ["4 - tärkeä", "5"],
            f"3. {MEDIA} [Oma osaaminen]": ["4 - melko hyvä", "en osaa vielä"],
            f"Koulutuksen tarve: {MEDIA}": ["3,0", ""],
            "Muuta sanottavaa": ["Hyvä kysely.", ""],
        }
    )


def test_background_of_the_framework_is_the_plan_s_five():
    assert [one.key for one in FRAMEWORK.background] == [
        "kohderyhma", "rooli", "palvelutehtava", "organisaatiotaso", "tehtavatyyppi"
    ]  # fmt: skip
    for question in FRAMEWORK.background:
        keys = [one.key for one in question.classes]
        assert len(set(keys)) == len(keys) and keys[-2:] == ["useita", "muu"] and len(keys) <= 9
        for one in question.classes:
            assert class_of(one.name_fi, question) == class_of(one.name_en, question) == one.key
            assert all(class_of(also, question) == one.key for also in one.also), one.key


def test_export_is_read_with_what_was_converted_and_left_out_said():
    read = survey_exports.read_export(webropol())
    sheets = read.sheets.set_index("respondent")
    assert sheets[["media.tarkeys", "media.osaaminen", "media.koulutustarve"]].values.tolist() == [
        [4, 4, 3],
        [5, 1, pd.NA],
    ]
    assert sheets["rooli"].tolist() == ["sosiaalityontekija", "esihenkilo"]
    assert sheets["palvelutehtava"].tolist() == ["lastensuojelu", "useita"]
    said = " ".join(read.messages)
    assert "muunnettiin numeroiksi 3" in said and "Muuta sanottavaa" in said and "69 saraketta" in said
    assert not [name for name in sheets if "vastausaika" in name.casefold()]
    long = survey.read_answers(read.sheets)
    assert long["answer"].notna().sum() == 5


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("scale", survey.SCALES)
def test_every_item_is_found_from_its_words_in_both_languages(item, scale):
    words = next(one for one in FRAMEWORK.scales if one.key == scale)
    for heading in (
        f"{item}.{scale}",
        f"{ITEMS[item].name_fi} [{words.name_fi}]",
        f"4) {words.name_fi}: {ITEMS[item].name_fi.upper()}",
        f"{words.name_en} - {ITEMS[item].name_en}",
    ):
        assert item_and_scale(heading) == (item, scale), heading


def test_heading_without_its_scale_is_told_and_others_are_no_items():
    with pytest.raises(GatherError, match="otsikosta ei näe, mitä väittämästä arvioitiin"):
        item_and_scale(f"5. {MEDIA}")
    assert item_and_scale("Muuta sanottavaa") is None


@pytest.mark.parametrize(
    ("cell", "scale", "answer"),
    [
        ("4", "tarkeys", 4),
        ("4,0", "tarkeys", 4),
        ("4.00", "tarkeys", 4),
        ("4 – melko hyvä", "osaaminen", 4),
        ("5 (erittäin tärkeä)", "tarkeys", 5),
        ("5 = erittäin tärkeä", "tarkeys", 5),
        ("Ei lainkaan tärkeä", "tarkeys", 1),
        ("I can guide others", "osaaminen", 5),
        ("suuri tarve", "koulutustarve", 4),
        ("En osaa sanoa", "tarkeys", None),
        ("-", "tarkeys", None),
        ("", "tarkeys", None),
    ],
)
def test_answers_are_read_as_people_export_them(cell, scale, answer):
    assert answer_of(cell, scale) == answer


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("3,5", "ei ole asteikolla 1–5"),
        ("0", "ei ole asteikolla"),
        ("6", "ei ole asteikolla"),
        ("hyvä", "ei ole asteikolla"),
        ("4 - ei lainkaan tärkeä", "tarkoittavat eri vastausta"),
        ("-2", "ei ole asteikolla"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(cell, said):
    table = webropol()
    column = f"3. {MEDIA} [Tärkeys omassa työssä]"
    table.loc[1, column] = cell
    with pytest.raises(GatherError, match=said) as refused:
        survey_exports.read_export(table)
    assert f"rivi 3, sarake {column}" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="1. Organisaatio"), "organisaatio puuttuu; lisää sarake"),
        (lambda table: table.assign(**{"1. Organisaatio": ["A", ""]}), "rivi 3, sarake 1. Organisaatio"),
        (lambda table: table.assign(Sähköposti=["a.b@c.fi", ""]), "sarakkeesta Sähköposti näkee"),
        (lambda table: table.assign(Nimi=["Aino Virtanen", "Eino Mäki"]), "sarakkeesta Nimi näkee"),
        (lambda table: table.assign(Muuta=["hetuni on 010190-900P", ""]), "sarakkeesta Muuta näkee"),
        (lambda table: table.assign(**{"media.tarkeys": ["1", "2"]}), "tarkoittavat samaa asiaa"),
        (
            lambda table: table.assign(**{"Palvelutehtävä: Lastensuojelu": ["2", "1"]}),
            "kerro, valittiinko",
        ),
        (lambda table: table[["1. Organisaatio", "Muuta sanottavaa"]], "ei löytynyt osaamisen viitekehyksen"),
    ],
)
def test_exports_that_cannot_be_trusted_are_refused(change, said):
    with pytest.raises(GatherError, match=said):
        survey_exports.read_export(change(webropol()))


def test_empty_columns_of_the_form_service_tell_nobody():
    table = webropol().drop(columns="Vastaajanumero").assign(Email=["anonymous", "anonymous"], Name=["", ""])
    read = survey_exports.read_export(table, "en")
    assert read.sheets["respondent"].tolist() == ["1", "2"]
    assert any("Respondents were numbered" in line for line in read.messages)


def test_headings_and_choices_of_background():
    assert question_of("3. Ammattinimike").key == "rooli" and question_of("Kunta") is None
    assert option_of("Rooli: Sosiaaliohjaaja")[1] == "sosiaaliohjaaja" and option_of("Rooli: Piispa") is None
    assert class_of("Sosiaaliohjaaja;Esihenkilö", ROLE) == "useita" and class_of(" ", ROLE) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "d", "muu", None]), max_size=60), st.integers(1, 8))
def test_no_class_smaller_than_the_minimum_is_left(values, minimum):
    merged = merged_classes(pd.Series(values, dtype="object"), minimum)
    assert (merged.value_counts() >= minimum).all()
    kept = merged.notna() & (merged != "muu")
    assert (merged[kept] == pd.Series(values, dtype="object")[kept]).all()
    assert merged[pd.Series(values, dtype="object").isna()].isna().all()


def test_file_is_brought_to_a_folder_outside_git_with_small_classes_joined(tmp_path, capsys):
    many = pd.concat([webropol()] * 6, ignore_index=True)
    many["Vastaajanumero"] = [str(number) for number in range(len(many))]
    many.loc[0, "2. Nykyinen rooli"] = "Suunnittelija"
    file = tmp_path / "vienti.csv"
    many.to_csv(file, sep=";", index=False, encoding="cp1252")
    with pytest.raises(SystemExit) as left:
        cli.main(["gather", "survey", str(file), "--to", str(tmp_path / "omat")])
    said = capsys.readouterr().out
    assert left.value.code == 0 and "Vastaajia 12" in said and "pieniä luokkia (alle 5 vastaajaa)" in said
    kept = samples.table("osaamiskartoitus", tmp_path / "omat")
    assert kept["rooli"].value_counts().to_dict() == {"muu": 6, "esihenkilo": 6}
    assert len(survey.read_answers(kept)) == 12 * 72
    subprocess.run(["git", "init", "-q", str(tmp_path / "puu")], check=True)
    with pytest.raises(GatherError, match="lies in the git tree"):
        survey_exports.import_export(file, tmp_path / "puu" / "omat")


def test_workbook_is_read_too(tmp_path):
    file = tmp_path / "vienti.xlsx"
    webropol().to_excel(file, index=False)
    assert survey_exports.read_export_file(file).sheets["media.osaaminen"].tolist() == [4, 1]
    with pytest.raises(GatherError, match=r"tiedostoa puuttuu\.xlsx ei ole"):
        survey_exports.read_export_file(tmp_path / "puuttuu.xlsx")


def means(**change):
    row = {"wave": "a2019", "organisation": "A", "item": "media", "scale": "osaaminen"}
    return pd.DataFrame([{**row, "respondents": "8", "mean": "2.38"} | change])


def test_first_wave_is_read_of_organisations_only():
    sheets = samples.table("osaamiskartoitus")
    with pytest.raises(GatherError, match="Kyselykerrasta joulukuu 2019 – tammikuu 2020 saa käyttää vain"):
        survey_waves.answers_of_wave(sheets, "a2019")
    assert set(survey_waves.answers_of_wave(sheets, "a2020")["wave"]) == {"a2020"}
    for column in ("respondent", "media.osaaminen"):
        with pytest.raises(GatherError, match="yksittäisten vastaajien tietoja"):
            survey_waves.read_means(means().assign(**{column: "1"}))
    with pytest.raises(GatherError, match="kyselykertaa a2035 ei ole; viitekehyksessä ovat a2019, a2020"):
        survey_waves.wave("a2035")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wave": "a1999"}, "rivi 2, sarake wave"),
        ({"item": "lentaminen"}, "rivi 2, sarake item"),
        ({"scale": "into"}, "rivi 2, sarake scale"),
        ({"mean": "5.2"}, "keskiarvo ei ole asteikolla 1–5"),
        ({"mean": "2.4"}, "näin monen kokonaislukuvastauksen keskiarvo ei voi olla tämä"),
        ({"respondents": "7.5"}, "odotettiin kokonaislukua"),
        ({"respondents": "0"}, "odotettiin kokonaislukua"),
    ],
)
def test_means_that_cannot_be_are_refused(change, said):
    assert survey_waves.read_means(means())["domain"].tolist() == ["tiedolla_vaikuttaminen"]
    with pytest.raises(GatherError, match=said):
        survey_waves.read_means(means(**change))


def test_invited_and_answered_must_fit():
    invited = survey_waves.read_invited(
        pd.DataFrame({"wave": ["a2019", "a2019"], "organisation": ["A", "B"], "invited": ["10", "6"]})
    )
    none = pd.DataFrame({"wave": [], "respondent": [], "organisation": []})
    counts = survey_waves.answered(none, survey_waves.read_means(means()))
    both = survey_waves.invited_and_answered(invited, counts).set_index("organisation")
    assert both["answered"].to_dict() == {"A": 8, "B": 0}
    for change, said in (
        ({"organisation": "C"}, "ei ole kutsuttujen luettelossa"),
        ({"answered": 11}, "vastasi 11"),
    ):
        with pytest.raises(GatherError, match=said):
            survey_waves.invited_and_answered(invited, counts.assign(**change))
    for table, said in (
        ({"wave": ["a2019"] * 2, "organisation": ["A"] * 2, "invited": [1, 2]}, "rivi 3: sama organisaatio"),
        ({"wave": ["a2019"], "organisation": ["A"], "invited": ["noin 10"]}, "odotettiin kokonaislukua"),
        ({"wave": ["a2019"], "organisation": ["A"]}, "sarake invited puuttuu"),
    ):
        with pytest.raises(GatherError, match=said):
            survey_waves.read_invited(pd.DataFrame(table))


def test_a_wave_of_the_framework_file_is_checked():
    from sosrake_lib.catalogue import competence

    text = {"scales": {}, "levels": {"a": {}}, "waves": {}}
    assert text and competence.WAVE_LEVELS == ("organisation", "respondent")
    with pytest.raises(CatalogueError, match="wave x: level must be one of organisation, respondent"):
        competence._check(
            catalogue.CompetenceFramework(
                FRAMEWORK.domains,
                FRAMEWORK.scales,
                FRAMEWORK.levels,
                FRAMEWORK.units,
                waves=(catalogue.SurveyWave("x", "x", "x", "2019-01", "2019-02", "2019", "person"),),
            )
        )


@pytest.fixture(scope="module")
def released():
    from sosrake_lib import protect
    from sosrake_lib.batch import recipes_survey

    made = protect.release(recipes_survey.competence_survey(None), name="osaaminen", preview=True)
    return {name: protect.protected_frame(made.select(part=name)) for name in made.parts}


def test_waves_recover_what_the_earlier_one_was_drawn_around(released):
    """Own skill in influencing was drawn 0.4 lower in the earlier wave, and nothing else differs."""
    rows = released["kyselykerrat"]
    everyone = rows[rows["group"] == "all"].assign(domain=rows["indicator"].str.partition(".")[0])
    wide = everyone.pivot(index="domain", columns="period", values="value")
    change = wide["2020"] - wide["2019/2020"]
    # The error of a difference of domain means is about 0.08 with 43 and 64 respondents.
    assert change["tiedolla_vaikuttaminen"] == pytest.approx(0.4, abs=0.2)
    assert change.drop("tiedolla_vaikuttaminen").abs().max() < 0.2


def test_waves_are_means_of_the_tables_by_hand(released):
    told = samples.table("osaamiskartoitus_aallot").astype({"mean": "float64", "respondents": "int64"})
    domain = {item.key: one.key for one in catalogue.competences() for item in one.items}
    skill = told[told["scale"] == "osaaminen"].assign(domain=told["item"].map(domain))
    by = skill.groupby(["domain", "organisation"])["mean"].mean()
    rows = released["kyselykerrat"].set_index(["indicator", "period", "group"])["value"]
    for (name, organisation), mean in by.items():
        key = (f"{name}.osaaminen.kyselykerrat", "2019/2020", organisation)
        assert rows[key] == pytest.approx(mean, abs=0.005001)


def test_response_is_answered_of_invited_and_nothing_small_leaves(released):
    rows = released["vastausaste_kerroittain"].set_index(["period", "group"])
    assert rows.loc[("2020", "Organisaatio A"), ["numerator", "denominator"]].tolist() == [34, 64]
    assert rows.loc[("2019/2020", "all"), "value"] == pytest.approx(100 * 43 / 115)
    for name in ("vastausaste_kerroittain", "kyselykerrat"):
        shown = released[name].loc[released[name]["status"] == "ok"]
        for column in ("numerator", "denominator"):
            assert not shown[column].between(1, 4).any()


def test_organisations_joined_among_answers_are_joined_in_the_waves_too():
    from sosrake_lib.batch import recipes_survey, recipes_survey_waves

    answers = survey.read_answers(samples.table("osaamiskartoitus"))
    answers = answers.assign(organisation=answers["organisation"].replace("Organisaatio B", "muut"))
    made = recipes_survey_waves.wave_parts(answers, None, recipes_survey.PLACE, "muut")
    assert set(made["kyselykerrat"]["group"]) == {"all", "Organisaatio A", "muut"}
    rows = made["vastausaste_kerroittain"].set_index(["period", "group"])
    assert rows.loc[("2019/2020", "muut"), ["numerator", "denominator"]].tolist() == [19, 54]


def test_the_invented_wave_is_what_the_script_makes(project, tmp_path, monkeypatch):
    import sys

    monkeypatch.syspath_prepend(str(project / "tools"))
    import synthetic_survey

    monkeypatch.setattr(sys, "argv", ["synthetic_survey.py", "--to", str(tmp_path)])
    synthetic_survey.main()
    for name in ("osaamiskartoitus_aallot", "osaamiskartoitus_kutsutut"):
        for ending in ("csv", "toml"):
            made = (tmp_path / f"{name}.{ending}").read_bytes()
            assert made == (project / "data" / "samples" / f"{name}.{ending}").read_bytes()
