"""The three months that fill the demo, lived with the real bot."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from db.models import Idea
from sandbox.server import running_sandbox
from tests.bot import LEADER, QUICK, running_bot, wait_until

OTHER_LEADER = "U0LARSEN11"


@pytest.mark.timeout(180)
def test_the_story_s_answers_are_given_through_the_bot(sqlite_url: str) -> None:
    """Each idea that leadership answers in the story has that status in the end; the others wait."""
    both, pace = f"{LEADER},{OTHER_LEADER}", replace(QUICK, tick=1)  # It looks at the clock, as in the demo.
    with running_sandbox() as sandbox, running_bot(sandbox, sqlite_url, pace=pace, cx_leaders=both) as world:
        sandbox.control("seed", ideas=30, votes=40, seed=3)
        wait_until(lambda: sandbox.control("seeding")["state"] != "running", 120)
        world.settle()
        acts = sandbox.parts.seeding.acts
        told = {act.idea.title: act.outcome for act in acts if act.do == "answer"}
        with world.runtime.deps.sessions.reading() as session:
            found = {idea.title: idea.status for idea in session.scalars(select(Idea))}
    assert set(told.values()) >= {"planned", "in_progress", "shipped", "declined", "parked"}
    assert found == {act.idea.title: told.get(act.idea.title, "new") for act in acts if act.do == "file"}
