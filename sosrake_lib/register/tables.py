"""The register's tables: texts and whole numbers only, so that a row has one form in every database.

`AUDITED` names the tables whose every row stands behind a line of the trail. `SECRET` names the columns that
hold people's own words: these are what a redaction empties.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()


def _table(name: str, texts: str, *more: sa.Column | sa.UniqueConstraint) -> sa.Table:
    """Make a table with `<name>_id`, text columns that are never NULL, `poistettu` and `versio`."""
    columns = [sa.Column(text, sa.Text, nullable=False, server_default="") for text in texts.split()]
    return sa.Table(
        name,
        METADATA,
        sa.Column(f"{name}_id", sa.Integer, primary_key=True),
        *columns,
        *more,
        sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
        sa.Column("versio", sa.Integer, nullable=False),
    )


def _to(table: str, *, nullable: bool = False) -> sa.Column:
    """Make the column `<table>_id` that names a row of another table."""
    return sa.Column(f"{table}_id", sa.Integer, sa.ForeignKey(f"{table}.{table}_id"), nullable=nullable)


def _key() -> sa.Column:
    return sa.Column("avain", sa.Text, nullable=False, unique=True)


ILMIO = _table(
    "ilmio",
    "nimi kuvaus teema rakennetyyppi alue_taso alue_koodi indikaattorit mittarit naytto ristiriidat tila "
    "omistaja seuranta_pvm palaute_annettu_pvm yhteenveto yhteenveto_en yhteenveto_tila "
    "yhteenveto_tekija yhteenveto_hyvaksyja yhteenveto_pvm julkaisu alkupera",
    _key(),
)
HAVAINTO = _table(
    "havainto",
    "saapunut lahde kaavio pvm tiedontuottaja organisaatio palvelutehtava alue_taso alue_koodi teema "
    "tuen_tarve rakennetyyppi ilmio_otsikko havainto keita_koskee yleisyys lukumaara_luokka kesto "
    "seuraukset_asiakkaille seuraukset_palveluille miten_nyt_ratkaistu hyva_kaytanto ehdotus "
    "ehdotuksen_kohde paattaja_taso kieli lupa_lainata alkupera tila tarkistettu tarkastaja",
    _key(),
    sa.Column("kuitti", sa.Text, nullable=False),
    sa.Column("taydentaa", sa.Integer, sa.ForeignKey("havainto.havainto_id")),
    sa.Column("vahvistettuja", sa.Integer, nullable=False, server_default="0"),
    _to("ilmio", nullable=True),
)
KOODAUS = _table(
    "koodaus",
    "koodaaja teema tuen_tarve rakennetyyppi huomio pvm",
    _to("havainto"),
    sa.UniqueConstraint("havainto_id", "koodaaja"),
)
TEHTAVA = _table("tehtava", "kenelle tehtava maarapaiva tila pvm", _to("ilmio"), _key())
EHDOTUS = sa.Table(
    "ehdotus",
    METADATA,
    sa.Column("ehdotus_id", sa.Integer, primary_key=True),
    sa.Column("avain", sa.Text, nullable=False, unique=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in (
            *("alue_taso", "alue_koodi", "teema", "teksti", "paattaja", "kohde", "pvm", "kustannus"),
            "tila",
        )
    ),
    sa.Column("paatetty", sa.Text),
    sa.Column("perustelu", sa.Text),
    sa.Column("versio", sa.Integer, nullable=False),
    _to("ilmio", nullable=True),
    sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
    sa.Column("hyoty", sa.Text, nullable=False, server_default=""),
)
PAATOS = _table("paatos", "tila pvm perustelu", _to("ehdotus"))
PALAUTE = _table(
    "palaute", "teksti kieli pvm", _to("ilmio", nullable=True), _to("havainto", nullable=True), _key()
)
LAINAUS = _table(
    "lainaus",
    "teksti lahdelaji luvan_laajuus lupa_pvm lupa_paattyy peruttu tarkastaja_1 tarkastaja_2 alkupera",
    _to("havainto", nullable=True),
    _key(),
)
LAINAUSLUPA = _table(
    "lainauslupa",
    "muoto sailytys kaytto teema alue_taso alue_koodi peruutus",
    _to("lainaus"),
    sa.UniqueConstraint("lainaus_id"),
)
LAINAUSJULKAISU = _table(
    "lainausjulkaisu", "julkaisu pvm", _to("lainaus"), sa.UniqueConstraint("lainaus_id", "julkaisu")
)
# Pages that were published with a quote, each with its first day.
LAINAUSSIVU = _table("lainaussivu", "sivu pvm", _to("lainaus"), sa.UniqueConstraint("lainaus_id", "sivu"))
# An entry of plans and follow-up, and its versions: each is written once, `sisalto` holds its fields as JSON.
SEURANTA = _table("seuranta", "laji alue_taso alue_koodi alkupera", _key())
SEURANTAVERSIO = _table(
    "seurantaversio",
    "tila pvm sisalto",
    _to("seuranta"),
    sa.Column("nro", sa.Integer, nullable=False),
    sa.UniqueConstraint("seuranta_id", "nro"),
)
TILAMUUTOS = _table("tilamuutos", "tila pvm", _to("havainto", nullable=True), _to("ilmio", nullable=True))
POISTO = _table("poisto", "taulu pvm peruste", sa.Column("rivi", sa.Integer, nullable=False))
VARMUUSKOPIO = _table(
    "varmuuskopio",
    "tiedosto aika tiiviste sisalto_tiiviste tila",
    sa.UniqueConstraint("tiedosto"),
)
# Which redaction has reached which backup.
POISTO_KOPIO = sa.Table(
    "poisto_kopio",
    METADATA,
    sa.Column("poisto_id", sa.Integer, sa.ForeignKey("poisto.poisto_id"), primary_key=True),
    sa.Column("varmuuskopio_id", sa.Integer, sa.ForeignKey("varmuuskopio.varmuuskopio_id"), primary_key=True),
)
LOKI = sa.Table(
    "loki",
    METADATA,
    sa.Column("nro", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("aika", "tapahtuma", "tekija", "taulu")),
    sa.Column("rivi", sa.Integer, nullable=False),
    sa.Column("versio", sa.Integer, nullable=False),
    sa.Column("sisalto", sa.Text, nullable=False),
    sa.Column("edellinen", sa.Text, nullable=False),
    sa.Column("tiiviste", sa.Text, nullable=False, unique=True),
)
SUOLA = sa.Table(
    "suola",
    METADATA,
    sa.Column("nro", sa.Integer, sa.ForeignKey("loki.nro"), primary_key=True, autoincrement=False),
    sa.Column("suola", sa.Text, nullable=False),
)

AUDITED = (
    *(ILMIO, HAVAINTO, KOODAUS, TEHTAVA, EHDOTUS, PAATOS, PALAUTE, LAINAUS, TILAMUUTOS),
    *(POISTO, VARMUUSKOPIO, LAINAUSLUPA, LAINAUSJULKAISU, LAINAUSSIVU, SEURANTA),
    SEURANTAVERSIO,
)
# What a redaction empties; `*_id`, classes, dates and states stay, so that counts and the trail stay.
SECRET = {
    "ilmio": ("nimi", "kuvaus", "ristiriidat", "omistaja", "yhteenveto", "yhteenveto_en"),
    "havainto": (
        *("organisaatio", "ilmio_otsikko", "havainto", "keita_koskee", "seuraukset_asiakkaille"),
        *("seuraukset_palveluille", "miten_nyt_ratkaistu", "ehdotus"),
    ),
    "koodaus": ("huomio",),
    "tehtava": ("kenelle", "tehtava"),
    "ehdotus": ("teksti", "paattaja", "kustannus", "hyoty", "perustelu"),
    "paatos": ("perustelu",),
    "palaute": ("teksti",),
    "lainaus": ("teksti",),
    "seuranta": (),
    "seurantaversio": ("sisalto",),
}


def table(name: str) -> sa.Table:
    """Give a table by its name."""
    return METADATA.tables[name]


def identifier(of: sa.Table) -> sa.Column:
    """Give a table's own number column, `<name>_id`."""
    return of.c[f"{of.name}_id"]
