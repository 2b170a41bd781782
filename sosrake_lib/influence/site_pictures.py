"""Pictures of a page as files of their own: a page carries them inside, a site keeps each once beside it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from sosrake_lib.errors import SosrakeError

FOLDER = "kuvat"
_INSIDE = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=]*)"')
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Taken:
    """A page's markup with addresses in place of pictures, and the pictures by their address in the site."""

    markup: str
    files: Mapping[str, bytes]


def taken_out(markup: str, root: str = "../") -> Taken:
    """Take the pictures out of a page: each is named by its content, so equal ones are one file.

    Parameters
    ----------
    markup : body of a page. root : way from the page to the site's root.

    Raises
    ------
    SosrakeError when a picture is no PNG.

    Examples
    --------
    >>> taken_out("<p>Ei kuvia.</p>").markup
    '<p>Ei kuvia.</p>'
    """
    files: dict[str, bytes] = {}

    def moved(found: re.Match[str]) -> str:
        try:
            content = base64.b64decode(found[1], validate=True)
        except binascii.Error as error:
            raise SosrakeError(f"picture of a page: {error}; expected PNG in base64") from error
        width, height = _size(content)
        name = f"{FOLDER}/{hashlib.sha256(content).hexdigest()[:16]}.png"
        files[name] = content
        return f'src="{root}{name}" width="{width}" height="{height}"'

    return Taken(_INSIDE.sub(moved, markup), files)


def _size(content: bytes) -> tuple[int, int]:
    """Read width and height in pixels: a browser leaves room for a picture before it has come."""
    if not content.startswith(_SIGNATURE) or len(content) < 24:
        raise SosrakeError("picture of a page: no PNG; draw it with the house's charts")
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)
