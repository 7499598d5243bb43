"""Ideas and weeks to show, and what a view says once it is built."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.catalog import IdeaText
from bot.ids import Field, ListKind, ListRequest, Note
from bot.views import cards, digests, forms, help, lists, receipts, refusals  # noqa: A004  # the product's word
from bot.views.message import Message
from bot.views.words import Noted
from db.queries import DigestFacts, IdeaDetails, IdeaPage, ListedIdea, TopIdea, WeekNumbers
from db.types import Edition, Status

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

IDEA = IdeaDetails(
    id=12,
    title="Let customers reschedule deliveries online",
    description="Today they must phone between 9 and 5.",
    stage="use",
    touchpoint="delivery",
    measure="nps",
    kind="improves_journey",
    author_id="U1",
    owner_id=None,
    status=Status.NEW,
    votes=14,
    created_at=NOW,
    edited_at=None,
    answer_due_at=datetime(2026, 12, 3, 22, 59, 59, tzinfo=UTC),
    answered_at=None,
    card_channel_id="C1",
    card_ts="1.2",
)

WEEK = DigestFacts(
    channel_id="C2",
    week="2026-W47",
    edition=Edition.REGULAR,
    is_late=False,
    first_day=date(2026, 11, 16),
    last_day=date(2026, 11, 22),
    numbers=WeekNumbers(ideas=23, votes=311, participants=140),
    previous=WeekNumbers(ideas=18, votes=280, participants=110),
    workforce=1000,
    top=(
        TopIdea(IDEA, votes_in_week=10, age_days=3),
        TopIdea(replace(IDEA, id=9, votes=1), votes_in_week=1, age_days=1),
    ),
    ideas_by_stage=(("use", 9), (None, 8), ("buy", 6)),
    first_time_authors=("U1", "U2", None),
    waiting_longest=IDEA,
)


def permalink(idea: IdeaDetails) -> str | None:
    """Return where the idea's card would be."""
    return f"https://example.org/{idea.id}"


def listed(idea: IdeaDetails, *, is_own: bool = False, button: bool = False, reaction: bool = False) -> ListedIdea:
    """Return the idea as somebody sees it in a list."""
    return ListedIdea(idea, is_own, button, reaction)


def words(shown: Message | dict[str, Any]) -> str:
    """Return what a reader sees, mentions as `@U1`, `#C1` and `:heart:`."""
    return "".join(_words(shown.blocks if isinstance(shown, Message) else shown["blocks"]))


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _words(item)
    elif isinstance(node, dict):
        yield _word(node)
        for key, value in node.items():
            yield from _words(value) if key != "style" else ()


def _word(node: dict[str, Any]) -> str:
    if "user_id" in node or "channel_id" in node:
        return f"@{node['user_id']}" if "user_id" in node else f"#{node['channel_id']}"
    if node.get("type") == "emoji":
        return f":{node['name']}:"
    return node["text"] if isinstance(node.get("text"), str) else ""


def elements(shown: Message | dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the elements of one kind, like `button` or `static_select`."""
    return [node for node in _nodes(shown.blocks if isinstance(shown, Message) else shown) if node.get("type") == kind]


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(child)


def controls(shown: Message | dict[str, Any]) -> list[str]:
    """Return everything in a view that Slack treats as more than words, sorted."""
    special = [
        str(node) for kind in ("user", "channel", "usergroup", "broadcast", "link") for node in elements(shown, kind)
    ]
    parsed = [shown.text] if isinstance(shown, Message) else []
    parsed += [node["text"] for node in elements(shown, "mrkdwn")]
    return sorted(special + [sequence for text in parsed for sequence in re.findall("<[^>]*>?", text)])


def button(shown: Message, action: str) -> dict[str, Any]:
    """Return the one button with this action."""
    (found,) = [each for each in elements(shown, "button") if each["action_id"] == action]
    return found


def fields(form: dict[str, Any]) -> dict[Field, dict[str, Any]]:
    """Return the inputs of a form by their block id."""
    return {Field(block["block_id"]): block for block in form["blocks"] if block["type"] == "input"}


def every_view(idea: IdeaDetails, typed: str) -> list[Message | dict[str, Any]]:
    """Return all that is ever shown with an idea's text or with a text that somebody typed."""
    draft = IdeaText(idea.title, idea.description, idea.stage)
    week = replace(WEEK, top=tuple(TopIdea(replace(idea, id=n), 1, 1) for n in range(1, 12)), waiting_longest=idea)
    quiet = replace(week, numbers=WeekNumbers(0, 2, 1))
    items = tuple(listed(replace(idea, id=number)) for number in range(1, lists.PAGE_LIMIT + 1))
    search = ListRequest(ListKind.SEARCH, typed, 2)
    page = IdeaPage(items, 2, 3, 50)
    noted = Noted(Note.REACTION_STANDS, 12, ("heart", "+1::skin-tone-2"))
    show: dict[str, Callable[..., Message]] = {"digest": digests.digest, "preview": digests.digest_preview}
    return [
        cards.idea_card(idea, ZONE, vote_reactions=["+1"]),
        forms.idea_form(draft, notice=forms.PRIVATE_CONVERSATION_NOTICE),
        forms.edit_form(idea),
        forms.filed_view(idea, "C1", ZONE),
        forms.edited_view(idea),
        receipts.filed_receipt(idea, ZONE, undo_until=NOW, now=NOW, note=Note.STAGE_CHOSEN),
        receipts.withdrawn_receipt(idea, had_support=True),
        receipts.undo_too_late(idea),
        receipts.kept_text(typed),
        receipts.line_too_long(typed),
        lists.idea_list(search, page, zone=ZONE, permalink=permalink, noted=noted),
        lists.idea_list(search, IdeaPage((), 1, 1, 0), zone=ZONE, permalink=permalink),
        lists.idea_details(listed(idea), zone=ZONE, permalink=permalink),
        help.unknown_idea(typed),
        refusals.something_broke("9f3a", typed=typed),
        refusals.database_away(typed=typed),
        *(view(facts, permalink=permalink, zone=ZONE) for view in show.values() for facts in (week, quiet)),
    ]
