"""Documents of a page: PDF, Word, slides, pictures, and the data behind it; one source, the page itself.

A page's body is read into blocks of no format (`blocks_of`), and each format is written from those. Nothing
is computed here and nothing is dropped: what is not understood is an error. Equal pages give equal bytes.
"""

from sosrake_lib.influence.documents.blocks import (
    Block,
    Bullets,
    Cell,
    FigureBlock,
    Heading,
    Item,
    NoteBlock,
    Paragraph,
    Rule,
    Run,
    TableBlock,
    plain,
    runs_of,
)
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.data import data_behind, has_figures
from sosrake_lib.influence.documents.making import FORMATS, file_stem, make_documents
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.documents.pdf import to_pdf
from sosrake_lib.influence.documents.pictures import Picture, page_picture, page_words, pictures
from sosrake_lib.influence.documents.reading import blocks_of
from sosrake_lib.influence.documents.slides import to_pptx
from sosrake_lib.influence.documents.word import to_docx

__all__ = [
    "FORMATS",
    "Block",
    "Bullets",
    "Cell",
    "Document",
    "FigureBlock",
    "Heading",
    "Item",
    "NoteBlock",
    "NumberNote",
    "Paragraph",
    "Picture",
    "Rule",
    "Run",
    "TableBlock",
    "blocks_of",
    "data_behind",
    "document_of",
    "file_stem",
    "has_figures",
    "make_documents",
    "page_picture",
    "page_words",
    "pictures",
    "plain",
    "runs_of",
    "to_docx",
    "to_pdf",
    "to_pptx",
]
