"""The receipt code: fourteen random signs and a check, easy to write down and to type, impossible to guess.

The alphabet has no two signs that look or sound alike in Finnish, Swedish or English hand (no 0 O D Q, 1 I L,
2 Z, 5 S, 8 B G, U V W). Its size 19 is a prime, so that the weighted check finds every single wrong sign and
every swap of two neighbours. 19**14 is about 2**59.

The code follows from the form's random key by SHA-256: whoever holds the key can say the receipt without
reading anything, and the register keeps a hash of each, from which neither comes back.
"""

from __future__ import annotations

import hashlib
import re
import secrets

ALPHABET = "ACEFHJKMNPRTXY34679"
SIGNS = 14
_KEY = re.compile(r"[0-9a-f]{32}")
_GROUP = 5
_NOT_A_SIGN = re.compile(r"[\s\-\u2010-\u2015\u2212.]+")


def new_key() -> str:
    """Give a form its key: 128 random bits; made once when the form opens, sent with every try."""
    return secrets.token_hex(16)


def is_key(key: str) -> bool:
    """Say whether a text is a form's key."""
    return _KEY.fullmatch(key) is not None


def receipt(key: str) -> str:
    """Give the receipt code of a form's key, in three groups.

    Examples
    --------
    >>> from sosrake_lib.register.receipts import is_receipt, receipt
    >>> code = receipt("00112233445566778899aabbccddeeff")
    >>> len(code), is_receipt(code), is_receipt(code.replace("-", " ").lower())
    (17, True, True)
    """
    number = int.from_bytes(hashlib.sha256(b"kuitti|" + key.encode()).digest(), "big")
    signs = []
    for _ in range(SIGNS):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    whole = "".join(signs)
    whole += _check_sign(whole)
    return "-".join(whole[start : start + _GROUP] for start in range(0, len(whole), _GROUP))


def is_receipt(written: str) -> bool:
    """Say whether what a person typed is a whole code, whatever the case, spaces and dashes."""
    plain = normal(written)
    if len(plain) != SIGNS + 1 or set(plain) - set(ALPHABET):
        return False
    return _check_sign(plain[:-1]) == plain[-1]


def normal(written: str) -> str:
    """Give the signs of a code alone, in capitals."""
    return _NOT_A_SIGN.sub("", written).upper()


def receipt_hash(written: str) -> str:
    """Give what the register keeps of a receipt code."""
    return hashlib.sha256(b"kuitin tiiviste|" + normal(written).encode()).hexdigest()


def key_hash(key: str) -> str:
    """Give what the register keeps of a form's key."""
    return hashlib.sha256(b"lomakkeen avain|" + key.encode()).hexdigest()


def _check_sign(signs: str) -> str:
    # Weights 1..14 differ and are not 0 modulo 19, so one wrong sign or a swap always shows.
    weighted = sum(place * ALPHABET.index(sign) for place, sign in enumerate(signs, start=1))
    return ALPHABET[weighted % len(ALPHABET)]
