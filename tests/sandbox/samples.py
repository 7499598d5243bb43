"""Blocks of every kind that the sandbox's page draws."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def options(*texts: str) -> list[Json]:
    """Options whose values are their texts in small letters."""
    return [{"text": plain(text), "value": text.lower()} for text in texts]


def series(name: str, **values: float) -> Json:
    """A chart's series."""
    return {"name": name, "data": [{"label": label, "value": value} for label, value in values.items()]}


DAYS = {"categories": ["Mon", "Tue", "Wed"], "x_label": "Day", "y_label": "Ideas"}
TWO_SERIES = [series("Ideas", Mon=3, Tue=5, Wed=4), series("Votes", Mon=12, Tue=0, Wed=31)]
CHARTS: list[Json] = [
    *(
        {
            "type": "data_visualization",
            "title": f"A {kind}",
            "chart": {"type": kind, "series": TWO_SERIES, "axis_config": DAYS},
        }
        for kind in ("line", "bar", "area")
    ),
    {
        "type": "data_visualization",
        "title": "A pie",
        "chart": {"type": "pie", "segments": [{"label": "Use", "value": 11}, {"label": "Buy", "value": 5}]},
    },
]
RICH_TEXT: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "bold", "style": {"bold": True}},
                {"type": "text", "text": " <b>*not*</b> "},
                {"type": "user", "user_id": "U0LINDQV02"},
                {"type": "channel", "channel_id": "C0CXIDEAS1"},
                {"type": "usergroup", "usergroup_id": "S0LEADERS1"},
                {"type": "emoji", "name": "tada"},
                {"type": "broadcast", "range": "here"},
                {"type": "link", "url": "https://example.com/", "text": "a link"},
                {"type": "date", "timestamp": 1764000000, "format": "{date_num}", "fallback": "then"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "offset": 2,
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "third"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
    ],
}
TABLE: Json = {
    "type": "table",
    "column_settings": [{"is_wrapped": True}, {"align": "right"}],
    "rows": [
        [{"type": "raw_text", "text": "Idea"}, {"type": "raw_text", "text": "Votes"}],
        [{"type": "raw_text", "text": "CX-1"}, {"type": "raw_text", "text": "14"}],
    ],
}
BUTTONS: Json = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "answer", "text": plain("Answer"), "value": "1", "style": "primary"},
        {"type": "button", "action_id": "decline", "text": plain("Decline"), "value": "1", "style": "danger"},
        {"type": "button", "action_id": "see", "text": plain("See it"), "url": "https://example.com/"},
        {
            "type": "static_select",
            "action_id": "stage",
            "placeholder": plain("Stage"),
            "options": options("Use", "Buy"),
        },
        {"type": "users_select", "action_id": "owner", "placeholder": plain("Owner")},
        {"type": "overflow", "action_id": "more", "options": options("Park", "Route")},
        {"type": "checkboxes", "action_id": "boxes", "options": options("One", "Two")},
        {"type": "radio_buttons", "action_id": "radio", "options": options("Left", "Right")},
        {"type": "datepicker", "action_id": "day"},
        {"type": "multi_static_select", "action_id": "several", "options": options("Red", "Blue")},
    ],
}
ALL_BLOCKS: list[Json] = [
    {"type": "header", "text": plain("Customer ideas")},
    {
        "type": "section",
        "text": mrkdwn("*What moved people*"),
        "accessory": BUTTONS["elements"][0] | {"action_id": "other"},
    },
    {"type": "section", "fields": [mrkdwn("*First answer*\n3.2 days"), mrkdwn("*In time*\n87 %")]},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("<@U0LINDQV02> · _Use_"), plain("Delivery")]},
    RICH_TEXT,
    TABLE,
    {"type": "image", "image_url": "https://img.example/x.png", "alt_text": "A chart", "title": plain("Votes")},
    {"type": "markdown", "text": "# Heading\n\n**bold** and [link](https://example.com)\n\n- one\n- two"},
    *CHARTS,
    BUTTONS,
    {"type": "hologram"},
]
