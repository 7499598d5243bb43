"""How reactions are recorded as they come: a lone vote in two statements, a crowd in one transaction."""

from collections.abc import Callable

from bot.group_commit import GroupCommit
from bot.payloads import Reaction
from bot.services.lone_votes import record_lone_vote
from bot.services.reactions import record_reactions
from bot.vote_emoji import VoteEmoji
from db.session import Sessions


def recorder(sessions: Sessions, emoji: Callable[[], VoteEmoji]) -> GroupCommit[Reaction]:
    """Return what records reactions; `emoji` tells which are votes now."""
    return GroupCommit(
        sessions,
        lambda session, reactions: record_reactions(session, reactions, emoji()),
        lambda reaction: record_lone_vote(sessions, reaction, emoji()),
    )
