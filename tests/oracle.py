"""What must hold once the dust has settled, whatever went wrong before: compares the database with the workspace.

It trusts neither the bot nor its words: people, reactions and messages are the workspace's own, and who may vote is
decided here anew. Each function takes the sandbox and the database's address, and raises AssertionError that names
the idea, digest or outbox row that is wrong. `check` asks for everything; `wait_for_promises` until it holds.
"""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.digest_models import DigestRun
from db.models import Idea, IdeaChange, News, OutboxMessage, Vote
from db.session import Sessions, open_database
from sandbox.emojinames import SKIN_TONE, canonical_name
from sandbox.models import Message, User
from sandbox.server import Sandbox
from sandbox.workspace import Workspace
from tests.bot import words

VOTE_REACTIONS = ("+1", "heart", "fire", "raised_hands", "100")
_KEY = re.compile(r"\bCX-(\d+)\b")
_NO_VOTES_ON = {"withdrawn", "merged"}
_ANSWERS = (
    select(IdeaChange.id, IdeaChange.actor_id, Idea.author_id)
    .join(Idea, Idea.id == IdeaChange.idea_id)
    .where(IdeaChange.step == "status", IdeaChange.after.not_in(["under_review", "withdrawn"]))
)
_SILENT = {"reply"}
"""Kinds of rows that may end unsent: nobody waits for an answer to a button once its address has run out."""


def told_key(answer: dict[str, Any]) -> str | None:
    """Return the key that a command's answer told its author, like `CX-12`; None when it acknowledged no idea."""
    shown = answer.get("ephemeral")
    found = re.search(r"Filed as\W*CX-(\d+)", f"{words(shown)}\n{shown['text']}") if shown else None
    return f"CX-{found[1]}" if found else None


def check(
    sandbox: Sandbox,
    database_url: str,
    acknowledged: Mapping[str, str] | None = None,
    weeks: Mapping[str, Collection[str]] | None = None,
) -> None:
    """See that P1 to P4 hold and that nothing waits.

    `acknowledged`: the title typed for each key that a person was told. `weeks`: for each leadership channel the
    weeks, like `2026-W47`, whose regular digests it must have, and no others; None: any, once each.
    """
    ideas_exist_once(database_url, acknowledged or {})
    every_idea_has_one_card(sandbox, database_url)
    tallies_are_the_voters(sandbox, database_url)
    digests_stand_once(sandbox, database_url, weeks)
    news_are_told_once(sandbox, database_url)
    nothing_waits(sandbox, database_url)


def wait_for_promises(sandbox: Sandbox, database_url: str, seconds: float = 60, **what: Any) -> float:
    """Wait until `check` holds; return the seconds that it took, or fail with what was wrong last."""
    began = time.monotonic()
    while True:
        try:
            check(sandbox, database_url, **what)
        except AssertionError:
            if time.monotonic() - began > seconds:
                raise
            time.sleep(0.2)
        else:
            return time.monotonic() - began


def ideas_exist_once(database_url: str, acknowledged: Mapping[str, str]) -> None:
    """P1: each idea whose key a person was told exists once, under that key."""
    with _reading(database_url) as session:
        titles = {f"CX-{number}": title for number, title in session.execute(select(Idea.id, Idea.title))}
    copies = Counter(titles.values())
    for key, title in acknowledged.items():
        assert titles.get(key) == title, f"P1: {key} was acknowledged as {title!r}, and is {titles.get(key)!r}"
        assert copies[title] == 1, f"P1: {key} ({title!r}) exists {copies[title]} times"


def every_idea_has_one_card(sandbox: Sandbox, database_url: str) -> None:
    """P2: each idea has one card in its channel; a withdrawn one has one at most, and no card shows no idea."""
    cards = Counter(key for key, _ in _cards(sandbox))
    with _reading(database_url) as session:
        ideas = {f"CX-{number}": status for number, status in session.execute(select(Idea.id, Idea.status))}
    for key, status in ideas.items():
        fewest = 0 if status == "withdrawn" else 1
        assert fewest <= cards[key] <= 1, f"P2: {key} ({status}) has {cards[key]} cards"
    strays = cards.keys() - ideas.keys()
    assert not strays, f"P2: cards show ideas that do not exist: {sorted(strays)}"


def tallies_are_the_voters(sandbox: Sandbox, database_url: str) -> None:
    """P3: each tally is the people with a vote who have a vote reaction on the card or voted by button.

    The rows that count, the number on the idea and the number on the card must all say the same.
    """
    on_cards = {key: (_reactors(sandbox.workspace, card), words(_shown(card))) for key, card in _cards(sandbox)}
    with _reading(database_url) as session:
        ideas = [idea for idea in session.scalars(select(Idea)) if idea.status not in _NO_VOTES_ON]
        votes = list(session.scalars(select(Vote)))
    for idea in ideas:
        key = f"CX-{idea.id}"
        reactors, text = on_cards.get(key, (set(), ""))
        pressed = {vote.user_id for vote in votes if vote.idea_id == idea.id and vote.by_button}
        expected = {each for each in reactors | pressed if each != idea.author_id and _is_entitled(sandbox, each)}
        counted = {vote.user_id for vote in votes if vote.idea_id == idea.id and vote.counts}
        assert counted == expected, (
            f"P3: {key} counts {sorted(counted - expected)} wrongly and misses {sorted(expected - counted)}"
        )
        assert idea.votes == len(expected), f"P3: {key} says {idea.votes} votes; {len(expected)} people stand behind it"
        shown = re.search(r"(\d+) votes?\b|no votes yet", text)
        assert not text or (shown and int(shown[1] or 0) == len(expected)), (
            f"P3: the card of {key} shows {shown and shown[0]!r}; {len(expected)} people stand behind it"
        )


def digests_stand_once(sandbox: Sandbox, database_url: str, weeks: Mapping[str, Collection[str]] | None = None) -> None:
    """P4: each channel has each week's digest once: by the row that had it posted, and by its own heading."""
    standing = _standing_digests(sandbox, database_url)
    for (channel_id, week, edition), messages in standing.items():
        where = f"P4: the digest of {week} ({edition}) in {channel_id}"
        assert len(messages) == 1, f"{where} stands there {len(messages)} times, at {[each.ts for each in messages]}"
        heading = f"week {int(week[-2:])}"
        assert re.search(rf"\b{heading}\b", messages[0].text), f"{where} is headed {messages[0].text[:60]!r}"
    for channel_id, wanted in (weeks or {}).items():
        found = {week for channel, week, edition in standing if (channel, edition) == (channel_id, "regular")}
        missing, extra = sorted(set(wanted) - found), sorted(found - set(wanted))
        assert not missing, f"P4: {channel_id} has no digest of {missing}"
        assert not extra, f"P4: {channel_id} has digests that nobody expected, of {extra}"


def news_are_told_once(sandbox: Sandbox, database_url: str) -> None:
    """Each answer is told its author in a message of their own, and once in the card's thread; no message stands twice.

    A message that has not left stands nowhere yet: it keeps quiet hours. Who votes after an answer is not told of it.
    """
    standing = Counter(_key_of(message) for message in _told_messages(sandbox))
    with _reading(database_url) as session:
        rows = {row.key: row for row in session.scalars(select(OutboxMessage))}
        told = {(row.user_id, row.change_id): row.message_key for row in session.execute(select(*News.__table__.c))}
        answers = session.execute(_ANSWERS).all()
        left = session.scalars(select(IdeaChange.id).where(IdeaChange.told_through.is_not(None))).all()
    assert not left, f"voters are left to be told of the changes {left}"
    for row in rows.values():
        if row.kind in {"notice", "thread"}:
            found, expected = standing[row.post_key], 0 if row.message_ts is None else 1
            assert found == expected, f"{row.key} ({row.state}) stands {found} times"
    for (user_id, change_id), key in told.items():
        assert key.startswith(f"news:{user_id}:"), f"{user_id} is told of change {change_id} in {key}"
    for change_id, actor_id, author_id in answers:
        assert f"thread:{change_id}" in rows, f"the thread is not told of change {change_id}"
        is_own = author_id in {actor_id, None}
        assert is_own or (author_id, change_id) in told, f"{author_id} is not told of change {change_id}"


def nothing_waits(sandbox: Sandbox, database_url: str) -> None:
    """Nothing waits that could be sent, no wanted digest was left behind, and nothing but an answer was given up."""
    with _reading(database_url) as session:
        rows = [
            row
            for row in session.scalars(select(OutboxMessage))
            if row.wanted_revision > row.shown_revision and row.kind not in _SILENT
        ]
        keys = set(session.scalars(select(OutboxMessage.key)))
        runs = list(session.scalars(select(DigestRun).where(~_is_skipped())))
    stuck = [f"{row.key} ({row.state}, {row.last_error})" for row in rows if _could_be_sent(sandbox, row.channel_id)]
    assert not stuck, f"waiting although they could be sent: {', '.join(stuck)}"
    for run in runs:
        key = f"digest:{run.channel_id}:{run.week}" + (":so-far" if run.edition == "so_far" else "")
        assert key in keys, f"{key} is wanted, and nothing was made of it"


def cards_of(sandbox: Sandbox) -> dict[str, Message]:
    """Return the visible card of each idea by its key; raises AssertionError where there are two."""
    cards = _cards(sandbox)
    doubled = [key for key, count in Counter(key for key, _ in cards).items() if count > 1]
    assert not doubled, f"P2: more than one card: {doubled}"
    return dict(cards)


def _is_skipped() -> Any:
    column = getattr(DigestRun, "skipped_at", None)
    return DigestRun.id.is_(None) if column is None else column.is_not(None)


@cache
def _sessions(database_url: str) -> Sessions:
    """Return the same sessions each time, so that statements are compiled once; no connection stays open."""
    return open_database(database_url, is_patient=True)


@contextmanager
def _reading(database_url: str) -> Iterator[Session]:
    sessions = _sessions(database_url)
    try:
        with sessions.reading() as session:
            yield session
    finally:
        sessions.dispose()


def _cards(sandbox: Sandbox) -> list[tuple[str, Message]]:
    found = []
    for message in _own_messages(sandbox, str(sandbox.info["ideas_channel"])):
        named = _KEY.search(message.text)
        if named:
            found.append((named[0], message))
    return found


def _own_messages(sandbox: Sandbox, channel_id: str) -> list[Message]:
    """Return the bot's messages in a channel, outside of threads."""
    workspace = sandbox.workspace
    messages = sandbox.call(lambda: list(workspace.channels[channel_id].messages.values()))
    return [each for each in messages if each.user_id == workspace.app.bot_user_id and not each.is_reply]


def _told_messages(sandbox: Sandbox) -> list[Message]:
    """Return the bot's direct messages, and its notes in threads."""
    workspace = sandbox.workspace
    channels = sandbox.call(
        lambda: [list(each.messages.values()) for each in workspace.channels.values() if each.is_im]
    )
    ideas = sandbox.call(lambda: list(workspace.channels[str(sandbox.info["ideas_channel"])].messages.values()))
    found = [*(each for messages in channels for each in messages), *(each for each in ideas if each.is_reply)]
    return [each for each in found if each.user_id == workspace.app.bot_user_id]


def _key_of(message: Message) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("key", ""))


def _shown(card: Message) -> dict[str, Any]:
    return {"text": card.text, "blocks": card.blocks}


def _reactors(workspace: Workspace, card: Message) -> set[str]:
    votes = {canonical_name(workspace, name) for name in VOTE_REACTIONS}
    return {user for name, users in card.reactions.items() if _base_name(workspace, name) in votes for user in users}


def _base_name(workspace: Workspace, name: str) -> str:
    base = SKIN_TONE.sub("", name)
    target = workspace.custom_emoji.get(base, "")
    return target.removeprefix("alias:") if target.startswith("alias:") else base


def _is_entitled(sandbox: Sandbox, user_id: str) -> bool:
    workspace = sandbox.workspace
    user: User | None = workspace.users.get(user_id)
    if user is None or user.id == "USLACKBOT":
        return False
    is_colleague = user.team_id == workspace.team_id and not user.is_stranger
    return is_colleague and not (user.is_bot or user.is_restricted or user.deleted)


def _standing_digests(sandbox: Sandbox, database_url: str) -> dict[tuple[str, str, str], list[Message]]:
    with _reading(database_url) as session:
        runs = {run.id: (run.channel_id, run.week, run.edition) for run in session.scalars(select(DigestRun))}
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "digest"))
        places = {row.post_key: runs[row.args["run_id"]] for row in rows}
    standing: dict[tuple[str, str, str], list[Message]] = {}
    ideas_channel = sandbox.info["ideas_channel"]
    for channel_id in [each for each in sandbox.workspace.channels if each != ideas_channel]:
        for message in _own_messages(sandbox, channel_id):
            if "Customer ideas, week" not in message.text:
                continue
            post_key = _key_of(message)
            assert post_key in places, f"P4: nobody knows of the digest at {channel_id} {message.ts}"
            standing.setdefault(places[post_key], []).append(message)
    return standing


def _could_be_sent(sandbox: Sandbox, channel_id: str | None) -> bool:
    workspace = sandbox.workspace
    channel = workspace.channels.get(channel_id or "")
    if channel is None:
        return False
    is_inside = workspace.app.bot_user_id in channel.members
    is_allowed = not (workspace.app.is_token_revoked or workspace.app.is_account_inactive)
    return is_inside and is_allowed and not (channel.is_archived or channel.is_read_only)
