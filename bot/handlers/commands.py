"""`/cxidea`: an idea in a line, the form, or one of the lists."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import clock, subcommands
from bot.catalog import DESCRIPTION_LIMIT, IdeaText, Lists
from bot.deps import Deps
from bot.handlers.digests import preview_digest
from bot.handlers.ideas import open_form
from bot.handlers.settings import show_settings
from bot.ids import COMMAND, ListRequest
from bot.payloads import Command
from bot.rendering import Look, filed_receipt, list_message, require_idea
from bot.services.ideas import Filing, submit_idea
from bot.services.stats import read_stats
from bot.subcommands import Draft, Line, Plain
from bot.views import help as help_view
from bot.views.forms import idea_form
from bot.views.message import Message
from bot.views.receipts import line_too_long
from bot.views.stats import stats_message
from bot.views.text import width


def register(app: App, deps: Deps) -> None:
    """Register the command."""

    @app.command(COMMAND)
    def on_command(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        command = Command.parse(body)
        request = subcommands.parse(command.text)
        if isinstance(request, Draft):
            answer = _open_prefilled(client, command, request.idea, deps.company.lists)
        else:
            answer = _answer(deps, command, request)
        if answer is None:
            ack()
        else:
            ack(response_type="ephemeral", text=answer.text, blocks=answer.blocks)


def _answer(deps: Deps, command: Command, request: Plain | ListRequest | Line) -> Message:
    if isinstance(request, Line):
        return _file(deps, command, request.idea)
    if isinstance(request, ListRequest):
        with deps.sessions.reading() as session:
            return list_message(session, deps, request, Look(command.user_id, clock.now()))
    if request == Plain.SETTINGS:
        return show_settings(deps, command.user_id)
    if request == Plain.DIGEST:
        return preview_digest(deps, command.user_id)
    if request == Plain.STATS:
        return _stats(deps)
    return help_view.help_message(deps.company.ideas_channel, deps.company.vote_reactions)


def _stats(deps: Deps) -> Message:
    with deps.sessions.reading() as session:
        return stats_message(read_stats(session, deps.rules, deps.company.workforce, clock.now()))


def _file(deps: Deps, command: Command, idea: IdeaText) -> Message:
    now = clock.now()
    with deps.sessions.begin() as session:
        filing = Filing(f"command:{command.trigger_id}", command.user_id, idea, now)
        filed = require_idea(session, submit_idea(session, filing, deps.rules))
    return filed_receipt(filed, deps, now)


def _open_prefilled(client: WebClient, command: Command, draft: IdeaText, lists: Lists) -> Message | None:
    if width(draft.description) > DESCRIPTION_LIMIT:
        return line_too_long(command.text)
    open_form(client, command.trigger_id, idea_form(draft, lists), kept=command.text)
    return None
