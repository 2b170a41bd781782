"""`python -m sosrake_lib` is the same as `sosrake`."""

from sosrake_lib.cli import main

if __name__ == "__main__":
    main()
