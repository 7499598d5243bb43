"""Slack's dictionaries end here: each becomes a dataclass, or a refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import MalformedPayload
from bot.ids import ListKind, ListRequest
from bot.payloads import (
    Command,
    MessageShortcut,
    Press,
    Reaction,
    Shortcut,
    Submission,
    clean_text,
    idea_number,
    list_request,
    one_line,
    readable,
)
from bot.setting_forms import FilledSettings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
SAMPLES: dict[Callable[[Any], Any], dict[str, Any]] = {
    Reaction.parse: {
        "type": "reaction_added",
        "item": {"type": "message", "channel": "C0CXIDEAS1", "ts": "1764000000.000100"},
        "user": "U0OTIENO01",
        "reaction": "+1::skin-tone-3",
        "event_ts": "1764000001.000200",
    },
    Command.parse: {"user_id": "U0OTIENO01", "text": "top week", "trigger_id": "1.2.a"},
    Press.parse: {
        "user": {"id": "U0OTIENO01"},
        "actions": [{"value": "12", "block_id": "receipt|12", "selected_option": {"value": "use"}}],
        "trigger_id": "1.2.a",
        "response_url": "https://hooks.slack.com/actions/1",
    },
    Submission.parse: {
        "user": {"id": "U0OTIENO01"},
        "view": {
            "id": "V1",
            "private_metadata": "12",
            "state": {
                "values": {
                    "title": {"title": {"value": "A title"}},
                    "description": {"description": {"value": "A text"}},
                    "stage": {"stage": {"selected_option": {"value": "use"}}},
                    "kind": {"kind": {"selected_option": None}},
                }
            },
        },
    },
    FilledSettings.parse: {
        "user": {"id": "U0OTIENO01"},
        "view": {
            "id": "V1",
            "private_metadata": "owner/use",
            "state": {
                "values": {
                    "days": {"days": {"type": "number_input", "value": "5"}},
                    "admins": {"admins": {"type": "multi_users_select", "selected_users": ["U0OTIENO01"]}},
                    "weekends": {"weekends": {"type": "checkboxes", "selected_options": [{"value": "weekends"}]}},
                }
            },
        },
    },
    Shortcut.parse: {"user": {"id": "U0OTIENO01"}, "trigger_id": "1.2.a"},
    MessageShortcut.parse: {
        "user": {"id": "U0OTIENO01"},
        "trigger_id": "1.2.a",
        "channel": {"id": "C0GENERAL1", "name": "general"},
        "message": {"ts": "1764000000.000100", "text": "Hello"},
    },
}

NAMES = [parse.__qualname__ for parse in SAMPLES]


def _spoiled(node: Any) -> st.SearchStrategy[Any]:
    """Return what a request looks like with any part of it lost or replaced."""
    whole: st.SearchStrategy[Any]
    if isinstance(node, dict):
        whole = st.fixed_dictionaries({}, optional={key: _spoiled(value) for key, value in node.items()})
    elif isinstance(node, list):
        whole = st.tuples(*map(_spoiled, node)).map(list)
    else:
        whole = st.just(node)
    return whole | whole | whole | JSON


@pytest.mark.parametrize("parse", SAMPLES, ids=NAMES)
def test_a_whole_request_is_understood(parse: Callable[[Any], Any]) -> None:
    """What Slack sends is parsed."""
    assert parse(SAMPLES[parse]).user_id == "U0OTIENO01"


@pytest.mark.parametrize("parse", SAMPLES, ids=NAMES)
@settings(deadline=None)
@given(data=st.data())
def test_any_dictionary_is_parsed_or_malformed(parse: Callable[[Any], Any], data: st.DataObject) -> None:
    """A request with anything lost or replaced is understood or refused as malformed; nothing else is raised."""
    body = data.draw(_spoiled(SAMPLES[parse]) | JSON)
    try:
        parsed = parse(body)
    except MalformedPayload:
        return
    for name in getattr(parsed, "__slots__", ()):
        value = getattr(parsed, name)
        assert value is None or isinstance(value, str | int | bool) or name in {"idea", "address", "fields"}
        assert not isinstance(value, str) or "\x00" not in value


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "CX-1", "", " 1", "٣", "9999999999", "1e3"])
def test_what_is_no_number_of_an_idea_is_malformed(value: str) -> None:
    """Only plain positive numbers name ideas."""
    with pytest.raises(MalformedPayload):
        idea_number(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "top",
        "top/1",
        "all/1/x",
        "top/x/week",
        "top/-1/week",
        "show/1/",
        "show/1/x",
        "show/1/0",
        "top/1/year",
        "mine/1/x",
    ],
)
def test_what_is_no_list_is_malformed(value: str) -> None:
    """A button's list is one of those that can be asked for, or nothing."""
    with pytest.raises(MalformedPayload):
        list_request(value)


@pytest.mark.parametrize(
    "request_",
    [ListRequest(ListKind.TOP, "week", 3), ListRequest(ListKind.SEARCH, "a/b|c", 2), ListRequest(ListKind.MINE)],
)
def test_a_list_comes_back_as_it_was_encoded(request_: ListRequest) -> None:
    """A list survives its way through a button."""
    assert list_request(request_.encode()) == request_


@settings(deadline=None)
@given(st.text(max_size=200))
def test_list_requests_of_any_text(value: str) -> None:
    """Any button value is a list or malformed."""
    try:
        request = list_request(value)
    except MalformedPayload:
        return
    assert list_request(request.encode()) == request


@settings(deadline=None)
@given(st.text())
def test_clean_text_can_be_stored(text: str) -> None:
    """What is cleaned has neither NUL nor halves of characters, which databases refuse."""
    for cleaned in (clean_text(text), one_line(text), readable(text)):
        assert "\x00" not in cleaned
        cleaned.encode("utf-8")


READABLE = {
    "Q&amp;A: is 1 &lt; 2?": "Q&A: is 1 < 2?",
    "&amp;lt; stays an entity": "&lt; stays an entity",
    "<@U0OTIENO01> says hello": "@someone says hello",
    "<@U0OTIENO01|brian> says hello": "@brian says hello",
    "ask in <#C0GENERAL1|general>": "ask in #general",
    "ask in <#C0GENERAL1>": "ask in #a-channel",
    "<!here> and <!channel>": "@here and @channel",
    "<!subteam^S012AB|@cx-leaders> look": "@cx-leaders look",
    "<!subteam^S012AB> look": "@a-group look",
    "on <!date^1764000000^{date}|24 November>": "on 24 November",
    "see <https://example.com/a?b=1&amp;c=2>": "see https://example.com/a?b=1&c=2",
    "see <https://example.com|our page>": "see our page (https://example.com)",
    "see <https://example.com|example.com>": "see https://example.com",
    "write to <mailto:cx@example.com|cx@example.com>": "write to cx@example.com",
    "call <tel:+491234|+49 1234>": "call +49 1234",
    "call <tel:+491234>": "call +491234",
}


@pytest.mark.parametrize("stored", READABLE)
def test_a_message_reads_in_the_form_as_in_slack(stored: str) -> None:
    """Mentions, links and entities of a message are spelled out as people see them."""
    assert readable(stored) == READABLE[stored]
