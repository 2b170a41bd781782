"""Effects through a release into words: every design, sign, significance and size, in Finnish and English."""

from __future__ import annotations

import ast
import dataclasses
import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_ladder import RUNS

from sosrake_lib import protect
from sosrake_lib.effects import Claim, Design, Effect, coverage, paired_change
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS
from sosrake_lib.errors import DisclosureError, SosrakeError
from sosrake_lib.influence import words_effects
from sosrake_lib.influence.claims import check
from sosrake_lib.language import keys, messages
from sosrake_lib.protect.effects import Place, effect_frame

ROOM = Path(__file__).resolve().parents[1] / "sosrake_lib" / "effects"
PLACE = Place("hva", "E1", "2024")
NAMES = {"fi": {"vointi": "Vointi"}, "en": {"vointi": "Wellbeing"}}
BEFORE = [18, 22, 15, 25, 19, 21, 17, 24, 20, 16, 23, 14]
AFTER = [14, 20, 15, 18, 12, 19, 17, 15, 16, 10, 22, 13]
BASE = paired_change(np.tile(BEFORE, 3), np.tile(AFTER, 3), unit="points")
MODEL = {"people": "n", "indicator": "vointi", "origin": "synthetic"}

DESIGNS = [
    Design(1, 1),
    Design(1, 2),
    Design(1, 24),
    Design(2, 1),
    Design(2, 6),
    Design(2, 1, "chosen"),
    Design(2, 2, "chosen"),
    Design(2, 2, "by_rule"),
    Design(2, 1, "randomised"),
    Design(2, 4, "randomised"),
]
# indicator -> design, sign, significance, people in the smaller arm.
CASES = {
    f"vointi_{number}": case
    for number, case in enumerate(product(DESIGNS, (1, -1), ("clear", "touching", "nothing"), (4, 12, 60)))
}
# Words of a direction, which no sentence may hold when the interval holds zero.
DIRECTIONS = {
    "fi": r"nous\w*|lask\w*|kasvo\w*|lisä\w*|vähen\w*|suurem\w*|pienempi\w*|vaikutti|paran\w*|muuttui\w*",
    "en": r"rose|risen|fell|fallen|grew|increas\w*|decreas\w*|higher|lower|affected|had an? \w*\s?effect",
}
NOT_SHOWN = {
    Claim.MUUTOS: ("ei osoitettu muutosta", "no change was shown"),
    Claim.ERO: ("ei osoitettu eroa", "no difference from the comparison was shown"),
    Claim.YHTEYS: ("ei osoitettu yhteyttä", "no association with the activity studied was shown"),
    Claim.TODENNAKOINEN_VAIKUTUS: ("todennäköistä vaikutusta", "no probable effect"),
    Claim.VAIKUTUS: ("vaikutusta", "no effect of the activity studied was shown"),
}


def made(effect: Effect, tmp_path: Path, rules: str = "vakio", **more) -> protect.Selection:
    rows = effect_frame(effect, PLACE, **{**MODEL, **more})
    found = protect.release(
        {"tulos": protect.part(rows, rules)}, name="vaikuttavuus", preview=True, home=tmp_path
    )
    return found.select(part="tulos")


def study(design: Design, sign: int, significance: str, size: int) -> Effect:
    """Give an effect of a design, drawn to be clear, borderline or nothing, of so many people an arm."""
    arms = {"paired": size} if design.groups == 1 else {"treated": size, "comparison": size + 3}
    half = {"clear": 1.0, "touching": 2.0, "nothing": 5.0}[significance]
    p_value = {"clear": 0.0003, "touching": 0.05, "nothing": 0.44}[significance]
    return dataclasses.replace(
        BASE,
        estimate=2.0 * sign,
        lower=2.0 * sign - half,
        upper=2.0 * sign + half,
        p_value=p_value,
        df=float(2 * size),
        n=arms,
        design=design,
        claim=design.claim,
        caveats=("few_pairs",) if size < 20 else (),
    )


@pytest.fixture(scope="module")
def every_study(tmp_path_factory) -> protect.Release:
    """Release every design, sign, significance and size at once, each as an indicator of its own."""
    rows = [
        effect_frame(study(*case), PLACE, people="n", indicator=code, origin="synthetic")
        for code, case in CASES.items()
    ]
    given = protect.part(pd.concat(rows, ignore_index=True), "vakio")
    home = tmp_path_factory.mktemp("home")
    return protect.release({"tulos": given}, name="vaikuttavuus", preview=True, home=home)


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda one: f"{one.groups}x{one.times}-{one.assignment}")
def test_every_design_sign_significance_and_size_says_no_more_than_its_claim(design, language, every_study):
    names = dict.fromkeys(CASES, NAMES[language]["vointi"])
    for code, case in CASES.items():
        if case[0] is not design:
            continue
        chosen = every_study.select(indicator=[code, f"{code}.n"])
        said = words_effects.effect(chosen, language, names).text
        assert check(said, design.claim, language).empty, said
        assert check(words_effects.arms(chosen, language), Claim.KUVAUS, language).empty
        _as_it_should_be(said, *case, language)


def _as_it_should_be(said, design, sign, significance, size, language):
    fi = language == "fi"
    finding = significance == "clear"
    directed = re.findall(rf"(?<!\w)(?:{DIRECTIONS[language]})(?!\w)", said.casefold())
    if size < 5:
        assert ("suojattu" if fi else "protected") in said and not directed
        assert not re.search(r"\d[.,]\d", said)
    elif design.claim is Claim.KUVAUS:
        assert not directed
    elif finding:
        up, down = {"fi": (r"nousi|suurem", r"laski|pienem"), "en": (r"rose|higher", r"fell|lower")}[language]
        assert bool(re.search(up, said)) == (sign > 0) and bool(re.search(down, said)) == (sign < 0)
        assert any(word in said.casefold() for word in design.claim.words(language))
    elif size < 20:
        assert ("aineisto ei riitä" if fi else "the data are not enough") in said and not directed
        assert f"{size} " in said
    else:
        assert NOT_SHOWN[design.claim][0 if fi else 1] in said and not directed
        assert ("Tämä ei tarkoita" if fi else "This does not mean") in said
        assert ("Luottamusväli sisältää nollan" if fi else "interval includes zero") in said
    if fi:
        # "Ei muutosta" is never said of itself, only "ei osoitettu muutosta".
        assert not re.search(r"\bei (?:ole |ollut )?(?:muutosta|eroa|yhteyttä|vaikutusta)", said)


def test_a_sentence_reads_as_it_should(tmp_path):
    chosen = made(BASE, tmp_path)
    assert str(words_effects.effect(chosen, "fi", NAMES["fi"])) == (
        "Vointi: Esimerkkilässä luku laski vuonna 2024. Muutoksen arvio on \u22123,6\u00a0pistettä "
        "(95\u00a0%:n luottamusväli \u22124,6 \u2013 \u22122,6)."
    )
    assert str(words_effects.effect(chosen, "en", NAMES["en"])) == (
        "Wellbeing: the figure fell in Esimerkkilä in 2024. The estimated change is \u22123.6\u00a0points "
        "(95% confidence interval \u22124.6 to \u22122.6)."
    )
    assert str(words_effects.arms(chosen, "fi")) == ("Aineisto: mitattu kahdesti 36.")
    assert [str(one) for one in words_effects.caveats(chosen, "fi")] == [
        "Vertailuryhmää ei ollut, joten ei tiedetä, mitä olisi tapahtunut ilman toimintaa.",
        "Kun mukaan tullaan vaikeana hetkenä, seuraava mittaus on tavallisesti lähempänä tavanomaista "
        "ilman toimintaakin.",
        "Keksityillä aineistoilla, joiden totuus tiedetään, menetelmän luottamusväli sisälsi totuuden "
        "luvattua harvemmin jo tavallisissa oloissa.",
    ]
    told = [str(one) for one in words_effects.checks(chosen, "en")]
    assert told[0].startswith("Does not hold: a comparison group shows")
    assert told[-1].startswith("Cannot be studied from these figures: people would not have moved")
    assert words_effects.claim_of(chosen) is Claim.MUUTOS
    marks = words_effects.effect(chosen, "fi", NAMES["fi"]).numbers
    assert [reference.partition(":")[2] for _, _, reference in marks] == ["value", "lower", "upper"]


def test_a_test_that_disagrees_with_the_interval_is_told(tmp_path):
    other = dataclasses.replace(BASE, p_value=0.25)
    said = str(words_effects.effect(made(other, tmp_path), "fi", NAMES["fi"]))
    assert "ei osoitettu muutosta" in said and "Luottamusväli ja testi antavat eri vastauksen." in said


def test_scales_that_are_no_plain_figure_have_words_of_their_own(tmp_path):
    tau = dataclasses.replace(study(Design(1, 12), 1, "clear", 30), unit="Tau", n={"paired": 30})
    said = str(words_effects.effect(made(tau, tmp_path), "fi", NAMES["fi"]))
    assert "arvot muuttuivat toivottuun suuntaan" in said and "nousi" not in said
    odds = dataclasses.replace(study(Design(2, 2, "randomised"), -1, "clear", 60), unit="log odds")
    said = str(words_effects.effect(made(odds, tmp_path), "en", NAMES["en"]))
    assert "high levels were less common than they would have been without the activity" in said
    assert "as a log odds ratio" in said


def test_a_narrow_interval_is_not_rounded_onto_zero(tmp_path):
    small = dataclasses.replace(BASE, estimate=0.03, lower=0.01, upper=0.05, p_value=0.001)
    said = str(words_effects.effect(made(small, tmp_path), "fi", NAMES["fi"]))
    assert "0,030" in said or "0,03" in said
    assert "0,0\u00a0" not in said


@pytest.fixture(scope="module")
def every_estimator(tmp_path_factory) -> tuple[dict[str, Effect], protect.Release]:
    """Release the result of every estimator on small data, each as an indicator of its own."""
    results = {
        key: getattr(found, "effect", found) for key, found in ((key, run[0]()) for key, run in RUNS.items())
    }
    effects = {key: found for key, found in results.items() if isinstance(found, Effect)}
    given = {"people": 80, "origin": "synthetic", "unit": ("pistettä", "points")}
    rows = [effect_frame(found, PLACE, indicator=key, **given) for key, found in effects.items()]
    part = protect.part(pd.concat(rows, ignore_index=True), "vakio")
    home = tmp_path_factory.mktemp("home")
    return effects, protect.release({"tulos": part}, name="vaikuttavuus", preview=True, home=home)


def test_every_estimator_can_be_said(every_estimator):
    effects, found = every_estimator
    names = dict.fromkeys(effects, "Vointi")
    for key, one in effects.items():
        chosen = found.select(indicator=[key, f"{key}.n"])
        for language in ("fi", "en"):
            texts = [words_effects.effect(chosen, language, names), words_effects.arms(chosen, language)]
            texts += words_effects.caveats(chosen, language)
            texts += words_effects.checks(chosen, language, ("fails", "doubtful", "not_testable", "holds"))
            caveats = coverage.labelled(one).caveats
            assert len(texts) == 2 + len(caveats) + len(one.assumptions), key
            for text in texts:
                assert check(text, one.claim, language).empty, str(text)


# --- keys and texts -------------------------------------------------------------------------------------


def _keys_of_caveats(tree: ast.AST) -> set[str]:
    """Strings that end in a field, list or function of caveats."""
    parts: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "caveat" in node.name:
            parts += node.body
        if isinstance(node, ast.keyword) and node.arg in ("caveats", "extra"):
            parts.append(node.value)
        if isinstance(node, ast.Assign):
            names = {ast.unparse(target) for target in node.targets}
            listed = isinstance(node.value, ast.List) and names & {"told", "found"}
            if listed or any("caveats" in name.casefold() for name in names):
                parts.append(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("told.append", "caveats.append"):
            parts.append(node)
    return {
        one.value
        for part in parts
        for one in ast.walk(part)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and re.fullmatch(r"[a-z]+(_[a-z]+)+|dropout|autocorrelation|trimmed", one.value)
    }


# Strings found beside caveats that are none: names of checks, methods and columns.
NO_CAVEATS = {
    *("all_matched", "common_support", "effective_sample", "goes_with_synthetic_before", "measured_again"),
    *("newey_west", "no_autocorrelation", "no_unmeasured_confounding", "not_resting_on_one_donor"),
    *("number_of_units", "prais_winsten", "standardised_difference", "straight_line_before"),
    *("no_jump_elsewhere", "no_sorting_at_the_limit", "rows_near_the_limit", "running_variable_fine_enough"),
}


def test_every_caveat_of_the_room_has_its_sentence():
    found = {"one_treated_unit", "one_control_unit", "few_treated_units", "few_control_units"}
    found |= set(coverage.LABELS.values())
    for path in ROOM.rglob("*.py"):
        found |= _keys_of_caveats(ast.parse(path.read_text(encoding="utf-8")))
    known = {key.removeprefix("vaikuttavuus.caveat.") for key in keys("fi") if ".caveat." in key}
    assert found - NO_CAVEATS <= known, sorted(found - NO_CAVEATS - known)
    assert {"no_comparison_group", "only_near_the_limit", "few_clusters", "levels_are_ordinal"} <= found


def _keys_of_checks(tree: ast.AST) -> set[str]:
    """First strings of (check, result, verdict) and of Finding(check, ...)."""
    verdicts, found = {"holds", "doubtful", "fails", "not_testable"}, set()
    for node in ast.walk(tree):
        head: ast.AST | None = None
        if isinstance(node, ast.Tuple) and len(node.elts) in (2, 3):
            last = node.elts[-1]
            said = {one.value for one in ast.walk(last) if isinstance(one, ast.Constant)}
            judged = isinstance(last, ast.Name) and last.id in ("verdict", "related", "enough")
            judged |= ast.unparse(last) in ("found.verdict", "_judged(found.p_value)", "_judged(least)")
            judged |= ast.unparse(last).startswith(("_breaks_verdict", "*_curvature", "_enough"))
            named = isinstance(node.elts[0], ast.Constant) and " " not in str(node.elts[0].value)
            head = node.elts[0] if named and (said & verdicts or judged) else None
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Finding", "unknown"):
            head = node.args[0]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("check", "(check, figures)"):
            head = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        if isinstance(head, ast.Constant) and isinstance(head.value, str):
            found.add(head.value)
    return found - verdicts


def test_every_check_of_the_room_has_its_name():
    found = {"placebo_in_time", "placebo_in_space", "leave_one_unit_out", "e_value", "rosenbaum_bounds"}
    for path in ROOM.rglob("*.py"):
        found |= _keys_of_checks(ast.parse(path.read_text(encoding="utf-8")))
    known = {key.removeprefix("vaikuttavuus.check.") for key in keys("fi") if ".check." in key}
    assert found <= known, sorted(found - known)
    assert {"parallel_trends", "balance", "no_breaks", "minimum_detectable_effect", "response_shift"} <= found
    assert len(found) >= 55


@pytest.mark.parametrize("language", ["fi", "en"])
def test_caveats_and_checks_say_no_claim_at_all(language):
    texts = messages.catalogue("vaikuttavuus", language)
    for key, text in texts.items():
        if key.split(".")[1] in ("caveat", "check", "judged", "arm", "arms", "counted", "counted_one"):
            assert check(text, Claim.KUVAUS, language).empty, f"{key}: {text}"
            assert text == text.strip() and "  " not in text
        if key.split(".")[1] == "caveat":
            assert text[0].isupper() and text.endswith(".")


def test_every_template_keeps_to_its_claim():
    for language in ("fi", "en"):
        for key, text in messages.catalogue("vaikuttavuus", language).items():
            claim = key.split(".")[2] if key.startswith("vaikuttavuus.effect.") else ""
            if claim in {one.value for one in Claim}:
                assert check(text, Claim(claim), language).empty, f"{key}: {text}"


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("claim", Claim)
def test_a_claims_own_phrases_are_free_and_stronger_ones_are_found(claim, language):
    for phrase in claim.words(language):
        assert check(f"Toiminta {phrase} tilanteeseen.", claim, language).empty, phrase
    for other in set(Claim) - claim.permits:
        for phrase in other.words(language):
            found = check(f"Toiminta {phrase} tilanteeseen.", claim, language)
            assert phrase in found["phrase"].str.casefold().tolist(), (phrase, found["phrase"].tolist())


def test_a_probable_effect_does_not_free_the_bare_word_beside_it():
    text = "Toiminta todennäköisesti vaikutti arkeen ja vaikutti muuhunkin. Se aiheutti muutoksen."
    found = check(text, Claim.TODENNAKOINEN_VAIKUTUS)
    assert [text[start:end] for start, end in zip(found["start"], found["end"], strict=True)] == [
        "vaikutti", "aiheutti"
    ]  # fmt: skip
    assert found["start"].iloc[0] > text.index("arkeen")


# --- protection -----------------------------------------------------------------------------------------


def test_a_small_arm_is_hidden_alone_and_a_small_study_whole(tmp_path):
    before = pd.Series(np.tile(BEFORE, 2), dtype=float)
    after = pd.Series(np.tile(AFTER, 2), dtype=float)
    after.iloc[:3] = np.nan
    chosen = made(paired_change(before, after, unit="points"), tmp_path)
    assert "21" in str(words_effects.arms(chosen, "fi"))
    assert "vain ensimmäinen mittaus suojattu" in str(words_effects.arms(chosen, "fi"))
    shown = protect.protected_frame(chosen)
    assert shown.loc[shown["group"] == "only_before", "value"].isna().all()
    assert "0.125" not in shown.to_csv()  # the share lost, as a check tells it, gives three people back
    few = made(paired_change(BEFORE[:4], AFTER[:4], unit="points"), tmp_path)
    rows = protect.protected_frame(few)
    effect = rows[rows["statistic"] == "effect"].iloc[0]
    assert effect["status"] == "suppressed" and np.isnan(effect["value"]) and effect["claim"] == ""
    assert np.isnan(effect["p_value"]) and effect["verdict"] == "" and effect["caveats"] == ""
    assert str(words_effects.effect(few, "fi", NAMES["fi"])) == (
        "Vointi: tulos on suojattu, jotta ketään ei voi tunnistaa (Esimerkkilässä vuonna 2024)."
    )
    assert words_effects.caveats(few) == [] and words_effects.checks(few) == []
    assert words_effects.claim_of(few) is Claim.KUVAUS


def test_a_model_without_freedom_is_hidden(tmp_path):
    bare = dataclasses.replace(BASE, df=3.0)
    assert "suojattu" in str(words_effects.effect(made(bare, tmp_path), "fi", NAMES["fi"]))
    # Areas are no people: few of them say "too little data", not "protected".
    areas = dataclasses.replace(
        BASE, df=1.5, n={"treated": 2, "donors": 4}, design=Design(2, 5), claim=Claim.ERO,
        caveats=("few_units", "few_degrees_of_freedom"),
    )  # fmt: skip
    said = str(words_effects.effect(made(areas, tmp_path, people=90), "fi", NAMES["fi"]))
    assert "aineisto ei riitä" in said and "2 aluetta tai yksikköä" in said


def test_shares_are_protected_by_their_rarer_answer(tmp_path):
    two = dataclasses.replace(study(Design(2, 1), 1, "clear", 60), unit="percentage points")
    safe = made(two, tmp_path, events={"treated": 30, "comparison": 20})
    assert "suurempi" in str(words_effects.effect(safe, "fi", NAMES["fi"]))
    rare = made(two, tmp_path, events={"treated": 58, "comparison": 20})
    assert "suojattu" in str(words_effects.effect(rare, "fi", NAMES["fi"]))
    with pytest.raises(DisclosureError, match="events of 'others'; the arms are treated, comparison"):
        effect_frame(two, PLACE, **MODEL, events={"others": 3})


def test_moves_between_levels_are_protected_by_the_rarest_move(tmp_path):
    levels = dataclasses.replace(
        BASE, unit="share", n={"paired": 70, "up": 40, "down": 3, "unchanged": 27, "only_before": 0}
    )
    chosen = made(levels, tmp_path)
    assert "suojattu" in str(words_effects.effect(chosen, "fi", NAMES["fi"]))
    # The three classes add up to the pairs, so they are no arms of the release.
    assert set(protect.protected_frame(chosen)["group"]) == {"all", "paired", "only_before"}


def test_published_figures_go_by_their_own_rules(tmp_path):
    series = dataclasses.replace(BASE, n={"before": 9, "after": 4}, unit="")
    chosen = made(series, tmp_path, "avoin", people=None, origin="own", made_from="published")
    assert "luku laski" in str(words_effects.effect(chosen, "fi", NAMES["fi"]))
    assert str(words_effects.arms(chosen, "en")) == "Data: measurements before 9, measurements after 4."


def test_a_recorded_release_reads_the_same_and_a_second_effect_needs_a_name(tmp_path):
    rows = effect_frame(BASE, PLACE, **MODEL)
    other = effect_frame(dataclasses.replace(BASE, method="signed_rank"), PLACE, **MODEL)
    other = other[other["statistic"] == "effect"]
    places = {"home": tmp_path / "home", "folder": tmp_path / "releases"}
    twice = pd.concat([rows, other.assign(value=-4.0)], ignore_index=True)
    with pytest.raises(DisclosureError, match="different values"):
        protect.release({"tulos": protect.part(twice, "vakio")}, name="vaikuttavuus", **places)
    other = effect_frame(dataclasses.replace(BASE, method="signed_rank"), PLACE, **MODEL, statistic="middle")
    both = pd.concat([rows, other], ignore_index=True)
    first = protect.release({"tulos": protect.part(both, "vakio")}, name="vaikuttavuus", **places)
    again = protect.release({"tulos": protect.part(both, "vakio")}, name="vaikuttavuus", **places)
    loaded = protect.Release.load(first.id, folder=places["folder"])
    assert again.id == first.id
    chosen = [one.select(part="tulos", statistic=["effect", "n"]) for one in (first, loaded)]
    said = {str(words_effects.effect(one, "fi", NAMES["fi"])) for one in chosen}
    assert len(said) == 1 and "luku laski" in said.pop()


def test_what_cannot_be_protected_is_refused():
    with pytest.raises(DisclosureError, match="people is not told, so nothing protects the figure"):
        effect_frame(BASE, PLACE, indicator="vointi", people=None)
    with pytest.raises(DisclosureError, match="people 'many'; expected 'n'"):
        effect_frame(BASE, PLACE, indicator="vointi", people="many")
    with pytest.raises(DisclosureError, match=r"people 2\.5; expected a whole number"):
        effect_frame(BASE, PLACE, indicator="vointi", people=2.5)
    series = dataclasses.replace(BASE, n={"before": 9, "after": 4})
    with pytest.raises(DisclosureError, match="the arms before, after count times, not people"):
        effect_frame(series, PLACE, indicator="vointi", people="n")
    with pytest.raises(DisclosureError, match="unit 'smiles' has no words in Finnish and English"):
        effect_frame(dataclasses.replace(BASE, unit="smiles"), PLACE, **MODEL)
    with pytest.raises(DisclosureError, match="'Anna left' is free text"):
        effect_frame(dataclasses.replace(BASE, caveats=("Anna left",)), PLACE, **MODEL)


def test_words_refuse_what_they_do_not_know(tmp_path):
    chosen = made(BASE, tmp_path)
    with pytest.raises(SosrakeError, match="indicator 'vointi' has no name; give it"):
        words_effects.effect(chosen, "fi")
    with pytest.raises(SosrakeError, match="the selection holds no arm"):
        words_effects.arms(chosen.select(statistic="effect"), "fi")
    with pytest.raises(SosrakeError, match="0 effects in the selection; expected one"):
        words_effects.effect(chosen.select(statistic="n"), "fi", NAMES["fi"])
    table = pd.DataFrame([("a_new_check", "1", "fails")], columns=list(ASSUMPTION_COLUMNS))
    new = made(dataclasses.replace(BASE, assumptions=table, caveats=("a_new_caveat",)), tmp_path)
    with pytest.raises(SosrakeError, match="check 'a_new_check' has no sentence; add it"):
        words_effects.checks(new)
    with pytest.raises(SosrakeError, match="caveat 'a_new_caveat' has no sentence"):
        words_effects.caveats(new)
