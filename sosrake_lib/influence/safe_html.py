"""Markdown and shown outputs as safe HTML: no script, no style, no address loaded from another host."""

from __future__ import annotations

import re

_TAGS = {
    *(
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
    ),
    *(
        "a",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
        "span",
        "figure",
        "figcaption",
        "img",
    ),
    *("dl", "dt", "dd", "abbr", "sup", "sub", "details", "summary"),
}
_EVERYWHERE = {"class", "lang", "role", "tabindex", "aria-label", "aria-hidden"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]*")
_LINK = re.compile(r"(https?://|mailto:|#|\.{0,2}/?[A-Za-z0-9_\-./]+(\.html)?(#[\w-]*)?$)")
_HEADING = re.compile(r"<(/?)h([1-6])([^>]*)>")


def markdown(source: str, *, title: bool = False) -> str:
    """Turn a markdown cell into safe HTML; HTML in it is shown as text.

    A heading 1 becomes a heading 2; with `title` the first one is left out, as the page has its own title.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made = reader.render(source)
    if title:
        made = re.sub(r"<h1>.*?</h1>\s*", "", made, count=1, flags=re.DOTALL)
    made = re.sub(r"<(/?)h1>", r"<\1h2>", made)
    return clean(made.replace("<th>", '<th scope="col">'))


def clean(markup: str) -> str:
    """Keep known tags and attributes only; a picture must be in the page itself."""
    import nh3

    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_safe,
        generic_attribute_prefixes={"data-"},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def heading_order(markup: str, *, first: int) -> str:
    """Renumber headings so that none skips a level and none stands above `first`."""
    at = first - 1
    level_of: list[int] = []

    def renumber(found: re.Match[str]) -> str:
        nonlocal at
        closing, given, rest = found[1], int(found[2]), found[3]
        if closing:
            return f"</h{level_of.pop()}>" if level_of else ""
        at = min(max(given, first), at + 1)
        level_of.append(at)
        return f"<h{at}{rest}>"

    return _HEADING.sub(renumber, markup)


def _only_safe(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if _PICTURE.fullmatch(value) else None
    if attribute == "href":
        return value if _LINK.match(value) else None
    return value
