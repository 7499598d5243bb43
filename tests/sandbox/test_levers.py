"""What an evaluator can do to the workspace, and how the app learns of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.manifest import manifest
from sandbox.errors import ActError
from sandbox.people import BOT_USER_ID, EXTERNAL_ID, LEADERS_GROUP
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK, VP, Seen, button, eventually, request_url
from tests.sandbox.samples import CHARTS


def refusal(call: Callable[[], Any]) -> str:
    """Return the name by which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_a_deleted_channel_is_not_found(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A deleted channel is gone for the app and for people, until it is restored."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.control("delete_channel", channel=ideas)
    assert refusal(lambda: web.chat_postMessage(channel=ideas, text="x")) == "channel_not_found"
    assert refusal(lambda: web.chat_update(channel=ideas, ts=ts, text="x")) == "channel_not_found"
    assert refusal(lambda: web.conversations_history(channel=ideas)) == "channel_not_found"
    assert ideas not in {channel["id"] for channel in web.conversations_list()["channels"]}
    assert ideas not in {channel["id"] for channel in sandbox.state(AGENT)["channels"]}
    with pytest.raises(ActError, match="channel_not_found"):
        sandbox.act(AGENT, "say", channel=ideas, text="x")
    sandbox.control("restore_channel", channel=ideas)
    assert web.conversations_history(channel=ideas)["messages"][0]["ts"] == ts


def test_a_channel_made_private(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A channel that became private is there for its members alone, with the scopes of private channels."""
    sandbox.control("make_private", channel=ideas)
    assert web.conversations_info(channel=ideas)["channel"]["is_private"] is True
    sandbox.control("kick", channel=ideas)
    assert refusal(lambda: web.chat_postMessage(channel=ideas, text="x")) == "channel_not_found"
    sandbox.control("make_public", channel=ideas)
    assert refusal(lambda: web.chat_postMessage(channel=ideas, text="x")) == "not_in_channel"


def test_a_read_only_channel(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """In a read-only channel neither the app nor people may write."""
    sandbox.control("make_read_only", channel=ideas)
    assert refusal(lambda: web.chat_postMessage(channel=ideas, text="x")) == "restricted_action_read_only_channel"
    with pytest.raises(ActError, match="restricted_action_read_only_channel"):
        sandbox.act(AGENT, "say", channel=ideas, text="x")
    sandbox.control("make_writable", channel=ideas)
    assert web.chat_postMessage(channel=ideas, text="x")["ok"]


def test_a_workspace_without_charts(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An old workspace refuses each message with a chart, and App Home too, with a pointer to it, and takes others."""
    sandbox.control("refuse_charts")
    blocks = [{"type": "divider"}, CHARTS[0]]
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=ideas, text="Numbers", blocks=blocks)
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["errors"] == ["unsupported type: data_visualization [json-pointer:/blocks/1/type]"]
    ts = web.chat_postMessage(channel=ideas, text="Numbers", blocks=blocks[:1])["ts"]
    assert refusal(lambda: web.chat_update(channel=ideas, ts=ts, text="Numbers", blocks=blocks)) == "invalid_blocks"
    home = {"type": "home", "blocks": blocks}
    assert refusal(lambda: web.views_publish(user_id=AGENT, view=home)) == "invalid_arguments"
    sandbox.control("take_charts")
    assert web.chat_update(channel=ideas, ts=ts, text="Numbers", blocks=blocks)["ok"]


def test_an_old_workspace_finds_charts_inside_other_blocks(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A chart in a container is refused as well, where it stands."""
    sandbox.control("refuse_charts")
    container = {"type": "container", "title": {"type": "plain_text", "text": "Numbers"}, "child_blocks": [CHARTS[0]]}
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=ideas, text="Numbers", blocks=[container])
    assert "[json-pointer:/blocks/0/child_blocks/0/type]" in str(caught.value.response["errors"])


def test_a_renamed_channel(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A renamed channel keeps its id; a name that is taken or none is refused."""
    sandbox.control("rename_channel", channel=ideas, name="customer-ideas")
    assert web.conversations_info(channel=ideas)["channel"]["name"] == "customer-ideas"
    for name in ("general", "Not a name", "", 5):
        with pytest.raises(ActError):
            sandbox.control("rename_channel", channel=ideas, name=name)


def test_a_role_changes(sandbox: Sandbox, web: WebClient) -> None:
    """An employee becomes a guest and an employee again; people of other organisations keep what they are."""
    sandbox.control("set_role", user=AGENT, role="guest")
    assert web.users_info(user=AGENT)["user"]["is_restricted"] is True
    sandbox.control("set_role", user=AGENT, role="employee")
    assert web.users_info(user=AGENT)["user"]["is_restricted"] is False
    for user, role in ((AGENT, "king"), (EXTERNAL_ID, "admin"), (BOT_USER_ID, "admin")):
        with pytest.raises(ActError):
            sandbox.control("set_role", user=user, role=role)


def test_a_user_group_changes(sandbox: Sandbox, web: WebClient) -> None:
    """A user group has exactly the people that it is given."""
    sandbox.control("set_group", group=LEADERS_GROUP, users=[VP, CLERK, VP])
    assert web.usergroups_users_list(usergroup=LEADERS_GROUP)["users"] == [VP, CLERK]
    for users in ("U0", ["U0NOBODY"]):
        with pytest.raises(ActError):
            sandbox.control("set_group", group=LEADERS_GROUP, users=users)


def test_deliveries_of_others(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """Events, commands and interactions can come from another workspace, or for another app."""
    row = {"type": "actions", "elements": [button()]}
    ts = web.chat_postMessage(channel=ideas, text="Card", blocks=[row])["ts"]
    ours, app = sandbox.workspace.team_id, sandbox.workspace.app.id

    def deliver() -> list[tuple[str, str]]:
        connected.bodies.clear()
        sandbox.act(AGENT, "command", channel=ideas, text="hello")
        sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote")
        name = "heart" if len(sandbox.state(AGENT)["channels"][0]["messages"][0]["reactions"]) == 0 else "fire"
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name=name)
        eventually(lambda: len(connected.bodies) == 3 and sandbox.parts.delivery.active == 0)
        return [(body.get("team_id") or body["team"]["id"], body["api_app_id"]) for body in connected.bodies]

    sandbox.control("fault", target="deliveries", kind="other_team", count=3)
    assert {(team == ours, to) for team, to in deliver()} == {(False, app)}
    sandbox.control("fault", target="deliveries", kind="other_app", count=3)
    assert {(team, to == app) for team, to in deliver()} == {(ours, False)}


def test_bad_signatures(sandbox: Sandbox, ideas: str) -> None:
    """The next delivery by HTTP can be signed with another secret, or long ago; the one after is right again."""
    verifier, seen = SignatureVerifier(sandbox.info["signing_secret"]), []

    def answer(body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        seen.append((verifier.is_valid_request(body, headers), float(headers["X-Slack-Request-Timestamp"])))
        return 200, {}, ""

    with request_url(answer) as url:
        sandbox.deliver_to(url)
        for fault in ({"kind": "forged_signature"}, {"kind": "stale_timestamp", "seconds": 900}):
            sandbox.control("fault", target="deliveries", **fault)
            sandbox.act(AGENT, "command", channel=ideas, text="hello")
            sandbox.act(AGENT, "command", channel=ideas, text="hello")
    assert [is_valid for is_valid, _ in seen] == [False, True, False, True]
    assert 800 < seen[3][1] - seen[2][1] < 1000


def test_the_newest_delivery_again(sandbox: Sandbox, ideas: str) -> None:
    """A command comes once more over HTTP, the same to the byte; its answer is shown to nobody."""
    seen: list[Any] = []

    def answer(body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        seen.append((body, headers))
        return 200, {}, "Hello."

    with pytest.raises(ActError, match="No command has been delivered yet"):
        sandbox.control("deliver_again", kind="command")
    with request_url(answer) as url:
        sandbox.deliver_to(url)
        sandbox.act(AGENT, "command", channel=ideas, text="hello")
        assert sandbox.control("deliver_again", kind="command")["answer"] == "Hello."
    assert seen[0] == seen[1]
    assert len(sandbox.state(AGENT)["ephemerals"]) == 1


def test_the_newest_event_again(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """Over a socket an event comes again with the same event_id."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    eventually(lambda: connected.bodies)
    sandbox.control("deliver_again", kind="event")
    first, second = connected.bodies
    assert first == second


def test_everything_ends_at_once(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """One lever takes all faults, limits and states back, and lets the app in again."""
    sandbox.control("fault", target="auth.test", kind="error", count=0)
    sandbox.control("rates", on=True)
    sandbox.control("refuse_charts")
    sandbox.control("rename_channel", channel=ideas, name="other")
    for do in ("kick", "archive", "make_private", "make_read_only", "delete_channel"):
        sandbox.control(do, channel=ideas)
    for do in ("revoke_token", "inactivate_account"):
        sandbox.control(do)
    sandbox.control("end_all")
    assert web.auth_test()["ok"]
    assert web.chat_postMessage(channel=ideas, text="x", blocks=[CHARTS[0]])["ok"]
    channel = web.conversations_info(channel=ideas)["channel"]
    assert (channel["name"], channel["is_private"], sandbox.parts.rates.on) == ("cx-ideas", False, False)


def test_the_manifest_names_the_bot_and_its_home(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """The bot user has the manifest's name everywhere; an app without App Home has none, nor direct messages if so."""
    homeless = json.loads(json.dumps(manifest()))
    del homeless["features"]["app_home"]
    sandbox.control("install", manifest=homeless)
    assert web.auth_test()["user"] == "cxidea"
    web.chat_postMessage(channel=ideas, text="x")
    assert web.conversations_history(channel=ideas)["messages"][0]["bot_profile"]["name"] == "cxidea"
    assert refusal(lambda: web.views_publish(user_id=AGENT, view={"type": "home", "blocks": []})) == "not_enabled"
    with pytest.raises(ActError, match="no Home"):
        sandbox.act(AGENT, "open_home")
    silent = manifest()
    silent["features"]["app_home"] = {"home_tab_enabled": True, "messages_tab_enabled": False}
    sandbox.control("install", manifest=silent)
    assert web.views_publish(user_id=AGENT, view={"type": "home", "blocks": []})["ok"]
    assert refusal(lambda: web.chat_postMessage(channel=AGENT, text="x")) == "messages_tab_disabled"
