"""How far the filling of the workspace is; `seeding` moves it on, the page shows it."""

import asyncio
from dataclasses import dataclass, field

from sandbox.story import Act


@dataclass(slots=True)
class Seeding:
    """`state` is new, running, stopped (the bot was silent; it may go on) or done, `words` say it to a person.

    `acts` is the whole story and `done` how much of it has happened; `cards` are the ts of cards by the idea's title.
    """

    state: str = "new"
    words: str = ""
    ideas: int = 0
    filed: int = 0
    votes: int = 0
    done: int = 0
    acts: list[Act] = field(default_factory=list)
    cards: dict[str, str] = field(default_factory=dict)
    # Whoever newcomers act as files by line only: a form of theirs would flash on the screen.
    spared: str = "U0LINDQV02"
    task: asyncio.Task[None] | None = None
