"""Pressing a button or choosing from a menu, in a message, a modal or the App Home.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from dataclasses import dataclass
from typing import Any

from sandbox.elementcheck import options_of
from sandbox.errors import ActError
from sandbox.forms import TROUBLE, enter
from sandbox.models import Channel, Ephemeral, Json, Message, User
from sandbox.parts import Parts
from sandbox.payloads import channel_ref, interaction, message_json, view_json
from sandbox.places import opened_view, value_of, visible_channel, visible_view
from sandbox.stateful import elements_in, entered_value, initial_state


@dataclass(frozen=True, slots=True)
class Pressed:
    """The element that was used, its block, and what it says now."""

    block: Json
    element: Json
    value: Any

    def action(self, action_ts: str) -> Json:
        """Return the entry of `actions`."""
        element = self.element
        action: Json = {key: element[key] for key in ("type", "action_id", "text", "style", "url") if key in element}
        action |= {"block_id": self.block["block_id"], "action_ts": action_ts}
        if element["type"] == "button":
            return action | ({"value": element["value"]} if "value" in element else {})
        return action | self.state()

    def state(self) -> Json:
        """Return the element's state after this."""
        if self.element["type"] == "overflow":
            option = entered_value({**self.element, "type": "static_select"}, self.value)["selected_option"]
            return {"type": "overflow", "selected_option": option}
        return entered_value(self.element, self.value)


async def press(parts: Parts, user: User, request: Json) -> Json:
    """Use the element with this `action_id` (and `block_id`, and `value`) in a view or a message that they see."""
    if request.get("view_id"):
        fields, pressed = _in_view(parts, user, request)
        trigger_id = parts.triggers.issue(user.id, value_of(request, "view_id"))
    else:
        fields, pressed = _in_message(parts, user, request)
        trigger_id = parts.triggers.issue(user.id)
    fields |= {"trigger_id": trigger_id, "actions": [pressed.action(parts.workspace.clock.next_ts())]}
    payload = interaction(parts.workspace, "block_actions", user.id, **fields)
    reply = await parts.delivery.ask("interactive", payload)
    trouble = "" if reply.ok else TROUBLE
    return {"acked": reply.ok, "trouble": trouble, "view": opened_view(parts, trigger_id)}


def _in_view(parts: Parts, user: User, request: Json) -> tuple[Json, Pressed]:
    view = visible_view(parts, user, request)
    enter(view, request.get("values") or {})
    pressed = find_element(view.blocks, request)
    if pressed.block["block_id"] in view.state and pressed.element["type"] not in {"button", "overflow"}:
        view.state[pressed.block["block_id"]][pressed.element["action_id"]] = pressed.state()
        show_again = parts.workspace.show_view if view.id in parts.workspace.views else parts.workspace.publish_home
        show_again(view)
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(parts.workspace, view),
    }, pressed


def _in_message(parts: Parts, user: User, request: Json) -> tuple[Json, Pressed]:
    channel = visible_channel(parts, user, request)
    message = _shown_message(parts, user, channel, value_of(request, "ts"))
    pressed = find_element(message.blocks, request)
    state = initial_state(message.blocks)
    if pressed.element["type"] not in {"button", "overflow"}:
        state[pressed.block["block_id"]][pressed.element["action_id"]] = pressed.state()
    is_ephemeral = isinstance(message, Ephemeral)
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    fields: Json = {
        "container": container | {"is_ephemeral": is_ephemeral},
        "channel": channel_ref(channel),
        "state": {"values": state},
        "response_url": parts.response_urls.issue(user.id, channel.id, message.ts, message.thread_ts),
    }
    if isinstance(message, Message):
        fields["message"] = message_json(parts.workspace, message)
    return fields, pressed


def _shown_message(parts: Parts, user: User, channel: Channel, ts: str) -> Message | Ephemeral:
    for ephemeral in parts.workspace.ephemerals:
        if (ephemeral.user_id, ephemeral.channel_id, ephemeral.ts) == (user.id, channel.id, ts):
            return ephemeral
    message = channel.messages.get(ts)
    if message is None:
        raise ActError("message_not_found")
    if message.app_id != parts.workspace.app.id:
        raise ActError("That message is not of this app.")
    return message


def find_element(blocks: list[Json], request: Json) -> Pressed:
    """Return the one element that a request means; raises ActError when there is none, or more than one."""
    action_id, value = value_of(request, "action_id"), request.get("value")
    block_id = request.get("block_id")
    found = [
        Pressed(block, element, value)
        for block, element in elements_in(blocks)
        if element.get("action_id") == action_id and block_id in (None, block["block_id"]) and _offers(element, value)
    ]
    if not found:
        raise ActError(f"Nothing here has the action_id {action_id!r}" + (f" and offers {value!r}." if value else "."))
    if len(found) > 1:
        raise ActError(f"{len(found)} elements have the action_id {action_id!r}: say which by block_id or value.")
    return found[0]


def _offers(element: Json, value: Any) -> bool:
    if element["type"] == "button":
        return value in (None, element.get("value"))
    options = list(options_of(element))
    if not options:
        return True
    known = [option["value"] for option in options]
    return all(item in known for item in (value if isinstance(value, list) else [value]))
