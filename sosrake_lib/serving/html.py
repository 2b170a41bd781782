"""The one way text reaches an app's HTML: everything that is not markup already is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from sosrake_lib.influence.number_notes import Behind

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """Build one element; children and attribute values are escaped unless they are markup already.

    An attribute that is a Python word ends in `_` (`class_`), an underscore inside becomes a hyphen
    (`aria_live`); `True` gives a bare attribute, `None` and `False` leave it out.

    Examples
    --------
    >>> str(element("p", "a < b", class_="answer"))
    '<p class="answer">a &lt; b</p>'
    >>> str(element("option", "Kuopio", value="kunta-297", selected=True))
    '<option value="kunta-297" selected>Kuopio</option>'
    >>> str(element("a", "<script>", href='" onclick="x'))
    '<a href="&#34; onclick=&#34;x">&lt;script&gt;</a>'
    """
    start = Markup("<") + Markup(name) + _attributes(attributes) + Markup(">")
    if name in _VOID:
        return start
    return start + Markup("").join(escape(child) for child in children) + Markup(f"</{name}>")


def answer(title: str, *lines: object) -> Markup:
    """Build the box in which an app says that something is wrong and what to do; screen readers hear it."""
    heading = element("p", element("strong", title))
    return element("div", heading, *(element("p", line) for line in lines), class_="answer", role="alert")


def rendered(text: str, table: str) -> Markup:
    """Build the project's own Markdown document; HTML written in it is shown as text.

    Parameters
    ----------
    table : what a wide table is called, as it scrolls by itself.

    Examples
    --------
    >>> str(rendered("Ohje <b>tässä</b>", "Taulukko")).strip()
    '<p>Ohje &lt;b&gt;tässä&lt;/b&gt;</p>'
    """
    from markdown_it import MarkdownIt

    # A box to tick on paper; the list's own sign would be read as text.
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(text.replace("- [ ] ", "- ☐ "))
    start = f'<div class="vieritys" tabindex="0" role="region" aria-label="{escape(table)}"><table>'
    return Markup(made.replace("<table>", start).replace("</table>", "</table></div>"))


@dataclass(frozen=True, slots=True)
class Released:
    """What `influence` has built of releases: a body whose numbers are links, and the list they lead to."""

    body: Markup
    notes: Markup


def released(body: str, behind: Mapping[tuple[str, str], Behind], language: str) -> Released:
    """Take markup that `influence` has built, keep what a page may hold, link each number to its note.

    Parameters
    ----------
    behind : what stands behind each number (`influence.number_notes.notes_behind`).

    Examples
    --------
    >>> str(released('<p class="a" onclick="x">Ei lukua<script>x</script></p>', {}, "fi").body)
    '<p class="a">Ei lukua</p>'
    """
    from sosrake_lib.influence.safe_html import clean
    from sosrake_lib.influence.site_notes import noted

    made = noted(clean(body), behind, language)
    return Released(Markup(made.body), Markup(made.section))


def show(markup: Markup) -> None:
    """Display markup of the app itself (heading, controls, answers); figures go through influence.pages.show.

    Raises
    ------
    TypeError when given plain text, so that nothing unescaped is ever displayed.
    """
    if not isinstance(markup, Markup):
        raise TypeError(f"serving.show takes markup made by serving.element, not {type(markup).__name__}")
    from IPython.display import display

    plain = " ".join(markup.striptags().split())
    display(
        {"text/html": str(markup), "text/plain": plain}, raw=True, metadata={"sosrake": {"kind": "controls"}}
    )


def _attributes(attributes: Mapping[str, object]) -> Markup:
    built = Markup("")
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            built += Markup(f" {name}")
        elif value is not None and value is not False:
            built += Markup(' {}="{}"').format(Markup(name), value)
    return built
