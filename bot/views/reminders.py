"""What the bot asks of people: an answer that is due, or their next idea."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from slackblocks import ActionsBlock, Block, Button, RichTextElement

from bot.deeds import Deed
from bot.ids import Action
from bot.views.deeds import deed_elements
from bot.views.message import Message, checked
from bot.views.news import choose_news
from bot.views.rich import hint, paragraph, person, plain
from bot.views.text import count_text, long_day
from bot.views.words import heading, spoken_title
from db.queries import IdeaDetails
from db.types import Occasion

SHOWN_PROMISES = 12

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


@dataclass(frozen=True, slots=True)
class Due:
    """An idea that waits for the reader's word until the end of a day, and what they can do about it."""

    idea: IdeaDetails
    day: date
    deeds: Collection[Deed] = ()


def reminder(dues: Sequence[Due], today: date) -> Message:
    """Return the one message of a day about ideas that wait for somebody's word."""
    people = len({due.idea.author_id for due in dues})
    number = _NUMBERS[people] if people < len(_NUMBERS) else f"{people:,}"
    words = f"{number} {'person waits' if people == 1 else 'people wait'} for your word"
    blocks: list[Block] = [paragraph("reminder", plain(f"{words}:"))]
    for due in dues[:SHOWN_PROMISES]:
        number_block = f"due|{due.idea.id}"
        blocks.append(paragraph(number_block, *heading(due.idea), plain(f" ({_when(due.day, today)})")))
        if elements := deed_elements(due.idea, due.deeds):
            blocks.append(ActionsBlock(elements, block_id=f"deeds|{due.idea.id}"))
    if more := len(dues) - SHOWN_PROMISES:
        blocks += [hint("more", f"And {count_text(more, 'other idea')}.")] if more > 0 else []
    spoken = ", ".join(f"{due.idea.key} ({_when(due.day, today)})" for due in dues[:SHOWN_PROMISES])
    return checked(f"{words}: {spoken}", [*blocks, choose_news()])


def next_idea(occasion: Occasion, shipped: IdeaDetails | None, mentor_id: str | None) -> Message:
    """Return the question for somebody's next idea: after one shipped, or after a second one was declined."""
    parts: list[RichTextElement] = [
        plain("What should change next for customers? You see things that nobody here has on a list.")
    ]
    spoken = "What should change next for customers?"
    if occasion is Occasion.SHIPPED and shipped is not None:
        parts = [*heading(shipped), plain(" works for customers now, because you wrote it down. "), *parts]
        spoken = f"{spoken_title(shipped)} works for customers now. {spoken}"
    if occasion is Occasion.DECLINED:
        spoken = "Two of your ideas were declined. Please do not let that be the last word"
        parts = [plain(f"{spoken}: most ideas that made it here had a forerunner that did not.")]
        if mentor_id is not None:
            parts += [plain(" "), person(mentor_id), plain(" has had ideas shipped and knows the way; ask them.")]
    share = Button("Share an idea", action_id=Action.OPEN_FORM, style="primary")
    blocks: list[Block] = [paragraph("next_idea", *parts), ActionsBlock([share], block_id="share"), choose_news()]
    return checked(spoken, blocks)


def _when(day: date, today: date) -> str:
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    return f"was due {long_day(day, year=today.year)}" if day < today else long_day(day, year=today.year)
