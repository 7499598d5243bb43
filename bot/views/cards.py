"""The card: an idea as everybody sees it in the ideas channel."""

from collections.abc import Sequence
from datetime import tzinfo

from slackblocks import Block, RichTextElement

from bot.ids import COMMAND
from bot.views.message import Message, checked
from bot.views.rich import bold, code, emoji_row, italic, paragraph, person, plain
from bot.views.words import (
    STATUS_WORDS,
    answer_due,
    awaits_answer,
    description_of,
    heading,
    spoken_title,
    stage_name,
    status_line,
    tally_text,
    touchpoint_name,
)
from db.queries import IdeaDetails
from db.types import VOTABLE_STATUSES, Status


def idea_card(idea: IdeaDetails, zone: tzinfo, *, vote_reactions: Sequence[str] = ()) -> Message:
    """Return the idea's card, its answer date in the given zone.

    `vote_reactions` are named on it until the first vote; afterwards the reactions below the card speak for themselves.
    A card that does not count votes yet names them whether there are any or not.
    """
    blocks: list[Block] = [paragraph("title", *heading(idea))]
    if description := description_of(idea):
        blocks.append(paragraph("description", plain(description)))
    blocks.append(paragraph("facts", *_origin(idea), plain("\n"), *_standing(idea, zone)))
    if (idea.is_blind or idea.votes == 0) and idea.status in VOTABLE_STATUSES and vote_reactions:
        blocks.append(_how_to_vote(idea, vote_reactions))
    return checked(_spoken(idea), blocks)


def _how_to_vote(idea: IdeaDetails, vote_reactions: Sequence[str]) -> Block:
    # Slack counts reactions below the card for everybody to see, whatever the card says; nobody sees a vote by button.
    unseen = [italic(", or unseen with "), code(f"{COMMAND} show {idea.key}")] if idea.is_blind else []
    return paragraph("how_to_vote", italic("Vote for it with "), *emoji_row(vote_reactions), *unseen)


def _origin(idea: IdeaDetails) -> list[RichTextElement]:
    words = [
        stage_name(idea) if idea.stage else None,
        touchpoint_name(idea),
        "edited" if idea.edited_at else None,
    ]
    return [person(idea.author_id, is_italic=True), *(italic(f" · {word}") for word in words if word)]


def _standing(idea: IdeaDetails, zone: tzinfo) -> list[RichTextElement]:
    parts: list[RichTextElement] = [bold(tally_text(idea)), plain(" · "), *status_line(idea, zone)]
    if awaits_answer(idea):
        parts.append(plain(f" · {answer_due(idea, zone)}"))
    return parts


def _spoken(idea: IdeaDetails) -> str:
    if idea.status is Status.NEW:
        return f"New idea {spoken_title(idea)} - {tally_text(idea)}"
    return f"Idea {spoken_title(idea)} - {tally_text(idea)}, {STATUS_WORDS[idea.status].lower()}"
