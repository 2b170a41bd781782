"""Observations, phenomena, coding, tasks, decisions, feedback, quotes; the trail over salted hashes.

The older trail `muutosloki` held each proposal's text in its lines. It is verified, its decisions are kept
as rows of `paatos`, a line with a salted hash takes the place of each state that still stands, and it goes.
"""

import hashlib
import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "observations"
down_revision = "first_proposals"
branch_labels = None
depends_on = None

START = "0" * 64
TABLES = {
    "ilmio": "nimi kuvaus teema rakennetyyppi alue_taso alue_koodi indikaattorit mittarit naytto ristiriidat "
    "tila omistaja seuranta_pvm palaute_annettu_pvm yhteenveto yhteenveto_en yhteenveto_tila "
    "yhteenveto_tekija yhteenveto_hyvaksyja yhteenveto_pvm julkaisu alkupera avain!",
    "havainto": "saapunut lahde kaavio pvm tiedontuottaja organisaatio palvelutehtava alue_taso alue_koodi "
    "teema tuen_tarve rakennetyyppi ilmio_otsikko havainto keita_koskee yleisyys lukumaara_luokka kesto "
    "seuraukset_asiakkaille seuraukset_palveluille miten_nyt_ratkaistu hyva_kaytanto ehdotus "
    "ehdotuksen_kohde paattaja_taso kieli lupa_lainata alkupera tila tarkistettu tarkastaja avain! "
    "kuitti! taydentaa>havainto vahvistettuja# ilmio>",
    "koodaus": "koodaaja teema tuen_tarve rakennetyyppi huomio pvm havainto>>",
    "tehtava": "kenelle tehtava maarapaiva tila pvm ilmio>> avain!",
    "paatos": "tila pvm perustelu ehdotus>>",
    "palaute": "teksti kieli pvm ilmio> havainto> avain!",
    "lainaus": "teksti lahdelaji luvan_laajuus lupa_pvm lupa_paattyy peruttu tarkastaja_1 tarkastaja_2 "
    "alkupera havainto> avain!",
    "tilamuutos": "tila pvm havainto> ilmio>",
    "poisto": "taulu pvm peruste rivi##",
    "varmuuskopio": "tiedosto aika tiiviste sisalto_tiiviste tila",
}
UNIQUE = {"koodaus": ("havainto_id", "koodaaja"), "varmuuskopio": ("tiedosto",)}


def upgrade() -> None:
    """Make the new tables, then turn the older trail into one that holds no text."""
    for name, columns in TABLES.items():
        unique = [sa.UniqueConstraint(*UNIQUE[name])] if name in UNIQUE else []
        op.create_table(
            name,
            sa.Column(f"{name}_id", sa.Integer, primary_key=True),
            *(_column(name, text) for text in columns.split()),
            *unique,
            sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
            sa.Column("versio", sa.Integer, nullable=False),
        )
    op.execute("ALTER TABLE ehdotus ADD COLUMN ilmio_id INTEGER REFERENCES ilmio (ilmio_id)")
    op.add_column("ehdotus", sa.Column("poistettu", sa.Text, nullable=False, server_default=""))
    for name, column in (("havainto", "kuitti"), ("havainto", "ilmio_id"), ("tilamuutos", "havainto_id")):
        op.create_index(f"{name}_{column}", name, [column])
    _trail()
    _convert(op.get_bind())
    op.drop_table("muutosloki")


def _column(table: str, written: str) -> sa.Column:
    """Read one column: `x` text, `x!` unique text, `x#` number, `x##` needed number, `x>` to a table."""
    name = written.rstrip("!#>")
    if ">" in written:
        name, _, target = written.partition(">")
        own = bool(target.strip(">"))
        target = target.strip(">") or name
        key = sa.ForeignKey(f"{target}.{target}_id")
        return sa.Column(name if own else f"{name}_id", sa.Integer, key, nullable=not written.endswith(">>"))
    if written.endswith("##"):
        return sa.Column(name, sa.Integer, nullable=False)
    if written.endswith("#"):
        return sa.Column(name, sa.Integer, nullable=False, server_default="0")
    if written == "kuitti!":
        return sa.Column(name, sa.Text, nullable=False)
    if written.endswith("!"):
        return sa.Column(name, sa.Text, nullable=False, unique=True)
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _trail() -> None:
    op.create_table(
        "poisto_kopio",
        sa.Column("poisto_id", sa.Integer, sa.ForeignKey("poisto.poisto_id"), primary_key=True),
        sa.Column(
            "varmuuskopio_id", sa.Integer, sa.ForeignKey("varmuuskopio.varmuuskopio_id"), primary_key=True
        ),
    )
    op.create_table(
        "loki",
        sa.Column("nro", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("aika", "tapahtuma", "tekija", "taulu")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("rivi", "versio")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sisalto", "edellinen")),
        sa.Column("tiiviste", sa.Text, nullable=False, unique=True),
    )
    op.create_index("loki_rivi", "loki", ["taulu", "rivi"])
    op.create_table(
        "suola",
        sa.Column("nro", sa.Integer, sa.ForeignKey("loki.nro"), primary_key=True, autoincrement=False),
        sa.Column("suola", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER loki_{change.lower()} BEFORE {change} ON loki "
                "BEGIN SELECT RAISE(ABORT, 'loki only grows'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION loki_kasvaa() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'loki only grows' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER loki_kasvaa BEFORE UPDATE OR DELETE OR TRUNCATE ON loki "
        "FOR EACH STATEMENT EXECUTE FUNCTION loki_kasvaa()"
    )


def _convert(bind: sa.Connection) -> None:
    """Carry the older trail over: its decisions as rows, its standing states as lines with salted hashes."""
    old = bind.execute(sa.text("SELECT * FROM muutosloki ORDER BY nro")).mappings().all()
    rows = bind.execute(sa.text("SELECT * FROM ehdotus ORDER BY ehdotus_id")).mappings().all()
    if not old and not rows:
        return
    broken = _is_broken(list(old), [dict(row) for row in rows])
    last = START
    for row in rows:
        last = _line(bind, last, "vanha_loki_rikki" if broken else "siirretty", "ehdotus", dict(row))
    if broken and not rows:
        last = _line(bind, last, "vanha_loki_rikki", "ehdotus", {"ehdotus_id": 0, "versio": 0})
    for line in old:
        state = json.loads(line["sisalto"])
        if line["tapahtuma"] != "muutettu":
            continue
        bind.execute(
            sa.text(
                "INSERT INTO paatos (tila, pvm, perustelu, ehdotus_id, versio) "
                "VALUES (:tila, :pvm, :perustelu, :ehdotus_id, 1)"
            ),
            {
                "tila": state["tila"],
                "pvm": state["paatetty"] or "",
                "perustelu": state["perustelu"] or "",
                "ehdotus_id": state["ehdotus_id"],
            },
        )
    for row in bind.execute(sa.text("SELECT * FROM paatos ORDER BY paatos_id")).mappings().all():
        last = _line(bind, last, "siirretty", "paatos", dict(row))


def _is_broken(old: list, rows: list[dict]) -> bool:
    """Check the older trail as its own version did: every line, and every proposal against its last."""
    previous, states = START, {}
    for position, line in enumerate(old, start=1):
        parts = {name: line[name] for name in line if name != "tiiviste"}
        if line["nro"] != position or line["edellinen"] != previous or line["tiiviste"] != _hash(parts):
            return True
        previous = line["tiiviste"]
        states[line["ehdotus_id"]] = json.loads(line["sisalto"])
    new = ("ilmio_id", "poistettu")
    standing = {row["ehdotus_id"]: {name: row[name] for name in row if name not in new} for row in rows}
    return states != standing


def _line(bind: sa.Connection, last: str, event: str, table: str, row: dict) -> str:
    number = (bind.execute(sa.text("SELECT max(nro) FROM loki")).scalar() or 0) + 1
    salt = secrets.token_hex(16)
    line = {
        "nro": number,
        "aika": datetime.now(UTC).isoformat(timespec="seconds"),
        "tapahtuma": event,
        "tekija": "",
        "taulu": table,
        "rivi": row[f"{table}_id"],
        "versio": row["versio"],
        "sisalto": hashlib.sha256(f"{salt}|{_canonical(row)}".encode()).hexdigest(),
        "edellinen": last,
    }
    line["tiiviste"] = _hash(line)
    bind.execute(
        sa.text(
            "INSERT INTO loki VALUES (:nro, :aika, :tapahtuma, :tekija, :taulu, :rivi, :versio, :sisalto, "
            ":edellinen, :tiiviste)"
        ),
        line,
    )
    bind.execute(sa.text("INSERT INTO suola VALUES (:nro, :suola)"), {"nro": number, "suola": salt})
    return line["tiiviste"]


def _hash(parts: dict) -> str:
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def _canonical(row: dict) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)
