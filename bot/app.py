"""The Bolt app: options, the order of listeners, and the one error boundary."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.boundary import answer_error
from bot.deps import Deps
from bot.errors import BotError, MalformedPayload
from bot.handlers import answers, commands, digests, home, ideas, lists, news, settings, votes
from bot.ids import Action
from bot.metrics import Metrics, RequestOutcome
from bot.payloads import require_readable
from bot.traffic import Traffic

log = structlog.get_logger()

_ANYTHING = re.compile(".*", re.DOTALL)


_OUTCOME = "outcome"


class _MeasuredApp(App):
    """A Bolt app that counts and times what either transport hands it, and lets it go first.

    Bolt looks for a listener by names that it takes for texts; what has others in their place stops here.
    """

    metrics: Metrics
    traffic: Traffic

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Return the answer to one request."""
        with self.traffic.request(), self.metrics.request(req.body) as request:
            response = _unreadable(req) or super().dispatch(req)
            request.outcome = req.context.get(_OUTCOME) or _outcome_of(response)
        return response


def _unreadable(req: BoltRequest) -> BoltResponse | None:
    try:
        require_readable(req.body)
    except MalformedPayload as error:
        log.warning("request.malformed", what=error.what)
        return BoltResponse(status=400, body="")
    return None


def _outcome_of(response: BoltResponse) -> RequestOutcome:
    if response.status < HTTPStatus.BAD_REQUEST:
        return RequestOutcome.DONE
    return RequestOutcome.REFUSED if response.status < HTTPStatus.INTERNAL_SERVER_ERROR else RequestOutcome.FAILED


def build_app(deps: Deps) -> App:
    """Return the app with every listener registered; it calls nobody yet.

    `process_before_response`: the acknowledgement leaves after the listener's commit, so that Slack delivers a failed
    event again. Requests are verified in `http.py`, before anything is parsed.
    """
    logger = logging.getLogger("slack_bolt.cxidea")
    logger.setLevel(logging.ERROR)  # Its warnings are about options that are meant.
    app = _MeasuredApp(
        name="cxidea",
        client=deps.forms,
        authorize=_authorizer(deps),
        process_before_response=True,
        request_verification_enabled=False,
        logger=logger,
    )
    app.metrics, app.traffic = deps.metrics, deps.traffic
    app.use(_refuse_strangers(deps))
    votes.register_reactions(app, deps)  # First: Bolt asks listeners in turn, and reactions are most of what comes.
    for feature in (commands, ideas, votes, lists, digests, answers, home, news, settings):
        feature.register(app, deps)
    _register_the_rest(app)

    @app.error
    def on_error(error: Exception, body: dict[str, Any], context: BoltContext) -> BoltResponse:
        context[_OUTCOME] = RequestOutcome.REFUSED if isinstance(error, BotError) else RequestOutcome.FAILED
        return answer_error(deps, error, body)

    return app


def _authorizer(deps: Deps) -> Callable[[], AuthorizeResult]:
    def authorize() -> AuthorizeResult:
        identity = deps.identity.get()
        return AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_user_id=identity.bot_user_id,
            bot_id=identity.bot_id,
            bot_token=deps.settings.slack_bot_token.get_secret_value(),
        )

    return authorize


def _refuse_strangers(deps: Deps) -> Callable[..., BoltResponse | None]:
    def refuse_strangers(body: dict[str, Any], next_: Callable[[], BoltResponse]) -> BoltResponse | None:
        team = body.get("team_id") or _id_of(body.get("team"))
        enterprise = body.get("enterprise_id") or _id_of(body.get("enterprise"))
        if deps.identity.get().is_from_us(team, enterprise, body.get("api_app_id")):
            return next_()
        log.warning("request.foreign")
        return BoltResponse(status=403, body="")

    return refuse_strangers


def _id_of(part: object) -> object:
    return part.get("id") if isinstance(part, dict) else None


def _register_the_rest(app: App) -> None:
    """Register answers to what nothing else takes: unanswered, Slack would repeat it or warn the person."""

    @app.action(Action.SEE_CARD)
    @app.action(Action.REPLY_IN_THREAD)
    def on_link_followed(ack: Ack) -> None:
        """A link button is followed by the browser; Slack only wants to hear that we know of it."""
        ack()

    @app.event(_ANYTHING)
    def on_other_event() -> None:
        """Events that the app's settings name and that this version does not use."""

    for register in (app.action, app.view, app.shortcut):
        register(_ANYTHING)(_on_unknown)


def _on_unknown() -> None:
    raise MalformedPayload("an action, form or shortcut of no feature")
