from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.blockcheck import check_blocks
from sandbox.checks import Checks
from sandbox.errors import SlackError
from sandbox.limits import check_view
from tests.sandbox.clients import button, modal, plain

MRKDWN = {"type": "mrkdwn", "text": "x"}


def section(text: str = "x", **keys: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **keys}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int = 1, **keys: Any) -> dict[str, Any]:
    options = [{"text": plain(str(n)), "value": str(n)} for n in range(count)]
    return {"type": "static_select", "action_id": "stage", "placeholder": plain("Stage"), "options": options, **keys}


def bars(count: int = 1, label: str = "w1") -> dict[str, Any]:
    series = [{"name": f"s{n}", "data": [{"label": label, "value": 1}]} for n in range(count)]
    return {"type": "bar", "series": series, "axis_config": {"categories": ["w1"]}}


def chart(**keys: Any) -> dict[str, Any]:
    segments = [{"label": "Use", "value": 3}]
    return {"type": "data_visualization", "title": "Ideas", "chart": {"type": "pie", "segments": segments}, **keys}


@pytest.mark.parametrize(
    ("blocks", "pointer"),
    [
        ([section("x" * 3001)], "/blocks/0/text/text"),
        ([section("")], "/blocks/0/text/text"),
        ([{"type": "section"}], "/blocks/0"),
        ([section(), {"type": "section", "fields": [MRKDWN] * 11}], "/blocks/1/fields"),
        ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
        ([{"type": "header", "text": MRKDWN}], "/blocks/0/text/type"),
        ([{"type": "context", "elements": [MRKDWN] * 11}], "/blocks/0/elements"),
        ([actions()], "/blocks/0/elements"),
        ([actions(*[button(f"a{n}") for n in range(26)])], "/blocks/0/elements"),
        ([actions(button(), button())], "/blocks/0/elements/1/action_id"),
        ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
        ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
        ([actions(button(style="blue"))], "/blocks/0/elements/0/style"),
        ([actions(button(colour="red"))], "/blocks/0/elements/0"),
        ([actions(button(confirm={"title": plain("Sure?")}))], "/blocks/0/elements/0/confirm"),
        ([actions(select(101))], "/blocks/0/elements/0/options"),
        ([actions(select(0))], "/blocks/0/elements/0/options"),
        ([actions(select(initial_option={"text": plain("9"), "value": "9"}))], "/blocks/0/elements/0"),
        (
            [actions({"type": "overflow", "action_id": "o", "options": select(6)["options"]})],
            "/blocks/0/elements/0/options",
        ),
        ([actions({"type": "plain_text_input", "action_id": "t"})], "/blocks/0/elements/0/type"),
        ([section(accessory={"type": "buton"})], "/blocks/0/accessory/type"),
        ([{"type": "image", "image_url": "https://a.example/x.png"}], "/blocks/0"),
        ([{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}], "/blocks/1/block_id"),
        ([{"type": "divider"}] * 51, "/blocks"),
        ([{"type": "alert", "text": plain("x")}], "/blocks/0/type"),
        ([{"type": "nothing"}], "/blocks/0/type"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "/blocks"),
        ([chart(title="x" * 51)], "/blocks/0/title"),
        ([chart()] * 3, "/blocks"),
        ([chart(chart=bars(13))], "/blocks/0/chart/series"),
        ([chart(chart=bars(label="w2"))], "/blocks/0/chart/series/0/data"),
        (
            [chart(chart={"type": "pie", "segments": [{"label": "Use", "value": 0}]})],
            "/blocks/0/chart/segments/0/value",
        ),
        ([chart(chart={"type": "donut"})], "/blocks/0/chart/type"),
        (
            [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
                }
            ],
            "/blocks/0/elements/0/elements/0/text",
        ),
        (["x"], "/blocks/0"),
    ],
)
def test_refused_blocks(web: WebClient, ideas: str, blocks: list[Any], pointer: str) -> None:
    """Blocks beyond a limit, on the wrong surface or of the wrong shape are invalid_blocks, with the pointer."""
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=ideas, text="x", blocks=blocks)
    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]
    assert answer["response_metadata"]["messages"][0].startswith("[ERROR] ")


def test_accepted_blocks(web: WebClient, ideas: str) -> None:
    """Blocks at their limits are accepted, and each gets a block_id."""
    blocks = [
        section("x" * 3000, accessory=button()),
        {"type": "header", "text": plain("x" * 150)},
        {"type": "section", "fields": [MRKDWN] * 10},
        {
            "type": "context",
            "elements": [MRKDWN, {"type": "image", "image_url": "https://a.example/x", "alt_text": "x"}],
        },
        actions(button("a", url="https://a.example"), select(100), button("b", style="danger")),
        {"type": "divider"},
        chart(),
        chart(chart=bars(12)),
        {"type": "markdown", "text": "# x"},
    ]
    posted = web.chat_postMessage(channel=ideas, text="x", blocks=blocks)["message"]["blocks"]
    assert [block["type"] for block in posted] == [block["type"] for block in blocks]
    assert len({block["block_id"] for block in posted}) == len(blocks)


def test_blocks_together_too_long(web: WebClient, ideas: str) -> None:
    """Blocks that are fine one by one can be too long together."""
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        web.chat_postMessage(channel=ideas, text="x", blocks=[section("x" * 2900)] * 5)


def test_long_text_is_cut(web: WebClient, ideas: str) -> None:
    """A text above 40,000 characters is cut there, with a warning."""
    answer = web.chat_postMessage(channel=ideas, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["response_metadata"]["warnings"] == ["message_truncated"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"title": None}, "/view"),
        ({"submit": plain("x" * 25)}, "/view/submit/text"),
        ({"submit": None}, "/view"),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"colour": "red"}, "/view"),
        ({"type": "home"}, "/view/type"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"blocks": [chart()]}, "/view/blocks/0/type"),
        ({"blocks": None}, "/view/blocks"),
    ],
)
def test_refused_views(change: dict[str, Any], pointer: str) -> None:
    """A view beyond a limit is refused with the pointer."""
    with pytest.raises(SlackError) as caught:
        check_view(modal(**change), "modal")
    assert caught.value.error == "invalid_arguments"
    assert f"[json-pointer:{pointer}]" in caught.value.details["response_metadata"]["messages"][0]


def test_view_too_large() -> None:
    """A view above 250 kB is refused whatever is in it."""
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(modal(blocks=[section("x" * 3000)] * 90), "modal")


def test_input_limits() -> None:
    """A text field may ask for 3000 characters at most, and cannot begin with more than it takes."""

    def problems(**keys: Any) -> list[str]:
        element = {"type": "plain_text_input", "action_id": "t", **keys}
        checks = Checks()
        check_blocks(checks, "", [{"type": "input", "label": plain("T"), "element": element}], "modal", 100)
        return [pointer for pointer, _ in checks.problems]

    assert problems(max_length=3001) == ["/0/element/max_length"]
    assert problems(max_length=5, initial_value="123456") == ["/0/element/initial_value"]
    assert problems(min_length=6, max_length=5) == ["/0/element/min_length"]
    assert problems(max_length=3000, initial_value="", multiline=True) == []
