"""What keeps an exported file safe: text that is never a formula, bytes without clock, machine or name."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from datetime import datetime

# One day for every file, so that equal content gives equal bytes; the day a file was made is not told.
FIXED_DAY = datetime(2000, 1, 1)
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
_STARTS_FORMULA = ("=", "+", "-", "@")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
# The libraries' templates name programs that did not write the file, and their versions.
_PROGRAM = re.compile(
    rb"<((?:\w+:)?(?:Application|generator))>[^<]*</\1>|<(AppVersion|Template|Company|Manager)>[^<]*</\2>"
)
_ABOUT_PROGRAM = ("docProps/app.xml", "meta.xml")
_WITH_MOMENTS = ("docProps/core.xml", "meta.xml")


def words(text: object) -> str:
    r"""Give text without control characters (tab, CR, NUL ...), which split cells or break a file's XML.

    Examples
    --------
    >>> words("asuminen\t\r=1+1")
    'asuminen =1+1'
    """
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Cn") else sign for sign in str(text))
    return re.sub(" {2,}", " ", plain).strip(" ")


def guarded(text: object) -> str:
    """Give text that no spreadsheet takes for a formula: one that begins as a formula gets an apostrophe.

    The wide forms of the signs (U+FF1D and its like) and spaces before them count: some programs fold them.

    Examples
    --------
    >>> guarded("=HYPERLINK(1)"), guarded("+358"), guarded("Kuopio"), guarded(" @SUM")
    ("'=HYPERLINK(1)", "'+358", 'Kuopio', "'@SUM")
    """
    plain = words(text)
    begins = unicodedata.normalize("NFKC", plain).lstrip()[:1]
    return f"'{plain}" if begins in _STARTS_FORMULA and begins else plain


def sealed(content: bytes) -> bytes:
    """Write an office file (a zip) again with fixed days, order and settings, so that bytes tell nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        names = [name for name in old.namelist() if not name.endswith("/")]
        for name in sorted(names, key=lambda one: (one != "mimetype", one != "[Content_Types].xml", one)):
            entry = zipfile.ZipInfo(name, _ZIP_DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            # the format of ODS asks for a plain first entry
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            data = old.read(name)
            if name in _WITH_MOMENTS:
                data = _MOMENT.sub(FIXED_DAY.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data)
            if name in _ABOUT_PROGRAM:
                data = _PROGRAM.sub(_our_name, data)
            new.writestr(entry, data)
    return made.getvalue()


def _our_name(found: re.Match[bytes]) -> bytes:
    tag = found[1]
    return b"<%b>SOSRAKE</%b>" % (tag, tag) if tag else b""
