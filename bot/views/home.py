"""App Home: what everyone sees there, and for those who answer ideas what waits for them, above the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from slackblocks import ActionsBlock, Block, Button, DividerBlock, Element, HeaderBlock, RichTextElement

from bot.ids import COMMAND, Action
from bot.views.buttons import Permalink, card_button, details_button, vote_button
from bot.views.home_desk import Desk, desk_blocks
from bot.views.home_items import item_blocks, state_line
from bot.views.message import checked_home
from bot.views.rich import bold, hint, paragraph, person, plain
from bot.views.text import clean, count_text, one_line, shorten
from bot.views.words import Noted, note_line, tally_text
from db.queries import ListedIdea

OWN_LIMIT, WANTED_LIMIT, UNVOTED_LIMIT = 5, 5, 5
_ANSWER_LIMIT, _DESCRIPTION_LIMIT, _NOTICE_LIMIT = 200, 160, 400
_SETTINGS_LIMIT = 10


@dataclass(frozen=True, slots=True)
class WantedIdea:
    """An idea that many want, with the votes that it got in the week."""

    item: ListedIdea
    votes_in_week: int


@dataclass(frozen=True, slots=True)
class Home:
    """What one person's App Home shows; `desk` is None for those who answer no ideas.

    `is_member` is false for those who are not of the company: they are shown nobody's ideas. `note` or `notice` is
    what is said about the last press.
    """

    is_member: bool
    own: tuple[ListedIdea, ...] = ()
    own_total: int = 0
    wanted: tuple[WantedIdea, ...] = ()
    unvoted: tuple[ListedIdea, ...] = ()
    desk: Desk | None = None
    note: Noted | None = None
    notice: str = ""


def home(
    shown: Home, *, zone: tzinfo, now: datetime, permalink: Permalink, settings_blocks: Sequence[Block] = ()
) -> dict[str, Any]:
    """Return the view of App Home; `settings_blocks` are what an admin sees at its end, ten at most."""
    blocks = [*_head(), *_note(shown)]
    if not shown.is_member:
        words = (
            "Votes and answers are for the company's own people. What you have seen of our customers still helps us: "
            f"share it, and read with {COMMAND} top what people want most and with {COMMAND} mine what became of yours."
        )
        return checked_home([*blocks, paragraph("guest", plain(words))])
    if shown.desk is not None:
        blocks += desk_blocks(shown.desk, zone=zone, now=now, permalink=permalink)
    blocks += _own(shown, zone, permalink)
    blocks += _wanted(shown, permalink)
    blocks += _unvoted(shown, permalink)
    if settings_blocks:
        blocks += [*_section("company", "Settings"), *settings_blocks[:_SETTINGS_LIMIT]]
    return checked_home(blocks)


def _head() -> list[Block]:
    words = "What would have helped the last customer you met? A line is enough, and every idea gets an answer."
    buttons: list[Element] = [
        Button("Share an idea", action_id=Action.OPEN_FORM, style="primary"),
        Button("What I am told", action_id=Action.NEWS_PREFERENCES),
    ]
    return [
        HeaderBlock("Better for our customers", block_id="head"),
        paragraph("welcome", plain(words)),
        ActionsBlock(buttons, block_id="head.press"),
    ]


def _note(shown: Home) -> list[Block]:
    if shown.note is not None:
        return [paragraph("note", *note_line(shown.note))]
    return [paragraph("note", bold(shorten(one_line(shown.notice), _NOTICE_LIMIT)))] if shown.notice else []


def _section(name: str, title: str) -> list[Block]:
    return [DividerBlock(block_id=f"{name}.line"), HeaderBlock(title, block_id=name)]


def _own(shown: Home, zone: tzinfo, permalink: Permalink) -> list[Block]:
    blocks = _section("own", "My ideas")
    if not shown.own:
        words = "None yet. The one about the thing that annoys your customers most is a good first one."
        return [*blocks, paragraph("own.empty", plain(words))]
    for item in shown.own[:OWN_LIMIT]:
        below = [*state_line(item.idea, zone), *_answer(item)]
        blocks += item_blocks("own", item.idea, below, [details_button(item.idea), *card_button(item.idea, permalink)])
    if shown.own_total > len(shown.own):
        blocks.append(hint("own.more", f"{len(shown.own)} of {shown.own_total:,}. {COMMAND} mine lists them all."))
    return blocks


def _answer(item: ListedIdea) -> list[RichTextElement]:
    idea = item.idea
    if not idea.answer:
        return []
    words: list[RichTextElement] = [plain(f"\n“{shorten(one_line(idea.answer), _ANSWER_LIMIT)}”")]
    return [*words, plain(" "), person(idea.answered_by)] if idea.answered_by else words


def _wanted(shown: Home, permalink: Permalink) -> list[Block]:
    blocks = _section("wanted", "Most wanted this week")
    if not shown.wanted:
        return [*blocks, paragraph("wanted.empty", plain("A quiet week so far: your vote would be the first."))]
    for wanted in shown.wanted[:WANTED_LIMIT]:
        idea = wanted.item.idea
        below: list[RichTextElement] = [
            bold(f"{count_text(wanted.votes_in_week, 'vote')} this week"),
            *([plain(f" · {idea.votes:,} in all")] if idea.votes != wanted.votes_in_week else []),
        ]
        below += _standing_vote(wanted.item)
        blocks += item_blocks("wanted", idea, below, _ballot(wanted.item, permalink))
    return blocks


def _unvoted(shown: Home, permalink: Permalink) -> list[Block]:
    blocks = _section("unvoted", "Waiting for my vote")
    if not shown.unvoted:
        words = "You have had a look at everything of the last 30 days. Thank you."
        return [*blocks, paragraph("unvoted.empty", plain(words))]
    for item in shown.unvoted[:UNVOTED_LIMIT]:
        idea = item.idea
        below: list[RichTextElement] = [bold(tally_text(idea)), plain(" · by "), person(idea.author_id)]
        if description := shorten(one_line(clean(idea.description)), _DESCRIPTION_LIMIT):
            below = [plain(f"{description}\n"), *below]
        blocks += item_blocks("unvoted", idea, below, _ballot(item, permalink))
    return blocks


def _standing_vote(item: ListedIdea) -> list[RichTextElement]:
    if item.is_own:
        return [plain(" · yours")]
    return [plain(" · your reaction on the card counts")] if item.has_reaction_vote else []


def _ballot(item: ListedIdea, permalink: Permalink) -> list[Element]:
    return [*([vote_button(item)] if item.can_vote else []), *card_button(item.idea, permalink)]
