"""What can be made to go wrong, in plain words: a switch for what lasts, a button for what happens once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import htpy as h

from sandbox.people import IDEAS_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.parts import Parts

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that lasts until it is switched off: its words, what does it, what undoes it, whether it is so."""

    key: str
    words: str
    on: Request
    off: Request
    is_on: Callable[[Parts], bool]


def _fault(words: str, target: str, kind: str, **more: Any) -> Switch:
    """A fault that strikes every time."""

    def is_set(kit: Parts) -> bool:
        return any((fault.target, fault.kind, fault.count) == (target, kind, 0) for fault in kit.faults.active)

    name = "all" if target == "*" else target
    return Switch(
        f"{name}-{kind}".replace(".", "-"),
        words,
        {"do": "fault", "target": target, "kind": kind, "count": 0, **more},
        {"do": "clear_fault", "target": target, "kind": kind},
        is_set,
    )


def _channel_state(words: str, name: str, on: str, off: str) -> Switch:
    """A state of the ideas channel."""
    return Switch(
        on.replace("_", "-"),
        words,
        {"do": on, "channel": IDEAS_CHANNEL},
        {"do": off, "channel": IDEAS_CHANNEL},
        lambda kit: getattr(kit.workspace.channels[IDEAS_CHANNEL], name) is True,
    )


GROUPS: dict[str, tuple[Switch, ...]] = {
    "When the bot calls Slack": (
        _fault("The line is cut before Slack does anything", "*", "drop_before"),
        _fault("Slack posts, but its answer never arrives", "chat.postMessage", "apply_then_drop"),
        _fault("Slack posts, and says it failed", "chat.postMessage", "apply_then_error", error="fatal_error"),
        _fault("Slack says it failed, and did nothing", "*", "error", error="internal_error"),
        _fault("Slack is broken (500, a page of HTML)", "*", "status", status=500),
        _fault("Answers are three seconds late", "*", "delay", seconds=3),
        _fault("Answers end in the middle", "*", "cut_body"),
        _fault("Slack asks to slow down (429, five seconds)", "chat.postMessage", "ratelimited", seconds=5),
        Switch(
            "rates",
            "Slack's own rate limits hold",
            {"do": "rates", "on": True},
            {"do": "rates", "on": False},
            lambda kit: kit.rates.on,
        ),
        Switch(
            "charts",
            "The workspace takes no charts yet",
            {"do": "refuse_charts"},
            {"do": "take_charts"},
            lambda kit: not kit.workspace.takes_charts,
        ),
    ),
    "When people vote": (
        _fault("Every vote is delivered three times", "reaction_added", "repeat", times=2),
        _fault("Every other vote comes after the next one", "reaction_added", "reorder", chance=0.5),
        _fault("Votes come a minute late", "reaction_added", "delay", seconds=60),
        _fault("Every other vote is lost", "reaction_added", "lose", chance=0.5),
    ),
    "When people take a vote back": (
        _fault("It is delivered three times", "reaction_removed", "repeat", times=2),
        _fault("Every other one comes after the next vote", "reaction_removed", "reorder", chance=0.5),
        _fault("It comes a minute late", "reaction_removed", "delay", seconds=60),
        _fault("Every other one is lost", "reaction_removed", "lose", chance=0.5),
    ),
    "When Slack calls the bot": (
        _fault("Deliveries come from another workspace", "deliveries", "other_team"),
        _fault("Deliveries are for another app", "deliveries", "other_app"),
        _fault("They are signed with another secret (HTTP)", "deliveries", "forged_signature"),
        _fault("They were signed ten minutes ago (HTTP)", "deliveries", "stale_timestamp", seconds=600),
    ),
    "What an admin can do": (
        Switch(
            "token",
            "The bot's token is revoked",
            {"do": "revoke_token"},
            {"do": "restore_token"},
            lambda kit: kit.workspace.app.is_token_revoked,
        ),
        _channel_state("#cx-ideas is archived", "is_archived", "archive", "unarchive"),
        _channel_state("#cx-ideas is private", "is_private", "make_private", "make_public"),
        _channel_state("#cx-ideas is read-only", "is_read_only", "make_read_only", "make_writable"),
        _channel_state("#cx-ideas is deleted", "is_deleted", "delete_channel", "restore_channel"),
        Switch(
            "rename",
            "#cx-ideas is called #customer-ideas",
            {"do": "rename_channel", "channel": IDEAS_CHANNEL, "name": "customer-ideas"},
            {"do": "rename_channel", "channel": IDEAS_CHANNEL, "name": "cx-ideas"},
            lambda kit: kit.workspace.channels[IDEAS_CHANNEL].name != "cx-ideas",
        ),
        Switch(
            "kick",
            "The bot is not in #cx-ideas",
            {"do": "kick", "channel": IDEAS_CHANNEL},
            {"do": "invite", "channel": IDEAS_CHANNEL},
            lambda kit: kit.workspace.app.bot_user_id not in kit.workspace.channels[IDEAS_CHANNEL].members,
        ),
    ),
}
LINK_FAULTS = (
    _fault("New connections are refused", "link", "refuse"),
    _fault("New connections get no greeting", "link", "silent"),
    _fault("New connections get no events", "link", "deaf"),
)
AGAIN = {
    "Deliver the last event again": {"do": "deliver_again", "kind": "event"},
    "The last command again": {"do": "deliver_again", "kind": "command"},
    "The last click again": {"do": "deliver_again", "kind": "interaction"},
}
CUTS = {
    "Cut it": {"do": "drop_sockets"},
    "Freeze it": {"do": "drop_sockets", "reason": "freeze"},
    "Ask the bot to come anew": {"do": "drop_sockets", "reason": "refresh_requested"},
}


def link_state(kit: Parts) -> h.Element:
    """Whether the bot is connected, and the ways to end that."""
    return h.section("#link.panel-section", aria_label="Connection to the bot")[
        h.h3["Connection to the bot"],
        _state(kit),
        h.div(".buttons")[[_once(words, request) for words, request in CUTS.items()]],
        [_switch(switch, kit) for switch in LINK_FAULTS],
    ]


def _state(kit: Parts) -> h.Element:
    url, count = kit.delivery.events_url, len(kit.sockets.sockets)
    if url:
        return h.p(".link-state.good")[f"Signed HTTP to {url}"]
    if not count:
        return h.p(".link-state.bad")["Not connected: the bot is away, or finding its way back."]
    return h.p(".link-state.good")["Connected by Socket Mode" + (f", {count} sockets" if count > 1 else "")]


def _once(words: str, request: Request) -> h.Element:
    key = "".join(letter for letter in words.lower() if letter.isalnum())
    return h.button(".button.small", type="button", id=f"once-{key}", data_control=json.dumps(request))[words]


def switches(kit: Parts) -> h.Element:
    """All that can go wrong, folded away; what is on shows in the heading, and can be ended at once."""
    lasting = [switch for group in GROUPS.values() for switch in group]
    count = sum(switch.is_on(kit) for switch in lasting)
    shown = [*LINK_FAULTS, *(switch for switch in lasting if switch.on["do"] == "fault")]
    others = len(kit.faults.active) - sum(switch.is_on(kit) for switch in shown)
    return h.section("#faults.panel-section", aria_label="What goes wrong")[
        h.details[
            h.summary(id="faults-summary")[
                h.h3["What goes wrong"], h.span(".chip.alarm")[f"{count} on"] if count else None
            ],
            [[h.h4[title], [_switch(switch, kit) for switch in group]] for title, group in GROUPS.items()],
            h.p(".hint")[f"Also set: {others} by a script."] if others > 0 else None,
            h.div(".buttons")[[_once(words, request) for words, request in AGAIN.items()]],
            _once("End all faults", {"do": "end_all"}),
        ]
    ]


def _switch(switch: Switch, kit: Parts) -> h.Element:
    is_on = switch.is_on(kit)
    return h.button(
        ".switch", type="button", role="switch", id=f"switch-{switch.key}", aria_checked=str(is_on).lower(),
        data_control=json.dumps(switch.off if is_on else switch.on),
    )[h.span(".track", aria_hidden="true"), h.span[switch.words]]  # fmt: skip
