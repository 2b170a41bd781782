"""Where a quote has been shown: the pages that were published with it, each with its first day."""

import sqlalchemy as sa
from alembic import op

revision = "quote_pages"
down_revision = "followup"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; releases that had been noted before it keep their rows."""
    op.create_table(
        "lainaussivu",
        sa.Column("lainaussivu_id", sa.Integer, primary_key=True),
        sa.Column("sivu", sa.Text, nullable=False, server_default=""),
        sa.Column("pvm", sa.Text, nullable=False, server_default=""),
        sa.Column("lainaus_id", sa.Integer, sa.ForeignKey("lainaus.lainaus_id"), nullable=False),
        sa.UniqueConstraint("lainaus_id", "sivu"),
        sa.Column("poistettu", sa.Text, nullable=False, server_default=""),
        sa.Column("versio", sa.Integer, nullable=False),
    )
