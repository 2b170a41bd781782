"""What the workbook says: messages, numbers, periods and place names in Finnish, English, Swedish."""

from sosrake_lib.language import numbers, places
from sosrake_lib.language.messages import LANGUAGES, collate, collation_key, keys, say

__all__ = ["LANGUAGES", "collate", "collation_key", "keys", "numbers", "places", "say"]
