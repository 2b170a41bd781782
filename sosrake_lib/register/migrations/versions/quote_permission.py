"""The papers of quotes: a written permission beside each, and the releases that have shown it."""

import sqlalchemy as sa
from alembic import op

revision = "quote_permission"
down_revision = "observations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables; a quote that stands without a paper may not leave until it has one."""
    _table("lainauslupa", "muoto sailytys kaytto teema alue_taso alue_koodi peruutus", ("lainaus_id",))
    _table("lainausjulkaisu", "julkaisu pvm", ("lainaus_id", "julkaisu"))


def _table(name: str, texts: str, unique: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column(f"{name}_id", sa.Integer, primary_key=True),
        *(sa.Column(text, sa.Text, nullable=False, server_default="") for text in texts.split()),
        sa.Column("lainaus_id", sa.Integer, sa.ForeignKey("lainaus.lainaus_id"), nullable=False),
        sa.UniqueConstraint(*unique),
        sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
        sa.Column("versio", sa.Integer, nullable=False),
    )
