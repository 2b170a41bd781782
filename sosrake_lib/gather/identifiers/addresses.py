"""Street addresses, post-office boxes and post codes with a place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers import inflection
from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.lists import lists, municipality_names
from sosrake_lib.gather.identifiers.windows import Window, after_label

_STRONG = (
    r"katu|kadu(?:n|lla|lle|lta|lta)|tie|tie(?:n|llä|lle|ltä)|kuja|kuja(?:n|lla|lle|lta)|polku"
    r"|polu(?:n|lla|lle|lta)|raitti|raiti(?:n|lla|lle)"
    r"|väylä|väylä(?:n|llä|lle)|bulevardi|esplanadi|penger|puistikko|gatan|vägen|gränd|gränden"
    r"|stigen|stråket|(?<=[^t])kaari|kaare(?:n|lla)"
)
_WEAK = (
    r"rinne|rintee(?:n|llä)|ranta|ranna(?:n|lla|lle)|mäki|mäe(?:n|llä|lle)|aukio"
    r"|(?<=[aeouiäön])tori|torilla|puisto|kulma|portti|portilla|piha|niitty|silta|laituri"
    r"|niementie|törmä"
    r"|harju|linja|kenttä|gård|torget|backen|brinken"
)
_NUMBER = r"\d{1,4}(?![\d%]|:\d|\.\d)(?: ?- ?\d{1,4}(?!\d))?"
_FLAT = r"(?: ?[A-Za-z](?: ?\d{1,3}[a-z]?)?(?!\w))?(?:,? (?:as|asunto|huoneisto|lgh|bst)\.? ?\d{1,4}(?!\w))?"
_TOWN = r"(?:,? +(?:FI-)?\d{5},? +[A-ZÅÄÖ][\wåäö-]+|, ?(?P<town>[A-ZÅÄÖ][\wåäö-]+))?"
_STREET = re.compile(
    rf"(?<![\w-])(?P<name>(?:[A-ZÅÄÖ][\w'-]* ){{0,2}}(?:[^\W\d_][\w'-]*(?:(?P<strong>{_STRONG})"
    rf"|(?P<weak>{_WEAK}))|(?P<apart>katu|tie|kuja|polku|raitti)))"
    rf" (?P<number>{_NUMBER}{_FLAT}){_TOWN}"
)
# What a street's name ends in, and a number: most stretches have none.
_HINT = re.compile(
    r"(?i)(?:katu|kadu|tie|kuja|polku|polu|raitt?i|väylä|bulevardi|esplanadi|penger|puistikko"
    r"|gatan|vägen|gränd|stigen|stråket"
    r"|kaari|kaare|rinn?e|rintee|ranta|ranna|mäki|mäe|aukio|tori|puisto|kulma|portti|portilla|piha"
    r"|niitty|silta|laituri|törmä"
    r"|harju|linja|kenttä|gård|torget|backen|brinken)\w{0,3} \d"
)
_OLD_OR_NEW = re.compile(
    r"Vanha|Uusi|Iso|Pikku|Pieni|Itäinen|Läntinen|Eteläinen|Pohjoinen|Ylä|Ala|Norra|Södra|Östra|Västra"
)
_BOX = re.compile(
    r"(?<!\w)(?:PL|P\.L\.|PB|Postilokero"
    r"|postilokero) ?\d{1,5}(?P<town>,? +\d{5},? +[A-ZÅÄÖ][\wåäö-]+)?(?! ?(?:§|[.:]\d|mom|luku))"
)
_TOWN_ONLY = re.compile(r"(?<![\w.,-])(?:FI-)?\d{5},? [A-ZÅÄÖ][\wåäö-]+")
_CUE = re.compile(
    r"(?i)(?:osoit\w{1,8}|\basu[uivn]\w{0,5}|\basun\w{0,4}|\bkoti\w{0,4}|\bmuut(?:ti|taa|tanut"
    r"|tavat)|\bos\.|kotoa|adress\w{0,3}|\bbor(?: på)?|lives at|\baddress|asunto\w{0,4}"
    r"|\btoimitus\w{0,8})"
    r"(?:\W{1,3}(?:on|oli|nyt|siellä|myös|is|at|paikassa|osoitteessa|osoitteeseen|osoitteesta)){0,2}\W{0,3}$"
)
# Words that end like streets and are none.
_NOT_STREETS = re.compile(
    r"(?i)(?:valta|kanta|seutu|yhdys|maan?|moottori|pyörä|rauta|kevyt|kauppa|ura|runko|ajo"
    r"|vesi)tie\w*$|tie$(?<!\w\wtie)|(?:palvelu|hoito|asiakas|koulutus|opinto|työllistymis"
    r"|kuntoutus|ura|oppimis|kehitys|toipumis|elämän)pol[ku]\w*$"
    r"|(?:perintö|maa|kauppa|ulosotto|oikeudenkäymis|avioliitto|vanhempain|ikä|rikos|sade"
    r"|elämän)kaar\w*$|\w*rapor[t]\w*$|(?:traktori|mentori|indikaattori|moottori|faktori|konttori"
    r"|sektori|tutori|monitori|kuraattori|moderaattori|koordinaattori)$"
    r"|(?:näkö|rist|kysymys|otsikko|ikä|vuosi)kulma$|(?:raja|tieto|pää|otsikko|ala|asteikko"
    r"|koulutus|palvelu|ala|pää|valta|yhteys|bussi|politiikka|neuvonta|auttavan|kriisi)linja$"
    r"|(?:työ|koe|jalka|peli|toiminta|voima|magneetti)kenttä$"
)


def addresses(window: Window) -> Iterator[Entity]:
    """Find street addresses with what follows them, boxes, and a post code with a place after a cue."""
    text = window.text
    end = window.start
    for hint in window.matches(_HINT):
        match = _STREET.search(text, max(end, hint.start() - 60), min(window.end, hint.end() + 90))
        found = _street(text, match) if match else None
        if match and found is not None:
            yield found
            end = match.end()
    for match in window.matches(_BOX) if window.has("pl", "pb", "postilokero") else ():
        if match["town"] or after_label(_CUE, text, match.start()):
            yield Entity("ADDRESS", *match.span(), SURE, "form")
    for match in window.matches(_TOWN_ONLY):
        town = match[0].rpartition(" ")[2]
        if _is_place(town):
            cued = after_label(_CUE, text, match.start())
            yield Entity("ADDRESS", *match.span(), PROBABLE if cued else REVIEW, "post_code")


def _street(text: str, match: re.Match[str]) -> Entity | None:
    name = match["name"].split()
    if _NOT_STREETS.search(name[-1]) or _is_clause(text, match.end("number")):
        return None
    before = _belongs(name[:-1], match["apart"] is not None)
    if match["apart"] and not before:
        return None
    first = match.end("name") - len(name[-1]) - before
    last = match.end("number") if match["town"] and not _is_place(match["town"]) else match.end()
    number = re.match(r"\d+", match["number"])
    year = number is not None and len(number[0]) == 4 and number[0][:2] in ("19", "20")
    capital = text[first].isupper()
    cued = after_label(_CUE, text, first)
    full = last > match.end("number") or re.search(r"\d ?[A-Za-z] ?\d", match["number"]) is not None
    if year and not (cued or full):
        return None
    if capital and (match["strong"] or match["apart"] or cued or full):
        return Entity("ADDRESS", first, last, SURE, "street")
    if cued or full:
        return Entity("ADDRESS", first, last, PROBABLE, "street")
    return Entity("ADDRESS", first, last, REVIEW, "street") if capital else None


def _belongs(before: list[str], apart: bool) -> int:
    """Give the length of the words that begin a street's name: Vanha Kirkkotie, Aleksis Kiven katu."""
    length = 0
    for word in reversed(before):
        owner = apart and word.endswith("n") and word.lower() not in lists().not_names
        given = length > 0 and word.lower() in lists().first
        if not (_OLD_OR_NEW.fullmatch(word) or owner or given):
            break
        length += len(word) + 1
    return length


def _is_clause(text: str, place: int) -> bool:
    return (
        re.match(
            r"\s?(?:§|luvu|luku|luvun|mom|%|€|euro|vuot|v\b|kpl|prosent|\d{3}\b)", text[place : place + 12]
        )
        is not None
    )


def _is_place(word: str) -> bool:
    low = word.lower()
    return low in municipality_names() or any(base in lists().places for base in inflection.bases(low))
