"""The next release: this one with one more migration, in a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from db.schema import HEAD
from tests.meta.sources import ROOT

NEXT = f"{int(HEAD) + 1:04}"

_MIGRATION = '''
"""Ranks."""

import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("ideas", recreate=recreate, table_kwargs={{"sqlite_autoincrement": True}}) as ideas:
        ideas.add_column(sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
        ideas.add_column(sa.Column("remark", sa.Text(), nullable=True))
    op.create_table("ranks", sa.Column("idea_id", sa.Integer(), sa.ForeignKey("ideas.id"), primary_key=True))
    op.execute("INSERT INTO ranks SELECT id FROM ideas")
    op.execute("UPDATE ideas SET remark = title")
    op.create_index("ix_ideas_rank", "ideas", ["rank"])
'''


def next_release(folder: Path) -> Path:
    """Make the next release in this folder and return the folder."""
    for package in ("bot", "db", "alembic"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "alembic" / "versions" / f"{NEXT}_ranks.py").write_text(_MIGRATION.format(next=NEXT, head=HEAD))
    schema = folder / "db" / "schema.py"
    schema.write_text(schema.read_text().replace(f'HEAD = "{HEAD}"', f'HEAD = "{NEXT}"'))
    return folder


def begin(release: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Begin a command of a release."""
    return subprocess.Popen(
        [sys.executable, "-P", "-W", "error", *arguments],
        cwd=release,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{release}:{ROOT}", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def migrate(release: Path, database_url: str) -> subprocess.Popen[str]:
    """Begin a release's `migrate`."""
    return begin(release, "-m", "bot", "migrate", DATABASE_URL=database_url)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process; return its exit code and what it wrote to standard error."""
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors
