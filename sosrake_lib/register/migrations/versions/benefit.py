"""What a proposal is hoped to bring, beside what it costs; older proposals tell nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "benefit"
down_revision = "quote_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty.

    The trail's older lines verify as before: a column that came later counts in a row's state only when it
    holds something (`register.trail.state_hash`).
    """
    op.add_column("ehdotus", sa.Column("hyoty", sa.Text, nullable=False, server_default=""))
