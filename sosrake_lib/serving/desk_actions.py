"""What may be done at the desk: each name of a form is one method of the register's Desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.claims import Advice
from sosrake_lib.language import say
from sosrake_lib.register import Desk, PersonalData, StaleVersion
from sosrake_lib.register.coding import CODED
from sosrake_lib.register.fields import fields, text_fields
from sosrake_lib.register.followup_kinds import kind
from sosrake_lib.serving.desk_advice import KIND_FIELD, advice
from sosrake_lib.serving.forms import Form

# What a change of a phenomenon may touch from the desk's page.
PHENOMENON_FIELDS = (
    *("nimi", "kuvaus", "teema", "rakennetyyppi", "indikaattorit", "mittarit", "naytto", "ristiriidat"),
    *("omistaja", "seuranta_pvm"),
)


@dataclass(frozen=True)
class Done:
    """What came of an action; `kind` is done, stale, personal, confirm or refused.

    `written` are the form's fields, so that nothing is written twice. `stands` and `mine` are both versions
    of a row that somebody else had changed; `where` are fields and kinds of personal data; `go` is where
    the person is taken when it succeeded.
    """

    action: str
    kind: str
    message: str
    written: Mapping[str, str] = field(default_factory=dict, repr=False)
    stands: Mapping[str, Any] = field(default_factory=dict, repr=False)
    mine: Mapping[str, Any] = field(default_factory=dict, repr=False)
    where: tuple[tuple[str, str], ...] = ()
    go: str = ""
    advice: tuple[Advice, ...] = ()


def act(desk: Desk, action: str, form: Form, language: str) -> Done:
    """Do an action in the desk's name and say what came of it; a refusal loses nothing that was written."""
    written = dict(form.fields)
    if action not in ACTIONS:
        return Done(action, "refused", say("tyopoyta.wrong.action", language), written)
    try:
        go = ACTIONS[action](desk, form) or ""
        desk.publish()
    except StaleVersion as stale:
        told = say("tyopoyta.wrong.stale", language)
        return Done(action, "stale", told, written, stale.stands, stale.mine)
    except PersonalData as named:
        where = tuple((one.field, one.type) for one in named.findings)
        kind = "personal" if named.level == "sure" else "confirm"
        return Done(action, kind, say(f"tyopoyta.wrong.{kind}", language), written, where=where)
    except ValueError:
        return Done(action, "refused", say("tyopoyta.wrong.field", language), written)
    except SosrakeError as problem:
        return Done(action, "refused", str(problem).removeprefix("register: "), written)
    told = say(f"tyopoyta.done.{action}", language)
    return Done(action, "done", told, go=go, advice=advice(action, form, language))


def _number(form: Form, name: str = "numero") -> int:
    return int(form.text(name))


def _yes(form: Form) -> bool:
    return form.text("vahvistan") == "on"


def _day(form: Form, name: str) -> date:
    return date.fromisoformat(form.text(name)) if form.text(name) else date.today()


def _take_in(desk: Desk, _form: Form) -> None:
    desk.take_in()


def _mask(desk: Desk, form: Form) -> None:
    texts = {name: form.text(name) for name in text_fields() if form.text(f"oli_{name}") == "on"}
    desk.mask(_number(form), texts, version=_number(form, "versio"))


def _review(desk: Desk, form: Form) -> None:
    desk.review(_number(form), version=_number(form, "versio"), confirmed=_yes(form))


def _close(desk: Desk, form: Form) -> None:
    desk.close(_number(form), version=_number(form, "versio"))


def _code(desk: Desk, form: Form) -> str:
    codes = {name: form.text(name) for name in CODED}
    desk.code(_number(form), codes, note=form.text("huomio"), version=int(form.text("versio") or 0))
    return "/koodaus"


def _settle(desk: Desk, form: Form) -> None:
    desk.settle(_number(form), {name: form.text(name) for name in CODED}, version=_number(form, "versio"))


def _open_phenomenon(desk: Desk, form: Form) -> str:
    number = desk.new_phenomenon(
        form.text("avain"), name=form.text("nimi"), theme=form.text("teema"), confirmed=_yes(form)
    )
    if form.text("numero"):
        desk.merge(number, [_number(form)])
    return f"/ilmio/{number}"


def _change_phenomenon(desk: Desk, form: Form) -> None:
    changes = {name: form.text(name) for name in PHENOMENON_FIELDS}
    if form.text("alue"):
        changes["alue_taso"], _, changes["alue_koodi"] = form.text("alue").partition(":")
    desk.change_phenomenon(_number(form), changes, version=_number(form, "versio"), confirmed=_yes(form))


def _merge(desk: Desk, form: Form) -> None:
    desk.merge(_number(form, "ilmio"), [_number(form)])


def _separate(desk: Desk, form: Form) -> None:
    desk.separate(_number(form), version=_number(form, "versio"))


def _move(desk: Desk, form: Form) -> None:
    desk.move(_number(form), form.text("tila"), version=_number(form, "versio"))


def _assign(desk: Desk, form: Form) -> None:
    desk.assign(
        form.text("avain"),
        phenomenon=_number(form),
        to=form.text("kenelle"),
        task=form.text("tehtava"),
        due=_day(form, "maarapaiva"),
    )


def _finish_task(desk: Desk, form: Form) -> None:
    desk.finish_task(_number(form, "tehtava_id"), form.text("tila"), version=_number(form, "versio"))


def _propose(desk: Desk, form: Form) -> None:
    level, _, code = form.text("alue").partition(":")
    desk.propose(
        form.text("avain"),
        region_level=level,
        region_code=code,
        theme=form.text("teema"),
        text=form.text("teksti"),
        decision_maker=form.text("paattaja"),
        target=form.text("kohde"),
        proposed_on=_day(form, "pvm"),
        cost=form.text("kustannus"),
        benefit=form.text("hyoty"),
        phenomenon=_number(form),
        confirmed=_yes(form),
    )


def _decide(desk: Desk, form: Form) -> None:
    desk.decide(
        _number(form, "ehdotus_id"),
        status=form.text("tila"),
        decided_on=_day(form, "pvm"),
        version=_number(form, "versio"),
        note=form.text("perustelu"),
        confirmed=_yes(form),
    )


def _write_summary(desk: Desk, form: Form) -> None:
    desk.write_summary(
        _number(form),
        form.text("yhteenveto"),
        english=form.text("yhteenveto_en"),
        version=_number(form, "versio"),
        confirmed=_yes(form),
    )


def _approve_summary(desk: Desk, form: Form) -> None:
    desk.approve_summary(_number(form), version=_number(form, "versio"), release=form.text("julkaisu"))


def _withdraw_summary(desk: Desk, form: Form) -> None:
    desk.withdraw_summary(_number(form), version=_number(form, "versio"))


def _answer(desk: Desk, form: Form) -> None:
    whom = (
        {"phenomenon": _number(form)} if form.text("kenelle") == "ilmio" else {"observation": _number(form)}
    )
    language = form.text("kieli_palaute") or "fi"
    desk.answer(form.text("avain"), form.text("teksti"), language=language, confirmed=_yes(form), **whom)


def _redact(desk: Desk, form: Form) -> None:
    if not form.text("peruste"):
        raise ValueError("no reason")
    desk.redact("havainto", _number(form), reason=form.text("peruste"))


def _add_paper(desk: Desk, form: Form) -> str:
    known = {name: text for name, text in form.fields.items() if name in fields()}
    return f"/havainto/{desk.add(form.text('avain'), known, confirmed=_yes(form))}"


def _area(form: Form) -> tuple[str, str]:
    level, _, code = form.text("alue").partition(":")
    return level, code


def _add_entry(desk: Desk, form: Form) -> str:
    of = kind(form.text(KIND_FIELD))
    number = desk.add_entry(
        form.text("avain"),
        of.name,
        {name: form.text(name) for name in of.columns},
        region=_area(form),
        state=form.text("tila"),
        confirmed=_yes(form),
    )
    return f"/merkinta/{number}"


def _change_entry(desk: Desk, form: Form) -> None:
    of = kind(form.text(KIND_FIELD))
    if desk.entry(_number(form))["kind"] != of.name:
        raise ValueError("another kind of entry")
    changes = {name: form.text(name) for name in of.columns}
    version = _number(form, "versio")
    desk.change_entry(_number(form), changes, version=version, state=form.text("tila"), confirmed=_yes(form))


def _close_entry(desk: Desk, form: Form) -> None:
    desk.close_entry(_number(form), version=_number(form, "versio"))


def _propose_card(desk: Desk, form: Form) -> str:
    number = desk.propose_card(
        _number(form),
        version=_number(form, "versio"),
        on=_day(form, "pvm"),
        cost=form.text("kustannus"),
        benefit=form.text("hyoty"),
        confirmed=_yes(form),
    )
    return f"/ehdotus/{number}"


ACTIONS: Mapping[str, Callable[[Desk, Form], str | None]] = MappingProxyType(
    {
        "ota_vastaan": _take_in,
        "peita": _mask,
        "tarkista": _review,
        "sulje": _close,
        "koodaa": _code,
        "sovi": _settle,
        "avaa_ilmio": _open_phenomenon,
        "muuta_ilmio": _change_phenomenon,
        "yhdista": _merge,
        "erota": _separate,
        "siirra": _move,
        "anna_tehtava": _assign,
        "paata_tehtava": _finish_task,
        "ehdota": _propose,
        "kirjaa_paatos": _decide,
        "kirjoita_yhteenveto": _write_summary,
        "hyvaksy_yhteenveto": _approve_summary,
        "veda_yhteenveto": _withdraw_summary,
        "vastaa": _answer,
        "poista": _redact,
        "lisaa_paperi": _add_paper,
        "lisaa_merkinta": _add_entry,
        "muuta_merkinta": _change_entry,
        "paata_merkinta": _close_entry,
        "ehdota_kortista": _propose_card,
    }
)
