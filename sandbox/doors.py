"""The HTTP and WebSocket routes of the workspace, the page's aside."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from sandbox.acting import Acting
from sandbox.answers import answer_by_url
from sandbox.control import control
from sandbox.errors import ActError, SlackError
from sandbox.incoming import read_request
from sandbox.models import Json
from sandbox.parts import Parts
from sandbox.state import state_of
from sandbox.webapi import WebApi

Endpoint = Callable[[Request], Awaitable[Response]]


def build_routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of the Web API, Socket Mode, response URLs, acting, state, control and traffic."""
    return [
        Route("/api/{method}", WebApi(parts).answer, methods=["GET", "POST"]),
        WebSocketRoute("/link/", parts.sockets.serve),
        Route("/actions/{team}/{key}", _response_url(parts), methods=["POST"]),
        Route("/act", _posted(Acting(parts).act_now), methods=["POST"]),
        Route("/control", _posted(lambda request: control(parts, request)), methods=["POST"]),
        Route("/state", _state(parts)),
        Route("/traffic", _traffic(parts)),
        Route("/idle", _idle(parts)),
    ]


def _posted(work: Callable[[Json], Awaitable[Json]]) -> Endpoint:
    """Return an endpoint that does what a posted JSON object says: 200, or 400 with the error."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await work(read_request(await request.body())))
        except ActError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 400)

    return endpoint


def _response_url(parts: Parts) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            body = read_request(await request.body())
            url = parts.response_urls.use(request.path_params["key"])
            answer_by_url(parts, url, body)
        except ActError:
            return _record(parts, "invalid_payload", 400, None)
        except SlackError as error:
            return _record(parts, error.error, 404 if error.error in {"used_url", "expired_url"} else 400, body)
        return _record(parts, "ok", 200, body)

    return endpoint


def _record(parts: Parts, outcome: str, status: int, body: Json | None) -> Response:
    parts.journal.record("response_url", "response_url", outcome, request=body)
    if outcome == "ok":
        return PlainTextResponse("ok")
    return JSONResponse({"ok": False, "error": outcome}, status)


def _state(parts: Parts) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        user = parts.workspace.users.get(request.query_params.get("user", ""))
        if user is None:
            return JSONResponse({"ok": False, "error": "Say whose: /state?user=U..."}, 400)
        return JSONResponse({"ok": True} | state_of(parts.workspace, user))

    return endpoint


def _traffic(parts: Parts) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse({"ok": True, "entries": parts.journal.as_list()})

    return endpoint


def _idle(parts: Parts) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse({"idle": parts.delivery.active == 0, "pending": parts.delivery.active})

    return endpoint
