"""Phase 4, influencing: released figures as sentences, tables, charts and pages. Nothing is computed here."""

from sosrake_lib.influence.charts import bars_with_intervals, diverging, funnel, gaps, series
from sosrake_lib.influence.claims import check, claim_statement
from sosrake_lib.influence.pages import Heading, Note, Page, PageContext, page_from_notebook, show
from sosrake_lib.influence.site import build_site
from sosrake_lib.influence.tables import Table, table
from sosrake_lib.influence.words import Sentence

__all__ = [
    "Heading",
    "Note",
    "Page",
    "PageContext",
    "Sentence",
    "Table",
    "bars_with_intervals",
    "build_site",
    "check",
    "claim_statement",
    "diverging",
    "funnel",
    "gaps",
    "page_from_notebook",
    "series",
    "show",
    "table",
]
