"""What Slack refuses and a workspace in a box easily lets through."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.blockcheck import check_blocks
from sandbox.checks import Checks
from sandbox.emojinames import standard_names
from sandbox.errors import SlackError
from sandbox.limits import check_metadata, check_view
from sandbox.people import EXTERNAL_ID
from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, CLERK, button, modal, plain

Json = dict[str, Any]
OPTIONS = [{"text": plain(word), "value": word} for word in ("one", "two")]
CONFIRM = {"title": plain("Sure?"), "text": plain("x"), "confirm": plain("Yes"), "deny": plain("No")}


def refusal(call: Callable[[], Any]) -> str:
    """Return the name by which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def pointers(block: Json) -> list[str]:
    """Return where a block of a message is wrong."""
    checks = Checks()
    check_blocks(checks, "", [block], "message", 50)
    return [pointer for pointer, _ in checks.problems]


def element(**keys: Any) -> Json:
    return {"type": "actions", "elements": [{"action_id": "a", **keys}]}


def field(**keys: Any) -> Json:
    return {"type": "input", "label": plain("T"), "element": {"type": "plain_text_input", "action_id": "t", **keys}}


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        (element(**button(url="javascript:alert(1)")), "/0/elements/0/url"),
        (element(**button(url="example.com")), "/0/elements/0/url"),
        (element(**button(confirm=CONFIRM | {"style": "blue"})), "/0/elements/0/confirm/style"),
        ({"type": "image", "image_url": "x.png", "alt_text": "x"}, "/0/image_url"),
        ({"type": "image", "image_url": "https://a.example/x", "slack_file": {"id": "F1"}, "alt_text": "x"}, "/0"),
        ({"type": "header", "text": plain("x") | {"emoji": "true"}}, "/0/text/emoji"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": "no"}}, "/0/text/verbatim"),
        ({"type": "section", "text": plain("x"), "expand": "true"}, "/0/expand"),
        (field() | {"optional": "true"}, "/0/optional"),
        (field() | {"dispatch_action": 1}, "/0/dispatch_action"),
        (field(multiline="true"), "/0/element/multiline"),
        (field(focus_on_load="true"), "/0/element/focus_on_load"),
        (
            element(type="static_select", options=OPTIONS, option_groups=[{"label": plain("x"), "options": OPTIONS}]),
            "/0/elements/0",
        ),
        (element(type="static_select", options=OPTIONS + OPTIONS[:1]), "/0/elements/0/options/2/value"),
        (element(type="overflow", options=[OPTIONS[0] | {"url": "nowhere"}]), "/0/elements/0/options/0/url"),
        (element(type="timepicker", initial_time="25:00"), "/0/elements/0/initial_time"),
        (element(type="datetimepicker", initial_date_time="tomorrow"), "/0/elements/0/initial_date_time"),
        (element(type="datetimepicker", initial_date_time=5), "/0/elements/0/initial_date_time"),
        (element(type="external_select", hologram=1), "/0/elements/0"),
        (element(type="datetimepicker", placeholder=plain("x")), "/0/elements/0"),
        ({"type": "divider", "text": "x"}, "/0"),
        ({"type": "markdown", "text": "x", "emoji": True}, "/0"),
    ],
)
def test_fields_of_blocks(block: Json, pointer: str) -> None:
    """A field of the wrong type, or that does not exist, is refused where it stands."""
    assert pointers(block) == [pointer]


@pytest.mark.parametrize(
    "block",
    [
        element(**button(url="https://a.example", confirm=CONFIRM | {"style": "danger"})),
        element(type="timepicker", initial_time="09:30"),
        element(type="datetimepicker", initial_date_time=1764000000),
        element(type="external_select", min_query_length=0, placeholder=plain("x")),
        field(multiline=True, focus_on_load=False) | {"optional": True},
        {"type": "divider", "block_id": "b"},
    ],
)
def test_right_fields_of_blocks(block: Json) -> None:
    """The same fields are accepted when they are right."""
    assert pointers(block) == []


def test_attachments_are_never_lost_in_silence(web: WebClient, ideas: str) -> None:
    """This workspace shows no attachments and says so; more than a hundred have an error of their own."""
    for text in ("x", " "):
        with pytest.raises(SlackApiError) as caught:
            web.chat_postMessage(channel=ideas, text=text, attachments=[{"text": "x", "fallback": "x"}])
        assert "attachments are not supported" in caught.value.response["response_metadata"]["messages"][0]
    many = [{"text": "x"}] * 101
    assert refusal(lambda: web.chat_postMessage(channel=ideas, text="x", attachments=many)) == "too_many_attachments"


def test_reactions_have_limits(sandbox: Sandbox, web: WebClient, ideas: str) -> None:
    """A person gives a message so many reactions and no more, and it has so many different ones and no more."""
    ts = web.chat_postMessage(channel=ideas, text="Card")["ts"]
    names = [name for name in standard_names() if name.isalpha()][:51]
    people = list(sandbox.workspace.channels[ideas].members)
    for number, name in enumerate(names[:23]):
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name=name)
        assert number < 23
    with pytest.raises(Exception, match="too_many_reactions"):
        sandbox.act(AGENT, "react", channel=ideas, ts=ts, name=names[23])
    for number, name in enumerate(names[23:50]):
        sandbox.act([p for p in people if p != AGENT][number // 20], "react", channel=ideas, ts=ts, name=name)
    assert refusal(lambda: web.reactions_add(channel=ideas, timestamp=ts, name=names[50])) == "too_many_emoji"
    assert web.reactions_add(channel=ideas, timestamp=ts, name=names[0])["ok"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "", "event_payload": {}},
        {"event_type": "x", "event_payload": {"a": {"b": {"c": 1}}}},
        {"event_type": "x", "event_payload": {"a": [[1]]}},
        {"event_type": "x", "event_payload": {"a": [{"b": 1}]}},
        {"event_type": "x", "event_payload": {"a": None}},
    ],
)
def test_metadata_is_flat(metadata: Json) -> None:
    """Metadata has a type, and one level of lists or objects at most."""
    with pytest.raises(SlackError, match="invalid_metadata_schema"):
        check_metadata(metadata)


def test_sizes_are_those_of_what_is_sent() -> None:
    """Metadata and views are measured in the bytes of UTF-8, not in escapes of it."""
    check_metadata({"event_type": "x", "event_payload": {"a": "é" * 7000, "b": {"c": True, "d": 1.5}}})
    with pytest.raises(SlackError, match="metadata_too_large"):
        check_metadata({"event_type": "x", "event_payload": {"a": "é" * 8000}})
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "é" * 2000}}
    assert check_view(modal(blocks=[text] * 60), "modal")
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(modal(blocks=[text] * 65), "modal")


def test_an_external_id_is_of_one_view(sandbox: Sandbox, web: WebClient) -> None:
    """A second view with the external_id of an open one is refused; changing that one itself is not."""

    def opened(user: str, external_id: str) -> Any:
        trigger = sandbox.call(lambda: sandbox.parts.triggers.issue(user))
        return web.views_open(trigger_id=trigger, view=modal(external_id=external_id))

    first = opened(AGENT, "one")["view"]["id"]
    assert refusal(lambda: opened(CLERK, "one")) == "duplicate_external_id"
    assert web.views_update(view_id=first, view=modal(external_id="one"))["ok"]
    second = opened(CLERK, "two")["view"]["id"]
    assert refusal(lambda: web.views_update(view_id=second, view=modal(external_id="one"))) == "duplicate_external_id"
    home: Json = {"type": "home", "blocks": [], "external_id": "home"}
    assert web.views_publish(user_id=AGENT, view=home)["ok"]
    assert web.views_publish(user_id=AGENT, view=home)["ok"]
    assert refusal(lambda: web.views_publish(user_id=CLERK, view=home)) == "duplicate_external_id"


def test_a_home_is_no_modal(web: WebClient) -> None:
    """A home has neither title nor buttons of its own, and people of other organisations have none."""
    for name in ("title", "submit", "close"):
        with pytest.raises(SlackError, match="invalid_arguments"):
            check_view({"type": "home", "blocks": [], name: plain("x")}, "home")
    external = {"type": "home", "blocks": []}
    assert refusal(lambda: web.views_publish(user_id=EXTERNAL_ID, view=external)) == "user_not_found"


@pytest.mark.parametrize("change", [{"submit_disabled": "true"}, {"clear_on_close": 1}, {"notify_on_close": "no"}])
def test_flags_of_a_view_are_booleans(change: Json) -> None:
    """What a view says yes or no to is a boolean."""
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(modal(**change), "modal")


def test_one_element_has_the_focus() -> None:
    """Of a view's elements, one may ask for the focus."""
    first, second = field(focus_on_load=True) | {"block_id": "1"}, field(focus_on_load=True) | {"block_id": "2"}
    assert check_view(modal(blocks=[first]), "modal")
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(modal(blocks=[first, second]), "modal")


@pytest.mark.parametrize("dress", [{"username": "Boss"}, {"icon_emoji": ":tada:"}, {"icon_url": "https://a.example/x"}])
def test_another_name_needs_a_scope(web: WebClient, ideas: str, dress: Json) -> None:
    """Posting under another name or picture needs the scope for it."""
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=ideas, text="x", **dress)
    assert (caught.value.response["error"], caught.value.response["needed"]) == (
        "missing_scope",
        "chat:write.customize",
    )
