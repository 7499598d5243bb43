"""How App Home shows one idea: its title, how it stands, and what can be pressed."""

from collections.abc import Sequence
from datetime import tzinfo

from slackblocks import ActionsBlock, Block, Element, RichTextElement

from bot.ids import LIST_BLOCK_SEPARATOR
from bot.views.rich import bold, paragraph, plain
from bot.views.text import short_day, shorten, votes_text
from bot.views.words import STATUS_WORDS, answer_due, awaits_answer, heading
from db.queries import IdeaDetails

_STAGE_LIMIT = 75


def item_blocks(
    section: str, idea: IdeaDetails, below: Sequence[RichTextElement], elements: Sequence[Element]
) -> list[Block]:
    """Return an idea within a section: its title, what stands below it, and its buttons if it has any."""
    place = f"{LIST_BLOCK_SEPARATOR}{idea.id}"
    words = paragraph(f"{section}{place}", *heading(idea), plain("\n"), *below)
    return [words, *([ActionsBlock(list(elements), block_id=f"{section}.press{place}")] if elements else [])]


def state_line(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    """Return an idea's status, its votes, and when an answer is due or came."""
    words = f" · {votes_text(idea.votes)}"
    if awaits_answer(idea):
        words += f" · {answer_due(idea, zone)}"
    elif idea.answered_at is not None:
        words += f" · answered {short_day(idea.answered_at.astimezone(zone).date(), year=0)}"
    return [bold(STATUS_WORDS[idea.status]), plain(words)]


def stage_words(idea: IdeaDetails) -> str:
    """Return the name of an idea's stage, or that none is chosen."""
    return shorten(idea.stage_name or idea.stage or "no stage yet", _STAGE_LIMIT)
