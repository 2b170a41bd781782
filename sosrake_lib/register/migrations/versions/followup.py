"""Plans and follow-up: entries and their versions; a version is written once and never changed."""

import sqlalchemy as sa
from alembic import op

revision = "followup"
down_revision = "quote_permission"
branch_labels = None
depends_on = None

# What may happen to a version: its words may be emptied (a redaction), nothing else.
KEPT = ("seuranta_id", "nro", "tila", "pvm")


def upgrade() -> None:
    """Make both tables and forbid rewriting or removing a version."""
    _table(
        "seuranta",
        "laji alue_taso alue_koodi alkupera",
        sa.Column("avain", sa.Text, nullable=False, unique=True),
    )
    _table(
        "seurantaversio",
        "tila pvm sisalto",
        sa.Column("seuranta_id", sa.Integer, sa.ForeignKey("seuranta.seuranta_id"), nullable=False),
        sa.Column("nro", sa.Integer, nullable=False),
        sa.UniqueConstraint("seuranta_id", "nro"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_file()
    else:
        _guard_server()


def _table(name: str, texts: str, *more: sa.Column | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        sa.Column(f"{name}_id", sa.Integer, primary_key=True),
        *(sa.Column(text, sa.Text, nullable=False, server_default="") for text in texts.split()),
        *more,
        sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
        sa.Column("versio", sa.Integer, nullable=False),
    )


def _rewritten() -> str:
    changed = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEPT)
    return f"{changed} OR (NEW.sisalto <> OLD.sisalto AND NEW.sisalto <> '')"


def _guard_file() -> None:
    abort = "BEGIN SELECT RAISE(ABORT, 'seurantaversio only grows'); END"
    op.execute(
        f"CREATE TRIGGER seurantaversio_update BEFORE UPDATE ON seurantaversio WHEN {_rewritten()} {abort}"
    )
    op.execute(f"CREATE TRIGGER seurantaversio_delete BEFORE DELETE ON seurantaversio {abort}")


def _guard_server() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION seurantaversio_kasvaa() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'seurantaversio only grows' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER seurantaversio_update BEFORE UPDATE ON seurantaversio FOR EACH ROW "
        f"WHEN ({_rewritten()}) EXECUTE FUNCTION seurantaversio_kasvaa()"
    )
    op.execute(
        "CREATE TRIGGER seurantaversio_delete BEFORE DELETE OR TRUNCATE ON seurantaversio "
        "FOR EACH STATEMENT EXECUTE FUNCTION seurantaversio_kasvaa()"
    )
