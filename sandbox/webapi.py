"""The Web API: `/api/<method>`, from the request to the answer.

https://docs.slack.dev/apis/web-api
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sandbox.errors import SlackError
from sandbox.faults import API_FAULTS, Fault
from sandbox.incoming import NotAnObject, read_object
from sandbox.methods import METHODS, Call, Method
from sandbox.models import Json
from sandbox.parts import Parts

log = logging.getLogger("sandbox.webapi")
HTML_ERROR = "<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>"


class WebApi:
    """Answers the app's calls: token, rate, scope, method, in this order, with the faults that are set."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._app = parts.workspace.app

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        started = time.perf_counter()
        name = request.path_params["method"]
        fault = self._parts.faults.strike(name, API_FAULTS, every="*")
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        arguments: Json = {}
        try:
            arguments, token = await read_arguments(request)
            body = self._body(name, arguments, token, fault)
        except SlackError as error:
            body = _refusal(error.error, error.details)
        response = self._response(body, fault)
        milliseconds = (time.perf_counter() - started) * 1000
        outcome = ("ok" if body["ok"] else body["error"]) + (f" ({fault.kind})" if fault else "")
        self._parts.journal.record("api", name, outcome, milliseconds=milliseconds, request=arguments, answer=body)
        if fault and fault.kind in {"drop_before", "apply_then_drop"}:
            self._parts.lines.abort(request.scope)
        return response

    def _body(self, name: str, arguments: Json, token: str, fault: Fault | None) -> Json:
        refusal = _refusal_before(fault)
        if refusal:
            return refusal
        try:
            body = {"ok": True} | self._call(name, arguments, token)
        except SlackError as error:
            return _refusal(error.error, error.details)
        return _refusal(fault.error, {}) if fault and fault.kind == "apply_then_error" else body

    def _call(self, name: str, arguments: Json, token: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            log.error("unknown_method: the app called %s, which this workspace does not have", name)
            raise SlackError("unknown_method", req_method=name)
        self._check_token(method, token)
        self._parts.rates.check(method, arguments)
        parts = self._parts
        call = Call(parts.workspace, parts.delivery, parts.triggers, arguments)
        if method.scope:
            call.needs_scope(method.scope)
        return method.answer(call)

    def _check_token(self, method: Method, token: str) -> None:
        app = self._app
        if method.caller == "anyone":
            return
        if not token:
            raise SlackError("not_authed")
        if token not in {app.bot_token, app.app_token}:
            raise SlackError("invalid_auth")
        if token != (app.app_token if method.caller == "app" else app.bot_token):
            raise SlackError("not_allowed_token_type")
        if method.caller == "bot" and app.is_token_revoked:
            raise SlackError("token_revoked")
        if method.caller == "bot" and app.is_account_inactive:
            raise SlackError("account_inactive")

    def _response(self, body: Json, fault: Fault | None) -> Response:
        if fault and fault.kind == "status":
            return Response(HTML_ERROR, fault.status, media_type="text/html")
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._app.scopes)), "X-Slack-Req-Id": "sandbox"}
        status = 200
        if body.get("error") == "ratelimited" and "retry_after" in body:
            headers["Retry-After"] = str(body.pop("retry_after"))
            status = 429
        text = json.dumps(body)
        if fault and fault.kind == "cut_body":
            text = text[: len(text) // 2]
        return Response(text, status, headers, "application/json; charset=utf-8")


def _refusal(error: str, details: Json) -> Json:
    return {"ok": False, "error": error} | details


def _refusal_before(fault: Fault | None) -> Json | None:
    """Return the answer of a fault that strikes before anything is done."""
    if fault and fault.kind in {"drop_before", "status"}:
        return _refusal("not done", {})
    if fault and fault.kind == "error":
        return _refusal(fault.error, {})
    if fault and fault.kind == "ratelimited":
        return _refusal("ratelimited", {"retry_after": int(fault.seconds)})
    return None


async def read_arguments(request: Request) -> tuple[Json, str]:
    """Return a call's arguments and its token, from the query, a form or a JSON body.

    A token in the header wins; inside a JSON body Slack does not look for one. Raises invalid_json or json_not_object.
    """
    arguments: Json = dict(request.query_params)
    body = await request.body()
    header_token = _bearer(request.headers)
    if request.headers.get("content-type", "").startswith("application/json"):
        arguments |= _json_of(body)
        arguments.pop("token", None)
    else:
        arguments |= parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    form_token = str(arguments.pop("token", ""))
    return arguments, header_token or form_token


def _json_of(body: bytes) -> Json:
    try:
        return read_object(body or b"{}")
    except NotAnObject:
        raise SlackError("json_not_object") from None
    except ValueError:
        raise SlackError("invalid_json") from None


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
