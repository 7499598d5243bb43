"""Text as Slack stores it.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re

from sandbox.workspace import Workspace

CONTROL = re.compile(r"<(?:[@#!][^<>\s][^<>]*|(?:https?://|mailto:|tel:)[^<>|\s]+(?:\|[^<>]*)?)>")
ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
ADDRESS = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)'\"]")
NAME = re.compile(r"(?<![\w<|/&])(?P<sign>[#@])(?P<name>[a-z0-9][a-z0-9._-]*[a-z0-9])")
STYLED = re.compile(
    r"(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<!\w)_([^\s_](?:[^_\n]*[^\s_])?)_(?!\w)"
    r"|(?<![\w~])~([^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
HELD = re.compile("\ue000(\\d+)\ue001")
RESERVED = str.maketrans("", "", "\ue000\ue001")
"""What takes the place of code and addresses while styles are found; typed, it is nothing."""


def escape(text: str) -> str:
    """Return text that a person typed, with the three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def stored_text(workspace: Workspace, text: str, *, parse: str = "", link_names: bool = False) -> str:
    """Return what Slack keeps of the `text` of an app: control sequences stay, other special characters are escaped.

    `parse` none leaves addresses alone; full (and link_names) link names, and client, the default of chat.update,
    links channel names.
    """
    signs = {"full": "#@", "client": "#"}.get(parse, "") + ("#@" if link_names else "")
    parts: list[str] = []
    end = 0
    for control in CONTROL.finditer(text):
        parts += [_plain(workspace, text[end : control.start()], parse, signs), control.group()]
        end = control.end()
    return "".join([*parts, _plain(workspace, text[end:], parse, signs)])


def _plain(workspace: Workspace, text: str, parse: str, signs: str) -> str:
    text = ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    if parse != "none":
        text = link_addresses(text)
    if not signs:
        return text
    return NAME.sub(lambda found: link_of_name(workspace, found, signs), text)


def link_of_name(workspace: Workspace, found: re.Match[str], signs: str) -> str:
    """Return the control sequence for a name behind one of `signs`, or what was found when it names nobody."""
    sign, name = found["sign"], found["name"]
    if sign in signs and sign == "#":
        named = [c for c in workspace.channels.values() if c.name == name and not c.is_im]
        return f"<#{named[0].id}|{name}>" if named else found.group()
    if sign in signs:
        if name in {"channel", "here", "everyone"}:
            return f"<!{name}>"
        people = [user for user in workspace.users.values() if user.name == name]
        return f"<@{people[0].id}>" if people else found.group()
    return found.group()


def typed_text(workspace: Workspace, text: str) -> str:
    """Return what Slack keeps of a text that a person typed: names and addresses linked, all else escaped."""
    return NAME.sub(lambda found: link_of_name(workspace, found, "#@"), link_addresses(escape(text)))


def link_addresses(text: str) -> str:
    """Put angle brackets around web addresses."""
    return ADDRESS.sub(lambda found: f"<{found.group()}>", text)
