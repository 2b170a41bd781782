"""Advice on words that go out on pages: told after they were saved, never a reason to refuse."""

from __future__ import annotations

from collections.abc import Mapping

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence.claims import Advice, advise
from sosrake_lib.register.followup_kinds import Kind, kind
from sosrake_lib.serving.forms import Form

# Actions whose words stand on a page, and the fields they stand in.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "avaa_ilmio": ("nimi",),
    "muuta_ilmio": ("nimi",),
    "ehdota": ("teksti", "kustannus", "hyoty"),
    "ehdota_kortista": ("kustannus", "hyoty"),
    "kirjaa_paatos": ("perustelu",),
    "kirjoita_yhteenveto": ("yhteenveto", "yhteenveto_en"),
}
_ENTRIES = ("lisaa_merkinta", "muuta_merkinta")

# Hidden field that tells an entry's kind: a kind has a field `laji` of its own.
KIND_FIELD = "merkintalaji"


def advice(action: str, form: Form, language: str) -> tuple[Advice, ...]:
    """Give advice on the words of a form that was saved; none for words that stay in the house."""
    if action in _ENTRIES:
        of = kind(form.text(KIND_FIELD))
        return entry_advice(of, form.fields, language)
    return advise({name: form.text(name) for name in _SHOWN.get(action, ())}, language)


def entry_advice(of: Kind, given: Mapping[str, str], language: str) -> tuple[Advice, ...]:
    """Give advice on the words of a follow-up entry; what changed may tell a change when it is one."""
    apart = (*of.roles, *of.keys, *of.links)
    texts = {name: given.get(name, "") for name in of.of("text") if name not in apart}
    change = {"mita_muuttui": Claim.MUUTOS} if given.get("muutoksen_luonne") == "muutos" else {}
    return advise(texts, language, change)
