"""What people write into the ledger, a role or a reason, names nobody: it is kept for ever."""

from __future__ import annotations

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say


def refuse_person(text: str, message: str, language: str) -> None:
    """Refuse a text that names a person or gives an address of one; the message never repeats it.

    Parameters
    ----------
    message : key of the refusal's words.
    """
    from sosrake_lib.gather.identifiers import find

    if find(text):
        raise DisclosureError(say(message, language))
