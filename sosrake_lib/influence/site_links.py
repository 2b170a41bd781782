"""Names of pages become links where the site has the page; elsewhere they stay as words.

A table that names pages of the workbook does not know which of them a site holds: it marks the name
(`project_texts.PageNames`), and the site makes the link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sosrake_lib import regions
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_areas import page_address

_NAMED = re.compile(r'<span data-sivu="([a-z0-9_]+)">([^<]*)</span>')


def with_links(markup: str, page: Page, own: Sequence[Page]) -> str:
    """Turn marked names of pages into links from a page one folder deep.

    Parameters
    ----------
    own : the site's pages in the language. A page of an area leads to pages of the same area and of the
        whole project only; a page of the whole project to any: first those made once, then the invented
        county's, then the first county's.
    """

    def link(found: re.Match[str]) -> str:
        target = _target(found[1], page, own)
        return found[2] if target is None else f'<a href="../{page_address(target)}">{found[2]}</a>'

    return _NAMED.sub(link, markup)


def _target(key: str, page: Page, own: Sequence[Page]) -> Page | None:
    named = [one for one in own if one.context.key == key]
    region = page.context.region
    if region is not None:
        named = [one for one in named if one.context.region in (region, None)]
    return min(named, key=_order, default=None)


def _order(page: Page) -> tuple[bool, bool, bool, str]:
    region = page.context.region
    if region is None:
        return (False, False, False, "")
    return (True, not regions.is_invented(region[1]), region[0] != "hva", region[1])
