"""Proposals (`ehdotus`) and the trail of changes (`muutosloki`), which only grows."""

import sqlalchemy as sa
from alembic import op

revision = "first_proposals"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables and forbid changing or removing a line of the trail."""
    op.create_table(
        "ehdotus",
        sa.Column("ehdotus_id", sa.Integer, primary_key=True),
        sa.Column("avain", sa.Text, nullable=False, unique=True),
        sa.Column("alue_taso", sa.Text, nullable=False),
        sa.Column("alue_koodi", sa.Text, nullable=False),
        sa.Column("teema", sa.Text, nullable=False),
        sa.Column("teksti", sa.Text, nullable=False),
        sa.Column("paattaja", sa.Text, nullable=False),
        sa.Column("kohde", sa.Text, nullable=False),
        sa.Column("pvm", sa.Text, nullable=False),
        sa.Column("kustannus", sa.Text, nullable=False),
        sa.Column("tila", sa.Text, nullable=False),
        sa.Column("paatetty", sa.Text),
        sa.Column("perustelu", sa.Text),
        sa.Column("versio", sa.Integer, nullable=False),
    )
    op.create_index("ehdotus_alue", "ehdotus", ["alue_taso", "alue_koodi"])
    _trail()


def _trail() -> None:
    op.create_table(
        "muutosloki",
        sa.Column("nro", sa.Integer, primary_key=True),
        sa.Column("aika", sa.Text, nullable=False),
        sa.Column("tapahtuma", sa.Text, nullable=False),
        sa.Column("ehdotus_id", sa.Integer, nullable=False),
        sa.Column("sisalto", sa.Text, nullable=False),
        sa.Column("edellinen", sa.Text, nullable=False),
        sa.Column("tiiviste", sa.Text, nullable=False, unique=True),
    )
    if op.get_bind().dialect.name != "sqlite":
        return  # a server meets this table only on its way to the next revision, which drops it
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER muutosloki_{change.lower()} BEFORE {change} ON muutosloki "
            "BEGIN SELECT RAISE(ABORT, 'muutosloki only grows'); END"
        )
