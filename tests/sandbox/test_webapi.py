from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.clock import Clock
from sandbox.people import DEACTIVATED_ID, PRIVATE_CHANNEL, RANDOM_CHANNEL
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK


def error_of(call: Any, **arguments: Any) -> str:
    """The name of the error with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    error: str = caught.value.response["error"]
    return error


def test_token(sandbox: Sandbox) -> None:
    """A call without a token, with a wrong one or with the other kind is refused by Slack's names."""
    url = sandbox.info["api_url"]
    assert error_of(WebClient(base_url=url).auth_test) == "not_authed"
    assert error_of(WebClient(base_url=url, token="xoxb-other").auth_test) == "invalid_auth"
    assert error_of(WebClient(base_url=url, token=sandbox.info["app_token"]).auth_test) == "not_allowed_token_type"
    bot = WebClient(base_url=url, token=sandbox.info["bot_token"])
    assert error_of(bot.apps_connections_open, app_token=sandbox.info["bot_token"]) == "not_allowed_token_type"


def test_revoked_token(sandbox: Sandbox, web: WebClient) -> None:
    """A revoked token is refused until it is restored."""
    sandbox.control("revoke_token")
    assert error_of(web.auth_test) == "token_revoked"
    assert web.apps_connections_open(app_token=sandbox.info["app_token"])["ok"], "the app's token is another"
    sandbox.control("restore_token")
    sandbox.control("inactivate_account")
    assert error_of(web.auth_test) == "account_inactive"
    sandbox.control("activate_account")
    assert web.auth_test()["ok"]


def test_auth_test(sandbox: Sandbox, web: WebClient) -> None:
    """auth.test tells the bot's ids, and bots.info the app's."""
    me = web.auth_test()
    assert me["url"] == sandbox.page + "/"
    bot = web.bots_info(bot=me["bot_id"])["bot"]
    assert (bot["app_id"], bot["user_id"]) == (sandbox.workspace.app.id, me["user_id"])
    assert "chat:write" in me.headers["x-oauth-scopes"].split(",")


def test_missing_scope(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A method whose scope is not granted says which one it needs and which there are."""
    sandbox.control("set_scopes", scopes=["users:read"])
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=ideas, text="Hello")
    answer = caught.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "users:read")
    assert error_of(web.conversations_history, channel=ideas) == "missing_scope"


def test_unknown_method(web: WebClient, caplog: pytest.LogCaptureFixture) -> None:
    """An unknown method is named in the answer and loudly in the log."""
    with pytest.raises(SlackApiError) as caught:
        web.api_call("chat.postMassage")
    assert caught.value.response["req_method"] == "chat.postMassage"
    assert "unknown_method" in caplog.text


def test_post_and_history(web: WebClient, ideas: str) -> None:
    """A posted message stands in the history, newest first, with its author and without its metadata."""
    first = web.chat_postMessage(channel=ideas, text="One")
    second = web.chat_postMessage(channel=ideas, text="Two", metadata={"event_type": "card", "event_payload": {"n": 2}})
    assert first["ts"] < second["ts"]
    messages = web.conversations_history(channel=ideas)["messages"]
    assert [message["text"] for message in messages] == ["Two", "One"]
    me = web.auth_test()
    assert {messages[0][key] for key in ("user", "bot_id")} == {me["user_id"], me["bot_id"]}
    assert "metadata" not in messages[0]


def test_metadata(web: WebClient, ideas: str) -> None:
    """Metadata comes back when it is asked for, survives an update that leaves it out, and goes with an empty one."""
    metadata = {"event_type": "card", "event_payload": {"key": "a1"}}
    ts = web.chat_postMessage(channel=ideas, text="One", metadata=metadata)["ts"]

    def kept() -> Any:
        return web.conversations_history(channel=ideas, include_all_metadata=True)["messages"][0].get("metadata")

    assert kept() == metadata
    web.chat_update(channel=ideas, ts=ts, text="Two")
    assert kept() == metadata
    web.chat_update(channel=ideas, ts=ts, text="Three", metadata={})
    assert kept() is None


def test_stored_text(web: WebClient, ideas: str) -> None:
    """What is no control sequence is escaped; control sequences stay, and addresses become links unless told not to."""

    def stored(text: str, **keys: Any) -> str:
        result: str = web.chat_postMessage(channel=ideas, text=text, **keys)["message"]["text"]
        return result

    assert stored("a & b < c &lt;d&gt;") == "a &amp; b &lt; c &lt;d&gt;"
    assert stored("<!channel> <@U0AAAAAA1> <x>") == "<!channel> <@U0AAAAAA1> &lt;x&gt;"
    assert stored("see https://a.example/x.") == "see <https://a.example/x>."
    assert stored("see https://a.example", parse="none") == "see https://a.example"
    assert stored("#random @samir.haddad") == "#random @samir.haddad"
    assert stored("#random @samir.haddad", parse="full") == f"<#{RANDOM_CHANNEL}|random> <@{CLERK}>"


def test_update_parses_names(web: WebClient, ideas: str) -> None:
    """chat.update links channel names unless it is told parse=none."""
    ts = web.chat_postMessage(channel=ideas, text="One")["ts"]
    assert web.chat_update(channel=ideas, ts=ts, text="#random")["text"] == f"<#{RANDOM_CHANNEL}|random>"
    assert web.chat_update(channel=ideas, ts=ts, text="#random", parse="none")["text"] == "#random"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": "x", "channel": "C0NOWHERE1"}, "channel_not_found"),
        ({"text": "x", "channel": PRIVATE_CHANNEL}, "channel_not_found"),
        ({"text": "x", "channel": RANDOM_CHANNEL}, "not_in_channel"),
        ({"text": "x", "channel": "U0NOBODY01"}, "user_not_found"),
        ({"text": "x", "channel": DEACTIVATED_ID}, "user_disabled"),
        ({"text": "x", "channel": "USLACKBOT"}, "cannot_dm_bot"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "card"}}, "invalid_metadata_schema"),
    ],
)
def test_refused_posts(web: WebClient, ideas: str, arguments: dict[str, Any], error: str) -> None:
    """A post that Slack would refuse is refused by the same name."""
    assert error_of(web.chat_postMessage, **({"channel": ideas} | arguments)) == error


def test_no_text(web: WebClient, ideas: str) -> None:
    """A message without text and blocks is refused."""
    assert error_of(lambda: web.api_call("chat.postMessage", json={"channel": ideas, "text": " "})) == "no_text"


def test_archived(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An archived channel takes no post and no update until it is unarchived."""
    ts = web.chat_postMessage(channel=ideas, text="One")["ts"]
    sandbox.control("archive", channel=ideas)
    assert error_of(web.chat_postMessage, channel=ideas, text="Two") == "is_archived"
    assert error_of(web.chat_update, channel=ideas, ts=ts, text="Two") == "is_inactive"
    sandbox.control("unarchive", channel=ideas)
    assert web.chat_update(channel=ideas, ts=ts, text="Two")["ok"]


def test_kicked(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Where the bot was put out it can neither post nor read, and a public channel it can join again."""
    sandbox.control("kick", channel=ideas)
    assert error_of(web.chat_postMessage, channel=ideas, text="One") == "not_in_channel"
    assert error_of(web.conversations_history, channel=ideas) == "not_in_channel"
    web.conversations_join(channel=ideas)
    assert web.chat_postMessage(channel=ideas, text="One")["ok"]


def test_direct_message(sandbox: Sandbox, web: WebClient) -> None:
    """A post to a person's id opens the direct message, which only the two of them see."""
    posted = web.chat_postMessage(channel=AGENT, text="Hello")
    assert posted["channel"].startswith("D")
    assert web.conversations_open(users=AGENT)["channel"]["id"] == posted["channel"]
    assert sandbox.state(AGENT)["ims"][0]["messages"][0]["text"] == "Hello"
    assert not sandbox.state(CLERK)["ims"]


def test_update_and_delete(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Own messages can be changed and deleted, others' not, and what is gone is message_not_found."""
    theirs = sandbox.act(AGENT, "say", channel=ideas, text="Mine")["ts"]
    assert error_of(web.chat_update, channel=ideas, ts=theirs, text="x") == "cant_update_message"
    assert error_of(web.chat_delete, channel=ideas, ts=theirs) == "cant_delete_message"
    ts = web.chat_postMessage(channel=ideas, text="One", blocks=[{"type": "divider"}])["ts"]
    assert error_of(web.chat_update, channel=ideas, ts=ts, text="x" * 4001) == "msg_too_long"
    changed = web.chat_update(channel=ideas, ts=ts, text="Two")["message"]
    assert changed["blocks"], "blocks that are left out stay"
    assert "blocks" not in web.chat_update(channel=ideas, ts=ts, text="Two", blocks=[])["message"]
    web.chat_delete(channel=ideas, ts=ts)
    assert error_of(web.chat_update, channel=ideas, ts=ts, text="x") == "message_not_found"


def test_threads(web: WebClient, ideas: str) -> None:
    """Replies stand in their thread only, and their parent counts them."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    reply = web.chat_postMessage(channel=ideas, text="Reply", thread_ts=ts)["ts"]
    web.chat_postMessage(channel=ideas, text="Reply to a reply", thread_ts=reply)
    (parent,) = web.conversations_history(channel=ideas)["messages"]
    assert (parent["reply_count"], parent["thread_ts"]) == (2, ts)
    thread = web.conversations_replies(channel=ideas, ts=ts)["messages"]
    assert [message["text"] for message in thread] == ["Card", "Reply", "Reply to a reply"]


def test_history_bounds(web: WebClient, ideas: str) -> None:
    """History keeps to oldest and latest, with the ends when inclusive, and pages by cursor."""
    stamps = [web.chat_postMessage(channel=ideas, text=str(n))["ts"] for n in range(5)]

    def texts(**keys: Any) -> list[str]:
        return [message["text"] for message in web.conversations_history(channel=ideas, **keys)["messages"]]

    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    assert texts(latest=stamps[0], inclusive=True, limit=1) == ["0"]
    pages = [page["messages"] for page in web.conversations_history(channel=ideas, limit=2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert error_of(web.conversations_history, channel=ideas, cursor="!") == "invalid_cursor"
    assert error_of(web.conversations_history, channel=ideas, limit=1000) == "invalid_limit"


def test_reactions(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """The bot reacts once with a known name; history shows who did, by Slack's own name for it."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    web.reactions_add(channel=ideas, timestamp=ts, name="thumbsup")
    assert error_of(web.reactions_add, channel=ideas, timestamp=ts, name="+1") == "already_reacted"
    assert error_of(web.reactions_add, channel=ideas, timestamp=ts, name="no_such_emoji") == "invalid_name"
    assert error_of(web.reactions_remove, channel=ideas, timestamp=ts, name="heart") == "no_reaction"
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="+1::skin-tone-3")
    (message,) = web.conversations_history(channel=ideas)["messages"]
    me = web.auth_test()["user_id"]
    assert message["reactions"] == [
        {"name": "+1", "users": [me], "count": 1},
        {"name": "+1::skin-tone-3", "users": [AGENT], "count": 1},
    ]


def test_reactors_are_cut(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Of many reactors history names the first fifty, and reactions.get all of them only with full."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    message = sandbox.workspace.channels[ideas].messages[ts]
    message.reactions["heart"] = [f"U0CROWD{n:03}" for n in range(60)]
    (reaction,) = web.conversations_history(channel=ideas)["messages"][0]["reactions"]
    assert (len(reaction["users"]), reaction["count"]) == (50, 60)
    cut = web.reactions_get(channel=ideas, timestamp=ts)["message"]["reactions"][0]
    assert len(cut["users"]) == 50
    full = web.reactions_get(channel=ideas, timestamp=ts, full=True)["message"]["reactions"][0]
    assert len(full["users"]) == 60


def test_people(web: WebClient) -> None:
    """users.list pages through everybody, and users.info knows guests, bots, strangers and deactivated people."""
    members = [user for page in web.users_list(limit=5) for user in page["members"]]
    by_title = {user["profile"]["title"]: user for user in members}
    assert len({user["id"] for user in members}) == len(members) > 15
    assert by_title["Agency designer"]["is_restricted"]
    assert by_title["Bot of another app"]["is_bot"]
    stranger = by_title["Partner at Fastlane Couriers"]
    assert stranger["team_id"] != web.auth_test()["team_id"]
    assert web.users_info(user=DEACTIVATED_ID)["user"]["deleted"]
    assert error_of(web.users_info, user="U0NOBODY01") == "user_not_found"


def test_channels(web: WebClient, ideas: str) -> None:
    """Channel lists page, keep to their types, and show no private channel that the bot is not in."""
    listed = [c for page in web.conversations_list(limit=2) for c in page["channels"]]
    assert {channel["name"] for channel in listed} == {"cx-ideas", "cx-leadership", "general", "random"}
    assert not web.conversations_list(types="private_channel")["channels"]
    own = web.users_conversations()["channels"]
    assert {channel["name"] for channel in own} == {"cx-ideas", "cx-leadership"}
    info = web.conversations_info(channel=ideas)["channel"]
    assert (info["is_member"], info["is_archived"]) == (True, False)
    assert AGENT in web.conversations_members(channel=ideas)["members"]


def test_groups_and_emoji(web: WebClient) -> None:
    """User groups list their people, and emoji.list the workspace's own emoji."""
    (group,) = web.usergroups_list()["usergroups"]
    assert len(web.usergroups_users_list(usergroup=group["id"])["users"]) == group["user_count"] == 2
    assert web.emoji_list()["emoji"]["yes"] == "alias:+1"


def test_ephemeral(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """An ephemeral message is seen by its reader alone and stands in no history."""
    web.chat_postEphemeral(channel=ideas, user=AGENT, text="For you")
    assert sandbox.state(AGENT)["ephemerals"][0]["text"] == "For you"
    assert not sandbox.state(CLERK)["ephemerals"]
    assert not web.conversations_history(channel=ideas)["messages"]
    assert error_of(web.chat_postEphemeral, channel=ideas, user=DEACTIVATED_ID, text="x") == "user_not_in_channel"


def test_permalink(web: WebClient, ideas: str) -> None:
    """A permalink has Slack's form."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    link = web.chat_getPermalink(channel=ideas, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{ideas}/p{ts.replace('.', '')}")


def test_rising_ts() -> None:
    """Time stamps are unique and rise, also within one microsecond."""
    clock = Clock()
    stamps = [clock.next_ts() for _ in range(5000)]
    assert stamps == sorted(set(stamps))
    with pytest.raises(ValueError, match="only goes forward"):
        clock.advance(-1)


def test_virtual_date(sandbox: Sandbox, web: WebClient) -> None:
    """Every answer has one Date header, with the workspace's time, and `ts` follows the clock and only rises."""
    sandbox.control("jump_to", time="2030-01-07T09:00:00Z")
    answer = web.auth_test()
    assert answer.headers["date"].startswith("Mon, 07 Jan 2030 09:00:0")
    assert web.chat_postMessage(channel=AGENT, text="x")["ts"].startswith("1894006800.")
    assert error_of(web.conversations_history, channel="") == "invalid_arguments"
