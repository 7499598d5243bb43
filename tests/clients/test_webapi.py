"""Every Web API method through the official clients."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.methods import METHODS
from sandbox.server import Sandbox, running_sandbox
from tests.clients.everycall import REFUSED, Call, EveryCall
from tests.clients.nodeapps import node_calls


def python_calls(sandbox: Sandbox) -> Call:
    """Return calls through slack_sdk, each by the method of that name."""

    def call(token: str, method: str, args: dict[str, Any]) -> dict[str, Any]:
        web = WebClient(token, sandbox.info["api_url"], retry_handlers=[])
        needed = {"app_token": token} if method == "apps.connections.open" else {}
        try:
            answer = getattr(web, method.replace(".", "_"))(**needed, **args)
        except SlackApiError as error:
            return {"ok": False, "error": error.response["error"]}
        assert isinstance(answer.data, dict)
        return answer.data

    return call


def shape(value: Any) -> Any:
    """Return a value's keys and types, without what the clients themselves add."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key != "response_metadata"}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


def check_every_call(sandbox: Sandbox, call: Call) -> dict[str, dict[str, Any]]:
    """Call everything; returns the answers when all of them are ok and no method was forgotten."""
    answers = EveryCall(sandbox, call).answers
    assert {method: answer for method, answer in answers.items() if not answer["ok"]} == {}
    assert answers.keys() == METHODS.keys()
    return answers


def test_every_method_in_python() -> None:
    """Each method that the sandbox offers is called with success through slack_sdk."""
    with running_sandbox() as sandbox:
        check_every_call(sandbox, python_calls(sandbox))


def test_every_method_in_node(node: str) -> None:
    """Each method is called with success through @slack/web-api, which reads the same answer as slack_sdk."""
    with running_sandbox() as sandbox, node_calls(node, sandbox) as call:
        in_node = check_every_call(sandbox, call)
    assert call.log == ""
    with running_sandbox() as sandbox:
        in_python = check_every_call(sandbox, python_calls(sandbox))
    assert shape(in_node) == shape(in_python)


@pytest.mark.parametrize(("method", "args", "error"), REFUSED)
def test_refusals_in_python(method: str, args: dict[str, Any], error: str) -> None:
    """A refused call raises slack_sdk's error with Slack's name for it."""
    with running_sandbox() as sandbox:
        assert python_calls(sandbox)(sandbox.info["bot_token"], method, args) == {"ok": False, "error": error}


def test_refusals_in_node(node: str) -> None:
    """A refused call throws @slack/web-api's error for what the platform refuses, with Slack's name for it."""
    with running_sandbox() as sandbox, node_calls(node, sandbox) as call:
        token = sandbox.info["bot_token"]
        thrown = [call(token, method, args) for method, args, _ in REFUSED]
    assert "unsupported type: alert [json-pointer:/blocks/0/type]" in call.log
    expected = {"ok": False, "thrown": "slack_webapi_platform_error"}
    assert thrown == [expected | {"error": error} for _, _, error in REFUSED]


def test_rate_limit_in_node(node: str) -> None:
    """A limited call, answered 429 with Retry-After, is repeated by @slack/web-api after that time, with success."""
    with running_sandbox() as sandbox, node_calls(node, sandbox) as call:
        sandbox.control("fault", target="auth.test", kind="ratelimited", seconds=1, count=1)
        assert call(sandbox.info["bot_token"], "auth.test", {})["ok"]
        outcomes = [entry.outcome for entry in sandbox.parts.journal.entries if entry.kind == "api"]
    assert "retry-after: 1" in call.log
    assert outcomes == ["ratelimited (ratelimited)", "ok"]
