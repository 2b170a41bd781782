"""Make the earlier wave of the invented competence survey, by organisation, and the invited; fixed seed.

Run: `python tools/synthetic_survey.py`. The wave has means of organisations only, as the project's own first
wave. What is true in it is the numbers below; they stand in the dictionaries and a test recovers them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from make_synthetic import DOMAIN_MEANS, ITEM_MEANS
from sample_files import write_table

from sosrake_lib import catalogue

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260610
# wave -> organisation -> (invited, answered); the later wave's answers are osaamiskartoitus.csv.
WAVES = {
    "a2019": {"Organisaatio A": (61, 24), "Organisaatio B": (54, 19)},
    "a2020": {"Organisaatio A": (64, 34), "Organisaatio B": (57, 30)},
}
EARLIER = "a2019"
# In the earlier wave own skill in influencing with knowledge was lower by this; nothing else differed.
LOWER, LOWER_DOMAIN = 0.4, "tiedolla_vaikuttaminen"
PERSON, ANSWER = 0.35, 0.6  # deviations of a respondent and of an answer, as in tools/make_synthetic.py


def main() -> None:
    """Write means of the earlier wave and the invited with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    write_table(to, "osaamiskartoitus_aallot", means(SEED))
    write_table(to, "osaamiskartoitus_kutsutut", invited())


def means(seed: int) -> pd.DataFrame:
    """Draw answers of the earlier wave and keep only each organisation's mean of each item and scale."""
    rng = np.random.default_rng(seed)
    rows = []
    for organisation, (_, answered) in WAVES[EARLIER].items():
        person = {scale: rng.normal(0.0, PERSON, answered) for scale in ("tarkeys", "osaaminen")}
        for domain in catalogue.competences():
            for item in domain.items:
                importance, skill = ITEM_MEANS.get(item.key, DOMAIN_MEANS[domain.key])
                skill -= LOWER if domain.key == LOWER_DOMAIN else 0.0
                for scale, mean in (("tarkeys", importance), ("osaaminen", skill)):
                    noise = rng.normal(0.0, ANSWER, answered)
                    drawn = np.clip(np.rint(mean + person[scale] + noise), 1, 5)
                    rows.append(
                        (EARLIER, organisation, item.key, scale, answered, round(float(drawn.mean()), 2))
                    )
    return pd.DataFrame(rows, columns=["wave", "organisation", "item", "scale", "respondents", "mean"])


def invited() -> pd.DataFrame:
    """Give how many were invited, by wave and organisation."""
    rows = [(wave, name, asked) for wave, staff in WAVES.items() for name, (asked, _) in staff.items()]
    return pd.DataFrame(rows, columns=["wave", "organisation", "invited"])


if __name__ == "__main__":
    main()
