"""Pages that tests make documents of: one that holds everything a page may, and generated ones."""

from __future__ import annotations

import base64
import io
from html import escape

from hypothesis import strategies as st
from PIL import Image

from sosrake_lib.influence.documents import NumberNote
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, PageContext
from sosrake_lib.influence.safe_html import clean, heading_order
from sosrake_lib.protect.approval import Approval

ALT = "Pylväät: osuus kunnittain. Välillä 9,9–19,3\u00a0%. Luvut ovat taulukossa."
MINUS = "−1,5"
THOUSANDS = "63\u00a0432"
OTHER_LETTERS = "😀 漢字 ≥ ½ “lainaus” & <b> #typst *_$@ \\ [x](y) `a` //"
RELEASE = "a" * 16


def png(wide: int = 60, high: int = 40) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (wide, high), "white").save(made, "PNG")
    return made.getvalue()


def figure(caption: str = "Osuus kunnittain, 2025", picture: bytes | None = None) -> str:
    data = base64.b64encode(picture or png(600, 300)).decode()
    return (
        f'<figure class="kuva" lang="fi" data-release="{RELEASE}"><figcaption>{caption}</figcaption>'
        f'<img alt="{ALT}" src="data:image/png;base64,{data}"></figure>'
    )


def number(text: str, reference: str) -> str:
    return f'<span class="luku" data-result="{reference}">{text}</span>'


def table(
    head: list[str], rows: list[list[str]], caption: str = "Osuus kunnittain, 2025", note: str = ""
) -> str:
    top = "".join(f'<th scope="col">{one}</th>' for one in head)
    lines = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f'<td class="arvo">{one}</td>' for one in rest)
        + "</tr>"
        for first, *rest in rows
    )
    under = f'<p class="taulukon-huomautus">{note}</p>' if note else ""
    return (
        f'<div class="taulukko" lang="fi" data-release="{RELEASE}"><div class="vieritys" role="region" '
        f'aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{top}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{under}</div>"
    )


HIDDEN = (
    '<span class="suojattu"><span aria-hidden="true">••</span>'
    '<span class="vain-kuultava">suojattu</span></span>'
)
FULL = f"""
<h2>Kysymys ääkkösin</h2>
<p lang="fi">Missä asiassa tilanne poikkeaa? {escape(OTHER_LETTERS)}</p>
<ul class="lauseet">
<li><span class="lause" lang="fi" data-release="{RELEASE}">Osuus on {number("19,3&nbsp;%", "nosto.1:value")},
koko maassa {number("13,9&nbsp;%", "nosto.1:reference_value")}; ero {
    number(MINUS, "nosto.1:difference")
}.</span></li>
<li>Toinen kohta<ul><li>alakohta</li></ul></li>
</ul>
<h3>Luvut</h3>
<div class="huomio" role="note"><p lang="fi">Luku on pieni, väestö {
    number(THOUSANDS, "nosto.1:denominator")
}.</p></div>
{figure()}
{
    table(
        ["Alue", "Luku", "Väli"],
        [
            ["Aineistola", number("19,3&nbsp;%", "osa.1:value"), number("18,9", "osa.1:lower")],
            ["Mallisalmi", HIDDEN, HIDDEN],
        ],
        note="•• luku on suojattu, jotta ketään ei voi tunnistaa.",
    )
}
<h2>Muuta</h2>
<p>Katso <a href="https://www.thl.fi/">THL:n sivut</a> ja <strong>tärkeä</strong>
<em>asia</em> <code>koodi_1</code>.</p>
<p lang="en">In English here.<br>Second line.</p>
<ol><li>yksi</li><li><p>kaksi</p></li></ol>
<blockquote><p>Lainattu kohta.</p></blockquote>
<dl><dt>Termi</dt><dd>selitys</dd></dl>
<hr>
<details><summary>Vastaus</summary><p>Avattu teksti.</p></details>
<details class="luvut"><summary>Luvut taulukkona</summary>{
    table(["Alue", "Luku"], [["Kuvitejärvi", "1"]], "Pitkä")
}</details>
"""
NOTES = {
    "nosto.1:value": NumberNote("Kela, indikaattori 2320", "2025", "Wilsonin väli", "18,9–19,6", THOUSANDS),
    "nosto.1:difference": NumberNote(
        "Kela, indikaattori 2320", "2025", "Wilsonin väli", "18,9–19,6", THOUSANDS
    ),
    "nosto.1:reference_value": NumberNote("Kela, koko maa", "2025"),
    "osa.1:value": NumberNote("Kela, kunnat", "2025", "Wilsonin väli", "18,9–19,6", "1\u00a0204"),
    "osa.1:lower": NumberNote("Kela, kunnat", "2025", "Wilsonin väli", "18,9–19,6", "1\u00a0204"),
}


def page(
    body: str = FULL,
    *,
    language: str = "fi",
    title: str = "Koesivu",
    approval: Approval | None = None,
    synthetic: bool = True,
) -> Page:
    """Make a page of a body as a notebook's would be: cleaned, its headings in order."""
    region = ("hva", "E1") if synthetic else None
    context = PageContext(
        "koesivu",
        title,
        2026,
        region,
        "Esimerkkilä" if region else "",
        synthetic,
        language,
        approval=approval,
    )
    facts = Facts("2025", ("Kela, indikaattori 2320, CC BY 4.0",), (), (("a|hva|E1", "suppressed"),))
    return Page(context, heading_order(clean(body), first=2), facts, (RELEASE,))


APPROVED = Approval("tietosuojavastaava", "2026-03-05")

_SIGNS = st.sampled_from(
    [*"aeioäöklmnprstvAB019 .,-–−&<>#*_$@\\[]{}`~^/\"'=+;:|%", "\u00a0", "😀", "漢", "é", "ß", "#typst", "//"]
)
texts = st.lists(_SIGNS, min_size=1, max_size=30).map("".join).filter(lambda text: text.strip())
words = st.one_of(
    texts, st.integers(20, 90).map(lambda n: "x" * n), st.integers(5, 12).map(lambda n: "ketavo" * n)
)


@st.composite
def bodies(draw) -> str:
    """Make the body of a page: headings, paragraphs, lists and tables of any words."""
    parts = [f"<h2>{escape(draw(words))}</h2>"]
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["p", "ul", "table", "note", "h3", "figure"]))
        if kind == "table":
            columns = draw(st.integers(1, 12))
            cell = st.one_of(words, st.just("")).map(escape)
            rows = draw(st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=1, max_size=6))
            parts.append(table([escape(draw(words)) for _ in range(columns)], rows, escape(draw(words))))
        elif kind == "ul":
            items = draw(st.lists(words, min_size=1, max_size=4))
            parts.append("<ul>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>")
        elif kind == "note":
            parts.append(f'<div class="huomio" role="note"><p>{escape(draw(words))}</p></div>')
        elif kind == "figure":
            parts.append(
                figure(escape(draw(words)), png(draw(st.integers(20, 900)), draw(st.integers(20, 1600))))
            )
        else:
            parts.append(
                f"<{kind}>{escape(' '.join(draw(st.lists(words, min_size=1, max_size=12))))}</{kind}>"
            )
    return "\n".join(parts)
