"""`cxidea restored`: after a backup came back, before the bot starts on it."""

from collections.abc import Iterator
from datetime import timedelta

from bot import clock
from bot.deps import Deps
from bot.posts import METADATA_EVENT
from bot.services import restoring
from bot.services.restoring import Posted, Settled
from db.queries import idea_key
from db.types import Edition

_LOOK_BACK = timedelta(days=7)
"""How long before the last thing that the database knows of: somebody may have started the bot on it already."""
_PAGE = 200


def settle_restored(deps: Deps) -> Iterator[str]:
    """Put right what a restored database does not know, and yield a line for each; raises what the client raises.

    Everything is read first and written in one transaction, so that a failure leaves the database as it was.
    """
    deps.identity.learn(deps.reads, clock.now())
    with deps.sessions.reading() as session:
        newest = restoring.newest_moment(session)
    oldest = str((newest - _LOOK_BACK).timestamp()) if newest else "0"
    channels = dict.fromkeys((deps.company.ideas_channel, *deps.company.digest_channels))
    found = [posted for channel_id in channels for posted in _posted(deps, channel_id, oldest)]
    with deps.sessions.begin() as session:
        settled = restoring.settle(session, found, deps.company.timezone, clock.now())
    return _lines(deps, settled)


def _posted(deps: Deps, channel_id: str, oldest: str) -> Iterator[Posted]:
    """Yield the messages of ours in a channel, the newest first."""
    bot_id = deps.identity.get().bot_id
    for page in deps.reads.conversations_history(
        channel=channel_id, oldest=oldest, include_all_metadata=True, limit=_PAGE
    ):
        for message in page["messages"]:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if message.get("bot_id") == bot_id and metadata.get("event_type") == METADATA_EVENT and "row" in payload:
                yield Posted(str(payload["row"]), str(payload.get("key")), channel_id, str(message["ts"]))


def _lines(deps: Deps, settled: Settled) -> Iterator[str]:
    yield f"to be looked for in Slack before they are posted: {settled.doubtful} messages"
    for request in settled.digests:
        edition = " so far" if request.edition == Edition.SO_FAR else ""
        yield f"found the digest {request.channel_id} {request.week}{edition}; it is not posted again"
    for card in settled.lost:
        place = deps.identity.get().permalink(card.channel_id, card.message_ts)
        yield f"lost {idea_key(card.idea_id or 0)}, filed after the backup; ask its author to file it again: {place}"
    yield f"the next idea is {idea_key(settled.next_idea)}"
