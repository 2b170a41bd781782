"""Parts of documents that programs renew: between markers or under a heading, and nowhere else."""

from __future__ import annotations

import pytest
from document_parts import between, renew_between, renew_section

START, END = "<!-- a -->", "<!-- b -->"


def test_only_what_stands_between_the_markers_changes(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Alku\n\n{START}\n\nvanha\n\n{END}\n\nLoppu\n", encoding="utf-8")
    for _ in range(2):
        renew_between(page, START, END, "uusi")
        assert page.read_text(encoding="utf-8") == f"# Alku\n\n{START}\n\nuusi\n\n{END}\n\nLoppu\n"


@pytest.mark.parametrize("text", ["", START, f"{END} {START}", f"{START} {START} {END}"])
def test_without_its_markers_nothing_is_written(text):
    with pytest.raises(SystemExit, match="put them back"):
        between(text, START, END, "uusi")


def test_a_section_is_renewed_in_its_place_and_added_once(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A\n\n## Yksi\n\n1\n\n## Kaksi\n\n2\n", encoding="utf-8")
    renew_section(page, "## Yksi", "## Yksi\n\nuusi\n")
    assert page.read_text(encoding="utf-8") == "# A\n\n## Yksi\n\nuusi\n\n## Kaksi\n\n2\n"
    for _ in range(2):
        renew_section(page, "## Kolme", "## Kolme\n\n3\n")
    assert page.read_text(encoding="utf-8").count("## Kolme") == 1
