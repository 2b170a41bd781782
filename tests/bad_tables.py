"""Odd and bad text tables as offices send them, made here one fault at a time, each with its verdict.

`CASES` : a name, the bytes, the ending, the verdict, rows and columns a message must name, kinds of findings.
Rows are counted as a person sees them; `()` rows: the file as a whole.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

HEADER = "kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto"
ROWS = (
    "491;Mikkeli;2021;toimeentulotuki;1204;52122",
    "297;Kuopio;2021;toimeentulotuki;4310;121543",
    "205;Kajaani;2021;toimeentulotuki;1180;36297",
    "167;Joensuu;2021;toimeentulotuki;3401;77261",
    "623;Puumala;2021;toimeentulotuki;41;2121",
    "697;Ristijärvi;2021;toimeentulotuki;26;1231",
)
CLEAN = "\n".join((HEADER, *ROWS)) + "\n"
CONVERTED, WARN, ROWS_BAD, REFUSE = "accept_converted", "warn", "refuse_rows", "refuse"


@dataclass(frozen=True)
class Case:
    """One odd file and what must be said of it."""

    name: str
    body: bytes
    verdict: str
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ending: str = ".csv"


def text(
    name: str, body: str, verdict: str, *told: object, ending: str = ".csv", code: str = "utf-8"
) -> Case:
    rows, columns, kinds = (*told, *((),) * (3 - len(told)))
    return Case(name, body.encode(code), verdict, rows, columns, kinds, ending)


def cell(row: int, place: int, value: str, body: str = CLEAN) -> str:
    """Put a value into one cell; `row` as a person sees it, `place` from 0."""
    lines = body.split("\n")
    cells = lines[row - 1].split(";")
    cells[place] = value
    lines[row - 1] = ";".join(cells)
    return "\n".join(lines)


def column(name: str, *values: str) -> str:
    """Add a column."""
    lines = CLEAN.strip().split("\n")
    return "\n".join(f"{line};{value}" for line, value in zip(lines, (name, *values), strict=True)) + "\n"


def line(after: int, new: str) -> str:
    """Put a new line after the row of that number."""
    lines = CLEAN.split("\n")
    return "\n".join([*lines[:after], new, *lines[after:]])


def lone(kind: str, value: str, place: int, verdict: str = ROWS_BAD) -> Case:
    """Put one odd value into row 4."""
    name = HEADER.split(";")[place]
    return text(f"{kind}_{place}_{ascii(value)[:40]}", cell(4, place, value), verdict, (4,), (name,), (kind,))


ARTIFICIAL = "010190-900P"
MOJIBAKE = "Ristijärvi".encode().decode("cp1252")
ENCODINGS = [
    Case("utf16_le", b"\xff\xfe" + CLEAN.encode("utf-16-le"), CONVERTED, (), (), ("encoding",)),
    Case("utf16_be", b"\xfe\xff" + CLEAN.encode("utf-16-be"), CONVERTED, (), (), ("encoding",)),
    Case("utf16_without_mark", CLEAN.encode("utf-16-le"), CONVERTED, (), (), ("encoding",)),
    text("latin9", cell(2, 3, "tuki €", CLEAN), CONVERTED, (), (), ("encoding",), code="iso-8859-15"),
    text("mac_roman", CLEAN, CONVERTED, (), (), ("encoding",), code="mac_roman"),
    text("dos_850", CLEAN, CONVERTED, (), (), ("encoding",), code="cp850"),
    Case(
        "mixed_encoding",
        cell(2, 3, "perhetyö").encode() + "765;Sotkamo;2021;perhetyö;10;10327\n".encode("cp1252"),
        ROWS_BAD,
        (8,),
        (),
        ("mixed_encoding",),
    ),
    text("mojibake", CLEAN.replace("Ristijärvi", MOJIBAKE), ROWS_BAD, (7,), ("kunta",), ("damaged_text",)),
    text(
        "lost_letter",
        CLEAN.replace("Ristijärvi", "Ristij\ufffdrvi"),
        ROWS_BAD,
        (7,),
        ("kunta",),
        ("damaged_text",),
    ),
    text(
        "question_mark",
        CLEAN.replace("Ristijärvi", "Ristij?rvi"),
        ROWS_BAD,
        (7,),
        ("kunta",),
        ("name_differs",),
    ),
    text(
        "entity",
        CLEAN.replace("Ristijärvi", '"Ristij&auml;rvi"'),
        ROWS_BAD,
        (7,),
        ("kunta",),
        ("damaged_text",),
    ),
    text("nfd_everywhere", unicodedata.normalize("NFD", CLEAN), CONVERTED, (7,), ("kunta",), ("name_form",)),
    Case(
        "zero_byte",
        CLEAN.replace("Kuopio", "Kuo\0pio").encode(),
        ROWS_BAD,
        (3,),
        ("kunta",),
        ("control_char",),
    ),
    Case("zero_bytes", CLEAN.encode() + b"\0" * 4096, REFUSE, (), (), ("not_text",)),
    Case("picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, REFUSE, (), (), ("not_text",)),
    Case("pdf", b"%PDF-1.7\n" + CLEAN.encode(), REFUSE, (), (), ("not_text",)),
]
FORMS = [
    text("tsv", CLEAN.replace(";", "\t"), "accept", ending=".tsv"),
    text("commas", CLEAN.replace(";", ","), "accept"),
    text("windows_lines", CLEAN.replace("\n", "\r\n"), "accept"),
    text("old_macintosh_lines", CLEAN.replace("\n", "\r"), "accept"),
    text("no_last_line_break", CLEAN.strip(), "accept"),
    text("empty_rows_and_columns", CLEAN.replace("\n", ";;\n") + ";;;;;;;\n\n;;;;;;;\n", "accept"),
    text("pipes", CLEAN.replace(";", "|"), CONVERTED, (), (), ("separator",)),
    text("separator_line", "sep=;\n" + CLEAN, CONVERTED, (), (), ("separator",)),
    text("quoted", "\n".join('"' + one.replace(";", '";"') + '"' for one in CLEAN.split()) + "\n", "accept"),
    text(
        "quoted_line_break",
        cell(3, 3, '"toimeentulo-\ntuki"'),
        CONVERTED,
        (3,),
        ("palvelu",),
        ("line_in_cell",),
    ),
    text("quoted_separator", cell(3, 3, '"tuki; perus"'), "accept"),
    text("open_quote", cell(3, 3, '"tuki'), ROWS_BAD, (3,), (), ("open_quote",)),
    text(
        "line_in_quotes",
        "\n".join(f'"{one}"' for one in CLEAN.split()),
        REFUSE,
        (1,),
        (),
        ("line_in_quotes",),
    ),
    text("mixed_separators", line(7, "765,Sotkamo,2021,tuki,10,10327"), ROWS_BAD, (8,), (), ("ragged",)),
    text(
        "decimal_commas_between_commas",
        column("osuus", *["2,31"] * 6).replace(";", ","),
        ROWS_BAD,
        tuple(range(2, 8)),
        (),
        ("ragged",),
    ),
    text("cut_off", CLEAN[:-12], ROWS_BAD, (7,), (), ("ragged",)),
    text("json", '[{"kunta_nro": "491", "vuosi": 2021}]', REFUSE, (), (), ("not_table",)),
    text(
        "xml",
        '<?xml version="1.0"?><Workbook><a>kunta_nro;vuosi</a></Workbook>',
        REFUSE,
        (),
        (),
        ("not_table",),
    ),
    text("login_page", "\n <HTML><body>Kirjaudu sisään</body></HTML>", REFUSE, (), (), ("html_page",)),
    text("spaces_only", "  \n\n", REFUSE, (), (), ("empty_file",)),
    text("no_known_header", "a;b;c\n1;2;3\n", REFUSE, (), (), ("no_header",)),
    text("header_only", HEADER + "\n", REFUSE, (), (), ("no_rows",)),
    text("no_header", "\n".join(ROWS), REFUSE, (), (), ("no_header",)),
    text(
        "too_many_columns",
        column(";".join(f"x{n}" for n in range(300)), *[";" * 299] * 6),
        REFUSE,
        (1,),
        (),
        ("too_many_columns",),
    ),
]
HEADERS = [
    text(
        "capital_header",
        CLEAN.replace(HEADER, HEADER.upper()),
        CONVERTED,
        (1,),
        ("kunta_nro", "vaesto"),
        ("header_name",),
    ),
    text(
        "spaces_in_header",
        CLEAN.replace(HEADER, HEADER.replace(";", " ; ")),
        CONVERTED,
        (1,),
        ("kunta",),
        ("header_name",),
    ),
    text(
        "synonyms",
        CLEAN.replace(HEADER, "Kuntanumero;Kunnan nimi;Vuosi;Palvelu;Asiakkaita (lkm);Väkiluku"),
        CONVERTED,
        (1,),
        ("vaesto",),
        ("header_name",),
    ),
    text(
        "synonym_twice",
        CLEAN.replace("palvelu;", "asiakasmäärä;", 1),
        REFUSE,
        (1,),
        ("asiakkaat",),
        ("duplicate_column",),
    ),
    text(
        "misspelt_header",
        CLEAN.replace("asiakkaat", "asiakkat", 1),
        REFUSE,
        (1,),
        ("asiakkaat",),
        ("misspelt_column",),
    ),
    text(
        "mark_in_header",
        CLEAN.replace("vuosi", "vuo\u200bsi", 1),
        CONVERTED,
        (1,),
        ("vuosi",),
        ("header_name",),
    ),
    text(
        "two_row_header_above", "Alue;;Aika;Palvelu;Luvut;\n" + CLEAN, REFUSE, (1,), (), ("two_row_header",)
    ),
    text("two_row_header_below", line(1, ";;;;lkm;henkilöä"), REFUSE, (1,), (), ("two_row_header",)),
    text("title_above", "Toimeentulotuen asiakkaat 2021\n\n" + CLEAN, REFUSE, (3,), (), ("title_rows",)),
    text(
        "years_as_columns",
        "kunta_nro;kunta;2020;2021\n491;Mikkeli;1;2\n",
        REFUSE,
        (1,),
        ("vuosi",),
        ("wide_table", "missing_column"),
    ),
    text("unknown_column", column("hinta", *"123456"), WARN, (), ("hinta",), ("unknown_column",)),
    text(
        "unnamed_column",
        CLEAN.replace(";palvelu", ";;palvelu", 1).replace(";toim", ";a;toim"),
        WARN,
        (),
        (),
        ("unnamed_column",),
    ),
    text(
        "formula_in_unknown_column",
        column("lisatieto", "", "=cmd|' /C calc'!A0", "", "", "", ""),
        ROWS_BAD,
        (3,),
        ("lisatieto",),
        ("formula",),
    ),
]
ODD_ROWS = [
    text("note_below", CLEAN + "\nLähde: asiakastietojärjestelmä\n", ROWS_BAD, (9,), (), ("note_row",)),
    text("note_below_wide", CLEAN + "* ennakkotieto;;;;;\n", ROWS_BAD, (8,), (), ("note_row",)),
    text("header_again", CLEAN + CLEAN.replace("2021", "2020"), ROWS_BAD, (8,), (), ("header_again",)),
    text(
        "file_twice",
        CLEAN + "\n".join(ROWS),
        ROWS_BAD,
        tuple(range(2, 14)),
        ("kunta_nro",),
        ("duplicate_row",),
    ),
    text("row_twice", CLEAN + ROWS[1] + "\n", ROWS_BAD, (3, 8), ("kunta_nro",), ("duplicate_row",)),
    text(
        "key_twice_by_zero",
        CLEAN + "0491;Mikkeli;2021;Toimeentulotuki;1;52122\n",
        ROWS_BAD,
        (2, 8),
        ("kunta_nro",),
        ("duplicate_key",),
    ),
    text(
        "population_differs",
        CLEAN + "491;Mikkeli;2021;perhetyö;70;52222\n",
        WARN,
        (2, 8),
        ("vaesto",),
        ("differs_within",),
    ),
    *(
        text(
            f"total_{word}",
            CLEAN + f"{code};{word};2021;toimeentulotuki;100;290575\n",
            ROWS_BAD,
            (8,),
            (),
            ("total_row",),
        )
        for code, word in (
            ("", "Koko maa"),
            ("", "YHTEENSÄ:"),
            ("000", "Kunnat yhteensä"),
            ("18", "Kainuu"),
            ("", "Etelä-Savon hyvinvointialue"),
            ("", "Hela landet"),
        )
    ),
    text(
        "total_of_services",
        CLEAN + "205;Kajaani;2021;Kaikki palvelut;1500;36297\n",
        ROWS_BAD,
        (8,),
        ("palvelu",),
        ("total_row",),
    ),
]
PLACES = [
    lone("unknown_municipality", "Kajaani", 0),
    lone("unknown_municipality", "12345", 0),
    lone("name_differs", "Kuhmo", 1),
    lone("empty_key", "", 0),
    text("swedish_name", cell(2, 1, "S:t Michel"), "accept"),
    text("decimal_code", cell(4, 0, "205.0"), CONVERTED, (4,), ("kunta_nro",), ("leading_zero",)),
    text("prefixed_code", cell(4, 0, "KU205"), CONVERTED, (4,), ("kunta_nro",), ("leading_zero",)),
    text(
        "merged_in_2025",
        CLEAN.replace("205;Kajaani;2021", "588;Pertunmaa;2025"),
        ROWS_BAD,
        (4,),
        ("kunta_nro",),
        ("ceased_municipality",),
    ),
    text("merged_while_it_was", CLEAN.replace("205;Kajaani", "588;Pertunmaa"), "accept"),
    text(
        "invented_and_real",
        CLEAN + "E01;Otoslinna;2021;toimeentulotuki;5;58400\n",
        REFUSE,
        (),
        ("kunta_nro",),
        ("synthetic_mixed",),
    ),
]
NUMBERS = [
    *(
        lone("suppressed", value, 4, CONVERTED)
        for value in ("..", "*", "x", "alle 5", "< 5", "<5 hlö", "1-4", "…", "alle viisi", "salattu")
    ),
    *(lone("dash", value, 4) for value in ("-", "–", ".")),
    *(lone("missing_mark", value, 4, WARN) for value in ("NA", "NULL", "ei tietoa")),
    *(lone("error_value", value, 4) for value in ("#REF!", "#JAKO/0!", "#N/A", "#PUUTTUU!")),
    *(
        lone("not_number", value, 4)
        for value in (
            "noin 1200",
            "1,2E+03",
            "12O4",
            "1204*",
            "####",
            "１２０４",
            "1 20",
            "12 %",
            "2021-01-01",
            "inf",
        )
    ),
    *(lone("ambiguous_number", value, 4) for value in ("1.204", "4,000")),
    lone("not_whole", "1204,5", 4),
    lone("empty_value", "", 4, WARN),
    lone("negative", "\u22124", 4),
    lone("zero", "0", 5),
    lone("formula", "=F4*0,02", 4),
    text("thousands_dots", cell(4, 5, "1.036.297"), CONVERTED, (), ("vaesto",), ("thousands",)),
    *(
        text(f"thousands_{gap!a}", cell(4, 5, f"36{gap}297"), CONVERTED, (), ("vaesto",), ("thousands",))
        for gap in "\u202f '’\u2009"
    ),
    text("decimal_zero", cell(4, 4, "1180.0"), CONVERTED, (), ("asiakkaat",), ("number_form",)),
    text(
        "percent_sign",
        column("osuus", *["2,31 %"] * 6),
        CONVERTED,
        (),
        ("osuus",),
        ("percent", "decimal_comma"),
    ),
    text(
        "point_beside_commas",
        column("osuus", "2,31", "1.204", *["2,3"] * 4),
        ROWS_BAD,
        (3,),
        ("osuus",),
        ("ambiguous_number",),
    ),
    text(
        "share_over_hundred",
        column("osuus", "231", *["2"] * 5),
        ROWS_BAD,
        (2,),
        ("osuus",),
        ("out_of_range",),
    ),
]
TIMES = [
    *(
        lone("year", value, 2)
        for value in ("21", "2021-2022", "20 21", "vuosi 2021", "1021", "2060", "2021*")
    ),
    lone("empty_key", "", 2),
    text("year_with_decimals", cell(4, 2, "2021.0"), CONVERTED, (), ("vuosi",), ("number_form",)),
    text(
        "finnish_dates",
        column("pvm", "1.2.2021", "01.02.2021", "1. 2. 2021", "1.2.21", "1.2.2021 0:00", "2021-02-01"),
        CONVERTED,
        (),
        ("pvm",),
        ("date_form",),
    ),
    text(
        "serial_dates",
        column("pvm", *["44228"] * 6),
        ROWS_BAD,
        tuple(range(2, 8)),
        ("pvm",),
        ("date_serial",),
    ),
    text("no_such_date", column("pvm", "30.2.2021", *[""] * 5), ROWS_BAD, (2,), ("pvm",), ("date",)),
    text("far_date", column("pvm", "1.2.2201", *[""] * 5), ROWS_BAD, (2,), ("pvm",), ("date",)),
]
TEXTS = [
    *(lone("formula", value, 3) for value in ("@SUM(A1)", "+tuki", "-2+3", "\uff1d1+1", "\t=1+1")),
    lone("markup", "<script>alert(1)</script>", 3, WARN),
    lone("control_char", "tu\u0007ki", 3),
    lone("long_field", "x" * 10_001, 3),
    lone("invisible", "tuki\u202e\u200b", 3, CONVERTED),
    lone("spaces", " toimeentulotuki ", 3, CONVERTED),
    lone("empty_key", "", 3),
]
PERSONS = [
    text(
        "identity_code",
        column("muistiinpano", "", ARTIFICIAL, "", "", "", ""),
        REFUSE,
        (3,),
        ("muistiinpano",),
        ("identity_code",),
    ),
    text(
        "mistyped_code",
        column("viite", "", ARTIFICIAL[:-1] + "A", "", "", "", ""),
        REFUSE,
        (3,),
        ("viite",),
        ("identity_code",),
    ),
    text("code_in_number", cell(4, 4, ARTIFICIAL), REFUSE, (4,), ("asiakkaat",), ("identity_code",)),
    text("identity_column", column("Hetu", *"123456"), REFUSE, (), ("Hetu",), ("identity_column",)),
    text(
        "email",
        column("yhteys", "", "aino@esimerkki.fi", "", "", "", ""),
        REFUSE,
        (3,),
        ("yhteys",),
        ("contact",),
    ),
    text(
        "surname_column",
        column("Suku_nimi", *"123456").replace("Suku_nimi", "sukunimi"),
        REFUSE,
        (),
        ("sukunimi",),
        ("name_column",),
    ),
]
CASES = [*ENCODINGS, *FORMS, *HEADERS, *ODD_ROWS, *PLACES, *NUMBERS, *TIMES, *TEXTS, *PERSONS]
