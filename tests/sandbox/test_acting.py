from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from sandbox.errors import ActError
from sandbox.people import DEACTIVATED_ID, DIGEST_CHANNEL, GUEST_ID, IDEAS_CHANNEL, PRIVATE_CHANNEL, RANDOM_CHANNEL
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK, VP, Seen, button, eventually, modal, plain

OPTIONS = [{"text": plain(word), "value": word.lower()} for word in ("Buy", "Use")]


def test_only_what_is_on_the_screen(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Nobody can act on a channel, message, view or element that they do not see."""
    ts = web.chat_postMessage(channel=ideas, text="Card", blocks=[{"type": "actions", "elements": [button()]}])["ts"]
    for user, do, keys in (
        (AGENT, "say", {"channel": PRIVATE_CHANNEL, "text": "x"}),
        (AGENT, "say", {"channel": DIGEST_CHANNEL, "text": "x"}),
        (GUEST_ID, "say", {"channel": RANDOM_CHANNEL, "text": "x"}),
        (DEACTIVATED_ID, "say", {"channel": ideas, "text": "x"}),
        ("U0NOBODY01", "say", {"channel": ideas, "text": "x"}),
        (AGENT, "sing", {}),
        (AGENT, "react", {"channel": ideas, "ts": "1.000001", "name": "heart"}),
        (AGENT, "react", {"channel": ideas, "ts": ts, "name": "no_such_emoji"}),
        (AGENT, "unreact", {"channel": ideas, "ts": ts, "name": "heart"}),
        (AGENT, "press", {"channel": ideas, "ts": ts, "action_id": "other"}),
        (AGENT, "press", {"channel": ideas, "ts": ts, "action_id": "vote", "value": "2"}),
        (AGENT, "submit", {"view_id": "V0NOTHING1"}),
        (AGENT, "close", {"view_id": "V0NOTHING1"}),
    ):
        with pytest.raises(ActError):
            sandbox.act(user, do, **keys)
    assert not sandbox.parts.delivery.active


def test_deactivated(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """Who is deactivated can do nothing until they are back; what they did stays."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(CLERK, "react", channel=ideas, ts=ts, name="heart")
    sandbox.control("deactivate", user=CLERK)
    with pytest.raises(ActError, match="deactivated"):
        sandbox.act(CLERK, "unreact", channel=ideas, ts=ts, name="heart")
    assert web.reactions_get(channel=ideas, timestamp=ts)["message"]["reactions"][0]["users"] == [CLERK]
    sandbox.control("reactivate", user=CLERK)
    sandbox.act(CLERK, "unreact", channel=ideas, ts=ts, name="heart")


def test_ambiguous_press(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """A button is found by its action_id, its value telling two of them apart, and its block_id."""
    rows = [{"type": "actions", "block_id": f"row{n}", "elements": [button(value=str(n // 2))]} for n in range(3)]
    ts = web.chat_postMessage(channel=ideas, text="List", blocks=rows)["ts"]
    with pytest.raises(ActError, match="3 elements"):
        sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote")
    with pytest.raises(ActError, match="2 elements"):
        sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote", value="0")
    sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote", value="1")
    sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote", block_id="row1")
    assert [body["actions"][0]["block_id"] for body in connected.of("block_actions")] == ["row2", "row1"]


def test_button_payload(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """A pressed button sends the message, the channel, the container and the action, as Slack does."""
    ts = web.chat_postMessage(channel=ideas, text="Card", blocks=[{"type": "actions", "elements": [button()]}])["ts"]
    sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="vote")
    (body,) = connected.of("block_actions")
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": ideas, "is_ephemeral": False}
    assert body["channel"] == {"id": ideas, "name": "cx-ideas"}
    assert body["message"]["ts"] == ts
    assert body["user"] == {
        "id": AGENT,
        "username": "maja.lindqvist",
        "name": "maja.lindqvist",
        "team_id": body["team"]["id"],
    }
    assert (body["actions"][0]["value"], body["actions"][0]["type"]) == ("1", "button")
    assert "This body is ignored." not in str(sandbox.state(AGENT))


def test_menu(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str, bolt: tuple[App, Seen]) -> None:
    """A menu offers its options only, and sends the chosen one whole, in the action and in the state."""

    @bolt[0].action("stage")
    def on_stage(ack: Any) -> None:
        ack()

    options = [{"text": plain(word), "value": word.lower()} for word in ("Buy", "Use")]
    menu = {"type": "static_select", "action_id": "stage", "options": options}
    block = {"type": "section", "block_id": "row", "text": plain("Stage"), "accessory": menu}
    ts = web.chat_postEphemeral(channel=ideas, user=AGENT, text="Receipt", blocks=[block])["message_ts"]
    with pytest.raises(ActError):
        sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="stage", value="sell")
    with pytest.raises(ActError, match="message_not_found"):
        sandbox.act(CLERK, "press", channel=ideas, ts=ts, action_id="stage", value="use")
    assert sandbox.act(AGENT, "press", channel=ideas, ts=ts, action_id="stage", value="use")["acked"]
    (body,) = connected.of("block_actions")
    assert body["actions"][0]["selected_option"]["value"] == "use"
    assert body["state"]["values"]["row"]["stage"]["selected_option"]["value"] == "use"
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


@pytest.mark.parametrize(
    ("element", "value", "sent"),
    [
        ({"type": "overflow", "options": OPTIONS}, "use", {"selected_option": OPTIONS[1]}),
        ({"type": "radio_buttons", "options": OPTIONS}, "buy", {"selected_option": OPTIONS[0]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["buy", "use"], {"selected_options": OPTIONS}),
        ({"type": "users_select", "placeholder": plain("Who")}, VP, {"selected_user": VP}),
        ({"type": "datepicker"}, "2026-12-01", {"selected_date": "2026-12-01"}),
    ],
)
def test_elements(sandbox: Sandbox, web: WebClient, element: dict[str, Any], value: Any, sent: Any) -> None:
    """Each kind of element sends its value under Slack's name for it; an overflow menu keeps none."""
    row = {"type": "actions", "block_id": "row", "elements": [{**element, "action_id": "choose"}]}
    ts = web.chat_postMessage(channel=IDEAS_CHANNEL, text="Card", blocks=[row])["ts"]
    sandbox.act(AGENT, "press", channel=IDEAS_CHANNEL, ts=ts, action_id="choose", value=value)
    (entry,) = [entry for entry in sandbox.parts.journal.entries if entry.name == "block_actions"]
    action = entry.request["actions"][0]
    assert {key: action[key] for key in sent} == sent
    state = entry.request["state"]["values"]
    kept = {} if element["type"] == "overflow" else {"row": {"choose": {"type": element["type"]} | sent}}
    assert state == kept


def test_form_in_the_client(sandbox: Sandbox, connected: Seen, ideas: str) -> None:
    """The client itself refuses an empty required field and a text too long; nothing is sent, unless raw."""
    view_id = sandbox.act(AGENT, "command", channel=ideas, text="")["view"]["id"]
    empty = sandbox.act(AGENT, "submit", view_id=view_id)
    assert (empty["sent"], list(empty["errors"])) == (False, ["title"])
    long = sandbox.act(AGENT, "submit", view_id=view_id, values={"title": "x" * 21})
    assert (long["sent"], list(long["errors"])) == (False, ["title"])
    assert sandbox.state(AGENT)["views"][0]["errors"] == long["errors"]
    with pytest.raises(ActError, match="no field"):
        sandbox.act(AGENT, "submit", view_id=view_id, values={"nonsense": "x"})
    assert not connected.of("view_submission")
    sandbox.act(AGENT, "submit", view_id=view_id, values={"title": "x" * 21}, raw=True)
    (body,) = connected.of("view_submission")
    assert body["view"]["state"]["values"]["title"]["title"] == {"type": "plain_text_input", "value": "x" * 21}


def test_form_without_answer(sandbox: Sandbox, connected: Seen, bolt: tuple[App, Seen], ideas: str) -> None:
    """A form whose submission fails, or is answered with nonsense, stays open and says that there was trouble."""
    answers = iter([{"response_action": "errors", "errors": {"other": "x"}}, {"response_action": "update", "view": {}}])

    @bolt[0].view("trouble")
    def on_trouble(ack: Any) -> None:
        ack(**next(answers))

    web: WebClient = bolt[0].client
    for _ in range(2):
        trigger_id = sandbox.call(lambda: sandbox.parts.triggers.issue(AGENT))
        view_id = web.views_open(trigger_id=trigger_id, view=modal(callback_id="trouble"))["view"]["id"]
        result = sandbox.act(AGENT, "submit", view_id=view_id, values={"title": "x"})
        assert (result["closed"], result["trouble"]) == (False, "We had some trouble connecting. Try again?")
    sandbox.workspace.ack_seconds = 0.2
    view_id = sandbox.act(AGENT, "command", channel=ideas, text="")["view"]["id"]
    sandbox.control("drop_sockets")
    assert sandbox.act(AGENT, "submit", view_id=view_id, values={"title": "x"})["trouble"]
    assert sandbox.state(AGENT)["views"][-1]["trouble"]
    assert connected.of("view_submission")


@pytest.mark.parametrize(("notify", "told"), [(True, 1), (False, 0)])
def test_close(sandbox: Sandbox, connected: Seen, bolt: tuple[App, Seen], notify: bool, told: int) -> None:  # noqa: FBT001
    """Closing a form tells the app only when its view asks for it."""

    @bolt[0].view_closed("form")
    def on_closed(ack: Any) -> None:
        ack()

    trigger_id = sandbox.call(lambda: sandbox.parts.triggers.issue(AGENT))
    view_id = bolt[0].client.views_open(trigger_id=trigger_id, view=modal(notify_on_close=notify))["view"]["id"]
    sandbox.act(AGENT, "close", view_id=view_id)
    assert len(connected.of("view_closed")) == told
    assert not sandbox.state(AGENT)["views"]


def test_message_shortcut(sandbox: Sandbox, connected: Seen, ideas: str) -> None:
    """A message shortcut carries the message, escaped, and private channels without their name."""
    said = sandbox.act(CLERK, "say", channel=ideas, text="Phones <b> & https://a.example")
    result = sandbox.act(AGENT, "shortcut", callback_id="idea.from_message", channel=ideas, ts=said["ts"])
    assert result["view"]["callback_id"] == "form"
    (body,) = connected.of("message_action")
    assert body["message"]["text"] == "Phones &lt;b&gt; &amp; <https://a.example>"
    assert body["channel"] == {"id": ideas, "name": "cx-ideas"}
    secret = sandbox.act(VP, "say", channel=PRIVATE_CHANNEL, text="Hush")["ts"]
    sandbox.act(VP, "shortcut", callback_id="idea.from_message", channel=PRIVATE_CHANNEL, ts=secret)
    assert connected.of("message_action")[1]["channel"]["name"] == "privategroup"
    im = sandbox.act(CLERK, "say", channel=VP, text="Psst")
    sandbox.act(VP, "shortcut", callback_id="idea.from_message", channel=im["channel"], ts=im["ts"])
    assert connected.of("message_action")[2]["channel"]["name"] == "directmessage"


def test_command_payload(sandbox: Sandbox, connected: Seen, ideas: str) -> None:
    """A command arrives with Slack's fields; one that no app has gets Slack's own line."""
    sandbox.act(AGENT, "command", channel=ideas, text="/cxidea  let customers <wait> & see ")
    (body,) = connected.bodies
    assert (body["command"], body["text"]) == ("/cxidea", "let customers <wait> & see")
    assert (body["user_id"], body["channel_id"], body["channel_name"]) == (AGENT, ideas, "cx-ideas")
    assert body.keys() >= {"token", "team_id", "team_domain", "user_name", "api_app_id", "response_url", "trigger_id"}
    unknown = sandbox.act(AGENT, "command", channel=ideas, text="/lunch")
    assert unknown["ephemeral"]["text"] == "`/lunch` is not a valid command."
    assert len(connected.bodies) == 1


def test_threads_in_state(sandbox: Sandbox, ideas: str) -> None:
    """What is said in a thread stands with its parent."""
    parent = sandbox.act(AGENT, "say", channel=ideas, text="Card")["ts"]
    sandbox.act(CLERK, "say", channel=ideas, text="Yes", thread_ts=parent)
    (message,) = sandbox.state(VP)["channels"][0]["messages"]
    assert (message["reply_count"], message["replies"][0]["text"]) == (1, "Yes")


def test_visible_channels(sandbox: Sandbox) -> None:
    """Employees see public channels and their private ones; guests only those they are in."""
    seen = {user: {c["name"] for c in sandbox.state(user)["channels"]} for user in (AGENT, VP, GUEST_ID)}
    assert seen[AGENT] == {"cx-ideas", "cx-leadership", "general", "random"}
    assert seen[VP] == seen[AGENT] | {"branch-managers"}
    assert seen[GUEST_ID] == {"cx-ideas", "general"}


def test_home(sandbox: Sandbox, connected: Seen, web: WebClient, bolt: tuple[App, Seen]) -> None:
    """Opening App Home tells the app, whose published view that person then sees and presses."""

    @bolt[0].action("home.share")
    def on_share(ack: Any) -> None:
        ack()

    sandbox.act(AGENT, "open_home")
    eventually(lambda: connected.of("app_home_opened"))
    blocks = [{"type": "actions", "elements": [button("home.share")]}]
    web.views_publish(user_id=AGENT, view={"type": "home", "blocks": blocks})
    home = sandbox.state(AGENT)["home"]
    assert sandbox.state(CLERK)["home"] is None
    assert sandbox.act(AGENT, "press", view_id=home["id"], action_id="home.share")["acked"]
    (body,) = connected.of("block_actions")
    assert body["container"] == {"type": "view", "view_id": home["id"]}
    assert "response_url" not in body


def test_changes_are_told(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A subscriber hears of each change, until it stops listening."""
    changes: list[Any] = []
    stop = sandbox.workspace.subscribe(changes.append)
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="heart")
    told = [(change.kind, change.channel_id, change.ts) for change in changes if change.kind != "traffic"]
    assert told == [("message", ideas, ts), ("reaction", ideas, ts)]
    eventually(lambda: sandbox.parts.delivery.active == 0)
    stop()
    heard = len(changes)
    web.chat_postMessage(channel=ideas, text="Card")
    assert len(changes) == heard


def test_typed_text_is_rich_text(sandbox: Sandbox, ideas: str) -> None:
    """As Slack's composer does, styles, emoji, code, links and names of a typed text become rich text."""
    words = (
        "*bold _and italic_* ~gone~ `x *y*` :tada: :thumbsup::skin-tone-3: :nope: https://a.example/_b_ "
        "@thandi.mbeki 2 * 3"
    )
    sandbox.act(AGENT, "say", channel=ideas, text=f"{words}\n```if *x*:\n  y```\nend")
    (message,) = sandbox.state(AGENT)["channels"][0]["messages"]
    first, code, last = message["blocks"][0]["elements"]
    assert first["elements"] == [
        {"type": "text", "text": "bold ", "style": {"bold": True}},
        {"type": "text", "text": "and italic", "style": {"bold": True, "italic": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "gone", "style": {"strike": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "x *y*", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "emoji", "name": "tada", "unicode": "1f389"},
        {"type": "text", "text": " "},
        {"type": "emoji", "name": "+1", "unicode": "1f44d", "skin_tone": 3},
        {"type": "text", "text": " :nope: "},
        {"type": "link", "url": "https://a.example/_b_"},
        {"type": "text", "text": " "},
        {"type": "user", "user_id": VP},
        {"type": "text", "text": " 2 * 3\n"},
    ]
    assert (code["type"], code["elements"]) == ("rich_text_preformatted", [{"type": "text", "text": "if *x*:\n  y"}])
    assert last["elements"] == [{"type": "text", "text": "\nend"}]
    assert message["text"].startswith("*bold _and italic_* ~gone~")


def test_a_message_has_a_longest_text(sandbox: Sandbox, ideas: str) -> None:
    """A person's message has 40,000 characters at most; more is refused in words."""
    sandbox.act(AGENT, "say", channel=ideas, text="x" * 40_000)
    with pytest.raises(ActError, match=r"40,000 characters at most; this one has 40,001\."):
        sandbox.act(AGENT, "say", channel=ideas, text="x" * 40_001)


def test_only_emoji_with_tones_take_one(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A hand is given in a skin tone, a heart and a company's own emoji are not."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    sandbox.act(AGENT, "react", channel=ideas, ts=ts, name="raised_hands::skin-tone-5")
    for name in ("heart", "tada", "northwind", "100", "family"):
        with pytest.raises(ActError, match="invalid_name"):
            sandbox.act(AGENT, "react", channel=ideas, ts=ts, name=f"{name}::skin-tone-3")
