"""Run a folder of reference cases against this installation: `python tools/verify_reference.py DIR`.

The same as `sosrake verify DIR`, for places where only the checkout and its Python are at hand.
"""

from __future__ import annotations

import sys

from sosrake_lib.cli import main

if __name__ == "__main__":
    main(["verify", *sys.argv[1:]])
