"""Cards compared with Slack, so that no vote is lost while the bot was away.

The channel's history carries reactions and shows which cards differ; only those are read one by one. It also shows
messages that stand twice.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot import clock, posts
from bot.deps import Deps
from bot.outcomes import Fate, failure_of
from bot.services import repairs
from bot.services.repairs import Card, Listed, Reactions, Repair
from bot.services.votes import recount_card
from bot.services.waiting import digest_channels_since, stray_copies

log = structlog.get_logger()

_PAGE = 200
_FRESH_SECONDS = 3
_DIGEST_COPIES_WITHIN = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Result:
    """What a comparison found; `is_whole` is False when its time was over before its end."""

    compared: int
    repaired: int
    is_whole: bool


def reconcile(deps: Deps, seconds: float = 3600) -> Result:
    """Compare cards with Slack and repair what differs, for so long at most; raises what the client raises."""
    deadline = time.monotonic() + seconds
    with deps.sessions.reading() as session:
        cards = repairs.cards_to_compare(session, clock.now())
    result, fresh = _compare(deps, cards, deadline)
    if fresh and result.is_whole:
        # What was stored within Slack's last second could not be told from what came after the list.
        time.sleep(_FRESH_SECONDS)
        again, _ = _compare(deps, fresh, deadline)
        result = replace(result, repaired=result.repaired + again.repaired)
    _recount(deps)
    if time.monotonic() < deadline:
        _look_through_digest_channels(deps)
    log.info("reconciliation.done", compared=result.compared, repaired=result.repaired, is_whole=result.is_whole)
    return result


def _compare(deps: Deps, cards: Iterable[Card], deadline: float) -> tuple[Result, list[Card]]:
    """Return what was found, and the cards with reactions too fresh to judge."""
    compared = repaired = 0
    fresh: list[Card] = []
    for card, listed in _listed_cards(deps, cards):
        if time.monotonic() > deadline:
            return Result(compared, repaired, is_whole=False), fresh
        repair = _repair(deps, card, listed)
        compared += 1
        repaired += repair.repaired
        fresh += [card] if repair.left else []
    return Result(compared, repaired, is_whole=True), fresh


def _recount(deps: Deps) -> None:
    """Count again what the stored reactions say of votes: which emoji are votes may have changed since."""
    with deps.sessions.reading() as session:
        cards = repairs.miscounted_cards(session, clock.now(), deps.emoji)
    for card in cards:
        with deps.sessions.begin() as session:
            recount_card(session, card.idea_id, card.place, deps.emoji, clock.now())
        log.info("reconciliation.recounted", idea_id=card.idea_id)


def _listed_cards(deps: Deps, cards: Iterable[Card]) -> Iterator[tuple[Card, Reactions]]:
    by_channel = groupby(sorted(cards, key=lambda card: card.channel_id), key=lambda card: card.channel_id)
    for channel_id, group in by_channel:
        wanted = {card.message_ts: card for card in group}
        for message in _history(deps, channel_id, min(wanted)):
            card = wanted.get(message["ts"])
            if card:
                yield card, _reactions(deps, message)


def _history(deps: Deps, channel_id: str, oldest: str) -> Iterator[dict[str, Any]]:
    try:
        for page in deps.reads.conversations_history(
            channel=channel_id, oldest=oldest, inclusive=True, include_all_metadata=True, limit=_PAGE
        ):
            _remove_strays(deps, channel_id, page["messages"])
            yield from page["messages"]
    except SlackApiError as error:
        failure = failure_of(error)
        if failure.fate != Fate.CHANNEL:
            raise
        deps.notices.blocked(channel_id, failure.error)  # Other channels go on.


def _remove_strays(deps: Deps, channel_id: str, messages: list[dict[str, Any]]) -> None:
    """Delete second copies of our messages: a call that Slack held for long may have come to something after all."""
    keys = {message["ts"]: key for message in messages if (key := posts.key_of(message))}
    with deps.sessions.reading() as session:
        strays = stray_copies(session, keys)
    for message_ts in strays:
        try:
            posts.remove(deps.writes, channel_id, message_ts)
        except SlackApiError as error:  # It is left for the next time.
            log.warning("reconciliation.copy_stays", channel=channel_id, error=failure_of(error).error)
        else:
            log.warning("reconciliation.copy_removed", channel=channel_id)


def _look_through_digest_channels(deps: Deps) -> None:
    since = clock.now() - _DIGEST_COPIES_WITHIN
    with deps.sessions.reading() as session:
        channel_ids = digest_channels_since(session, since)
    for channel_id in channel_ids:
        for _ in _history(deps, channel_id, f"{since.timestamp():.6f}"):
            pass


def _repair(deps: Deps, card: Card, listed: Reactions) -> Repair:
    with deps.sessions.reading() as session:
        if not repairs.differs(session, card, listed):
            return Repair()
    began = time.monotonic()
    answer = deps.reads.reactions_get(channel=card.channel_id, timestamp=card.message_ts, full=True)
    event_ts = _just_before(answer.headers, time.monotonic() - began)
    whole = _reactions(deps, answer["message"])
    with deps.sessions.begin() as session:
        repair = repairs.repair_card(session, card, whole, event_ts, deps.emoji)
    if repair.repaired:
        deps.metrics.repaired(repair.repaired)
        log.info("reconciliation.repaired", idea_id=card.idea_id, reactions=repair.repaired)
    return repair


def _reactions(deps: Deps, message: dict[str, Any]) -> Reactions:
    """Return a message's reactions without the bot's own, which are no votes."""
    own = deps.identity.get().bot_user_id
    listed = {}
    for reaction in message.get("reactions", []):
        users = frozenset(reaction["users"])
        listed[reaction["name"]] = Listed(users - {own}, reaction["count"] - (own in users))
    return listed


def _just_before(headers: dict[str, str], elapsed: float) -> int:
    """Return Slack's own time before it made the list, in microseconds: a reaction after it is newer."""
    date = next((value for name, value in headers.items() if name.lower() == "date"), None)
    answered = parsedate_to_datetime(date) if date else clock.now()
    return int((answered.timestamp() - 1 - elapsed) * 1_000_000)
