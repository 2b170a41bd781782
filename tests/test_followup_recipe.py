"""Pages of plans and follow-up: parts against the sample, what may leave, an own register, words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import followup_source, plan
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.page_titles import page_keys, page_titles
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.batch.recipes_followup import WAITING, beyond_description, followup, followup_parts
from sosrake_lib.batch.releases import areas_of
from sosrake_lib.catalogue.followup_words import named, partner_needs, recommended
from sosrake_lib.catalogue.self_assessment import self_assessment
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import DisclosureError
from sosrake_lib.indicators import channel_counts
from sosrake_lib.indicators.scales import Place
from sosrake_lib.influence import claims
from sosrake_lib.influence import words_followup as words
from sosrake_lib.influence import words_followup_log as log
from sosrake_lib.influence import words_followup_plans as plans
from sosrake_lib.influence import words_followup_work as work
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import Heading, Page, PageContext, page_from_notebook
from sosrake_lib.influence.site_links import with_links
from sosrake_lib.influence.tables import Table
from sosrake_lib.protect import Text
from sosrake_lib.register.followup import add_entry
from sosrake_lib.register.followup_kinds import kind, kinds
from sosrake_lib.register.happened import happened
from sosrake_lib.register.importer import fill_with_samples
from sosrake_lib.register.proposals import add_proposal
from sosrake_lib.register.workbook_pages import workbook_pages

COUNTY, OTHER = ("hva", "E1"), ("kunta", "E03")
TRUE = {
    "valtuutetut.kokous": 30, "valtuutetut.kirje": 8, "ammattilaiset.uutiskirje": 9,
    "ammattilaiset.tilaisuus": 25, "asukkaat.some": 4, "asukkaat.tilaisuus": 20,
}  # fmt: skip


@pytest.fixture(scope="module")
def told():
    return followup_source.open_followup()


@pytest.fixture(scope="module")
def release(told):
    return protect.release(followup_parts(told), name="seuranta", preview=True)


@pytest.fixture(scope="module")
def sample():
    return samples.table("esimerkkila_seuranta").fillna("").astype("str")


def rows(release, part):
    return protect.protected_frame(release.select(part=part))


def of_sample(sample, name):
    own = sample.loc[sample["laji"] == name]
    return own.pivot(index="tunnus", columns="kentta", values="arvo").fillna("")


# --- parts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", kinds())
def test_each_word_of_the_sample_stands_in_its_part_and_no_count_does(release, sample, name):
    found, given = rows(release, name), sample.loc[sample["laji"] == name]
    texts = given.loc[given["kentta"].isin(kind(name).of("text")) & ~given["arvo"].str.startswith("$")]
    texts = texts.loc[~texts["kentta"].isin([*kind(name).keys, *kind(name).pages])]
    assert set(texts["arvo"]) == set(found.loc[found["label_fi"] != "", "label_fi"])
    assert set(texts["arvo_en"]) == set(found.loc[found["label_en"] != "", "label_en"])
    assert found["indicator"].nunique() == given["tunnus"].nunique()
    assert found["value"].isna().all() and (found["status"] == "missing").all()
    assert not set(kind(name).of("count")) & set(found["group"]), "counts leave as protected figures only"


def test_channels_are_the_sums_of_the_log_counted_anew(release, sample):
    given = of_sample(sample, "kanavaloki")
    given = given.assign(group=given["kohderyhma"] + "." + given["kanava"])
    numbers = given[["tavoitetut", "reaktiot"]].apply(pd.to_numeric, errors="coerce")
    sums = numbers.groupby(given["group"]).sum(min_count=1)
    found = rows(release, "kanavat").set_index(["indicator", "group"])
    for group, (reached, answered) in sums.iterrows():
        row = found.loc[(channel_counts.REACHED, group)]
        share = found.loc[(channel_counts.ANSWERED, group)]
        if np.isnan(reached):
            assert row["status"] == share["status"] == "missing", "not measured is not nought"
            continue
        assert row["value"] == reached
        assert share["value"] == pytest.approx(100 * answered / reached)
        z, n, p = 1.959964, reached, answered / reached
        middle, half = p + z * z / 2 / n, z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
        expected = [100 * (middle - half) / (1 + z * z / n), 100 * (middle + half) / (1 + z * z / n)]
        assert share[["lower", "upper"]].tolist() == pytest.approx(expected, abs=1e-4)
    assert len(sums) == 8


def test_the_shares_the_sample_was_given_are_recovered(release):
    found = rows(release, "kanavat")
    share = found.loc[(found["indicator"] == channel_counts.ANSWERED) & (found["status"] == "ok")].set_index(
        "group"
    )
    assert set(share.index) == set(TRUE)
    for group, true in TRUE.items():
        assert share.at[group, "lower"] <= true <= share.at[group, "upper"], group


def test_two_channels_are_told_apart_only_when_intervals_do_not_meet(release):
    found = rows(release, "kanavat")
    share = found.loc[(found["indicator"] == channel_counts.ANSWERED) & (found["status"] == "ok")].set_index(
        "group"
    )
    for row in rows(release, "kanavaparit").to_dict("records"):
        audience, first, second = row["group"].split(".")
        one, two = share.loc[f"{audience}.{first}"], share.loc[f"{audience}.{second}"]
        apart = one["lower"] > two["upper"] or two["lower"] > one["upper"]
        assert row["category"] == (channel_counts.APART if apart else channel_counts.SIMILAR)
    assert len(rows(release, "kanavaparit")) == 3
    told = pd.DataFrame(
        {"kohderyhma": "asukkaat", "kanava": ["some", "lehti"], "tavoitetut": 100.0, "reaktiot": [9.0, 10.0]}
    )
    made = channel_counts.by_channel(told, Place(*COUNTY, 2026, "2025", "synthetic"))
    assert channel_counts.compared(made)["verdict"].tolist() == [channel_counts.SIMILAR]
    across = made.assign(group=["asukkaat.lehti", "asukkaat.lehti", "valtuutetut.some", "valtuutetut.some"])
    assert channel_counts.compared(across).empty, "audiences are never compared"


def test_a_small_number_of_people_is_hidden(release, sample):
    found = rows(release, "kokeilut_mukana").set_index("group")
    given = of_sample(sample, "kokeilut")["mukana"].astype(int)
    by_name = {
        one.words("nimi")[0]: one.key for one in words.entries(release, "kokeilut", COUNTY, when="alku")
    }
    names = of_sample(sample, "kokeilut")["nimi"]
    for own_id, people in given.items():
        row = found.loc[by_name[names[own_id]]]
        assert (row["status"], row["value"]) == (
            ("ok", people) if people >= 5 else ("suppressed", pytest.approx(np.nan, nan_ok=True))
        )
    assert (given < 5).any() and (given >= 5).any()


def test_small_reach_and_small_bases_are_hidden(told):
    small = (
        told.entries["kanavaloki"]
        .assign(tavoitetut="20", reaktiot="2")
        .drop_duplicates(["kohderyhma", "kanava"])
    )
    made = protect.release(
        followup_parts(replace(told, entries={**told.entries, "kanavaloki": small})), name="x", preview=True
    )
    found = rows(made, "kanavat")
    assert (found.loc[found["indicator"] == channel_counts.ANSWERED, "status"] == "suppressed").all()
    assert rows(made, "kanavaparit").empty, "what is hidden is not compared either"


def test_the_release_is_the_same_on_another_day(told):
    again = followup_source.open_followup(today=date(2031, 1, 1))
    for name, part in followup_parts(told).items():
        pd.testing.assert_frame_equal(part.frame, followup_parts(again)[name].frame)


def test_a_sentence_that_claims_a_cause_stays_in_the_house(told):
    log_ = told.entries["vaikuttamisloki"].assign(mita_muuttui="Jonot lyhenivät palvelun ansiosta.")
    made = followup_parts(replace(told, entries={**told.entries, "vaikuttamisloki": log_}))
    for part in ("vaikuttamisloki", "mita_tapahtui"):
        found = made[part].frame
        changed = found.loc[found["group"] == "mita_muuttui"]
        assert len(changed) and (changed["category"] == WAITING).all() and (changed["label_fi"] == "").all()
    assert beyond_description("Jonot lyhenivät palvelun ansiosta.") and not beyond_description(
        "Jono on lyhyempi."
    )


def test_a_name_that_slipped_in_stops_the_release(told):
    named_ = told.entries["tyoryhma"].assign(asia="Maija Virtanen kertoi.")
    with pytest.raises(DisclosureError, match=r"tyoryhma_.*asia: names a person") as found:
        followup_parts(replace(told, entries={**told.entries, "tyoryhma": named_}))
    assert "Maija" not in str(found.value)


# --- an own register ------------------------------------------------------------------------------------


def test_an_own_register_is_told_of_and_nothing_invented_beside_it(own):
    assert followup_source.followed_counties() == (COUNTY,), "without a row the invented county stands in"
    add_proposal(
        own, key="a", region_level="kunta", region_code="297", theme="asuminen", text="Asuntoja lisää.",
        decision_maker="kunnanvaltuusto", target="resurssi", proposed_on=date(2026, 1, 5), user="tp1",
    )  # fmt: skip
    assert followup_source.followed_counties() == (("hva", "13"),)
    made = protect.release(followup(None), name="seuranta", preview=True)
    assert not made.synthetic
    said = [one.text("fi") for one in words.last_proposal(made, ("kunta", "297"))]
    assert said[0].endswith("”Asuntoja lisää.” Ehdotuksesta päättää kunnanvaltuusto.")
    assert said[1] == "Ehdotusta ei ole vielä käsitelty."
    nothing = [one.text("fi") for one in words.last_proposal(made, ("kunta", "140"))]
    assert nothing == ["Aiempaa ehdotusta ei ole kirjattu."]
    assert len(words.last_proposal(made, ("hva", "13"), inside=True)) == 2
    assert "keksit" not in json.dumps(str(rows(made, "mita_tapahtui").to_dict("list"))).lower()
    for show in (plans.media_plan, plans.yearly_clock, log.log_table):
        assert show(()).text("fi") == "Ei kirjattu."
    assert plans.stakeholder_map((), workbook_pages()).text("fi") == "Ei kirjattu."
    assert log.channels_table(made, ("hva", "13")).text("en") == "Not recorded."
    assert work.answer(()).text("fi") == "Alueelta ei ole kirjattu itsearviointia."
    assert "Ei arvioitu." in work.profile(()).plain.to_string()


def test_an_own_register_with_entries_alone_has_its_pages(own):
    fields = {"asia": "Kyydit", "paiva": "2026-02-01", "omistaja": "sosiaaliohjaaja"}
    add_entry(own, "k", "tyoryhma", fields, region=("hva", "13"), user="tp1")
    assert followup_source.followed_counties() == (("hva", "13"),)
    made = protect.release(followup(None), name="seuranta", preview=True)
    shown = plans.working_group(words.entries(made, "tyoryhma", ("hva", "13")))
    assert isinstance(shown, Table) and "Kyydit" in shown.plain.to_string()


def test_a_folder_of_ones_own_without_entries_has_an_honest_empty_release(tmp_path):
    folder = tmp_path / "oma"
    folder.mkdir()
    made = protect.release(followup(folder), name="seuranta", home=tmp_path, folder=tmp_path / "r")
    again = protect.Release.load(made.id, folder=tmp_path / "r")
    assert not again.synthetic and set(again.parts) >= {*kinds(), "mita_tapahtui", "aikataulu", "kanavat"}
    assert all(rows(again, part).empty for part in again.parts)
    assert words.last_proposal(again, COUNTY)[0].text("fi") == "Aiempaa ehdotusta ei ole kirjattu."
    assert log.channels_table(again, COUNTY).text("en") == "Not recorded."
    assert areas_of(made.id, tmp_path / "r") == frozenset(), "no page of the invented county is made of it"
    assert RECIPES["seuranta"](folder).keys() == followup(folder).keys()
    plan_of = RECIPES["toteutussuunnitelma"](folder)
    assert not any(len(part.frame) for part in plan_of.values())


def test_the_samples_themselves_without_entries_are_a_fault(monkeypatch):
    monkeypatch.setattr(followup_source, "ENTRIES", "puuttuu")
    with pytest.raises(samples.AbsentTable, match="puuttuu"):
        followup_source.open_followup()


def test_areas_told_of_in_words_alone_have_their_pages(own, tmp_path):
    fields = {"asia": "Kyydit", "paiva": "2026-02-01", "omistaja": "sosiaaliohjaaja"}
    add_entry(own, "k", "tyoryhma", fields, region=("hva", "13"), user="tp1")
    made = protect.release(followup(None), name="seuranta", home=tmp_path, folder=tmp_path / "r")
    assert areas_of(made.id, tmp_path / "r") == {("hva", "13")}


def test_a_register_filled_with_the_samples_is_told_as_invented(own, told):
    """`sosrake register samples`: the same parts as without a register, the second time nothing added."""
    first = followup_source.fill_samples(own)
    assert first == followup_source.fill_samples(own)
    counted = [samples.table(name) for name in (source.OBSERVATIONS, source.PHENOMENA)]
    steps = samples.table(source.STEPS)
    assert (first.observations, first.phenomena) == tuple(map(len, counted))
    assert first.proposals == (steps["tapahtuma"] == "ehdotus").sum()
    assert first.entries == sum(len(rows_) for rows_ in told.entries.values())
    again = followup_source.open_followup()
    assert again.origin == "synthetic" and again.on == told.on
    assert followup_source.followed_counties() == (COUNTY,)
    for name, part in followup_parts(told).items():
        pd.testing.assert_frame_equal(part.frame, followup_parts(again)[name].frame)


def test_a_register_with_observations_alone_gets_its_follow_up(own):
    given = (samples.table(source.OBSERVATIONS), samples.table(source.PHENOMENA))
    fill_with_samples(own, *given)
    assert followup_source.fill_samples(own).entries > 0
    assert len(happened(own)) == 6


# --- words ----------------------------------------------------------------------------------------------


def test_the_last_proposals_fate_is_told_from_words_to_what_was_seen(release):
    found = words.entries(release, "mita_tapahtui", COUNTY, when="pvm")
    rejected = next(one for one in found if one.code("tila") == "hylatty")
    said = [one.text("fi") for one in words.fate(rejected)]
    assert said[0].startswith("Viimeksi ehdotettiin 20.5.2025: ”Koulukyytien vapaat paikat")
    assert said[1] == "Ehdotus hylättiin (14.10.2025)."
    assert said[3].startswith("Mitä sen jälkeen on nähty: Tilanne on ennallaan")
    assert said[4].startswith("Seurataan luvulla: Pitkäaikaistyöttömien osuus")
    assert words.last_proposal(release, COUNTY)[0].text("fi").startswith("Viimeksi ehdotettiin 9.9.2025")
    assert words.last_proposal(release, OTHER)[0].text("en") == "No earlier proposal has been recorded."


def test_what_happened_tells_each_phenomenon_with_decision_and_day(release):
    plain = words.what_happened(release, COUNTY).plain
    assert len(plain) == 6 and plain["Päätös"].tolist()[0] == "hyväksytty, 25.3.2025"
    assert plain["Ehdotus"].tolist()[-1] == "Ehdotusta ei ole kirjattu."
    assert isinstance(words.what_happened(release, OTHER), Text)


def test_the_log_tells_an_order_and_no_cause(release):
    found = words.entries(release, "vaikuttamisloki", COUNTY)
    assert [one.day("paiva") for one in found] == sorted(one.day("paiva") for one in found)
    assert log.answer(found).text("fi") == (
        "Lokiin kirjattuja asioita on 4. Niistä 2 on päätetty, ja 2 odottaa päätöstä."
    )
    assert log.later(found)[0].text("en").startswith("To be checked on 28 February 2026:")
    texts = [log.said(key).text("fi") for key in ("not_cause", "channels_note", "interval_note")]
    for text in [*texts, str(log.log_table(found).plain.to_string())]:
        found_ = claims.check(
            text.replace("ei kerro, että kertominen sai muutoksen aikaan", ""), Claim.MUUTOS
        )
        assert found_.loc[found_["kind"].isin(("claim", "rank", "stigma"))].empty, text


def test_channels_stand_by_name_and_are_never_ranked(release):
    shown = log.channels_table(release, COUNTY)
    assert shown.plain["Kenelle"].tolist() == sorted(shown.plain["Kenelle"])
    assert "ei mitattu" in shown.plain["Tavoitettu"].tolist()
    assert log.compared_audiences(release, COUNTY) == ["valtuutetut", "ammattilaiset", "asukkaat"]
    chosen = log.reactions(release, COUNTY, "valtuutetut")
    assert set(protect.protected_frame(chosen)["group"]) == {"valtuutetut.kokous", "valtuutetut.kirje"}
    assert len(log.pairs(release, COUNTY)) == 3


@pytest.mark.parametrize("language", ["fi", "en"])
def test_plans_and_partners_are_told_in_both_languages(release, language):
    made = [
        plans.media_plan(words.entries(release, "mediasuunnitelma", COUNTY), language),
        plans.stakeholder_map(words.entries(release, "sidosryhmat", COUNTY), workbook_pages(), language),
        plans.yearly_clock(words.entries(release, "vuosikello", COUNTY), language),
        plans.workshop_cards(words.entries(release, "ilmiotyopaja", COUNTY), language),
        plans.working_group(words.entries(release, "tyoryhma", COUNTY), language),
        plans.partners(words.entries(release, "verkosto", COUNTY), workbook_pages(), page_keys(), language),
    ]
    assert all(isinstance(one, Table) and one.release_id == release.id for one in made)
    clock = made[2].plain.to_string()
    assert ("elokuu" if language == "fi" else "August") in clock, (
        "the decision calendar says when it is needed"
    )
    assert isinstance(plans.schedule(release, COUNTY, language), Figure)
    assert not any(one.facts.hidden for one in made), "words are no hidden figures"


def test_a_partners_needs_lead_to_titles_of_pages(release):
    titles = page_titles()
    for one in words.entries(release, "verkosto", COUNTY):
        assert plans.needs_of(one) and set(recommended(*plans.needs_of(one))) <= set(titles)
    assert {path for need in partner_needs().values() for path in need.notebooks} <= set(titles)


def pages_of_sample(sample, name):
    """Own id -> the page keys written for it in the sample, for each entry of the kind."""
    own = of_sample(sample, name)
    return {one: [key for key in row["sivut"].split("; ") if key] for one, row in own.iterrows()}


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("name", ["verkosto", "sidosryhmat"])
def test_a_profiles_pages_are_links_where_the_site_has_them(release, sample, language, name):
    found, written = words.entries(release, name, COUNTY), pages_of_sample(sample, name)
    titles = workbook_pages()
    if name == "verkosto":
        shown = plans.partners(found, titles, page_keys(), language)
        needs = of_sample(sample, name)[["tarve", "toinen_tarve"]]
        for own, keys in written.items():
            paths = recommended(*(need for need in needs.loc[own] if need))
            keys.extend([] if keys else [page_keys()[path] for path in paths])
    else:
        shown = plans.stakeholder_map(found, titles, language)
    told = [keys for _, keys in sorted(written.items())]
    expected = ["; ".join(titles[key][language == "en"] for key in keys) for keys in told]
    assert all(expected) and shown.plain.iloc[:, -1].tolist() == expected
    assert loose_numbers(shown.html).empty
    assert shown.html.count("data-sivu=") == sum(map(len, told))
    context = PageContext("vaikuttamisloki", "Vaikuttamisloki", 2026, COUNTY)
    key = told[0][0]
    there = Page(PageContext(key, "Sivu", 2026, COUNTY), "", Facts(), ())
    elsewhere = Page(PageContext(told[1][0], "Sivu", 2026, ("hva", "12")), "", Facts(), ())
    linked = with_links(shown.html, Page(context, "", Facts(), ()), [there, elsewhere])
    times = sum(keys.count(key) for keys in told)
    assert linked.count(f'<a href="../hva-E1/{key}.html">') == linked.count("<a ") == times
    assert linked.count("data-sivu=") == 0, "a page the area does not have stays as words"


def test_pages_of_a_profile_in_words_when_none_or_one_no_longer_there(release):
    titles = workbook_pages()
    found = words.entries(release, "sidosryhmat", COUNTY)
    bare = [replace(one, rows={key: row for key, row in one.rows.items() if key != "sivut"}) for one in found]
    shown = plans.stakeholder_map(bare, titles)
    assert set(shown.plain.iloc[:, -1]) == {"Ei kirjattu."} and "data-sivu" not in shown.html
    known = {key: title for key, title in titles.items() if key != "paattajakooste"}
    gone = plans.stakeholder_map(found, known)
    assert "paattajakooste (sivua ei ole työkirjassa)" in gone.plain.iloc[0, -1]
    assert 'data-sivu="paattajakooste"' not in gone.html
    assert "(the workbook has no such page)" in plans.stakeholder_map(found, known, "en").plain.iloc[0, -1]
    partner = words.entries(release, "verkosto", COUNTY)[0]
    assert plans.pages_of(partner, page_keys())[0] == "osaamiskartoitus", "without own pages its needs lead"


def test_plan_and_log_name_the_same_pages_of_a_stakeholder(project):
    """Both pages that show the map give it the workbook's pages, so neither shows it without names."""
    for page in ("vaikuttamisloki", "toteutussuunnitelma"):
        text = (project / "notebooks" / "4_vaikuttaminen" / f"{page}.ipynb").read_text(encoding="utf-8")
        assert "stakeholder_map(tahot, workbook_pages(), kieli)" in text, page


def test_an_experiment_is_told_by_its_phases_with_people_protected(release):
    many, few = words.entries(release, "kokeilut", COUNTY, when="alku")
    page = work.experiment_page(release, many)
    assert isinstance(page[0], Heading) and "Mukana oli 64 ihmistä." in [str(one) for one in page]
    assert "Mukana olleiden määrää ei näytetä" in str(work.took_part(release, few))
    assert work.experiment_card(many).plain.iloc[:, 0].tolist()[0] == "Suunnittele: ongelma"
    assert work.experiment_card(few, "en").plain.iloc[4, 1] == "Not recorded."


def test_the_self_assessment_shows_seven_points_without_a_sum(release):
    found = words.entries(release, "itsearviointi", COUNTY)
    plain = work.profile(found).plain
    assert plain["Kohta"].tolist() == [point.name_fi for point in self_assessment().points]
    assert plain["Taso"].tolist()[0].startswith("2: ") and plain["Taso"].tolist()[-1] == "Ei arvioitu."
    assert [one.text("fi") for one in work.moved(found)] == [
        "Järjestelmällinen tieto: arvio 26.11.2024 oli ”1: yksittäisiä kokeiluja”, "
        "nyt se on ”2: sovittu tapa osassa työtä”."
    ]
    assert "vastuu alueen hyvinvoinnista" in work.missing(found)[0].text("fi")
    assert len(work.strengths(found)) == 5 and isinstance(work.steps(found), Table)
    said = " ".join([plain.to_string(), work.answer(found).text("fi")]).lower()
    assert not any(word in said for word in ("keskiarvo", "yhteensä", "pistettä", "sijoit"))


def test_every_code_of_the_sample_has_words(release):
    for name in kinds():
        for one in words.entries(release, name, COUNTY):
            for field in one.rows:
                if field in kind(name).of("choice") and field not in ("teema", "kohta", "taso"):
                    assert all(words.choice(one, field)), (name, field)
    assert set(log.channel_names("en").values()) == {pair[1] for pair in named("channels").values()}


# --- pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vaikuttamisloki", "itsearviointi"])
def test_saved_pages_tell_that_all_is_invented_and_whom_they_miss(project, name):
    from sosrake_lib.influence.pages import PageContext

    notebook = json.loads(
        (project / "notebooks" / "4_vaikuttaminen" / f"{name}.ipynb").read_text(encoding="utf-8")
    )
    context = PageContext(
        key=name, title=name, build_year=2026, region=COUNTY, synthetic=True, section="vaikuttaminen"
    )
    page = page_from_notebook(notebook, context=context)
    assert "ovat keksittyjä" in page.body and "Keitä tieto ei tavoita" in page.body
    assert page.releases, "a page rests on a release, so that it can be approved"


def test_both_pages_are_in_the_plan_for_the_areas_of_the_register(project, own):
    from sosrake_lib.batch.releases import known_recipes

    loaded = plan.load(project, recipes=known_recipes())
    found = [
        (task.page, task.region, task.section) for task in loaded.tasks if task.releases == ("seuranta",)
    ]
    assert found == [("vaikuttamisloki", COUNTY, "vaikuttaminen"), ("itsearviointi", COUNTY, "vaikuttaminen")]
