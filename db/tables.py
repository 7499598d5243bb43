"""All tables together: a comparison or a copy that knew only some of them would miss the others."""

from sqlalchemy import Table

from db import digest_models, models  # noqa: F401  # they register their tables
from db.base import Base

METADATA = Base.metadata


def all_tables() -> list[Table]:
    """Return all tables, those that others refer to first."""
    return list(METADATA.sorted_tables)
