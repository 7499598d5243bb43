"""Everything that one viewer's place shows, as parts; with what the page itself must remember."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from sandbox.web import shell
from sandbox.web.backstage import backstage, no_backstage
from sandbox.web.channel import ChannelPage, channel_page, heading
from sandbox.web.dialog import dialog_content
from sandbox.web.home import home_page
from sandbox.web.messages import Frame, day_divider, ephemeral, mentioned, message, new_line
from sandbox.web.parts import Part, leaf
from sandbox.web.scene import Scene
from sandbox.web.sidebar import Sidebar, Unread, sidebar
from sandbox.web.threads import ThreadPage, thread_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sandbox.models import Change, Channel, Ephemeral, Message
    from sandbox.parts import Parts
    from sandbox.web.location import Location
    from sandbox.workspace import Workspace

COMPACT_WITHIN = 300
MOST_REMEMBERED = 20_000
SLACKBOT = "USLACKBOT"


@dataclass(slots=True)
class Desk:
    """Draws places of one workspace.

    `read` is the newest message that a viewer saw in a channel, `fresh` the first one that they had not seen when they
    came there.
    """

    kit: Parts
    read: dict[tuple[str, str], str] = field(default_factory=dict)
    fresh: dict[tuple[str, str], str] = field(default_factory=dict)
    _revisions: Counter[str] = field(default_factory=Counter)
    _mentions: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    _drawn: dict[tuple[str, str], tuple[object, Part]] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """The state that is drawn."""
        return self.kit.workspace

    def __post_init__(self) -> None:
        """Count the changes of each message, so that it is drawn once for each viewer and change."""
        self.workspace.subscribe(self._note)

    def _note(self, change: Change) -> None:
        # People and channels (which have no `ts`) count for every message: their names stand in it.
        if change.ts or change.kind in {"user", "channel"}:
            self._revisions[change.ts] += 1

    def scene(self, place: Location) -> Scene:
        """What the viewer of a place may know."""
        space = self.workspace
        channels = {cid: channel for cid, channel in space.channels.items() if space.can_see(place.viewer_id, cid)}
        groups = {group.id: group.handle for group in space.user_groups.values()}
        has_home = space.app.has_home_tab
        now, has_panel = space.clock.now(), place.has_panel
        return Scene(place.viewer_id, space.users, channels, groups, now, has_panel=has_panel, has_home=has_home)

    def parts(self, place: Location) -> list[Part]:
        """The place's parts: bar, sidebar, middle, thread, panel, modal, title."""
        scene, space = self.scene(place), self.workspace
        channel = space.channels.get(place.channel_id)
        self._mark_read(place.viewer_id, channel)
        views = space.views_of(place.viewer_id)
        modal = leaf(dialog_content(views[-1] if views else None, space.app.bot_user_id, scene))
        path = f"/c/{channel.id}" if channel and not channel.is_im else "/home"
        where = heading(channel, scene) if channel else f"{scene.user_name(space.app.bot_user_id)} Home"
        return [
            leaf(shell.title(f"{where} · {scene.user_name(place.viewer_id)} · {space.team_name}")),
            leaf(shell.top_bar(scene, path, self._toggled(place, scene))),
            leaf(shell.notice(self._notices(place, scene))),
            leaf(sidebar(self._sidebar(place, scene))),
            self._channel(channel, place, scene) if channel else self._home(scene),
            thread_page(self._thread(channel, place, scene) if channel and place.thread_ts else None),
            self._panel(place, scene),
            modal,
        ]

    def _notices(self, place: Location, scene: Scene) -> list[str]:
        """What everybody in this place must know."""
        notices = []
        if place.stranger:
            who = scene.user_name(place.stranger)
            words = f"{who} is not here" if place.stranger in scene.users else f"There is nobody with the id {who}"
            notices.append(f"{words}: you act as {scene.user_name(place.viewer_id)}.")
        if self.kit.seeding.state == "running":
            moment = scene.at(scene.now)
            day = f"{moment.day} {moment:%B}"
            notices.append(f"Three months of life are being filled in; it is {day} here. Look around meanwhile.")
        return notices

    def _home(self, scene: Scene) -> Part:
        return home_page(self.workspace.homes.get(scene.viewer_id), self.workspace.app.bot_user_id, scene)

    def _toggled(self, place: Location, scene: Scene) -> str:
        """The same place with the panel opened or closed."""
        path = f"/c/{place.channel_id}" if place.channel_id else "/home"
        thread = f"&thread={place.thread_ts}" if place.thread_ts else ""
        return f"{path}?as={scene.viewer_id}{thread}{'' if place.has_panel else '&panel=1'}"

    def _panel(self, place: Location, scene: Scene) -> Part:
        if not place.has_panel:
            return no_backstage()
        return backstage(self.kit, self._toggled(place, scene), scene)

    def _sidebar(self, place: Location, scene: Scene) -> Sidebar:
        app_user_id = self.workspace.app.bot_user_id
        unread = {channel.id: self._unread(place.viewer_id, channel) for channel in scene.channels.values()}
        return Sidebar(scene, self.workspace.team_name, app_user_id, place.channel_id, unread)

    def _mark_read(self, viewer_id: str, channel: Channel | None) -> None:
        if channel and channel.messages:
            self.read[viewer_id, channel.id] = next(reversed(channel.messages))

    def arrive(self, place: Location) -> None:
        """Note where the unread messages of a place begin, before they are drawn and so read."""
        channel = self.workspace.channels.get(place.channel_id)
        unread = self._unread_messages(place.viewer_id, channel) if channel else []
        self.fresh[place.viewer_id, place.channel_id] = unread[-1].ts if unread else ""

    def _unread_messages(self, viewer_id: str, channel: Channel) -> list[Message]:
        """What others wrote since the viewer was there, the newest first."""
        seen = self.read.get((viewer_id, channel.id), "")
        newer = takewhile(lambda item: item.ts > seen, reversed(channel.messages.values()))
        return [item for item in newer if item.user_id != viewer_id and not item.is_reply]

    def _unread(self, viewer_id: str, channel: Channel) -> Unread:
        messages = self._unread_messages(viewer_id, channel)
        if channel.is_im:
            return Unread(len(messages), len(messages))
        return Unread(len(messages), sum(not self._mentioned(item).isdisjoint({viewer_id, "!"}) for item in messages))

    def _mentioned(self, item: Message) -> frozenset[str]:
        """Whom a message calls by name, looked up once for each change of it; `!` is everybody."""
        revision = self._revisions[item.ts]
        found = self._mentions.get(item.ts)
        if found is None or found[0] != revision:
            found = self._mentions[item.ts] = (revision, mentioned(item))
        return found[1]

    def _channel(self, channel: Channel, place: Location, scene: Scene) -> Part:
        top = (item for item in reversed(channel.messages.values()) if not item.is_reply)
        newest = list(islice(top, place.limit))
        items: list[Message | Ephemeral] = [*newest, *self._ephemerals(place, "")]
        rows = self._rows(items, "m", scene, self.fresh.get((scene.viewer_id, channel.id), ""))
        app = self.workspace.app
        return channel_page(ChannelPage(scene, channel, rows, app.commands, app.bot_user_id, any(True for _ in top)))

    def _thread(self, channel: Channel, place: Location, scene: Scene) -> ThreadPage:
        own = self._ephemerals(place, place.thread_ts)
        items: list[Message | Ephemeral] = [
            channel.messages[place.thread_ts],
            *channel.replies(place.thread_ts),
            *own,
        ]
        return ThreadPage(scene, channel, place.thread_ts, self._rows(items, "t", scene))

    def _ephemerals(self, place: Location, thread_ts: str) -> list[Ephemeral]:
        return [
            item
            for item in self.workspace.ephemerals
            if (item.user_id, item.channel_id, item.thread_ts) == (place.viewer_id, place.channel_id, thread_ts)
        ]

    def _rows(self, items: Iterable[Message | Ephemeral], key: str, scene: Scene, fresh: str = "") -> list[Part]:
        """Messages in the order of their time, days between them, neighbours of one author drawn together."""
        rows: list[Part] = []
        last: Message | Ephemeral | None = None
        today, before = scene.at(scene.now).date(), None
        for item in sorted(items, key=lambda item: item.ts):
            day = scene.at(float(item.ts)).date()
            is_new_day, before = day != before, day
            if is_new_day and key == "m":
                rows.append(leaf(day_divider(item.ts, key, scene), into="log"))
            if item.ts == fresh:
                rows.append(leaf(new_line(item.ts, key), into="log"))
            compact = not is_new_day and item.ts != fresh and _continues(last, item)
            rows.append(self._row(item, Frame(scene, key, compact, self._replies(item)), today))
            last = item
        return rows

    def _replies(self, item: Message | Ephemeral) -> tuple[Message, ...]:
        return () if _is_ephemeral(item) else tuple(self.workspace.channels[item.channel_id].replies(item.ts))

    def _row(self, item: Message | Ephemeral, place: Frame, today: date) -> Part:
        """One message, drawn anew only when something in it changed: a hundred of them stand in a channel."""
        revision = (self._revisions[item.ts], self._revisions[""])
        mark = (id(item), revision, place.compact, len(place.replies), today, place.scene.has_panel)
        name = (place.scene.viewer_id, f"{place.key}-{item.ts}")
        found = self._drawn.get(name)
        if found is None or found[0] != mark:
            if len(self._drawn) > MOST_REMEMBERED:
                self._drawn.clear()
            found = self._drawn[name] = (mark, self._draw(item, place))
        return found[1]

    def _draw(self, item: Any, place: Frame) -> Part:
        into = "thread-log" if place.key == "t" else "log"
        if _is_ephemeral(item):
            author = SLACKBOT if item.is_from_slackbot else self.workspace.app.bot_user_id
            return leaf(ephemeral(item, author, place), into=into)
        return leaf(message(item, place), into=into)


def _is_ephemeral(item: Message | Ephemeral) -> bool:
    return not hasattr(item, "reactions")


def _continues(last: Message | Ephemeral | None, item: Message | Ephemeral) -> bool:
    """Tell whether a message needs no name of its own: same author, soon after, nothing private between."""
    if last is None or _is_ephemeral(last) or _is_ephemeral(item) or last.user_id != item.user_id:
        return False
    return float(item.ts) - float(last.ts) < COMPACT_WITHIN and not getattr(item, "bot_id", "")
