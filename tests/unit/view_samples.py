"""Ideas and weeks to show, and what a view says once it is built."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.answer_forms import AnswerDraft
from bot.catalog import IdeaText, Lists
from bot.deeds import CONDITION_LIMIT, Deed
from bot.ids import Field, ListKind, ListRequest, Note
from bot.views import (
    answers,
    cards,
    digests,
    forms,
    help,  # noqa: A004  # the product's word
    lists,
    news,
    receipts,
    refusals,
    reminders,
)
from bot.views.answers import Offer
from bot.views.digest_items import DigestPage
from bot.views.message import Message
from bot.views.words import Noted
from db.digests import (
    AnswerTimes,
    DigestFacts,
    Mover,
    Questions,
    Shipped,
    SilentStage,
    StageCount,
    Waiting,
)
from db.history_queries import History, HistoryLine
from db.queries import IdeaDetails, IdeaPage, ListedIdea, ToldChange, WeekNumbers
from db.types import VOTABLE_STATUSES, Edition, NewsKind, Occasion, Status, Step

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WEEK_END = datetime(2026, 11, 23, tzinfo=UTC)
LISTS = Lists({"buy": "Buy", "use": "Use"}, {"website": "Website", "delivery": "Delivery"})

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
    stage_name="Use",
    touchpoint_name="Delivery",
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
    over_through=date(2026, 11, 22),
    numbers=WeekNumbers(ideas=23, votes=311, participants=140),
    previous=WeekNumbers(ideas=18, votes=280, participants=110),
    workforce=1000,
    movers=(Mover(12, votes_in_period=10, votes=14, teams=5, age_days=3), Mover(9, 1, 1, None, 1)),
    waiting=Waiting(total=7, overdue=2, idea_ids=(4, 5, 6)),
    shipped=Shipped(total=1, idea_ids=(3,)),
    answers=AnswerTimes(answers=8, median_days=3.24, share_in_time=0.87),
    answers_before=AnswerTimes(answers=5, median_days=4.1, share_in_time=0.9),
    stage_counts=(StageCount("Use", 9, 4.5), StageCount(None, 8, 2.0), StageCount("Buy", 6, 7.25)),
    first_time_authors=("U1", "U2", None),
    questions=Questions(asked=5, answered=4, silent=(SilentStage("Buy", 1),)),
    silent_stages=("Renew or leave",),
)


def page_of(facts: DigestFacts, idea: IdeaDetails = IDEA, **changes: Any) -> DigestPage:
    """Return the digest with these facts; all its ideas are like this one, and can be answered in every way."""
    numbers = [number for number in facts.idea_ids if number not in changes.get("ideas", {})]
    ideas = {number: replace(idea, id=number) for number in numbers} | changes.pop("ideas", {})
    values: dict[str, Any] = {
        "zone": ZONE,
        "permalink": permalink,
        "home_link": "slack://app?team=T1&id=A1&tab=home",
        "deeds": {number: frozenset(Deed) for number in ideas},
    }
    return DigestPage(facts, ideas, **values | changes)


def permalink(idea: IdeaDetails) -> str | None:
    """Return where the idea's card would be."""
    return f"https://example.org/{idea.id}"


def listed(idea: IdeaDetails, *, is_own: bool = False, button: bool = False, reaction: bool = False) -> ListedIdea:
    """Return the idea as somebody sees it in a list."""
    can_vote = not is_own and idea.status in VOTABLE_STATUSES
    return ListedIdea(idea, is_own, can_vote, button, reaction)


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


def everything_of(idea: IdeaDetails, typed: str) -> ListedIdea:
    """Return an idea that has all there can be to show, with everything that can be done with it."""
    answered: dict[str, Any] = {
        "answer": typed,
        "answered_by": "U3",
        "newest_answer_at": NOW,
        "owner_id": "S1",
        "maker_id": "U4",
    }
    parked: dict[str, Any] = {"parked_until": date(2026, 12, 24), "parked_condition": typed[:CONDITION_LIMIT]}
    deeds = frozenset(deed.value for deed in Deed)
    return ListedIdea(replace(idea, **answered, **parked), False, True, False, True, deeds)


def history_of(typed: str) -> History:
    """Return a history with each kind of change in it, all for the same reason."""
    parked = {"until": "2026-12-24", "condition": typed[:CONDITION_LIMIT]}
    ends: list[tuple[Step, str, str, dict[str, Any]]] = [
        (Step.STATUS, Status.NEW, Status.UNDER_REVIEW, {}),
        (Step.OWNER, "U2", "S1", {"how": "routed"}),
        (Step.STATUS, Status.UNDER_REVIEW, Status.PARKED, parked),
        (Step.STATUS, Status.PARKED, Status.PARKED, {}),
        (Step.STATUS, Status.UNDER_REVIEW, Status.MERGED, {"into": 3}),
        (Step.ASKED, Status.DECLINED, Status.DECLINED, {}),
        (Step.STATUS, Status.DECLINED, Status.UNDER_REVIEW, {}),
    ]
    texts = [typed] * 3 + [""] * len(ends)  # More of the longest would leave out lines, and their mentions.
    lines = [HistoryLine(NOW, "U3", *end[:3], text, end[3]) for end, text in zip(ends, texts, strict=False)]
    return History(tuple(lines), earlier=3)


def news_views(idea: IdeaDetails, typed: str) -> list[Message | dict[str, Any]]:
    """Return what people are told when something becomes of ideas, as many as one message ever tells of."""
    parked = replace(idea, parked_condition=typed)
    changes = [
        ToldChange(replace(parked, id=number), Step.STATUS, "new", "parked", "U2", typed, {}, idea)
        for number in range(1, 2 * news.SHOWN_CHANGES)
    ]
    pieces = [news.Piece(NewsKind.VOTED_IDEAS, change, {Deed.FINISH}, "https://example.org") for change in changes]
    dues = [reminders.Due(change.idea, NOW.date(), {Deed.ANSWER, Deed.ROUTE}) for change in changes]
    return [
        news.news_letter(pieces, "U1", ZONE),
        news.news_letter(pieces[:3], "U1", ZONE),
        news.thread_note(replace(changes[0], into=None), ZONE),
        reminders.reminder(dues, NOW.date()),
        reminders.next_idea(Occasion.SHIPPED, idea, None),
        reminders.next_idea(Occasion.DECLINED, None, "U3"),
        news.preferences_form({NewsKind.OWN_IDEAS}),
    ]


def every_view(idea: IdeaDetails, typed: str) -> list[Message | dict[str, Any]]:
    """Return all that is ever shown with an idea's text or with a text that somebody typed."""
    draft = IdeaText(idea.title, idea.description, idea.stage)
    quiet = replace(WEEK, numbers=WeekNumbers(0, 2, 1), quiet_idea=7)
    items = tuple(listed(replace(idea, id=number)) for number in range(1, lists.PAGE_LIMIT + 1))
    search = ListRequest(ListKind.SEARCH, typed, 2)
    page = IdeaPage(items, 2, 3, 50)
    noted = Noted(Note.REACTION_STANDS, 12, ("heart", "+1::skin-tone-2"))
    show: dict[str, Callable[..., Message]] = {
        "digest": digests.digest,
        "preview": lambda page: digests.digest_preview(page, digests.Preview("2026-W48")),
    }
    return [
        cards.idea_card(idea, ZONE, vote_reactions=["+1"]),
        forms.idea_form(draft, LISTS, notice=forms.PRIVATE_CONVERSATION_NOTICE),
        forms.edit_form(idea, LISTS),
        forms.filed_view(idea, "C1", ZONE),
        forms.edited_view(idea),
        receipts.filed_receipt(idea, ZONE, stages=LISTS.stages, undo_left=timedelta(), note=Note.STAGE_CHOSEN),
        receipts.withdrawn_receipt(idea, had_support=True),
        receipts.undo_too_late(idea),
        receipts.kept_text(typed),
        receipts.line_too_long(typed),
        lists.idea_list(search, page, zone=ZONE, permalink=permalink, noted=noted),
        lists.idea_list(search, IdeaPage((), 1, 1, 0), zone=ZONE, permalink=permalink),
        lists.idea_details(listed(idea), zone=ZONE, permalink=permalink),
        lists.idea_details(everything_of(idea, typed), zone=ZONE, permalink=permalink, history=history_of(typed)),
        answers.answer_form(Deed.ROUTE, idea, Offer((), {"use": "Use"})),
        answers.decided_view(Deed.PARK, idea, ZONE),
        answers.preview_form(Deed.MERGE, idea, AnswerDraft(typed, into=typed), "U3", replace(idea, id=3)),
        help.unknown_idea(typed),
        refusals.something_broke("9f3a", typed=typed),
        refusals.database_away(typed=typed),
        *news_views(idea, typed),
        *(view(page_of(facts, idea)) for view in show.values() for facts in (WEEK, quiet)),
        digests.digest(page_of(WEEK, replace(idea, answered_by="U3", newest_answer_at=NOW), sent_at=WEEK_END)),
    ]
