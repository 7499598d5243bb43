"""Reactions on an idea's card are votes, and so is the button in a list."""

from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.handlers.presses import Answer, answer_press
from bot.ids import LIST_BLOCK_SEPARATOR, Action
from bot.payloads import Press, Reaction, list_request
from bot.services.votes import VoteAnswer, cast_vote, take_vote_back


def register_reactions(app: App, deps: Deps) -> None:
    """Register the reaction listeners: first of all, since Bolt asks each listener in turn."""

    @app.event("reaction_added")
    def on_reaction_added(event: dict[str, Any]) -> None:
        _on_reaction(deps, event)

    @app.event("reaction_removed")
    def on_reaction_removed(event: dict[str, Any]) -> None:
        _on_reaction(deps, event)


def register(app: App, deps: Deps) -> None:
    """Register the vote buttons of lists."""

    @app.action(Action.CAST_VOTE)
    def on_vote_cast(ack: Ack, body: dict[str, Any]) -> None:
        answer_press(deps, ack, body, _cast_vote)

    @app.action(Action.TAKE_VOTE_BACK)
    def on_vote_taken_back(ack: Ack, body: dict[str, Any]) -> None:
        def take_back(session: Session, press: Press, now: datetime) -> Answer:
            return _refreshed(press, take_vote_back(session, press.number, press.user_id, deps.emoji, now))

        answer_press(deps, ack, body, take_back)


def _cast_vote(session: Session, press: Press, now: datetime) -> Answer:
    return _refreshed(press, cast_vote(session, press.number, press.user_id, now))


def _on_reaction(deps: Deps, event: dict[str, Any]) -> None:
    reaction = Reaction.parse(event)
    if reaction is None or not deps.company.has_cards_in(reaction.channel_id):
        return
    # Bolt acks when this returns, that is after the commit; what it raises is delivered again.
    deps.reactions.commit(reaction)


def _refreshed(press: Press, answer: VoteAnswer) -> Answer:
    """Return the list that the button stands in, as it is after the press; App Home needs only what to say."""
    said = {"idea_id": press.number, "note": answer.note, "reactions": list(answer.reactions)}
    if press.is_at_home:
        return said
    shown = list_request(press.block_id.rpartition(LIST_BLOCK_SEPARATOR)[0])
    return said | {"view": "list", "list": shown.encode(), "user_id": press.user_id}
